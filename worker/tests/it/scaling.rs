//! From one real worker to four and back while jobs flow: nothing is lost, and nothing takes effect twice.

use crate::workbench::{Answer, Workbench};
use crate::worker_process::{Site, WorkerProcess};
use acurate_shared::actor::Actor;
use acurate_shared::db::Work;
use acurate_shared::ids::UserId;
use acurate_shared::imports::request::{self, StudentImportOrder};
use acurate_shared::jobs::{Job, Order, enqueue_many};
use acurate_shared::kinds::{ImportMode, OnExisting, Role};
use acurate_shared::testing::until;
use mail_parser::MessageParser;
use std::collections::BTreeMap;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Students of the file: batch after batch of 200.
const STUDENTS: usize = 10_000;

const QUEUES: &str = "email=4,import=1,achievement=2,recalculation=1,maintenance=1";

/// A file of students that are all new.
fn file() -> String {
    let row = |number: usize| format!("{number},s{number}@acurate.test,Ada,Ak\n");
    "student_number,email,first_name,last_name\n".to_owned() + &(0..STUDENTS).map(row).collect::<String>()
}

async fn import(bench: &Workbench) {
    let insert = "
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash)
        SELECT id, 'institution_admin', 'admin@acurate.test', 'Işıl', 'Yönetici', 'x' FROM institutions";
    bench.execute(insert).await;
    let id = bench.text("SELECT id::text FROM users WHERE role = 'institution_admin'").await;
    let actor = Actor {
        user_id: UserId(id.parse().unwrap()),
        role: Role::InstitutionAdmin,
        institution_id: Some(bench.institution),
    };
    let order = StudentImportOrder {
        mode: ImportMode::Apply,
        on_existing: OnExisting::Skip,
        send_welcome: false,
    };
    let mut work = Work::begin(bench.database.database(), &bench.context.jobs).await.unwrap();
    request::students(&mut work, &actor, order, None, None, file().as_bytes())
        .await
        .unwrap();
    let _left_to_the_dispatcher = work.commit().await.unwrap();
}

/// Asks for mails of newcomers and for computations, a handful at a time, until it is told to stop. Returns how many people.
async fn load(bench: &Workbench, enough: CancellationToken) -> usize {
    let mut people = 0;
    while !enough.is_cancelled() {
        let mut newcomers = Vec::new();
        for _ in 0..5 {
            newcomers.push(bench.newcomer_at(&format!("t{people}@acurate.test"), 3600.0).await);
            people += 1;
        }
        let mails: Vec<Job> = newcomers.iter().map(|user_id| Job::WelcomeEmail { user_id: *user_id }).collect();
        let students = |id: &UserId| Job::Achievement { student_ids: vec![*id] };
        let singles: Vec<Job> = newcomers.iter().map(students).collect();
        let bulk = [Job::Recalculation { student_ids: newcomers }];
        let order = Order {
            institution_id: Some(bench.institution),
            created_by: None,
        };
        let mut work = Work::begin(bench.database.database(), &bench.context.jobs).await.unwrap();
        for jobs in [&mails[..], &singles, &bulk] {
            enqueue_many(&mut work, jobs, order).await.unwrap();
        }
        let _left_to_the_dispatcher = work.commit().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    people
}

async fn until_workers(bench: &Workbench, workers: usize) {
    until("so many workers", || async {
        let alive = bench.text("SELECT count(*)::text FROM workers WHERE stopping_at IS NULL").await;
        (alive == workers.to_string()).then_some(())
    })
    .await;
}

/// Waits until so many more jobs were done than now.
async fn until_done(bench: &Workbench, more: usize) {
    let done = async || -> usize {
        let done = "SELECT count(*)::text FROM jobs WHERE state = 'succeeded'";
        bench.text(done).await.parse().unwrap()
    };
    let target = done().await + more;
    until("jobs to be done", || async { (done().await >= target).then_some(()) }).await;
}

/// One more worker three times, one fewer three times, the oldest first.
async fn up_and_down(bench: &Workbench, site: &Site) -> WorkerProcess {
    let mut workers = std::collections::VecDeque::from([site.start_worker(QUEUES)]);
    until_workers(bench, 1).await;
    until_done(bench, 20).await;
    for count in 2..=4 {
        workers.push_back(site.start_worker(QUEUES));
        until_workers(bench, count).await;
        until_done(bench, 20).await;
    }
    for count in (1..=3).rev() {
        let oldest = workers.pop_front().unwrap();
        oldest.signal("TERM");
        let code = oldest.exit_code().await;
        assert!(matches!(code, Some(0 | 3)), "{code:?}");
        until_workers(bench, count).await;
        until_done(bench, 20).await;
    }
    workers.pop_front().unwrap()
}

/// How many mails went to each address.
fn mails(folder: &Path) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(path.extension().is_some_and(|extension| extension == "eml"), "{path:?}");
        let bytes = std::fs::read(path).unwrap();
        let mail = MessageParser::default().parse(&bytes).unwrap();
        let to = mail.to().unwrap().first().unwrap().address().unwrap().to_owned();
        *counts.entry(to).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn from_one_worker_to_four_and_back_under_load_nothing_is_lost_and_nothing_done_twice() {
    let bench = Workbench::new(Answer::Take).await;
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        ("ACURATE_MAIL_DIR", folder.path().display().to_string()),
        ("ACURATE_IMPORT_BATCH", "200".to_owned()),
    ];
    let site = Site::new(&bench.database, &settings);
    import(&bench).await;
    let enough = CancellationToken::new();
    let (people, last) = tokio::join!(load(&bench, enough.clone()), async {
        let last = up_and_down(&bench, &site).await;
        enough.cancel();
        last
    });
    until("all jobs to end", || async {
        let open = "SELECT count(*)::text FROM jobs WHERE state IN ('queued', 'running')";
        (bench.text(open).await == "0").then_some(())
    })
    .await;

    let ends = "SELECT string_agg(DISTINCT state, ' ') FROM jobs";
    assert_eq!(bench.text(ends).await, "succeeded", "none died, none was given up");
    let mails = mails(folder.path());
    assert_eq!(mails.len(), people + 1, "everybody has a mail, and so has who asked for the import");
    assert!(mails.values().all(|count| *count == 1), "and nobody two");
    let counts = "SELECT concat_ws(' ', state, records_read, created_count, rejected_count) FROM imports";
    assert_eq!(bench.text(counts).await, format!("completed {STUDENTS} {STUDENTS} 0"));
    let students = "SELECT count(*)::text FROM users WHERE role = 'student'";
    assert_eq!(bench.text(students).await, STUDENTS.to_string());
    let odd = "SELECT count(*)::text FROM job_attempts WHERE outcome <> 'released'";
    assert_eq!(bench.text(odd).await, "0", "no lease was lost and no run failed");
    last.signal("TERM");
    assert_eq!(last.exit_code().await, Some(0));
    assert_eq!(bench.text("SELECT count(*)::text FROM workers").await, "0");
}
