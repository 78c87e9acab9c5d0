//! The own sign-ins: where one is signed in, and ending that from afar.

use super::Tag;
use super::answers::NoContent;
use super::paging::{PageOf, wanted};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::ReadProblem;
use crate::state::AppState;
use acurate_shared::identity::sign_ins;
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

/// The operations.
#[derive(Debug)]
pub struct SignInsApi;

/// A sign-in that goes on.
#[derive(Clone, Debug, Object)]
struct Session {
    /// Its id.
    id: Uuid,
    /// When the password was given.
    started_at: DateTime<Utc>,
    /// When its tokens were last exchanged.
    last_used_at: DateTime<Utc>,
    /// When it ends unless its tokens are exchanged before.
    expires_at: DateTime<Utc>,
    /// Address of the client when the tokens were last exchanged.
    ip: Option<String>,
    /// What the client called itself then, at most 300 characters.
    user_agent: Option<String>,
    /// Whether it is the one of this request.
    current: bool,
}

#[OpenApi(prefix_path = "/auth", tag = "Tag::Auth")]
impl SignInsApi {
    /// List the own sign-ins
    ///
    /// Those that go on, the last used first.
    #[oai(path = "/sessions", method = "get", operation_id = "listMySessions")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Session>>, ReadProblem> {
        let found = sign_ins::list(state.database.orm(), &user.0.actor, wanted(page.0, page_size.0)).await?;
        let current = user.0.family;
        Ok(Json(found.map(|row| Session::new(row, current)).into()))
    }

    /// End one of the own sign-ins
    ///
    /// This one or another: its tokens end at once, on other replicas of the server within seconds.
    #[oai(path = "/sessions/:id", method = "delete", operation_id = "endMySession")]
    async fn end(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the sign-in.
        id: Path<Uuid>,
    ) -> Result<NoContent, ReadProblem> {
        let actor = &user.0.actor;
        let work = state.begin(&context).await?;
        sign_ins::end(&work, actor, id.0).await?;
        state.commit(work).await?;
        state.forget(actor.user_id, &[id.0]).await;
        Ok(NoContent::Done)
    }

    /// Sign out everywhere
    ///
    /// Ends every sign-in of the user, this one included.
    #[oai(path = "/sign-out-everywhere", method = "post", operation_id = "signOutEverywhere")]
    async fn end_all(&self, state: Data<&AppState>, context: RequestContext, user: SignedIn) -> Result<NoContent, ReadProblem> {
        let actor = &user.0.actor;
        let work = state.begin(&context).await?;
        let ended = sign_ins::end_all(&work, actor).await?;
        state.commit(work).await?;
        state.forget(actor.user_id, &ended).await;
        Ok(NoContent::Done)
    }
}

impl Session {
    fn new(row: sign_ins::SignIn, current: Uuid) -> Self {
        Self {
            id: row.family,
            started_at: row.started_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            ip: row.ip,
            user_agent: row.user_agent,
            current: row.family == current,
        }
    }
}
