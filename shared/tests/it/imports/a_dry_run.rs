//! What a dry run says, and that it leaves nothing behind.

use super::{apply, counts, dry_run, faults, fingerprint, home, row, updating};
use crate::campus::Campus;
use acurate_shared::imports::StudentRow;
use acurate_shared::imports::student_batch::StudentBatch;

/// A new student, one to change, one to move to another program, one that is as the file says, and two at fault.
async fn mixed(campus: &Campus) -> Vec<StudentRow> {
    campus.department(home(&campus.admin), "CENG").await;
    campus.department(home(&campus.admin), "MATH").await;
    let placed = |number: &str, program: &str| StudentRow {
        program_code: Some(program.into()),
        ..row(number)
    };
    let before = [row("1"), placed("2", "CENG-P"), row("3")];
    apply(campus.database(), &updating(&campus.admin), &before).await.unwrap();
    let renamed = StudentRow {
        first_name: "Ece".into(),
        ..row("1")
    };
    let taken = StudentRow {
        email: campus
            .value("SELECT email AS id FROM users WHERE id = $1", [campus.rival.user_id.into()])
            .await,
        ..row("5")
    };
    vec![row("4"), renamed, placed("2", "MATH-P"), row("3"), taken, placed("6", "LAW-P")]
}

#[tokio::test]
async fn counts_and_names_what_applying_does_and_changes_nothing() {
    let campus = Campus::create().await;
    let rows = mixed(&campus).await;
    let rules = StudentBatch {
        send_welcome: true,
        ..updating(&campus.admin)
    };
    let before = fingerprint(campus.database()).await;

    let tried = dry_run(campus.database(), &rules, &rows).await.unwrap();

    assert_eq!(fingerprint(campus.database()).await, before);
    assert_eq!(counts(&tried), (1, 2, 1, 2));
    assert_eq!(faults(&tried), ["6 email in_use", "7 program_code unknown_program"]);

    let applied = apply(campus.database(), &rules, &rows).await.unwrap();

    assert_eq!(applied, tried);
    assert_ne!(fingerprint(campus.database()).await, before);
}
