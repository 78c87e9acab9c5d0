//! Sending the welcome mails of students and teachers again.

use super::Tag;
use super::jobs::Job;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::WriteProblem;
use crate::state::AppState;
use acurate_shared::ids::UserId;
use acurate_shared::jobs::view;
use acurate_shared::people::{Newcomer, resend_welcome};
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct WelcomeMailsApi;

/// The mail was ordered.
#[derive(ApiResponse)]
enum Ordered {
    /// The job that sends it.
    #[oai(status = 202)]
    Ordered(
        Json<Job>,
        /// Where the job is followed.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(tag = "Tag::People")]
impl WelcomeMailsApi {
    /// Send a student the welcome mail again
    ///
    /// For institution admins. The mail holds a new temporary password; the one before and every session of the student end.
    #[oai(path = "/students/:id/resend-welcome", method = "post", operation_id = "resendStudentWelcome")]
    async fn to_student(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the user.
        id: Path<i64>,
        /// Also when the student has chosen a password, which ends then; otherwise that is a conflict.
        reset_access: Query<Option<bool>>,
    ) -> Result<Ordered, WriteProblem> {
        let student = Newcomer::Student(UserId(id.0));
        order(&state, &context, &user, student, reset_access.0).await
    }

    /// Send a teacher the welcome mail again
    ///
    /// For institution admins. The mail holds a new temporary password; the one before and every session of the teacher end.
    #[oai(path = "/teachers/:id/resend-welcome", method = "post", operation_id = "resendTeacherWelcome")]
    async fn to_teacher(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the user.
        id: Path<i64>,
        /// Also when the teacher has chosen a password, which ends then; otherwise that is a conflict.
        reset_access: Query<Option<bool>>,
    ) -> Result<Ordered, WriteProblem> {
        let teacher = Newcomer::Teacher(UserId(id.0));
        order(&state, &context, &user, teacher, reset_access.0).await
    }
}

async fn order(
    state: &AppState,
    context: &RequestContext,
    user: &SignedIn,
    newcomer: Newcomer,
    reset_access: Option<bool>,
) -> Result<Ordered, WriteProblem> {
    let actor = &user.0.actor;
    let mut work = state.begin(context).await?;
    let job_id = resend_welcome(&mut work, actor, &state.identity, newcomer, reset_access.unwrap_or(false)).await?;
    let body: Job = view::find(work.tx(), actor, job_id).await?.into();
    let location = format!("/api/jobs/{job_id}");
    state.commit_answer(context, work, StatusCode::ACCEPTED, &location, &body).await?;
    Ok(Ordered::Ordered(Json(body), location))
}
