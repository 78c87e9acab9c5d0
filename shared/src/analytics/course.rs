//! The analytics of one course: the distribution of its grades, of each assessment and of each learning outcome, and a
//! comparison with the offering before.

use super::assessment_statistics::{self, AssessmentStatistics};
use super::course_figures::{self, CourseFigures};
use super::freshness::{self, Freshness};
use super::outcome_statistics::{self, OutcomeStatistics};
use super::results::{shown, with_results};
use super::scope::{PARAMETERS, Scope};
use super::{access, reading};
use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::{CourseId, InstitutionId, UserId};
use crate::kinds::Role;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DatabaseConnection};

/// Everything about a course.
#[derive(Clone, Debug, PartialEq)]
pub struct CourseAnalytics {
    /// Its grades.
    pub figures: CourseFigures,
    /// Of the learning outcomes; grades are always up to date.
    pub freshness: Freshness,
    /// The grade so far of the student who asks.
    pub own_grade: Option<Decimal>,
    /// Its active assessments by due date.
    pub assessments: Vec<AssessmentStatistics>,
    /// Its active learning outcomes by code, each beside that of the same code in the previous offering.
    pub learning_outcomes: Vec<ComparedOutcome>,
    /// The previous offering.
    pub previous: Option<PreviousOffering>,
}

/// A learning outcome and its forerunner.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedOutcome {
    /// Now.
    pub outcome: OutcomeStatistics,
    /// That of the same code in the previous offering.
    pub previous: Option<OutcomeStatistics>,
}

/// The latest active offering of the same code in an earlier term: of several sections the one with the same name, or else
/// the first.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviousOffering {
    /// Its grades.
    pub figures: CourseFigures,
    /// By how many points the mean grade rose since; `None` when one of them is missing.
    pub mean_change: Option<Decimal>,
    /// By how many points the pass rate rose since.
    pub pass_rate_change: Option<Decimal>,
}

/// The analytics of a course: for administrators, its teacher, and, without what would tell of single others, for students
/// who take it.
///
/// # Errors
/// `Forbidden` for other teachers and the platform's owner; `NotFound`, also for an inactive course.
pub async fn of(db: &DatabaseConnection, actor: &Actor, id: CourseId) -> Result<CourseAnalytics> {
    let snapshot = reading::snapshot(db).await?;
    let institution_id = access::of_course(&snapshot, actor, id).await?;
    let own = (actor.role == Role::Student).then_some(actor.user_id);
    let analytics = read(&snapshot, institution_id, id, own).await?;
    snapshot.commit().await?;
    Ok(if own.is_some() { analytics.for_student() } else { analytics })
}

async fn read(db: &impl ConnectionTrait, institution_id: InstitutionId, id: CourseId, own: Option<UserId>) -> Result<CourseAnalytics> {
    let scope = Scope::of_courses(institution_id, vec![id]);
    let previous_id = previous(db, institution_id, id).await?;
    let both = Scope::of_courses(institution_id, std::iter::once(id).chain(previous_id).collect());
    let (now, before) = split(course_figures::of(db, &both).await?, |figures| figures.course.course_id == id);
    let (outcomes, earlier) = split(outcome_statistics::of(db, &both).await?, |outcome| outcome.course_id == id);
    let figures = now.into_iter().next().ok_or(Error::NotFound("course"))?;
    Ok(CourseAnalytics {
        freshness: freshness::of_courses(db, &scope).await?,
        own_grade: own_grade(db, &scope, own).await?,
        assessments: assessment_statistics::of(db, &scope, own).await?,
        learning_outcomes: compare(outcomes, &earlier),
        previous: before.into_iter().next().map(|before| PreviousOffering::of(&figures, before)),
        figures,
    })
}

fn split<T>(rows: Vec<T>, is_current: impl Fn(&T) -> bool) -> (Vec<T>, Vec<T>) {
    rows.into_iter().partition(is_current)
}

async fn previous(db: &impl ConnectionTrait, institution_id: InstitutionId, id: CourseId) -> Result<Option<CourseId>> {
    let select = "
        WITH offering AS (
            SELECT id, code, academic_year, section, is_active, array_position(ARRAY['fall', 'spring', 'summer'], semester) AS term
            FROM courses WHERE institution_id = $1 AND code = (SELECT code FROM courses WHERE id = $2 AND institution_id = $1)
        )
        SELECT o.id FROM offering o JOIN offering now ON now.id = $2
        WHERE o.is_active AND (o.academic_year, o.term) < (now.academic_year, now.term)
        ORDER BY o.academic_year DESC, o.term DESC, o.section = now.section DESC, o.section, o.id
        LIMIT 1";
    let row = db.query_one_raw(sql(select, [institution_id.into(), id.into()])).await?;
    Ok(row.map(|row| row.try_get("", "id")).transpose()?)
}

async fn own_grade(db: &impl ConnectionTrait, scope: &Scope, own: Option<UserId>) -> Result<Option<Decimal>> {
    let select = format!(
        "{} SELECT {} AS grade FROM result WHERE student_id = ${}",
        with_results(),
        shown("grade"),
        PARAMETERS + 1
    );
    let row = db
        .query_one_raw(sql(&select, scope.values().into_iter().chain([own.into()])))
        .await?;
    Ok(row.map(|row| row.try_get("", "grade")).transpose()?.flatten())
}

fn compare(outcomes: Vec<OutcomeStatistics>, earlier: &[OutcomeStatistics]) -> Vec<ComparedOutcome> {
    let compared = |outcome: OutcomeStatistics| ComparedOutcome {
        previous: earlier.iter().find(|other| other.code == outcome.code).cloned(),
        outcome,
    };
    outcomes.into_iter().map(compared).collect()
}

impl PreviousOffering {
    fn of(now: &CourseFigures, before: CourseFigures) -> Self {
        let change = |now: Option<Decimal>, before: Option<Decimal>| Some(now? - before?);
        Self {
            mean_change: change(now.grades.mean, before.grades.mean),
            pass_rate_change: change(now.pass_rate, before.pass_rate),
            figures: before,
        }
    }
}

impl CourseAnalytics {
    /// As a student may see it; changes are told only where both figures are.
    #[must_use]
    pub fn for_student(self) -> Self {
        let figures = self.figures.for_student();
        let compared = |compared: ComparedOutcome| ComparedOutcome {
            outcome: compared.outcome.for_student(),
            previous: compared.previous.map(OutcomeStatistics::for_student),
        };
        Self {
            assessments: self.assessments.into_iter().map(AssessmentStatistics::for_student).collect(),
            learning_outcomes: self.learning_outcomes.into_iter().map(compared).collect(),
            previous: self
                .previous
                .map(|previous| PreviousOffering::of(&figures, previous.figures.for_student())),
            figures,
            ..self
        }
    }
}
