//! Copies of courses.

use super::School;
use crate::campus::refusal;
use acurate_shared::actor::Actor;
use acurate_shared::curriculum::assessments::{self, AssessmentFilter, AssessmentPatch, FeedbackRange};
use acurate_shared::curriculum::courses::{self, CopyOrder, DueDates};
use acurate_shared::curriculum::matrices::{Cell, measured, served};
use acurate_shared::db::Expected;
use acurate_shared::entity::{assessment, course};
use acurate_shared::error::Result;
use acurate_shared::ids::{AssessmentId, CourseId};
use acurate_shared::kinds::Semester;

fn next_spring() -> CopyOrder {
    CopyOrder {
        academic_year: "2025-2026".into(),
        semester: Semester::Spring,
        section: None,
        code: None,
        title: None,
        teacher_id: None,
        due_dates: DueDates::Clear,
    }
}

async fn copy(school: &School, actor: &Actor, id: CourseId, order: CopyOrder) -> Result<course::Model> {
    courses::prepare(school.campus.db(), actor, &order.academic_year).await?;
    school.write(async |work| courses::copy(work, actor, id, order).await).await
}

async fn change(school: &School, id: AssessmentId, patch: AssessmentPatch) {
    let changed = school.write(async |work| assessments::update(work, school.admin(), id, &Expected::Any, patch).await);
    changed.await.unwrap();
}

async fn assessments_of(school: &School, course: CourseId) -> Vec<assessment::Model> {
    let all = AssessmentFilter::default();
    let page = assessments::list(school.campus.db(), school.admin(), course, &all, super::PAGE);
    page.await.unwrap().items
}

/// Two assessments and two outcomes with weights of both kinds, and a student with a grade.
async fn furnish(school: &School) -> (AssessmentId, AssessmentId) {
    let (one, two) = (
        school.outcome(school.course, "LO1").await,
        school.outcome(school.course, "LO2").await,
    );
    let (exam, quiz) = (
        school.assessment(school.course, "Final").await,
        school.assessment(school.course, "Quiz").await,
    );
    school.measure(exam, one, 30.5).await;
    school.measure(quiz, two, 0.0).await;
    school.serve(one, school.promise("PO1").await, 3.0).await;
    let student = school.enrolled("1").await;
    school.grade(exam, student, 50.0, None).await;
    school.marked().await;
    (exam, quiz)
}

#[tokio::test]
async fn a_copy_has_outcomes_assessments_and_weights_and_nobody_in_it() {
    let school = School::open().await;
    let (_, quiz) = furnish(&school).await;
    let range = FeedbackRange {
        min_percentage: 0.0,
        max_percentage: 100.0,
        feedback: "Well done".into(),
    };
    let patch = AssessmentPatch {
        feedback_ranges: Some(vec![range.clone()]),
        feedback_complete: Some(true),
        is_active: Some(false),
        max_score: Some(12.5),
        ..AssessmentPatch::default()
    };
    change(&school, quiz, patch).await;
    school.marked().await;
    let made = copy(&school, &school.teacher, school.course, next_spring()).await.unwrap();
    assert_eq!(
        (made.code.as_str(), made.academic_year.first(), made.semester, made.section.as_str()),
        ("CENG101", 2025, Semester::Spring, "1")
    );
    assert_eq!((made.teacher_id, made.credits), (Some(school.teacher.user_id), 5));
    let db = school.campus.db();
    let cells = |matrix: measured::Matrix| {
        let title = |id| matrix.assessments.iter().find(|row| row.id == id).unwrap().title.clone();
        let code = |id| matrix.learning_outcomes.iter().find(|column| column.id == id).unwrap().code.clone();
        let cell = |cell: &Cell<_, _>| format!("{} {} {}", title(cell.row), code(cell.column), cell.weight);
        let mut cells: Vec<_> = matrix.cells.iter().map(cell).collect();
        cells.sort();
        cells
    };
    let measures = measured::find(db, school.admin(), made.id).await.unwrap();
    assert_eq!(cells(measures), ["Final LO1 30.50", "Quiz LO2 0"]);
    let serves = served::find(db, school.admin(), made.id, school.program).await.unwrap();
    assert_eq!((serves.cells.len(), serves.cells[0].weight.to_string().as_str()), (1, "3.00"));
    assert_eq!(serves.cells[0].row, serves.learning_outcomes[0].id);
    let copies = assessments_of(&school, made.id).await;
    let quiz = copies.iter().find(|row| row.title == "Quiz").unwrap();
    assert_eq!((&quiz.feedback_ranges.0[..], quiz.feedback_complete), (&[range][..], true));
    assert_eq!((quiz.is_active, quiz.max_score.to_string().as_str()), (false, "12.50"));
    assert_eq!(quiz.academic_year.first(), 2025);
    assert_eq!(
        (school.rows("enrollments", made.id).await, school.rows("grades", made.id).await),
        (0, 0)
    );
    assert_eq!(school.marked().await, [], "a course without students moves nobody's results");
    assert_eq!(school.deeds("course", made.id.0).await, ["course.copied"]);
}

#[tokio::test]
async fn days_move_by_the_months_between_the_semesters_or_are_cleared() {
    let school = School::open().await;
    let (exam, _) = furnish(&school).await;
    // Midnight of 31 October in Istanbul, where the institution is.
    let patch = AssessmentPatch {
        due_date: Some(Some("2024-10-30T21:00:00Z".parse().unwrap())),
        ..AssessmentPatch::default()
    };
    change(&school, exam, patch).await;
    let due = async |order: CopyOrder| {
        let made = copy(&school, school.admin(), school.course, order).await.unwrap();
        let copies = assessments_of(&school, made.id).await;
        let due = copies.iter().find(|row| row.title == "Final").unwrap().due_date;
        due.map(|due| due.to_rfc3339())
    };
    let shifted = |year: &str, semester| CopyOrder {
        academic_year: year.into(),
        semester,
        due_dates: DueDates::Shift,
        ..next_spring()
    };
    assert_eq!(due(next_spring()).await, None);
    assert_eq!(
        due(shifted("2025-2026", Semester::Fall)).await.as_deref(),
        Some("2025-10-30T21:00:00+00:00")
    );
    assert_eq!(
        due(shifted("2024-2025", Semester::Spring)).await.as_deref(),
        Some("2025-03-30T21:00:00+00:00"),
        "31 March"
    );
    assert_eq!(
        due(shifted("2022-2023", Semester::Summer)).await.as_deref(),
        Some("2023-07-30T21:00:00+00:00")
    );
}

#[tokio::test]
async fn a_copy_may_have_another_name_and_teacher() {
    let school = School::open().await;
    let order = CopyOrder {
        section: Some("B".into()),
        code: Some("CENG102".into()),
        title: Some("Programming II".into()),
        teacher_id: Some(school.colleague.user_id),
        ..next_spring()
    };
    let made = copy(&school, school.admin(), school.course, order.clone()).await.unwrap();
    assert_eq!(
        (made.code.as_str(), made.title.as_str(), made.section.as_str(), made.teacher_id),
        ("CENG102", "Programming II", "B", Some(school.colleague.user_id))
    );
    assert_eq!(
        refusal(copy(&school, school.admin(), school.course, order.clone()).await),
        "course_exists"
    );
    assert_eq!(
        refusal(copy(&school, &school.teacher, school.course, order).await),
        "not_your_course"
    );
}

#[tokio::test]
async fn a_teachers_copy_is_its_own_and_a_closed_account_gets_none() {
    let school = School::open().await;
    let made = copy(&school, &school.colleague, school.course, next_spring()).await.unwrap();
    assert_eq!(made.teacher_id, Some(school.colleague.user_id));
    let close = "UPDATE users SET is_active = false WHERE id = $1";
    school.campus.execute(close, [school.teacher.user_id.into()]).await;
    let order = CopyOrder {
        section: Some("2".into()),
        ..next_spring()
    };
    let made = copy(&school, school.admin(), school.course, order.clone()).await.unwrap();
    assert_eq!(made.teacher_id, None);
    let order = CopyOrder {
        teacher_id: Some(school.teacher.user_id),
        code: Some(" ".into()),
        academic_year: "2025".into(),
        ..order
    };
    assert_eq!(
        refusal(copy(&school, school.admin(), school.course, order).await),
        "academic_year: invalid_academic_year, teacher_id: inactive_teacher, code: required"
    );
}

#[tokio::test]
async fn only_staff_of_the_institution_copy_its_courses() {
    let school = School::open().await;
    let student = school.as_student(school.enrolled("1").await);
    assert_eq!(
        refusal(copy(&school, &student, school.course, next_spring()).await),
        "role_required"
    );
    assert_eq!(
        refusal(copy(&school, &school.campus.rival, school.course, next_spring()).await),
        "no course"
    );
    let courses: i64 = school.campus.value("SELECT count(*) AS id FROM courses", []).await;
    assert_eq!(courses, 1);
}
