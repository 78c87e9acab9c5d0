//! Students that an import creates.

use super::{apply, begin, counts, home, records, row, skipping, stored, updating};
use crate::campus::Campus;
use acurate_shared::imports::student_batch::StudentBatch;
use acurate_shared::imports::{Encoding, Limits, Parsed, StudentFile, StudentRow};
use acurate_shared::kinds::Role;
use std::collections::HashSet;

#[tokio::test]
async fn has_everything_that_its_record_says() {
    let campus = Campus::create().await;
    let (department, program) = campus.department(home(&campus.admin), "CENG").await;
    let full = StudentRow {
        student_number: "0007".into(),
        email: "irem@ata.edu.tr".into(),
        first_name: "İrem Şükrü".into(),
        last_name: "Çağlayan-Öğüt".into(),
        department_code: Some("CENG".into()),
        program_code: Some("CENG-P".into()),
        year_of_study: Some(6),
        entry_year: Some(1950),
        phone: Some("+90 (312) 555-0101".into()),
    };

    let applied = apply(campus.database(), &skipping(&campus.admin), &[full, row("8")]).await.unwrap();

    assert_eq!(counts(&applied), (2, 0, 0, 0));
    let student = stored(&campus, home(&campus.admin), "0007").await;
    assert_eq!(student.role, Role::Student);
    assert_eq!(student.email, "irem@ata.edu.tr");
    assert_eq!(
        (student.first_name.as_str(), student.last_name.as_str()),
        ("İrem Şükrü", "Çağlayan-Öğüt")
    );
    assert_eq!((student.department_id, student.program_id), (Some(department), Some(program)));
    assert_eq!((student.year_of_study, student.entry_year), (Some(6), Some(1950)));
    assert_eq!(student.phone.as_deref(), Some("+90 (312) 555-0101"));
    assert_eq!(student.created_by, Some(campus.admin.user_id));
    assert!(student.is_active && student.password_hash.is_none());

    let bare = stored(&campus, home(&campus.admin), "8").await;
    assert_eq!((bare.phone, bare.department_id, bare.program_id), (None, None, None));
    assert_eq!((bare.year_of_study, bare.entry_year), (None, None));
}

#[tokio::test]
async fn may_have_a_name_that_looks_like_a_formula() {
    let campus = Campus::create().await;
    let name = "=HYPERLINK(\"http://x\";\"y\"), '\\ {},NULL";
    let odd = StudentRow {
        first_name: name.into(),
        last_name: "@SUM(1+1)".into(),
        ..row("1")
    };
    apply(campus.database(), &skipping(&campus.admin), &[odd]).await.unwrap();
    let student = stored(&campus, home(&campus.admin), "1").await;
    assert_eq!((student.first_name.as_str(), student.last_name.as_str()), (name, "@SUM(1+1)"));
}

#[tokio::test]
async fn comes_out_of_a_file_with_composed_letters_and_is_known_again() {
    let campus = Campus::create().await;
    let file = "Student_Number;EMAIL;last_name;first_name\n0042;IREM@ata.edu.tr;=1+1;I\u{307}rem S\u{327}u\u{308}kru\u{308}\n";
    let again = file.replace("I\u{307}rem S\u{327}u\u{308}kru\u{308}", "İrem Şükrü");
    for (text, expected) in [(file, (1, 0, 0, 0)), (again.as_str(), (0, 0, 1, 0))] {
        let parsed = StudentFile::open(text.as_bytes(), Encoding::Utf8, Limits::default()).unwrap();
        let rows: Vec<(u64, StudentRow)> = parsed
            .map(Result::unwrap)
            .map(|Parsed { record, row }| (record, row.unwrap()))
            .collect();
        let mut work = begin(campus.database()).await;
        let applied = updating(&campus.admin).apply(&mut work, &rows).await.unwrap();
        let _ = work.commit().await.unwrap();
        assert_eq!(counts(&applied), expected);
    }
    let student = stored(&campus, home(&campus.admin), "0042").await;
    assert_eq!((student.first_name.as_str(), student.last_name.as_str()), ("İrem Şükrü", "=1+1"));
    assert_eq!(student.email, "irem@ata.edu.tr");
}

#[tokio::test]
async fn is_told_apart_from_another_by_leading_zeros() {
    let campus = Campus::create().await;
    let rows = [row("1"), row("01"), row("001")];
    let applied = apply(campus.database(), &updating(&campus.admin), &rows).await.unwrap();
    assert_eq!(counts(&applied), (3, 0, 0, 0));
    assert_eq!(stored(&campus, home(&campus.admin), "001").await.email, "s001@ata.edu.tr");
}

#[tokio::test]
async fn may_have_the_number_of_a_student_elsewhere() {
    let campus = Campus::create().await;
    apply(campus.database(), &updating(&campus.rival), &[row("1")]).await.unwrap();
    let other = StudentRow {
        email: "other@ata.edu.tr".into(),
        first_name: "Ece".into(),
        ..row("1")
    };
    let applied = apply(campus.database(), &updating(&campus.admin), &[other]).await.unwrap();
    assert_eq!(counts(&applied), (1, 0, 0, 0));
    assert_eq!(stored(&campus, home(&campus.rival), "1").await.first_name, "Irmak");
}

#[tokio::test]
async fn has_a_credential_like_no_other_and_signs_in_with_the_password_that_is_mailed() {
    let campus = Campus::create().await;
    let rows: Vec<StudentRow> = (0..300).map(|n| row(&n.to_string())).collect();
    apply(campus.database(), &skipping(&campus.admin), &rows).await.unwrap();

    let mut nonces = HashSet::new();
    for number in ["0", "150", "299"] {
        let student = stored(&campus, home(&campus.admin), number).await;
        let nonce = student.credential_nonce.unwrap();
        assert_eq!(nonce.len(), 16);
        nonces.insert(nonce);
        let password = campus.mailed(student.id).await;
        let session = campus.sign_in(&student.email, password.expose()).await.unwrap();
        assert!(session.must_change_password());
        assert_eq!(session.user.id, student.id);
    }
    assert_eq!(nonces.len(), 3);
    let distinct =
        "SELECT count(DISTINCT credential_nonce) AS id FROM users WHERE role = 'student' AND octet_length(credential_nonce) = 16";
    assert_eq!(campus.value::<i64, 0>(distinct, []).await, 300);
    let lives = "
        SELECT count(*) AS id FROM users
        WHERE role = 'student' AND credential_expires_at = created_at + interval '7 days'";
    assert_eq!(campus.value::<i64, 0>(lives, []).await, 300);
}

#[tokio::test]
async fn gets_one_welcome_mail_if_wanted_and_nobody_else_gets_one() {
    let campus = Campus::create().await;
    let all = "SELECT count(*) AS id FROM jobs WHERE kind = 'welcome_email'";
    let administrators: i64 = campus.value(all, []).await;
    apply(campus.database(), &skipping(&campus.admin), &[row("1")]).await.unwrap();
    assert_eq!(campus.value::<i64, 0>(all, []).await, administrators);

    let rules = StudentBatch {
        send_welcome: true,
        ..updating(&campus.admin)
    };
    let renamed = StudentRow {
        first_name: "Ece".into(),
        ..row("1")
    };
    let lost = StudentRow {
        program_code: Some("LAW".into()),
        ..row("9")
    };
    let mut rows: Vec<StudentRow> = (2..30).map(|n| row(&format!("new{n}"))).collect();
    rows.extend([renamed, lost]);
    let applied = apply(campus.database(), &rules, &rows).await.unwrap();

    assert_eq!(counts(&applied), (28, 1, 0, 1));
    assert_eq!(campus.value::<i64, 0>(all, []).await, administrators + 28);
    for number in ["new2", "new29"] {
        let student = stored(&campus, home(&campus.admin), number).await;
        assert_eq!(campus.welcome_mails(student.id).await, 1);
    }
    let order = "
        SELECT count(*) AS id FROM jobs WHERE kind = 'welcome_email' AND institution_id = $1 AND created_by = $2
            AND (payload ->> 'user_id')::bigint IN (SELECT id FROM users WHERE role = 'student')";
    let values = [home(&campus.admin).into(), campus.admin.user_id.into()];
    assert_eq!(campus.value::<i64, 2>(order, values).await, 28);
}

#[tokio::test]
async fn is_not_made_by_an_empty_batch() {
    let campus = Campus::create().await;
    let mut work = begin(campus.database()).await;
    let applied = updating(&campus.admin).apply(&mut work, &records(&[])).await.unwrap();
    assert_eq!(counts(&applied), (0, 0, 0, 0));
}
