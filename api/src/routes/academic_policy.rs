//! The thresholds of the own institution: from where on a grade passes, a student is at risk, a course is worth an alert.

use super::Tag;
use super::numbers::number;
use super::versions::{Versioned, expected};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::analytics::academic_policy;
use acurate_shared::entity::academic_policy::Model;
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::Header;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub(super) struct AcademicPolicyApi;

/// All thresholds, as they are to be; percentages have at most two decimal places.
#[derive(Clone, Copy, Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct NewAcademicPolicy {
    /// The lowest course grade that passes in years without a grading scheme, 0 to 100.
    pass_percentage: f64,
    /// A student whose grade so far is below is at risk, 0 to 100.
    at_risk_percentage: f64,
    /// So many missed assessments of a course put a student at risk, 1 to 100.
    at_risk_missed: i16,
    /// Such a share of the assessed learning outcomes of a course, not met, puts a student at risk: above 0, at most 100.
    at_risk_unmet_percentage: f64,
    /// A course of which a smaller share of the graded students passes is worth an alert, 0 to 100.
    course_pass_rate: f64,
}

impl Example for NewAcademicPolicy {
    fn example() -> Self {
        Self {
            pass_percentage: 60.0,
            at_risk_percentage: 55.0,
            at_risk_missed: 2,
            at_risk_unmet_percentage: 50.0,
            course_pass_rate: 70.0,
        }
    }
}

/// The thresholds.
#[derive(Clone, Copy, Debug, Object)]
struct AcademicPolicy {
    /// The lowest course grade that passes in years without a grading scheme, 0 to 100.
    pass_percentage: f64,
    /// A student whose grade so far is below is at risk, 0 to 100.
    at_risk_percentage: f64,
    /// So many missed assessments of a course put a student at risk, 1 to 100.
    at_risk_missed: i16,
    /// Such a share of the assessed learning outcomes of a course, not met, puts a student at risk: above 0, at most 100.
    at_risk_unmet_percentage: f64,
    /// A course of which a smaller share of the graded students passes is worth an alert, 0 to 100.
    course_pass_rate: f64,
    /// Raised by each change; in quotes it is the `ETag`.
    version: i32,
    /// When they last changed.
    updated_at: DateTime<Utc>,
}

#[OpenApi(prefix_path = "/academic-policy", tag = "Tag::Analytics")]
impl AcademicPolicyApi {
    /// Get the thresholds of the own institution
    ///
    /// For everybody of it. The `ETag` is for changing them.
    #[oai(path = "/", method = "get", operation_id = "getAcademicPolicy")]
    async fn find(&self, state: Data<&AppState>, user: SignedIn) -> Result<Versioned<AcademicPolicy>, ReadProblem> {
        let row = academic_policy::find(state.database.orm(), &user.0.actor).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Replace the thresholds of the own institution
    ///
    /// For institution admins. Every view follows at once; no grade changes.
    #[oai(path = "/", method = "put", operation_id = "putAcademicPolicy")]
    async fn replace(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<NewAcademicPolicy>,
    ) -> Result<Versioned<AcademicPolicy>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let work = state.begin(&context).await?;
        let row = academic_policy::replace(&work, &user.0.actor, &expected, body.0.into()).await?;
        state.commit(work).await?;
        Ok(Versioned::of(row.version, row))
    }
}

impl From<NewAcademicPolicy> for academic_policy::NewPolicy {
    fn from(body: NewAcademicPolicy) -> Self {
        Self {
            pass_percentage: body.pass_percentage,
            at_risk_percentage: body.at_risk_percentage,
            at_risk_missed: body.at_risk_missed,
            at_risk_unmet_percentage: body.at_risk_unmet_percentage,
            course_pass_rate: body.course_pass_rate,
        }
    }
}

impl From<Model> for AcademicPolicy {
    fn from(row: Model) -> Self {
        Self {
            pass_percentage: number(row.pass_percentage),
            at_risk_percentage: number(row.at_risk_percentage),
            at_risk_missed: row.at_risk_missed,
            at_risk_unmet_percentage: number(row.at_risk_unmet_percentage),
            course_pass_rate: number(row.course_pass_rate),
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}
