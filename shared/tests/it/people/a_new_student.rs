//! Making students one by one.

use super::{home, of};
use crate::campus::{Campus, person, record, refusal};
use acurate_shared::ids::{DepartmentId, ProgramId, UserId};
use acurate_shared::kinds::Role;
use acurate_shared::people::students;

#[tokio::test]
async fn has_the_record_it_was_given_and_is_mailed_a_password() {
    let campus = Campus::create().await;
    let (department, program) = campus.department(home(&campus.admin), "CENG").await;
    let mut order = record(" 007 ");
    order.program_id = Some(program);
    order.person.email = "Ece@ATA.edu.tr".into();
    order.person.phone = Some("+90 312".into());
    order.year_of_study = Some(2);
    order.entry_year = Some(2023);

    let student = campus.enrol(order).await.unwrap();

    assert_eq!(student.student_number, "007");
    assert_eq!(student.email, "ece@ata.edu.tr");
    assert_eq!(student.phone.as_deref(), Some("+90 312"));
    assert_eq!((student.department_id, student.program_id), (Some(department), Some(program)));
    assert_eq!((student.year_of_study, student.entry_year), (Some(2), Some(2023)));
    assert!(student.is_active);
    assert_eq!(campus.welcome_mails(student.id).await, 1);
    assert_eq!(campus.deeds(student.id).await, ["student.created"]);
}

#[tokio::test]
async fn is_refused_with_every_fault_named() {
    let campus = Campus::create().await;
    let mut order = record("12;3");
    order.person.email = "nobody".into();
    order.person.first_name = "  ".into();
    order.year_of_study = Some(7);
    order.entry_year = Some(1949);
    order.department_id = Some(DepartmentId(999_999));
    order.program_id = Some(ProgramId(999_999));
    assert_eq!(
        refusal(campus.enrol(order).await),
        "student_number: invalid_student_number, email: invalid_email, first_name: required, year_of_study: out_of_range, \
         entry_year: out_of_range, department_id: unknown_department, program_id: unknown_program"
    );
}

#[tokio::test]
async fn is_placed_in_one_department_of_its_own_institution() {
    let campus = Campus::create().await;
    let (ceng, _) = campus.department(home(&campus.admin), "CENG").await;
    let (_, math_program) = campus.department(home(&campus.admin), "MATH").await;
    let (foreign, foreign_program) = campus.department(home(&campus.rival), "CENG").await;
    for (department, program, expected) in [
        (Some(ceng), Some(math_program), "program_id: program_not_in_department"),
        (Some(foreign), None, "department_id: unknown_department"),
        (None, Some(foreign_program), "program_id: unknown_program"),
    ] {
        let mut order = record("1");
        order.department_id = department;
        order.program_id = program;
        assert_eq!(refusal(campus.enrol(order).await), expected);
    }
}

#[tokio::test]
async fn needs_an_address_and_a_number_of_its_own() {
    let campus = Campus::create().await;
    campus.enrol(record("1")).await.unwrap();
    assert_eq!(refusal(campus.enrol(record("1")).await), "email_in_use");
    let mut order = record("1");
    order.person.email = "other@ata.edu.tr".into();
    assert_eq!(refusal(campus.enrol(order).await), "student_number_in_use");

    let mut elsewhere = record("1");
    elsewhere.person.email = "other@bogazici.edu.tr".into();
    let mut work = campus.begin().await;
    let student = students::create(&mut work, &campus.rival, &campus.settings, elsewhere).await;
    assert!(student.is_ok(), "numbers are of one institution");
}

#[tokio::test]
async fn is_made_once_by_two_requests_at_once() {
    let campus = Campus::create().await;
    for round in 0..8 {
        let mut twin = record(&format!("twin{round}"));
        twin.person = person(&format!("s{round}@ata.edu.tr"));

        let (one, two) = tokio::join!(campus.enrol(record(&round.to_string())), campus.enrol(twin));

        let (made, refused) = if one.is_ok() { (one, two) } else { (two, one) };
        assert_eq!(refusal(refused), "email_in_use");
        assert_eq!(campus.welcome_mails(made.unwrap().id).await, 1);
    }
    let mails = "SELECT count(*) AS id FROM jobs WHERE kind = 'welcome_email'";
    assert_eq!(
        campus.value::<i64, 0>(mails, []).await,
        8 + 2,
        "those of the students and the two administrators"
    );
}

#[tokio::test]
async fn is_made_by_administrators_only() {
    let campus = Campus::create().await;
    for actor in [
        of(&campus, Role::Teacher, UserId(1)),
        of(&campus, Role::Student, UserId(1)),
        campus.owner.clone(),
    ] {
        let mut work = campus.begin().await;
        let refused = students::create(&mut work, &actor, &campus.settings, record("1")).await;
        assert_eq!(refusal(refused), "role_required");
    }
}
