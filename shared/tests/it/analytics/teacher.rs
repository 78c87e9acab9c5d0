//! The dashboard of a teacher: what waits, who is at risk and why, which year.

use super::views::PAGE;
use super::{LONG_AGO, NEVER, text};
use crate::classroom::Classroom;
use acurate_shared::analytics::Filter;
use acurate_shared::analytics::at_risk::{self, RiskReason, StudentAtRisk};
use acurate_shared::analytics::teacher::{self, TeacherDashboard};
use acurate_shared::ids::{CourseId, UserId};
use acurate_shared::kinds::Role;

impl Classroom {
    async fn taught(&self, year: Option<&str>) -> TeacherDashboard {
        teacher::own(self.db(), &self.teacher, year).await.unwrap()
    }

    /// Another exam of a course with the marks of its students.
    async fn exam(&self, course: CourseId, students: &[UserId], due: Option<&str>, marks: &[&str]) {
        let exam = self.weighted(course, "100", "100").await;
        if let Some(date) = due {
            self.due(exam, date).await;
        }
        for (student, mark) in students.iter().zip(marks).filter(|(_, mark)| **mark != "-") {
            self.mark(exam, *student, mark).await;
        }
    }
}

#[tokio::test]
async fn cells_of_due_assessments_without_a_mark_wait_to_be_graded() {
    let room = Classroom::open().await;
    let (course, exam, students) = room.class(2024, &["90", "-", "absent", "non_attendance", "excused", "-"]).await;
    room.due(exam, LONG_AGO).await;
    let untouched = ["-"; 6];
    room.exam(course, &students, Some(NEVER), &untouched).await;
    room.exam(course, &students, None, &untouched).await;
    let (second, other, _) = room.class(2024, &["-", "80"]).await;
    room.due(other, LONG_AGO).await;
    let found = room.taught(None).await;
    assert_eq!((found.waiting, found.students), (3, 8));
    let by_course: Vec<_> = found
        .courses
        .iter()
        .map(|taught| (taught.figures.course.course_id, taught.waiting()))
        .collect();
    let mut sorted = by_course.clone();
    sorted.sort();
    assert_eq!(sorted, [(course, 2), (second, 1)]);
    let first = found
        .courses
        .iter()
        .find(|taught| taught.figures.course.course_id == course)
        .unwrap();
    let waiting: Vec<i64> = first.assessments.iter().map(|exam| exam.waiting()).collect();
    assert_eq!(waiting, [2, 0, 0], "by due date");
}

/// Number, grade, missed assessments and reasons.
fn rows(found: &[StudentAtRisk]) -> Vec<(UserId, String, i64, Vec<RiskReason>)> {
    let row = |found: &StudentAtRisk| (found.student_id, text(found.grade), found.missed, found.reasons.list());
    found.iter().map(row).collect()
}

#[tokio::test]
async fn students_are_at_risk_for_low_grades_missed_work_and_unmet_outcomes() {
    use RiskReason::{LowGrade, MissedWork, UnmetOutcomes};
    let room = Classroom::open().await;
    // The first column alone measures the outcome.
    let table = [
        ["59.99", "59.99", "59.99"],
        ["60", "60", "60"],
        ["80", "absent", "absent"],
        ["80", "absent", "-"],
        ["80", "non_attendance", "non_attendance"],
        ["80", "excused", "excused"],
        ["65", "95", "95"],
        ["40", "absent", "-"],
        ["-", "-", "absent"],
    ];
    let (course, exam, students) = room.class(2024, &table.map(|row| row[0])).await;
    room.due(exam, LONG_AGO).await;
    room.exam(course, &students, Some(LONG_AGO), &table.map(|row| row[1])).await;
    room.exam(course, &students, Some(NEVER), &table.map(|row| row[2])).await;
    let outcome = room.lo(course, "70").await;
    room.measures(exam, outcome, "1").await;
    room.recompute(&[students[6], students[7]]).await;
    let found = room.taught(None).await;
    let row = |n: usize, grade: &str, missed, reasons: &[RiskReason]| (students[n], grade.to_owned(), missed, reasons.to_vec());
    let expected = [
        row(7, "40", 1, &[LowGrade, UnmetOutcomes]),
        row(0, "59.99", 0, &[LowGrade]),
        row(2, "80", 2, &[MissedWork]),
        row(4, "80", 2, &[MissedWork]),
        row(6, "85", 0, &[UnmetOutcomes]),
        row(8, "-", 3, &[MissedWork]),
    ];
    assert_eq!(rows(&found.at_risk), expected);
    assert_eq!(found.at_risk_total, 6);
    let listed = at_risk::list(room.db(), &room.teacher, &Filter::default(), PAGE).await.unwrap();
    assert_eq!((rows(&listed.items), listed.total), (expected.to_vec(), 6));
    assert!(found.at_risk.iter().all(|risk| risk.as_of.is_some()));
    let unmet = &found.at_risk[0];
    assert_eq!((unmet.outcomes_assessed, unmet.outcomes_unmet), (1, 1));
}

#[tokio::test]
async fn what_nobody_was_graded_for_is_missed_by_nobody() {
    let room = Classroom::open().await;
    let (course, exam, students) = room.class(2024, &["-", "-"]).await;
    room.due(exam, LONG_AGO).await;
    room.exam(course, &students, Some(LONG_AGO), &["-", "-"]).await;
    let found = room.taught(None).await;
    assert_eq!((found.at_risk_total, found.waiting), (0, 4));
}

#[tokio::test]
async fn ten_students_at_risk_are_named_and_all_are_counted() {
    let room = Classroom::open().await;
    room.class(2024, &["10"; 12]).await;
    let found = room.taught(None).await;
    assert_eq!((found.at_risk.len(), found.at_risk_total), (10, 12));
}

#[tokio::test]
async fn the_newest_year_with_students_is_shown_unless_another_is_asked_for() {
    let room = Classroom::open().await;
    let (old, ..) = room.class(2022, &["10"]).await;
    let (new, _, students) = room.class(2023, &["90", "80"]).await;
    let (beside, ..) = room.class(2023, &["70"]).await;
    room.enroll(students[0], beside).await;
    room.class(2024, &[]).await;
    let courses = |found: &TeacherDashboard| -> Vec<CourseId> {
        let mut ids: Vec<_> = found.courses.iter().map(|taught| taught.figures.course.course_id).collect();
        ids.sort();
        ids
    };
    let found = room.taught(None).await;
    assert_eq!(found.academic_year.unwrap().to_string(), "2023-2024");
    assert_eq!((courses(&found), found.students, found.at_risk_total), (vec![new, beside], 3, 0));
    let found = room.taught(Some("2022-2023")).await;
    assert_eq!((courses(&found), found.students, found.at_risk_total), (vec![old], 1, 1));
    let found = room.taught(Some("1999-2000")).await;
    assert_eq!((courses(&found), found.students, found.at_risk_total), (vec![], 0, 0));
}

#[tokio::test]
async fn a_teacher_sees_no_course_of_another_one() {
    let room = Classroom::open().await;
    room.class(2024, &["10"]).await;
    let other = room.person(Role::Teacher).await;
    let found = teacher::own(room.db(), &other, None).await.unwrap();
    assert_eq!(
        (found.academic_year, found.students, found.waiting, found.at_risk_total),
        (None, 0, 0, 0)
    );
    assert!(found.courses.is_empty() && found.at_risk.is_empty());
}
