//! The dashboard of a teacher: the courses of one academic year, what waits to be graded, and who is at risk.

use super::assessment_statistics::{self, AssessmentStatistics};
use super::at_risk::{self, StudentAtRisk};
use super::course_figures::{self, CourseFigures};
use super::freshness::{self, Freshness};
use super::outcome_statistics::{self, OutcomeStatistics};
use super::scope::{self, SEATS, Scope};
use super::{access, reading};
use crate::academic_year::AcademicYear;
use crate::actor::Actor;
use crate::db::{PageRequest, sql};
use crate::error::Result;
use crate::ids::CourseId;
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult};
use std::collections::HashMap;

/// How many students at risk a dashboard names; the list of students at risk has them all.
pub const AT_RISK_SHOWN: u64 = 10;

/// What a teacher sees first.
#[derive(Clone, Debug, PartialEq)]
pub struct TeacherDashboard {
    /// The year that it is about; `None` for a teacher without students in any.
    pub academic_year: Option<AcademicYear>,
    /// Of the learning outcomes; grades are always up to date.
    pub freshness: Freshness,
    /// Different students in all courses together.
    pub students: i64,
    /// Cells that wait to be graded in all courses together.
    pub waiting: i64,
    /// Students at risk, counted once for each course.
    pub at_risk_total: u64,
    /// The first [`AT_RISK_SHOWN`] of them.
    pub at_risk: Vec<StudentAtRisk>,
    /// By term, code and section.
    pub courses: Vec<TaughtCourse>,
}

/// A course of the teacher.
#[derive(Clone, Debug, PartialEq)]
pub struct TaughtCourse {
    /// Its grades.
    pub figures: CourseFigures,
    /// Its active assessments by due date.
    pub assessments: Vec<AssessmentStatistics>,
    /// Its active learning outcomes by code.
    pub learning_outcomes: Vec<OutcomeStatistics>,
}

impl TaughtCourse {
    /// Cells that wait to be graded.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        self.assessments.iter().map(AssessmentStatistics::waiting).sum()
    }
}

/// The dashboard of the signed-in teacher, of the given year or of the newest one in which anybody takes one of its courses.
///
/// # Errors
/// `Forbidden` for everybody else; `Invalid` for an impossible year.
pub async fn own(db: &DatabaseConnection, actor: &Actor, academic_year: Option<&str>) -> Result<TeacherDashboard> {
    let institution_id = access::teacher(actor)?;
    let wanted = Scope {
        academic_year: scope::year(academic_year)?,
        ..Scope::of(institution_id).taught_by(Some(actor.user_id))
    };
    let snapshot = reading::snapshot(db).await?;
    let scope = wanted.in_newest_year(&snapshot).await?;
    let figures = course_figures::of(&snapshot, &scope).await?;
    let assessments = assessment_statistics::of(&snapshot, &scope, None).await?;
    let outcomes = outcome_statistics::of(&snapshot, &scope).await?;
    let at_risk = at_risk::page(&snapshot, &scope, PageRequest::new(1, AT_RISK_SHOWN)).await?;
    let freshness = freshness::of_courses(&snapshot, &scope).await?;
    let students = students(&snapshot, &scope).await?;
    snapshot.commit().await?;
    let courses = assemble(figures, assessments, outcomes);
    Ok(TeacherDashboard {
        academic_year: scope.academic_year,
        freshness,
        students,
        waiting: courses.iter().map(TaughtCourse::waiting).sum(),
        at_risk_total: at_risk.total,
        at_risk: at_risk.items,
        courses,
    })
}

async fn students(db: &impl ConnectionTrait, scope: &Scope) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Row {
        students: i64,
    }
    let select = format!("{SEATS} SELECT count(DISTINCT student_id) AS students FROM seat");
    let row: Row = reading::only(db, sql(&select, scope.values())).await?;
    Ok(row.students)
}

fn assemble(figures: Vec<CourseFigures>, assessments: Vec<AssessmentStatistics>, outcomes: Vec<OutcomeStatistics>) -> Vec<TaughtCourse> {
    let mut assessments = by_course(assessments, |assessment| assessment.course_id);
    let mut outcomes = by_course(outcomes, |outcome| outcome.course_id);
    let course = |figures: CourseFigures| TaughtCourse {
        assessments: assessments.remove(&figures.course.course_id).unwrap_or_default(),
        learning_outcomes: outcomes.remove(&figures.course.course_id).unwrap_or_default(),
        figures,
    };
    figures.into_iter().map(course).collect()
}

/// Groups rows and keeps their order.
fn by_course<T>(rows: Vec<T>, course: impl Fn(&T) -> CourseId) -> HashMap<CourseId, Vec<T>> {
    let mut groups: HashMap<CourseId, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(course(&row)).or_default().push(row);
    }
    groups
}
