//! Addresses that belong to somebody else.

use super::{apply, counts, faults, home, row, skipping, stored, updating, with_email};
use crate::campus::{Campus, person, record};
use acurate_shared::imports::StudentRow;
use acurate_shared::people::teachers::{self, NewTeacher};

#[tokio::test]
async fn are_refused_whoever_has_them_and_nothing_says_who() {
    let campus = Campus::create().await;
    campus.enrol(record("1")).await.unwrap();
    apply(
        campus.database(),
        &updating(&campus.rival),
        &[with_email("77", "elsewhere@x.edu.tr")],
    )
    .await
    .unwrap();
    let mut work = campus.begin().await;
    let teacher = NewTeacher {
        person: person("teacher@ata.edu.tr"),
        department_id: None,
    };
    teachers::create(&mut work, &campus.admin, &campus.settings, teacher).await.unwrap();
    let _ = work.commit().await.unwrap();

    let taken = [
        "s1@ata.edu.tr",
        "teacher@ata.edu.tr",
        "admin@ata.edu.tr",
        "elsewhere@x.edu.tr",
        "owner@acurate.example",
    ];
    let rows: Vec<StudentRow> = taken
        .iter()
        .zip(10..)
        .map(|(email, number)| with_email(&number.to_string(), email))
        .collect();
    for rules in [skipping(&campus.admin), updating(&campus.admin)] {
        let applied = apply(campus.database(), &rules, &rows).await.unwrap();

        assert_eq!(counts(&applied), (0, 0, 0, 5));
        let expected: Vec<String> = (2..7).map(|record| format!("{record} email in_use")).collect();
        assert_eq!(faults(&applied), expected);
        for (error, email) in applied.errors.iter().zip(taken) {
            assert_eq!(error.value, email);
            assert_eq!(error.message_en, "This value belongs to another user.");
            assert_eq!(error.message_tr, "Bu değer başka bir kullanıcıya ait.");
        }
    }
}

#[tokio::test]
async fn are_refused_to_a_student_that_exists_too() {
    let campus = Campus::create().await;
    campus.enrol(record("1")).await.unwrap();
    campus.enrol(record("2")).await.unwrap();
    let before = stored(&campus, home(&campus.admin), "2").await;
    let rows = [with_email("2", "s1@ata.edu.tr"), row("1")];
    let applied = apply(campus.database(), &updating(&campus.admin), &rows).await.unwrap();
    assert_eq!(counts(&applied), (0, 0, 1, 1));
    assert_eq!(faults(&applied), ["2 email in_use"]);
    assert_eq!(stored(&campus, home(&campus.admin), "2").await, before);
}

#[tokio::test]
async fn cannot_be_swapped_in_one_file_and_may_follow_each_other_in_two() {
    let campus = Campus::create().await;
    campus.enrol(record("1")).await.unwrap();
    campus.enrol(record("2")).await.unwrap();
    let swap = [with_email("1", "s2@ata.edu.tr"), with_email("2", "s1@ata.edu.tr")];
    let applied = apply(campus.database(), &updating(&campus.admin), &swap).await.unwrap();
    assert_eq!(counts(&applied), (0, 0, 0, 2));

    let follow = [with_email("1", "new@ata.edu.tr"), with_email("2", "s1@ata.edu.tr")];
    let applied = apply(campus.database(), &updating(&campus.admin), &follow).await.unwrap();
    assert_eq!(
        (counts(&applied), faults(&applied)),
        ((0, 1, 0, 1), vec!["3 email in_use".to_owned()])
    );
    let applied = apply(campus.database(), &updating(&campus.admin), &follow).await.unwrap();
    assert_eq!(counts(&applied), (0, 1, 1, 0));
}
