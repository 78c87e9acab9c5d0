//! The own account: the profile that a user may change by itself.
//!
//! The body of a change has four fields and no more: what decides over rights is not self-service.

use super::Tag;
use super::auth::Account;
use super::partial::patch;
use super::versions::{Versioned, expected};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::identity::profile::{self, ProfilePatch};
use poem::web::Data;
use poem_openapi::param::Header;
use poem_openapi::payload::Json;
use poem_openapi::types::{Example, MaybeUndefined};
use poem_openapi::{Object, OpenApi};
use std::convert::identity;

/// The operations.
#[derive(Debug)]
pub struct AccountApi;

/// A partial change of the own account: what is absent stays, `null` empties what may be empty.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct AccountChange {
    /// Given names, 1 to 150 characters.
    first_name: Option<String>,
    /// Family name, 1 to 150 characters.
    last_name: Option<String>,
    /// Telephone, at most 20 characters: digits, blanks and `+ ( ) -`.
    phone: MaybeUndefined<String>,
    /// Whether the user wants a mail about new grades, one for a course however many come within minutes; for students. The mail
    /// holds no grade.
    mail_grades: Option<bool>,
}

impl Example for AccountChange {
    fn example() -> Self {
        Self {
            first_name: Some("Ayşe".to_owned()),
            last_name: Some("Yılmaz".to_owned()),
            phone: MaybeUndefined::Value("+90 312 555 0101".to_owned()),
            mail_grades: Some(false),
        }
    }
}

#[OpenApi(prefix_path = "/users/me", tag = "Tag::Auth")]
impl AccountApi {
    /// Get the own account, to change it
    ///
    /// As `GET /auth/me`, with an `ETag`.
    #[oai(path = "/", method = "get", operation_id = "getMyAccount")]
    async fn find(&self, state: Data<&AppState>, user: SignedIn) -> Result<Versioned<Account>, ReadProblem> {
        let found = profile::me(state.database.orm(), &user.0.actor).await?;
        Ok(Versioned::of(found.version, found))
    }

    /// Change the own account
    ///
    /// Names, telephone and the mails that one wants only; the address, and for students everything else, is changed by the administrators.
    #[oai(path = "/", method = "patch", operation_id = "updateMyAccount")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<AccountChange>,
    ) -> Result<Versioned<Account>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let work = state.begin(&context).await?;
        let changed = profile::update(&work, &user.0.actor, &expected, body.0.into()).await?;
        state.commit(work).await?;
        Ok(Versioned::of(changed.version, changed))
    }
}

impl From<AccountChange> for ProfilePatch {
    fn from(body: AccountChange) -> Self {
        Self {
            first_name: body.first_name,
            last_name: body.last_name,
            phone: patch(body.phone, identity),
            mail_grades: body.mail_grades,
        }
    }
}
