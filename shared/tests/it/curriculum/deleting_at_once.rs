//! Deletions while somebody else refers to what shall go: the slower one is told, and nothing is lost.

use super::School;
use super::changes_at_once::somebody_waits;
use crate::campus::refusal;
use acurate_shared::curriculum::mappings::{NewWeight, of_learning_outcome};
use acurate_shared::curriculum::{assessments, courses, departments, enrollments, program_outcomes};
use acurate_shared::db::{Expected, Work};
use acurate_shared::grading::{Entry, single};
use acurate_shared::ids::{DepartmentId, EnrollmentId};

/// Commits as soon as somebody waits for it.
async fn commit_when_awaited(school: &School, work: Work) {
    somebody_waits(school).await;
    let _ = work.commit().await.unwrap();
}

async fn empty_department(school: &School) -> DepartmentId {
    let insert = "INSERT INTO departments (institution_id, code, name) VALUES ($1, 'BIO', 'Biology') RETURNING id";
    school.campus.value(insert, [super::home(school.admin()).into()]).await
}

#[tokio::test]
async fn a_course_of_a_department_that_is_being_deleted_is_refused() {
    let school = School::open().await;
    let department = empty_department(&school).await;
    let deleting = school.campus.begin().await;
    departments::delete(&deleting, school.admin(), department).await.unwrap();
    let mut order = school.new_course("BIO1");
    order.department_id = department;
    let making = school.write(async |work| courses::create(work, school.admin(), order).await);
    let (made, ()) = tokio::join!(making, commit_when_awaited(&school, deleting));
    assert_eq!(refusal(made), "no_such_department");
}

#[tokio::test]
async fn a_department_that_is_being_given_a_course_stays() {
    let school = School::open().await;
    let department = empty_department(&school).await;
    let mut order = school.new_course("BIO1");
    order.department_id = department;
    let making = school.campus.begin().await;
    courses::create(&making, school.admin(), order).await.unwrap();
    let deleting = school.write(async |work| departments::delete(work, school.admin(), department).await);
    let (deleted, ()) = tokio::join!(deleting, commit_when_awaited(&school, making));
    assert_eq!(refusal(deleted), "department_in_use");
}

#[tokio::test]
async fn a_program_outcome_that_is_being_served_stays() {
    let school = School::open().await;
    let (taught, promised) = (school.outcome(school.course, "LO1").await, school.promise("PO1").await);
    let items = [NewWeight {
        outcome_id: promised,
        weight: 1.0,
    }];
    let mut mapping = school.campus.begin().await;
    of_learning_outcome::replace(&mut mapping, &school.teacher, taught, &Expected::Any, &items)
        .await
        .unwrap();
    let deleting = school.write(async |work| program_outcomes::delete(work, school.admin(), promised).await);
    let (deleted, ()) = tokio::join!(deleting, commit_when_awaited(&school, mapping));
    assert_eq!(refusal(deleted), "has_mappings");
}

#[tokio::test]
async fn a_program_outcome_that_is_being_deleted_is_served_by_nothing() {
    let school = School::open().await;
    let (taught, promised) = (school.outcome(school.course, "LO1").await, school.promise("PO1").await);
    let deleting = school.campus.begin().await;
    program_outcomes::delete(&deleting, school.admin(), promised).await.unwrap();
    let items = [NewWeight {
        outcome_id: promised,
        weight: 1.0,
    }];
    let mapping = school.write(async |work| of_learning_outcome::replace(work, &school.teacher, taught, &Expected::Any, &items).await);
    let (mapped, ()) = tokio::join!(mapping, commit_when_awaited(&school, deleting));
    assert_eq!(refusal(mapped), "no_such_program_outcome");
}

#[tokio::test]
async fn an_assessment_that_is_being_graded_stays() {
    let school = School::open().await;
    let student = school.enrolled("1").await;
    let exam = school.assessment(school.course, "Final").await;
    let mut grading = school.campus.begin().await;
    let entry = Entry {
        score: Some(1.0),
        ..Entry::default()
    };
    single::put(&mut grading, &school.teacher, exam, student, entry).await.unwrap();
    let deleting = school.write(async |work| assessments::delete(work, &school.teacher, exam).await);
    let (deleted, ()) = tokio::join!(deleting, commit_when_awaited(&school, grading));
    assert_eq!(refusal(deleted), "has_grades");
}

#[tokio::test]
async fn a_student_whose_enrollment_is_being_deleted_is_not_graded() {
    let school = School::open().await;
    let student = school.enrolled("1").await;
    let exam = school.assessment(school.course, "Final").await;
    let enrollment: EnrollmentId = school.campus.value("SELECT id FROM enrollments", []).await;
    let mut deleting = school.campus.begin().await;
    enrollments::delete(&mut deleting, &school.teacher, enrollment).await.unwrap();
    let entry = Entry {
        score: Some(1.0),
        ..Entry::default()
    };
    let grading = school.write(async |work| single::put(work, school.admin(), exam, student, entry).await);
    let (graded, ()) = tokio::join!(grading, commit_when_awaited(&school, deleting));
    assert_eq!(refusal(graded), "student_id: not_enrolled");
}

#[tokio::test]
async fn nobody_enrolls_in_a_course_that_is_being_deleted() {
    let school = School::open().await;
    let student = school.student("1").await;
    let mut deleting = school.campus.begin().await;
    courses::delete(&mut deleting, &school.teacher, school.course).await.unwrap();
    let enrolling = school.write(async |work| enrollments::enroll(work, school.admin(), school.course, student).await);
    let (enrolled, ()) = tokio::join!(enrolling, commit_when_awaited(&school, deleting));
    assert_eq!(refusal(enrolled), "no course");
}
