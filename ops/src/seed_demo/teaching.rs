//! The courses, what they measure, who takes them, and the marks: the teacher's work.

use super::content::{Assessment, COURSES, Course};
use super::people::{Made, People};
use crate::failure::{Failure, Result};
use acurate_shared::academic_year::AcademicYear;
use acurate_shared::actor::Actor;
use acurate_shared::curriculum::assessments::{self, NewAssessment};
use acurate_shared::curriculum::courses::{self, NewCourse};
use acurate_shared::curriculum::mappings::{NewWeight, of_assessment, of_learning_outcome};
use acurate_shared::curriculum::{NewOutcome, enrollments, learning_outcomes};
use acurate_shared::db::{Expected, Work};
use acurate_shared::grading::{self, Entry, NewCell};
use acurate_shared::ids::{AssessmentId, CourseId, LearningOutcomeId};
use acurate_shared::kinds::GradeStatus;

/// Makes the courses of an academic year.
///
/// # Errors
/// When the database refuses.
pub(super) async fn make(work: &mut Work, people: &People, year: AcademicYear) -> Result<()> {
    for (position, text) in COURSES.iter().enumerate() {
        let department = people.departments.get(text.department);
        let department = department.ok_or_else(|| Failure::Stopped(format!("{} has no department", text.code)))?;
        let order = NewCourse {
            code: text.code.to_owned(),
            title: text.title.to_owned(),
            description: None,
            department_id: department.id,
            teacher_id: Some(people.teacher.user_id),
            credits: text.credits,
            academic_year: year.to_string(),
            semester: text.semester,
            section: None,
        };
        let course_id = courses::create(work, &people.admin, order).await?.id;
        let outcomes = make_outcomes(work, &people.teacher, course_id, text, department).await?;
        let mut assessments = Vec::with_capacity(text.assessments.len());
        for assessment in text.assessments {
            assessments.push(make_assessment(work, &people.teacher, course_id, assessment, &outcomes).await?);
        }
        for student in &department.students {
            enrollments::enroll(work, &people.teacher, course_id, student.id).await?;
        }
        let cells = cells(position, text, department, &assessments);
        grading::put(work, &people.teacher, course_id, &cells).await?;
    }
    Ok(())
}

async fn make_outcomes(
    work: &mut Work,
    teacher: &Actor,
    course_id: CourseId,
    text: &Course,
    department: &Made,
) -> Result<Vec<LearningOutcomeId>> {
    let mut ids = Vec::with_capacity(text.outcomes.len());
    for (position, outcome) in text.outcomes.iter().enumerate() {
        let order = NewOutcome {
            code: format!("LO{}", position + 1),
            title: outcome.title.to_owned(),
            ..NewOutcome::default()
        };
        let id = learning_outcomes::create(work, teacher, course_id, order).await?.id;
        of_learning_outcome::replace(
            work,
            teacher,
            id,
            &Expected::Any,
            &weights(outcome.serves, &department.program_outcomes),
        )
        .await?;
        ids.push(id);
    }
    Ok(ids)
}

async fn make_assessment(
    work: &mut Work,
    teacher: &Actor,
    course_id: CourseId,
    text: &Assessment,
    outcomes: &[LearningOutcomeId],
) -> Result<AssessmentId> {
    let order = NewAssessment {
        title: text.title.to_owned(),
        description: None,
        assessment_type: text.form,
        weight: text.weight,
        max_score: Some(text.max_score),
        due_date: None,
        feedback_ranges: Vec::new(),
        feedback_complete: false,
    };
    let id = assessments::create(work, teacher, course_id, order).await?.id;
    of_assessment::replace(work, teacher, id, &Expected::Any, &weights(text.measures, outcomes)).await?;
    Ok(id)
}

fn weights<I: Copy>(pairs: &[(usize, f64)], ids: &[I]) -> Vec<NewWeight<I>> {
    let weight = |(position, weight): &(usize, f64)| {
        Some(NewWeight {
            outcome_id: *ids.get(*position)?,
            weight: *weight,
        })
    };
    pairs.iter().filter_map(weight).collect()
}

/// Marks that look like a class's. The third student was absent from the last assessment, the fifth one's is not graded
/// yet, and the seventh was excused from the first: three facts that are no mark.
fn cells(course: usize, text: &Course, department: &Made, assessments: &[AssessmentId]) -> Vec<NewCell> {
    let mut cells = Vec::new();
    for (student, someone) in department.students.iter().enumerate() {
        for (index, (assessment_id, assessment)) in assessments.iter().zip(text.assessments).enumerate() {
            let last = index + 1 == assessments.len();
            let entry = match (student, index) {
                (2, _) if last => without_score(GradeStatus::Absent),
                (4, _) if last => continue,
                (6, 0) => without_score(GradeStatus::Excused),
                _ => score(percentage(course, student, index), assessment.max_score),
            };
            cells.push(NewCell {
                assessment_id: *assessment_id,
                student_id: Some(someone.id),
                student_number: None,
                entry,
            });
        }
    }
    cells
}

/// 44 to 96, each student near a level of its own.
fn percentage(course: usize, student: usize, assessment: usize) -> u8 {
    let level = 50 + (student * 29 + 17) % 40;
    let noise = (course * 5 + student * 3 + assessment * 7) % 14;
    u8::try_from(level + noise).unwrap_or(u8::MAX).saturating_sub(6)
}

fn score(percentage: u8, max_score: f64) -> Entry {
    Entry {
        score: Some((f64::from(percentage) * max_score).round() / 100.0),
        ..Entry::default()
    }
}

fn without_score(status: GradeStatus) -> Entry {
    Entry {
        status: Some(status),
        ..Entry::default()
    }
}
