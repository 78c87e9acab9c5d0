//! The signed-in user, from the bearer token.

use crate::problem::Problem;
use crate::state::AppState;
use crate::token::{Claims, Purpose};
use acurate_shared::actor::Actor;
use acurate_shared::error::Error;
use acurate_shared::identity::session;
use poem::http::StatusCode;
use poem::{Request, Result};
use poem_openapi::SecurityScheme;
use poem_openapi::auth::Bearer;
use uuid::Uuid;

/// A user with a full sign-in.
#[derive(Clone, Debug, SecurityScheme)]
#[oai(rename = "bearer", ty = "bearer", bearer_format = "JWT", checker = "signed_in")]
pub struct SignedIn(pub Session);

/// Who is signed in and by which sign-in.
#[derive(Clone, Debug)]
pub struct Session {
    /// The user.
    pub actor: Actor,
    /// The sign-in.
    pub family: Uuid,
}

/// Anybody who may change a password: a full sign-in, or one with a temporary password.
#[derive(Clone, Debug, SecurityScheme)]
#[oai(
    rename = "bearer_or_password_change",
    ty = "bearer",
    bearer_format = "JWT",
    checker = "password_changer"
)]
pub struct PasswordChanger(pub Session);

async fn signed_in(request: &Request, bearer: Bearer) -> Result<Session> {
    let (state, claims) = claims(request, &bearer)?;
    if claims.purpose != Purpose::Access {
        let detail = "A temporary password must be changed before anything else: POST /api/auth/change-password.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "password_change_required", detail).into());
    }
    Ok(Session {
        actor: actor(state, &claims).await?,
        family: claims.family,
    })
}

/// Who a valid token stands for, if the sign-in still holds.
pub(crate) async fn actor(state: &AppState, claims: &Claims) -> Result<Actor, Problem> {
    let key = (claims.sub, claims.family);
    if let Some(actor) = state.actors.get(&key).await {
        return Ok(actor);
    }
    let actor = session::authenticate(state.database.orm(), claims.sub, claims.family).await?;
    state.actors.insert(key, actor.clone()).await;
    Ok(actor)
}

async fn password_changer(request: &Request, bearer: Bearer) -> Result<Session> {
    let (state, claims) = claims(request, &bearer)?;
    let actor = session::authenticate(state.database.orm(), claims.sub, claims.family)
        .await
        .map_err(Problem::from)?;
    Ok(Session {
        actor,
        family: claims.family,
    })
}

fn claims<'a>(request: &'a Request, bearer: &Bearer) -> Result<(&'a AppState, Claims)> {
    let state = request
        .data::<AppState>()
        .ok_or_else(|| Problem::from(Error::internal("the application state is missing")))?;
    let claims = state.tokens.read(&bearer.token).map_err(|_| {
        let detail = "The access token is not valid any more: refresh it or sign in again.";
        Problem::new(StatusCode::UNAUTHORIZED, "invalid_token", detail)
    })?;
    Ok((state, claims))
}
