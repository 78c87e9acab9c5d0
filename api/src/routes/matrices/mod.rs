//! The weights of a whole course as tables: each is read, and replaced, as a whole.

mod bodies;

use super::Tag;
use super::versions::{Versioned, expected};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::curriculum::matrices::{measured, served};
use acurate_shared::ids::{CourseId, ProgramId};
use bodies::{AssessmentOutcomeCells, AssessmentOutcomeMatrix, OutcomeProgramCells, OutcomeProgramMatrix};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;

/// The operations.
#[derive(Debug)]
pub(super) struct MatricesApi;

#[OpenApi(tag = "Tag::Courses")]
impl MatricesApi {
    /// Read what the assessments of a course measure
    ///
    /// Assessments by learning outcomes. For staff, and for students who take the course.
    #[oai(
        path = "/courses/:id/assessment-outcome-matrix",
        method = "get",
        operation_id = "getAssessmentOutcomeMatrix"
    )]
    async fn measured(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
    ) -> Result<Versioned<AssessmentOutcomeMatrix>, ReadProblem> {
        let matrix = measured::find(state.database.orm(), &user.0.actor, CourseId(id.0)).await?;
        Ok(Versioned::of(matrix.version(), matrix))
    }

    /// Replace what the assessments of a course measure
    ///
    /// The cells that are sent are all that there are afterwards; when one is wrong, nothing is written and every wrong one is
    /// named, as `cells[3].weight`. For the course's teacher and administrators. The outcomes of the course's students are
    /// computed anew.
    #[oai(
        path = "/courses/:id/assessment-outcome-matrix",
        method = "put",
        operation_id = "putAssessmentOutcomeMatrix"
    )]
    async fn measure(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<AssessmentOutcomeCells>,
    ) -> Result<Versioned<AssessmentOutcomeMatrix>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let cells = body.0.into_cells();
        let mut work = state.begin(&context).await?;
        let matrix = measured::replace(&mut work, &user.0.actor, CourseId(id.0), &expected, &cells).await?;
        state.commit(work).await?;
        Ok(Versioned::of(matrix.version(), matrix))
    }

    /// Read what the learning outcomes of a course serve in a program
    ///
    /// Learning outcomes by the outcomes of the program. For staff, and for students who take the course.
    #[oai(
        path = "/courses/:id/outcome-program-matrix",
        method = "get",
        operation_id = "getOutcomeProgramMatrix"
    )]
    async fn served(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        /// Id of the program.
        program_id: Query<i64>,
    ) -> Result<Versioned<OutcomeProgramMatrix>, ReadProblem> {
        let (course, program) = (CourseId(id.0), ProgramId(program_id.0));
        let matrix = served::find(state.database.orm(), &user.0.actor, course, program).await?;
        Ok(Versioned::of(matrix.version(), matrix))
    }

    /// Replace what the learning outcomes of a course serve in a program
    ///
    /// What they serve in other programs stays. For the course's teacher and administrators. The outcomes of the course's
    /// students are computed anew.
    #[oai(
        path = "/courses/:id/outcome-program-matrix",
        method = "put",
        operation_id = "putOutcomeProgramMatrix"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn serve(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        /// Id of the program.
        program_id: Query<i64>,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<OutcomeProgramCells>,
    ) -> Result<Versioned<OutcomeProgramMatrix>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let (course, program) = (CourseId(id.0), ProgramId(program_id.0));
        let cells = body.0.into_cells();
        let mut work = state.begin(&context).await?;
        let matrix = served::replace(&mut work, &user.0.actor, course, program, &expected, &cells).await?;
        state.commit(work).await?;
        Ok(Versioned::of(matrix.version(), matrix))
    }
}
