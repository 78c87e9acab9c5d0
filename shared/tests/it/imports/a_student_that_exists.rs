//! Students that an import finds already there.

use super::{apply, counts, faults, fingerprint, home, row, skipping, stored, updating};
use crate::campus::{Campus, PASSWORD, record, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::entity::user;
use acurate_shared::ids::UserId;
use acurate_shared::imports::StudentRow;
use acurate_shared::imports::student_batch::StudentBatch;

/// The first student of the first institution, with every field set.
async fn full(campus: &Campus) -> StudentRow {
    campus.department(home(&campus.admin), "CENG").await;
    campus.department(home(&campus.admin), "MATH").await;
    let full = StudentRow {
        program_code: Some("CENG-P".into()),
        year_of_study: Some(2),
        entry_year: Some(2023),
        phone: Some("555".into()),
        ..row("1")
    };
    apply(campus.database(), &updating(&campus.admin), std::slice::from_ref(&full))
        .await
        .unwrap();
    full
}

async fn marks(campus: &Campus, student: UserId) -> i64 {
    campus
        .value(
            "SELECT count(*) AS id FROM achievement_marks WHERE student_id = $1",
            [student.into()],
        )
        .await
}

#[tokio::test]
async fn is_left_alone_by_skip_whatever_the_record_says() {
    let campus = Campus::create().await;
    full(&campus).await;
    let before = fingerprint(campus.database()).await;
    let different = StudentRow {
        email: "new@ata.edu.tr".into(),
        first_name: "Ece".into(),
        department_code: Some("MATH".into()),
        year_of_study: Some(5),
        ..row("1")
    };
    let rules = StudentBatch {
        send_welcome: true,
        ..skipping(&campus.admin)
    };
    let applied = apply(campus.database(), &rules, &[different]).await.unwrap();
    assert_eq!((counts(&applied), faults(&applied)), ((0, 0, 1, 0), vec![]));
    assert_eq!(fingerprint(campus.database()).await, before);
}

#[tokio::test]
async fn is_unchanged_when_the_file_comes_again() {
    let campus = Campus::create().await;
    let full = full(&campus).await;
    let rows = [full, row("2")];
    apply(campus.database(), &updating(&campus.admin), &rows).await.unwrap();
    let before = fingerprint(campus.database()).await;
    for rules in [skipping(&campus.admin), updating(&campus.admin)] {
        let applied = apply(campus.database(), &rules, &rows).await.unwrap();
        assert_eq!(counts(&applied), (0, 0, 2, 0));
        assert_eq!(fingerprint(campus.database()).await, before);
    }
}

#[tokio::test]
async fn takes_what_the_record_says_and_keeps_what_it_does_not() {
    let campus = Campus::create().await;
    full(&campus).await;
    let before = stored(&campus, home(&campus.admin), "1").await;
    let sparse = StudentRow {
        first_name: "Ece".into(),
        ..row("1")
    };

    let applied = apply(campus.database(), &updating(&campus.admin), &[sparse]).await.unwrap();

    assert_eq!(counts(&applied), (0, 1, 0, 0));
    let after = stored(&campus, home(&campus.admin), "1").await;
    let expected = user::Model {
        first_name: "Ece".into(),
        version: before.version + 1,
        updated_at: after.updated_at,
        ..before
    };
    assert_eq!(after, expected);
    assert_eq!(marks(&campus, after.id).await, 0);
}

#[tokio::test]
async fn is_not_deleted_by_a_file_without_it() {
    let campus = Campus::create().await;
    full(&campus).await;
    let before = stored(&campus, home(&campus.admin), "1").await;
    apply(campus.database(), &updating(&campus.admin), &[row("2")]).await.unwrap();
    assert_eq!(stored(&campus, home(&campus.admin), "1").await, before);
}

#[tokio::test]
async fn is_computed_anew_when_it_moves_to_another_program() {
    let campus = Campus::create().await;
    let full = full(&campus).await;
    let id = stored(&campus, home(&campus.admin), "1").await.id;
    let moved = StudentRow {
        program_code: Some("MATH-P".into()),
        ..full
    };
    apply(campus.database(), &updating(&campus.admin), &[moved, row("2")])
        .await
        .unwrap();

    assert_eq!(marks(&campus, id).await, 1);
    let all = "SELECT count(*) AS id FROM achievement_marks";
    assert_eq!(campus.value::<i64, 0>(all, []).await, 1, "a new student has no results to compute");
    let job = "SELECT count(*) AS id FROM jobs WHERE kind = 'achievement' AND payload = jsonb_build_object('student_ids', jsonb_build_array($1::bigint))";
    assert_eq!(campus.value::<i64, 1>(job, [id.into()]).await, 1);
}

#[tokio::test]
async fn with_a_password_of_its_own_keeps_it_at_its_new_address() {
    let campus = Campus::create().await;
    let session = campus.settled("1").await;
    let before = stored(&campus, home(&campus.admin), "1").await;
    let rules = StudentBatch {
        send_welcome: true,
        ..updating(&campus.admin)
    };
    let readdressed = StudentRow {
        email: "irmak@ata.edu.tr".into(),
        ..row("1")
    };

    let applied = apply(campus.database(), &rules, &[readdressed]).await.unwrap();

    assert_eq!(counts(&applied), (0, 1, 0, 0));
    let after = stored(&campus, home(&campus.admin), "1").await;
    assert_eq!((after.password_hash, after.credential_nonce), (before.password_hash, None));
    assert!(campus.is_alive(&session).await);
    assert!(campus.sign_in("irmak@ata.edu.tr", PASSWORD).await.is_ok());
    assert_eq!(refusal(campus.sign_in("s1@ata.edu.tr", PASSWORD).await), "invalid_credentials");
    assert_eq!(campus.welcome_mails(after.id).await, 1, "that of its enrolment");
}

#[tokio::test]
async fn without_one_cannot_be_taken_over_by_whoever_got_the_first_mail() {
    let campus = Campus::create().await;
    for (number, send_welcome) in [("1", true), ("2", false)] {
        let id = campus.enrol(record(number)).await.unwrap().id;
        let strayed = campus.mailed(id).await;
        let begun = campus.sign_in(&format!("s{number}@ata.edu.tr"), strayed.expose()).await.unwrap();
        let rules = StudentBatch {
            send_welcome,
            ..updating(&campus.admin)
        };
        let email = format!("right{number}@ata.edu.tr");
        let corrected = StudentRow {
            email: email.clone(),
            ..row(number)
        };

        let applied = apply(campus.database(), &rules, &[corrected]).await.unwrap();

        assert_eq!(counts(&applied), (0, 1, 0, 0));
        assert_eq!(refusal(campus.sign_in(&email, strayed.expose()).await), "invalid_credentials");
        let actor = Actor {
            user_id: id,
            role: acurate_shared::kinds::Role::Student,
            institution_id: campus.admin.institution_id,
        };
        assert!(begun.must_change_password());
        assert!(campus.change(&actor, Some(strayed.expose()), PASSWORD).await.is_err());
        let fresh = campus.mailed(id).await;
        assert!(campus.sign_in(&email, fresh.expose()).await.is_ok());
        assert_eq!(campus.welcome_mails(id).await, 1 + i64::from(send_welcome));
    }
}
