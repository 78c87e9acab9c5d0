//! Imports, administrators and other imports that write the same students at once.

use super::{apply, begin, counts, faults, home, records, row, skipping, somebody_waits, stored, updating, with_email};
use crate::campus::{Campus, record};
use acurate_shared::db::{Database, Expected, sql};
use acurate_shared::imports::StudentRow;
use acurate_shared::imports::student_batch::{Applied, StudentBatch};
use acurate_shared::people::students::{self, StudentPatch};
use sea_orm::ConnectionTrait;
use tokio::task::JoinHandle;

/// Applies rows in a task and returns once it waits for the lock of another transaction.
async fn blocked(database: &Database, rules: StudentBatch, rows: Vec<StudentRow>) -> JoinHandle<Applied> {
    let other = database.clone();
    let task = tokio::spawn(async move { apply(&other, &rules, &rows).await.unwrap() });
    somebody_waits(database).await;
    task
}

#[tokio::test]
async fn a_student_made_between_look_and_insert_is_found_and_not_made_again() {
    let campus = Campus::create().await;
    let renamed = StudentRow {
        first_name: "Ece".into(),
        ..row("2")
    };
    for (rules, expected) in [(skipping(&campus.admin), (1, 0, 2, 0)), (updating(&campus.admin), (1, 1, 1, 0))] {
        campus.execute("DELETE FROM users WHERE role = 'student'", []).await;
        let mut work = begin(campus.database()).await;
        let first = rules.apply(&mut work, &records(&[row("1"), row("2")])).await.unwrap();
        assert_eq!(counts(&first), (2, 0, 0, 0));
        let second = blocked(campus.database(), rules, vec![row("3"), row("1"), renamed.clone()]).await;
        let _ = work.commit().await.unwrap();
        assert_eq!(counts(&second.await.unwrap()), expected);
    }
}

#[tokio::test]
async fn an_address_taken_between_look_and_write_is_refused() {
    let campus = Campus::create().await;
    apply(campus.database(), &updating(&campus.rival), &[with_email("1", "r1@x.edu.tr")])
        .await
        .unwrap();
    let mut work = begin(campus.database()).await;
    let rows = records(&[with_email("1", "one@x.edu.tr"), with_email("2", "two@x.edu.tr")]);
    updating(&campus.admin).apply(&mut work, &rows).await.unwrap();

    let rows = vec![row("8"), with_email("1", "one@x.edu.tr"), with_email("9", "two@x.edu.tr")];
    let second = blocked(campus.database(), updating(&campus.rival), rows).await;
    let _ = work.commit().await.unwrap();

    let second = second.await.unwrap();
    assert_eq!(counts(&second), (1, 0, 0, 2));
    assert_eq!(faults(&second), ["3 email in_use", "4 email in_use"]);
    assert_eq!(stored(&campus, home(&campus.rival), "1").await.email, "r1@x.edu.tr");
}

#[tokio::test]
async fn a_program_removed_between_look_and_write_is_unknown() {
    let campus = Campus::create().await;
    let (_, program) = campus.department(home(&campus.admin), "CENG").await;
    let work = begin(campus.database()).await;
    let delete = sql("DELETE FROM programs WHERE id = $1", [program.into()]);
    work.tx().execute_raw(delete).await.unwrap();
    let placed = StudentRow {
        program_code: Some("CENG-P".into()),
        ..row("1")
    };
    let import = blocked(campus.database(), updating(&campus.admin), vec![placed, row("2")]).await;
    let _ = work.commit().await.unwrap();
    let import = import.await.unwrap();
    assert_eq!(counts(&import), (1, 0, 0, 1));
    assert_eq!(faults(&import), ["2 program_code unknown_program"]);
}

#[tokio::test]
async fn what_an_administrator_changes_meanwhile_is_not_overwritten_by_what_it_was() {
    let campus = Campus::create().await;
    let id = campus.enrol(record("1")).await.unwrap().id;
    let mut work = campus.begin().await;
    let patch = StudentPatch {
        phone: Some(Some("555".into())),
        year_of_study: Some(Some(3)),
        ..StudentPatch::default()
    };
    students::update(&mut work, &campus.admin, &campus.settings, id, &Expected::Any, patch)
        .await
        .unwrap();
    let renamed = StudentRow {
        first_name: "Ece".into(),
        ..row("1")
    };
    let import = blocked(campus.database(), updating(&campus.admin), vec![renamed]).await;
    let _ = work.commit().await.unwrap();

    assert_eq!(counts(&import.await.unwrap()), (0, 1, 0, 0));
    let student = stored(&campus, home(&campus.admin), "1").await;
    assert_eq!(student.first_name, "Ece");
    assert_eq!((student.phone.as_deref(), student.year_of_study), (Some("555"), Some(3)));
}

#[tokio::test]
async fn two_imports_of_one_file_in_opposite_orders_make_each_student_once() {
    let campus = Campus::create().await;
    for round in 0..6 {
        let rows: Vec<StudentRow> = (0..120).map(|n| row(&format!("{round}x{n}"))).collect();
        let reversed: Vec<StudentRow> = rows.iter().rev().cloned().collect();
        let rules = StudentBatch {
            send_welcome: true,
            ..if round % 2 == 0 {
                skipping(&campus.admin)
            } else {
                updating(&campus.admin)
            }
        };
        let (one, two) = tokio::join!(apply(campus.database(), &rules, &rows), apply(campus.database(), &rules, &reversed));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.created + two.created, 120);
        assert_eq!(one.unchanged + two.unchanged, 120);
        for applied in [&one, &two] {
            assert_eq!(
                (applied.created + applied.unchanged, applied.updated, applied.rejected),
                (120, 0, 0)
            );
        }
    }
    let students = "SELECT count(*) AS id FROM users WHERE role = 'student'";
    assert_eq!(campus.value::<i64, 0>(students, []).await, 6 * 120);
    let mails = "
        SELECT count(*) AS id FROM jobs WHERE kind = 'welcome_email'
            AND (payload ->> 'user_id')::bigint IN (SELECT id FROM users WHERE role = 'student')";
    assert_eq!(campus.value::<i64, 0>(mails, []).await, 6 * 120);
}

#[tokio::test]
async fn two_institutions_that_want_the_same_addresses_share_them_out() {
    let campus = Campus::create().await;
    for round in 0..4_u64 {
        let email = |n: u64| format!("{round}.{n}@x.edu.tr");
        let rows: Vec<StudentRow> = (0..100).map(|n| with_email(&format!("{round}x{n:03}"), &email(n))).collect();
        let others: Vec<StudentRow> = (0..100).map(|n| with_email(&format!("{round}x{n:03}"), &email(99 - n))).collect();
        let (mine, theirs) = (updating(&campus.admin), updating(&campus.rival));
        let (one, two) = tokio::join!(apply(campus.database(), &mine, &rows), apply(campus.database(), &theirs, &others));
        for applied in [one.unwrap(), two.unwrap()] {
            assert_eq!(applied.created + applied.rejected, 100);
            assert_eq!(applied.errors.len() as u64, applied.rejected);
        }
    }
    let students = "SELECT count(*) AS id FROM users WHERE role = 'student'";
    assert_eq!(campus.value::<i64, 0>(students, []).await, 400);
}

#[tokio::test]
async fn two_imports_that_update_the_same_students_in_opposite_orders_both_end() {
    let campus = Campus::create().await;
    let (one, two) = (updating(&campus.admin), updating(&campus.admin));
    let rows: Vec<StudentRow> = (0..150).map(|n| row(&n.to_string())).collect();
    apply(campus.database(), &one, &rows).await.unwrap();
    for round in 0..6 {
        let named = |name: &str| -> Vec<StudentRow> {
            let rename = |row: &StudentRow| StudentRow {
                first_name: format!("{name} {round}"),
                email: format!("{round}.{}", row.email),
                ..row.clone()
            };
            rows.iter().map(rename).collect()
        };
        let (forth, back) = (named("Forth"), named("Back").into_iter().rev().collect::<Vec<_>>());
        let (first, second) = tokio::join!(apply(campus.database(), &one, &forth), apply(campus.database(), &two, &back));
        assert_eq!(counts(&first.unwrap()), (0, 150, 0, 0));
        assert_eq!(counts(&second.unwrap()), (0, 150, 0, 0));
        let names = "SELECT count(DISTINCT first_name) AS id FROM users WHERE role = 'student'";
        assert_eq!(campus.value::<i64, 0>(names, []).await, 1, "the later one has the last word on all");
    }
}

#[tokio::test]
async fn imports_that_take_addresses_crosswise_do_not_fail() {
    let campus = Campus::create().await;
    let (one, two) = (updating(&campus.admin), updating(&campus.rival));
    let own = |who: &str| -> Vec<StudentRow> {
        (0..40)
            .map(|n| with_email(&format!("{n:02}"), &format!("{who}{n}@x.edu.tr")))
            .collect()
    };
    apply(campus.database(), &one, &own("a")).await.unwrap();
    apply(campus.database(), &two, &own("b")).await.unwrap();
    for round in 0..4_u64 {
        let wanted = |place: fn(u64) -> u64| -> Vec<StudentRow> {
            (0..40)
                .map(|n| with_email(&format!("{n:02}"), &format!("{round}.{}@x.edu.tr", place(n))))
                .collect()
        };
        let (forth, back) = (wanted(|n| n), wanted(|n| 39 - n));
        let (first, second) = tokio::join!(apply(campus.database(), &one, &forth), apply(campus.database(), &two, &back));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first.updated + second.updated, 40, "each address has one new owner");
        assert_eq!(first.rejected + second.rejected, 40);
    }
}
