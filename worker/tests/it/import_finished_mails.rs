//! The end of an import, told to whoever asked for it.

use crate::student_imports::{file, import};
use crate::workbench::{Answer, Workbench};
use acurate_shared::db::Work;
use acurate_shared::ids::JobId;
use acurate_shared::imports::notice::ask_for_forgotten;
use acurate_shared::jobs::ledger;
use acurate_shared::kinds::ImportMode;
use std::time::Duration;

/// The job that tells of the import, if there is one.
async fn notice(bench: &Workbench) -> Option<JobId> {
    let select = "SELECT COALESCE(max(id), 0)::text FROM jobs WHERE kind = 'import_finished_email'";
    let id: i64 = bench.text(select).await.parse().unwrap();
    (id > 0).then_some(JobId(id))
}

#[tokio::test]
async fn counts_and_the_way_to_the_import_are_mailed_once() {
    let bench = Workbench::new(Answer::Take).await;
    let text = file(1..6) + "001,other@acurate.test,Again,Again\n";
    let job = import(&bench, text.as_bytes(), ImportMode::Apply, false).await;
    bench.deliver(job).await;
    let notice = notice(&bench).await.unwrap();
    bench.deliver(notice).await;
    bench.deliver(notice).await;
    assert_eq!(bench.row(notice).await.state, "succeeded");
    let contents = bench.contents();
    assert_eq!(contents.len(), 1);
    let text = contents[0].replace("\r\n", "\n");
    let id = bench.text("SELECT id::text FROM imports").await;
    for part in [
        "Merhaba Işıl Yönetici,",
        "öğrenci aktarımı tamamlandı",
        "\n- Okunan kayıt: 6\n- Oluşturulan: 5\n- Güncellenen: 0\n- Değişmeyen: 0\n- Reddedilen: 1\n",
        &format!("\nhttps://acurate.test/imports/{id}\n"),
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_with_the_reason() {
    let bench = Workbench::new(Answer::Take).await;
    let job = import(&bench, b"a,b,c\n1,2,3\n", ImportMode::Apply, false).await;
    bench.deliver(job).await;
    assert_eq!(bench.text("SELECT state FROM imports").await, "failed");
    bench.deliver(notice(&bench).await.unwrap()).await;
    let text = bench.contents()[0].replace("\r\n", "\n");
    let reason = bench.text("SELECT failure ->> 'message_tr' FROM imports").await;
    assert!(text.contains("yarım kaldı") && text.contains(&reason), "{reason} is not in\n{text}");
}

#[tokio::test]
async fn an_import_whose_job_died_is_told_too() {
    let bench = Workbench::new(Answer::Take).await;
    let job = import(&bench, file(1..3).as_bytes(), ImportMode::Apply, false).await;
    bench.execute("UPDATE imports SET upload_id = NULL").await;
    bench.deliver(job).await;
    assert_eq!(bench.row(job).await.state, "dead");
    bench.deliver(notice(&bench).await.unwrap()).await;
    assert!(bench.contents()[0].contains("yarım kaldı"), "{}", bench.contents()[0]);
}

#[tokio::test]
async fn an_import_all_of_whose_workers_vanished_is_told_once_too() {
    let bench = Workbench::new(Answer::Take).await;
    import(&bench, file(1..3).as_bytes(), ImportMode::Apply, false).await;
    let vanish = "UPDATE jobs SET state = 'running', attempt = 1, worker = 'gone', lease_until = now() - interval '1 second'";
    bench.execute(vanish).await;
    assert_eq!(ledger::rescue(bench.database.database(), 1).await.unwrap(), 1);
    assert_eq!(notice(&bench).await, None);
    let sweep = async |age| {
        let mut work = Work::begin(bench.database.database(), &bench.context.jobs).await.unwrap();
        let told = ask_for_forgotten(&mut work, age).await.unwrap();
        let _not_sent = work.commit().await.unwrap();
        told
    };
    assert_eq!(sweep(Duration::from_secs(60)).await, 0, "a worker may be about to ask");
    assert_eq!(sweep(Duration::ZERO).await, 1);
    let id = notice(&bench).await.unwrap();
    bench.deliver(id).await;
    assert_eq!(sweep(Duration::ZERO).await, 0);
    assert!(bench.contents()[0].contains("yarım kaldı"), "{}", bench.contents()[0]);
}

#[tokio::test]
async fn whoever_only_tries_a_file_out_gets_no_mail() {
    let bench = Workbench::new(Answer::Take).await;
    let job = import(&bench, file(1..3).as_bytes(), ImportMode::DryRun, false).await;
    bench.deliver(job).await;
    assert_eq!(notice(&bench).await, None);
}
