//! Enrollments.

use super::{PAGE, School};
use crate::campus::refusal;
use acurate_shared::actor::Actor;
use acurate_shared::curriculum::enrollments::{self, BulkEnrolled, Enrollment, EnrollmentFilter, NUMBERS_LIMIT};
use acurate_shared::db::{Expected, PageRequest};
use acurate_shared::error::Result;
use acurate_shared::ids::{EnrollmentId, UserId};

async fn enroll(school: &School, actor: &Actor, student: UserId) -> Result<Enrollment> {
    let course = school.course;
    school
        .write(async |work| enrollments::enroll(work, actor, course, student).await)
        .await
}

async fn set_active(school: &School, actor: &Actor, id: EnrollmentId, is_active: bool) -> Result<Enrollment> {
    school
        .write(async |work| enrollments::set_active(work, actor, id, &Expected::Any, is_active).await)
        .await
}

async fn enroll_numbers(school: &School, actor: &Actor, numbers: &[&str]) -> Result<BulkEnrolled> {
    let numbers: Vec<String> = numbers.iter().map(|number| (*number).to_owned()).collect();
    let course = school.course;
    school
        .write(async |work| enrollments::enroll_numbers(work, actor, course, &numbers).await)
        .await
}

#[tokio::test]
async fn a_student_is_enrolled_marked_and_shown_with_number_and_name() {
    let school = School::open().await;
    let student = school.student("0042").await;
    school.student("0043").await;
    let made = enroll(&school, &school.teacher, student).await.unwrap();
    assert_eq!(
        (made.student_number.as_str(), made.last_name.as_str(), made.is_active),
        ("0042", "Işık", true)
    );
    assert_eq!(school.marked().await, [student]);
    assert_eq!(school.deeds("enrollment", made.id.0).await, ["enrollment.created"]);
    assert_eq!(refusal(enroll(&school, &school.teacher, student).await), "already_enrolled");
    assert_eq!(school.marked().await, []);
}

#[tokio::test]
async fn an_enrollment_ends_and_comes_back() {
    let school = School::open().await;
    let student = school.student("1").await;
    let first = enroll(&school, &school.teacher, student).await.unwrap();
    school.marked().await;
    let ended = set_active(&school, &school.teacher, first.id, false).await.unwrap();
    assert!(!ended.is_active);
    assert_eq!(school.marked().await, [student]);
    set_active(&school, &school.teacher, first.id, false).await.unwrap();
    assert_eq!(school.marked().await, [], "it has ended already");
    let back = enroll(&school, &school.teacher, student).await.unwrap();
    assert_eq!((back.id, back.is_active, back.enrolled_at), (first.id, true, first.enrolled_at));
    assert_eq!(school.marked().await, [student]);
    set_active(&school, school.admin(), first.id, false).await.unwrap();
    set_active(&school, school.admin(), first.id, true).await.unwrap();
    assert_eq!(school.marked().await, [student]);
    let deeds = [
        "enrollment.created",
        "enrollment.ended",
        "enrollment.reactivated",
        "enrollment.ended",
        "enrollment.reactivated",
    ];
    assert_eq!(school.deeds("enrollment", first.id.0).await, deeds);
}

#[tokio::test]
async fn only_active_students_of_the_institution_are_enrolled() {
    let school = School::open().await;
    let closed = school.student("1").await;
    school
        .campus
        .execute("UPDATE users SET is_active = false WHERE id = $1", [closed.into()])
        .await;
    assert_eq!(
        refusal(enroll(&school, school.admin(), closed).await),
        "student_id: inactive_student"
    );
    let foreign = "
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number)
        VALUES ($1, 'student', 'x@bogazici.edu.tr', 'X', 'Y', 'x', '9') RETURNING id";
    let foreign: UserId = school.campus.value(foreign, [school.campus.rival.institution_id.into()]).await;
    for nobody in [foreign, school.teacher.user_id, UserId(999_999)] {
        let refused = enroll(&school, school.admin(), nobody).await;
        assert_eq!(refusal(refused), "student_id: unknown_student");
    }
    assert_eq!(school.marked().await, []);
}

#[tokio::test]
async fn many_are_enrolled_at_once_and_counted() {
    let school = School::open().await;
    let (one, two, three) = (
        school.student("001").await,
        school.student("002").await,
        school.student("003").await,
    );
    school.student("004").await;
    school.enroll(one, school.course).await;
    let former = school.enroll(two, school.course).await;
    set_active(&school, school.admin(), former, false).await.unwrap();
    school.marked().await;

    let counts = enroll_numbers(&school, &school.teacher, &["003", " 001 ", "002"]).await.unwrap();
    let expected = BulkEnrolled {
        enrolled: 1,
        reactivated: 1,
        already_enrolled: 1,
    };
    assert_eq!(counts, expected);
    assert_eq!(school.marked().await, [two, three], "who was there already is not touched");
    assert_eq!(
        school.deeds("course", school.course.0).await,
        ["course.created", "enrollments.created"]
    );

    let counts = enroll_numbers(&school, &school.teacher, &["001", "002", "003"]).await.unwrap();
    assert_eq!((counts.enrolled, counts.reactivated, counts.already_enrolled), (0, 0, 3));
    assert_eq!(school.marked().await, []);
    assert_eq!(school.deeds("course", school.course.0).await.len(), 2);
}

#[tokio::test]
async fn one_wrong_number_enrolls_nobody_and_every_wrong_one_is_named() {
    let school = School::open().await;
    school.student("001").await;
    let closed = school.student("002").await;
    school
        .campus
        .execute("UPDATE users SET is_active = false WHERE id = $1", [closed.into()])
        .await;
    let refused = enroll_numbers(&school, &school.teacher, &["001", "1", "002", "001", ""]).await;
    assert_eq!(
        refusal(refused),
        "student_numbers[1]: unknown_student, student_numbers[2]: inactive_student, student_numbers[3]: duplicate, \
         student_numbers[4]: unknown_student"
    );
    assert_eq!(
        refusal(enroll_numbers(&school, &school.teacher, &[]).await),
        "student_numbers: required"
    );
    let many = vec!["001"; NUMBERS_LIMIT + 1];
    assert_eq!(
        refusal(enroll_numbers(&school, &school.teacher, &many).await),
        "student_numbers: too_many"
    );
    let page = enrollments::list(
        school.campus.db(),
        school.admin(),
        school.course,
        &EnrollmentFilter::default(),
        PAGE,
    )
    .await
    .unwrap();
    assert_eq!(page.total, 0);
    assert_eq!(school.marked().await, []);
}

#[tokio::test]
async fn five_thousand_numbers_are_enrolled_in_one_go_and_computed_in_batches() {
    let school = School::open().await;
    let insert = "
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number)
        SELECT $1, 'student', 's' || n || '@x.edu', 'A', 'B', 'x', 'N' || n FROM generate_series(1, 5000) AS n";
    school.campus.execute(insert, [school.admin().institution_id.into()]).await;
    let numbers: Vec<String> = (1..=NUMBERS_LIMIT).map(|n| format!("N{n}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let counts = enroll_numbers(&school, &school.teacher, &numbers).await.unwrap();
    assert_eq!(counts.enrolled, NUMBERS_LIMIT);
    let jobs = "SELECT count(*) AS id FROM jobs WHERE kind = 'recalculation'";
    assert_eq!(school.campus.value::<i64, 0>(jobs, []).await, 10);
    assert_eq!(school.marked().await.len(), NUMBERS_LIMIT);
}

#[tokio::test]
async fn enrollments_are_listed_by_number_page_by_page() {
    let school = School::open().await;
    for number in ["3", "1", "2"] {
        school.enrolled(number).await;
    }
    let db = school.campus.db();
    let second = PageRequest { page: 2, page_size: 2 };
    let page = enrollments::list(db, &school.colleague, school.course, &EnrollmentFilter::default(), second)
        .await
        .unwrap();
    assert_eq!((page.total, page.items.len(), page.items[0].student_number.as_str()), (3, 1, "3"));
    let ended = page.items[0].id;
    set_active(&school, school.admin(), ended, false).await.unwrap();
    let list = async |is_active| {
        let filter = EnrollmentFilter {
            is_active,
            ..EnrollmentFilter::default()
        };
        let page = enrollments::list(db, school.admin(), school.course, &filter, PAGE).await.unwrap();
        assert_eq!(page.total as usize, page.items.len());
        page.items.into_iter().map(|row| row.student_number).collect::<Vec<_>>()
    };
    assert_eq!(list(None).await, ["1", "2", "3"]);
    assert_eq!(list(Some(true)).await, ["1", "2"]);
    assert_eq!(list(Some(false)).await, ["3"]);
}

#[tokio::test]
async fn who_may_write_the_course_enrolls_and_staff_see_who_is_enrolled() {
    let school = School::open().await;
    let id = school.enrolled("1").await;
    let student = school.as_student(id);
    let enrollment: EnrollmentId = school.campus.value("SELECT id FROM enrollments", []).await;
    for (actor, expected) in [(&school.colleague, "not_your_course"), (&student, "role_required")] {
        assert_eq!(refusal(enroll(&school, actor, id).await), expected);
        assert_eq!(refusal(enroll_numbers(&school, actor, &["1"]).await), expected);
        assert_eq!(refusal(set_active(&school, actor, enrollment, false).await), expected);
    }
    let rival = &school.campus.rival;
    assert_eq!(refusal(enroll(&school, rival, id).await), "no course");
    assert_eq!(refusal(enroll_numbers(&school, rival, &["1"]).await), "no course");
    assert_eq!(refusal(set_active(&school, rival, enrollment, false).await), "no enrollment");
    let db = school.campus.db();
    let found = enrollments::find(db, &school.colleague, enrollment).await.unwrap();
    assert_eq!((found.student_id, found.is_active), (id, true));
    assert_eq!(refusal(enrollments::find(db, &student, enrollment).await), "role_required");
    assert_eq!(refusal(enrollments::find(db, rival, enrollment).await), "no enrollment");
    assert_eq!(
        refusal(enrollments::list(db, &student, school.course, &EnrollmentFilter::default(), PAGE).await),
        "role_required"
    );
    assert_eq!(
        refusal(enrollments::list(db, rival, school.course, &EnrollmentFilter::default(), PAGE).await),
        "no course"
    );
    assert_eq!(school.marked().await, []);
}
