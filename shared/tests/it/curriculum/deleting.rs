//! What may be deleted, what stands against it, and whose results it moves.

use super::School;
use crate::campus::{record, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::curriculum::courses::{self, Belongings};
use acurate_shared::curriculum::{assessments, departments, enrollments, learning_outcomes, program_outcomes, programs};
use acurate_shared::error::{Error, Result};
use acurate_shared::ids::{AssessmentId, CourseId, DepartmentId, EnrollmentId, LearningOutcomeId, ProgramId, ProgramOutcomeId};

async fn delete_department(school: &School, actor: &Actor, id: DepartmentId) -> Result<()> {
    school.write(async |work| departments::delete(work, actor, id).await).await
}

async fn delete_program(school: &School, actor: &Actor, id: ProgramId) -> Result<()> {
    school.write(async |work| programs::delete(work, actor, id).await).await
}

async fn delete_promise(school: &School, actor: &Actor, id: ProgramOutcomeId) -> Result<()> {
    school.write(async |work| program_outcomes::delete(work, actor, id).await).await
}

async fn delete_outcome(school: &School, actor: &Actor, id: LearningOutcomeId) -> Result<()> {
    school.write(async |work| learning_outcomes::delete(work, actor, id).await).await
}

async fn delete_assessment(school: &School, actor: &Actor, id: AssessmentId) -> Result<()> {
    school.write(async |work| assessments::delete(work, actor, id).await).await
}

async fn delete_enrollment(school: &School, actor: &Actor, id: EnrollmentId) -> Result<()> {
    school.write(async |work| enrollments::delete(work, actor, id).await).await
}

async fn delete_course(school: &School, actor: &Actor, id: CourseId) -> Result<Belongings> {
    school.write(async |work| courses::delete(work, actor, id).await).await
}

/// The sentence of a conflict.
fn sentence<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(Error::Conflict { message, .. }) => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_department_that_something_refers_to_stays_and_says_what() {
    let school = School::open().await;
    for number in ["1", "2"] {
        school.student(number).await;
    }
    let refused = delete_department(&school, school.admin(), school.department).await;
    assert_eq!(
        sentence(refused),
        "The department has courses (1), programs (1) and people (2); move or delete them first."
    );
    let refused = delete_department(&school, school.admin(), school.department).await;
    assert_eq!(refusal(refused), "department_in_use");
    let empty = "INSERT INTO departments (institution_id, code, name) VALUES ($1, 'BIO', 'Biology') RETURNING id";
    let empty: DepartmentId = school.campus.value(empty, [super::home(school.admin()).into()]).await;
    assert_eq!(refusal(delete_department(&school, &school.teacher, empty).await), "role_required");
    assert_eq!(
        refusal(delete_department(&school, &school.campus.rival, empty).await),
        "no department"
    );
    delete_department(&school, school.admin(), empty).await.unwrap();
    assert_eq!(refusal(delete_department(&school, school.admin(), empty).await), "no department");
    assert_eq!(school.deeds("department", empty.0).await, ["department.deleted"]);
}

#[tokio::test]
async fn a_program_with_students_or_outcomes_stays() {
    let school = School::open().await;
    let promised = school.promise("PO1").await;
    let refused = delete_program(&school, school.admin(), school.program).await;
    assert_eq!(
        sentence(refused),
        "The program has outcomes (1); deactivate it, or move the students and delete the outcomes first."
    );
    delete_promise(&school, school.admin(), promised).await.unwrap();
    let student = school.student("1").await;
    let refused = delete_program(&school, school.admin(), school.program).await;
    assert_eq!(refusal(refused), "program_in_use");
    let leave = "UPDATE users SET program_id = NULL WHERE id = $1";
    school.campus.execute(leave, [student.into()]).await;
    assert_eq!(
        refusal(delete_program(&school, &school.teacher, school.program).await),
        "role_required"
    );
    assert_eq!(
        refusal(delete_program(&school, &school.campus.rival, school.program).await),
        "no program"
    );
    delete_program(&school, school.admin(), school.program).await.unwrap();
    assert_eq!(school.deeds("program", school.program.0).await, ["program.deleted"]);
}

#[tokio::test]
async fn a_program_outcome_with_results_or_mappings_stays() {
    let school = School::open().await;
    let student = school.student("1").await;
    let (promised, taught) = (school.promise("PO1").await, school.outcome(school.course, "LO1").await);
    school.serve(taught, promised, 1.0).await;
    assert_eq!(refusal(delete_promise(&school, school.admin(), promised).await), "has_mappings");
    let result = "
        INSERT INTO student_po_achievements (institution_id, student_id, program_outcome_id, percentage, is_met, graded_count, total_count, computed_at)
        VALUES ($1, $2, $3, 50, false, 1, 1, now())";
    let home = super::home(school.admin());
    school.campus.execute(result, [home.into(), student.into(), promised.into()]).await;
    let refused = delete_promise(&school, school.admin(), promised).await;
    assert_eq!(refusal(refused), "has_achievements");
    let unassessed = "UPDATE student_po_achievements SET percentage = NULL, is_met = NULL, graded_count = 0";
    school.campus.execute(unassessed, []).await;
    school.campus.execute("DELETE FROM lo_po", []).await;
    assert_eq!(refusal(delete_promise(&school, &school.teacher, promised).await), "role_required");
    assert_eq!(
        refusal(delete_promise(&school, &school.campus.rival, promised).await),
        "no program outcome"
    );
    delete_promise(&school, school.admin(), promised).await.unwrap();
    let left: i64 = school.campus.value("SELECT count(*) AS id FROM student_po_achievements", []).await;
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_learning_outcome_that_is_assessed_stays_and_another_goes_with_its_weights() {
    let school = School::open().await;
    let student = school.enrolled("1").await;
    let exam = school.assessment(school.course, "Final").await;
    let (taught, promised) = (school.outcome(school.course, "LO1").await, school.promise("PO1").await);
    school.measure(exam, taught, 10.0).await;
    school.serve(taught, promised, 1.0).await;
    school.grade(exam, student, 0.0, None).await;
    school.marked().await;
    assert_eq!(
        refusal(delete_outcome(&school, &school.teacher, taught).await),
        "has_achievements",
        "zero is a score, whether its result is computed or not"
    );
    school.campus.execute("UPDATE grades SET status = 'absent', score = NULL", []).await;
    assert_eq!(refusal(delete_outcome(&school, &school.colleague, taught).await), "not_your_course");
    assert_eq!(
        refusal(delete_outcome(&school, &school.campus.rival, taught).await),
        "no learning outcome"
    );
    delete_outcome(&school, &school.teacher, taught).await.unwrap();
    assert_eq!(school.marked().await, [student]);
    assert_eq!(school.rows("assessment_lo", school.course).await, 0);
    assert_eq!(
        school.deeds("learning_outcome", taught.0).await.last().unwrap(),
        "learning_outcome.deleted"
    );
}

#[tokio::test]
async fn an_assessment_with_grades_stays_and_marks_only_where_it_measured() {
    let school = School::open().await;
    let student = school.enrolled("1").await;
    let (exam, quiz) = (
        school.assessment(school.course, "Final").await,
        school.assessment(school.course, "Quiz").await,
    );
    let taught = school.outcome(school.course, "LO1").await;
    school.measure(quiz, taught, 10.0).await;
    school.grade(exam, student, 50.0, None).await;
    school.marked().await;
    let refused = delete_assessment(&school, &school.teacher, exam).await;
    assert_eq!(sentence(refused), "The assessment has grades (1); deactivate it instead.");
    assert_eq!(refusal(delete_assessment(&school, &school.teacher, exam).await), "has_grades");
    assert_eq!(
        refusal(delete_assessment(&school, &school.colleague, quiz).await),
        "not_your_course"
    );
    assert_eq!(
        refusal(delete_assessment(&school, &school.campus.rival, quiz).await),
        "no assessment"
    );
    delete_assessment(&school, &school.teacher, quiz).await.unwrap();
    assert_eq!(school.marked().await, [student]);
    school.campus.execute("DELETE FROM grades", []).await;
    delete_assessment(&school, &school.teacher, exam).await.unwrap();
    assert_eq!(school.marked().await, [], "it measured nothing");
    assert_eq!(school.rows("assessments", school.course).await, 0);
}

#[tokio::test]
async fn an_enrollment_with_grades_stays_and_another_marks_its_student() {
    let school = School::open().await;
    let (ada, bob) = (school.student("1").await, school.student("2").await);
    let (of_ada, of_bob) = (school.enroll(ada, school.course).await, school.enroll(bob, school.course).await);
    let exam = school.assessment(school.course, "Final").await;
    school.grade(exam, ada, 50.0, None).await;
    school.marked().await;
    assert_eq!(refusal(delete_enrollment(&school, &school.teacher, of_ada).await), "has_grades");
    assert_eq!(
        refusal(delete_enrollment(&school, &school.colleague, of_bob).await),
        "not_your_course"
    );
    assert_eq!(
        refusal(delete_enrollment(&school, &school.campus.rival, of_bob).await),
        "no enrollment"
    );
    delete_enrollment(&school, &school.teacher, of_bob).await.unwrap();
    assert_eq!(school.marked().await, [bob]);
    assert_eq!(school.rows("enrollments", school.course).await, 1);
    assert_eq!(school.deeds("enrollment", of_bob.0).await.last().unwrap(), "enrollment.deleted");
}

/// A course with one of everything but grades.
async fn full_course() -> (School, acurate_shared::ids::UserId, AssessmentId) {
    let school = School::open().await;
    let student = school.enrolled("1").await;
    school.campus.enrol(record("9")).await.unwrap();
    let exam = school.assessment(school.course, "Final").await;
    let (taught, promised) = (school.outcome(school.course, "LO1").await, school.promise("PO1").await);
    school.measure(exam, taught, 10.0).await;
    school.serve(taught, promised, 1.0).await;
    school.marked().await;
    (school, student, exam)
}

#[tokio::test]
async fn a_course_goes_with_everything_in_it_and_marks_its_students() {
    let (school, student, _) = full_course().await;
    let all = Belongings {
        learning_outcomes: 1,
        assessments: 1,
        assessment_weights: 1,
        program_weights: 1,
        enrollments: 1,
        grades: 0,
    };
    let rehearsed = school.write(async |work| courses::rehearse_delete(work, &school.teacher, school.course).await);
    assert_eq!(rehearsed.await.unwrap(), all);
    assert_eq!(school.marked().await, []);
    assert_eq!(school.rows("enrollments", school.course).await, 1, "a rehearsal deletes nothing");
    let other = school.teach("CENG102").await;
    school.outcome(other, "LO1").await;

    assert_eq!(delete_course(&school, &school.teacher, school.course).await.unwrap(), all);
    assert_eq!(school.marked().await, [student]);
    for table in ["enrollments", "assessments", "learning_outcomes", "assessment_lo"] {
        assert_eq!(school.rows(table, school.course).await, 0, "{table}");
    }
    let weights: i64 = school.campus.value("SELECT count(*) AS id FROM lo_po", []).await;
    assert_eq!(weights, 0);
    assert_eq!(school.rows("learning_outcomes", other).await, 1);
    assert_eq!(refusal(delete_course(&school, &school.teacher, school.course).await), "no course");
    assert_eq!(school.deeds("course", school.course.0).await, ["course.created", "course.deleted"]);
}

#[tokio::test]
async fn a_course_with_grades_stays() {
    let (school, student, exam) = full_course().await;
    school.grade(exam, student, 50.0, None).await;
    school.marked().await;
    let refused = delete_course(&school, school.admin(), school.course).await;
    assert_eq!(sentence(refused), "The course has grades (1); deactivate it instead.");
    let rehearsed = school.write(async |work| courses::rehearse_delete(work, school.admin(), school.course).await);
    assert_eq!(rehearsed.await.unwrap().grades, 1);
    assert_eq!(school.marked().await, []);
    for (actor, expected) in [(&school.colleague, "not_your_course"), (&school.campus.rival, "no course")] {
        assert_eq!(refusal(delete_course(&school, actor, school.course).await), expected);
        let rehearsed = school.write(async |work| courses::rehearse_delete(work, actor, school.course).await);
        assert_eq!(refusal(rehearsed.await), expected);
    }
}
