//! Dashboards and analytics on small universities whose figures are known, and on random ones against plain Rust.

mod access;
mod agreement;
mod course;
mod grading_schemes;
mod institution;
mod outcome_graph;
mod platform;
mod policy;
mod random_courses;
mod statements;
mod student;
mod teacher;
mod trend;
mod views;

use crate::classroom::Classroom;
use acurate_shared::ids::{AssessmentId, CourseId, UserId};
use rust_decimal::Decimal;
use sea_orm::DatabaseConnection;

/// A due date that has passed on every day on which this runs, and one that never does.
const LONG_AGO: &str = "2000-01-01";
const NEVER: &str = "9999-01-01";

impl Classroom {
    fn db(&self) -> &DatabaseConnection {
        self.test.database().orm()
    }

    /// An assessment with a weight in the course grade.
    async fn weighted(&self, course: CourseId, weight: &str, max_score: &str) -> AssessmentId {
        let id = self.assessment(course, max_score).await;
        let update = "UPDATE assessments SET weight = $2::text::numeric WHERE id = $1";
        self.execute(update, [id.into(), weight.into()]).await;
        id
    }

    async fn due(&self, assessment: AssessmentId, date: &str) {
        let update = "UPDATE assessments SET due_date = $2::text::timestamptz WHERE id = $1";
        self.execute(update, [assessment.into(), date.into()]).await;
    }

    /// Writes a cell as it is: a score, or the reason for having none.
    async fn mark(&self, assessment: AssessmentId, student: UserId, mark: &str) {
        let insert = "
            INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score)
            SELECT institution_id, academic_year, course_id, $2, id,
                CASE WHEN $3 IN ('absent', 'excused', 'non_attendance') THEN $3 ELSE 'scored' END,
                CASE WHEN $3 NOT IN ('absent', 'excused', 'non_attendance') THEN $3::numeric END
            FROM assessments WHERE id = $1";
        self.execute(insert, [assessment.into(), student.into(), mark.into()]).await;
    }

    /// A course of the year with one assessment, and students with the given marks in it; `-` is no mark.
    async fn class(&self, year: i16, marks: &[&str]) -> (CourseId, AssessmentId, Vec<UserId>) {
        let course = self.course(year).await;
        let exam = self.weighted(course, "100", "100").await;
        let mut students = Vec::new();
        for (n, mark) in marks.iter().enumerate() {
            let student = self.student(&format!("{course}-{n}")).await;
            self.enroll(student, course).await;
            if *mark != "-" {
                self.mark(exam, student, mark).await;
            }
            students.push(student);
        }
        (course, exam, students)
    }

    async fn describe(&self, course: CourseId, assignments: &str) {
        self.execute(&format!("UPDATE courses SET {assignments} WHERE id = $1"), [course.into()])
            .await;
    }
}

/// Figures as text, `-` for none.
fn text(value: Option<Decimal>) -> String {
    value.map_or("-".to_owned(), |value| value.normalize().to_string())
}
