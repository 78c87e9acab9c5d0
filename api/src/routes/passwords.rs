//! A forgotten password: asking for a link, and choosing a password with it. For people who are not signed in.
//!
//! What carries a secret has no `Debug` here.

use super::Tag;
use super::answers::NoContent;
use super::auth::client;
use crate::extract::RequestContext;
use crate::problem::OpenProblem;
use crate::state::AppState;
use acurate_shared::identity::{forgot_password, reset_password};
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use std::time::Duration;
use tokio::time::Instant;

/// Requests for a link are answered this long after they came, whether or not there was an account to write for. The
/// work of both takes a small part of it, so that the time tells nothing.
const ANSWER_AFTER: Duration = Duration::from_millis(400);

/// What the asker reads, whatever accounts there are.
const NOTICE: &str = "If an active account has this address, a mail with a link is on its way. The link works for a short time; \
                      when no mail comes, look into the spam folder before asking again.";

/// The operations.
#[derive(Debug)]
pub struct PasswordsApi;

/// Who has forgotten a password.
#[derive(Object)]
#[oai(deny_unknown_fields, example)]
struct ForgotPassword {
    /// Address of the account, at most 254 characters; upper and lower case are the same.
    email: String,
}

impl Example for ForgotPassword {
    fn example() -> Self {
        Self {
            email: "ayse@ogrenci.example.edu".to_owned(),
        }
    }
}

/// What is told to whoever asks for a link.
#[derive(Object)]
struct Notice {
    /// A sentence for people.
    message: String,
}

/// The request was taken.
#[derive(ApiResponse)]
enum Taken {
    /// The same whether or not there is such an account.
    #[oai(status = 202)]
    Taken(Json<Notice>),
}

/// A new password, and the right to choose it.
#[derive(Object)]
#[oai(deny_unknown_fields, example)]
struct ResetPassword {
    /// What stands behind `#token=` in the mailed link.
    token: String,
    /// 10 to 128 characters; not the e-mail address, not one of the last five passwords, not the temporary one.
    new_password: String,
}

impl Example for ResetPassword {
    fn example() -> Self {
        Self {
            token: "o5Zue1O9EdvW3FO1rUTHK5vRjl86E20HRMpBM66smq0".to_owned(),
            new_password: "correct horse battery".to_owned(),
        }
    }
}

#[OpenApi(prefix_path = "/auth", tag = "Tag::Auth")]
impl PasswordsApi {
    /// Ask for a link to choose a new password
    ///
    /// The link is mailed to the address if an active account has it; it works once and for 15 minutes by default, and a newer
    /// one ends it. Asked for again within two minutes (by default) nothing is mailed. The answer never tells which it was.
    /// Accounts whose temporary password is still to be changed get a link too.
    #[oai(path = "/forgot-password", method = "post", operation_id = "forgotPassword")]
    async fn forgot(&self, state: Data<&AppState>, context: RequestContext, body: Json<ForgotPassword>) -> Result<Taken, OpenProblem> {
        let answer_at = Instant::now() + ANSWER_AFTER;
        let mut work = state.begin(&context).await?;
        forgot_password::request(&mut work, &state.identity, &body.email, &client(&context)).await?;
        state.commit(work).await?;
        tokio::time::sleep_until(answer_at).await;
        Ok(Taken::Taken(Json(Notice {
            message: NOTICE.to_owned(),
        })))
    }

    /// Choose a new password with a mailed link
    ///
    /// Ends every session of the user; sign in with the new password afterwards. A temporary password ends too.
    #[oai(path = "/reset-password", method = "post", operation_id = "resetPassword")]
    async fn reset(&self, state: Data<&AppState>, context: RequestContext, body: Json<ResetPassword>) -> Result<NoContent, OpenProblem> {
        let ResetPassword { token, new_password } = body.0;
        let order = reset_password::Order {
            token: token.into(),
            new: new_password.into(),
        };
        let checked = reset_password::check(state.database.orm(), &state.hasher, &state.identity, &order).await?;
        let mut work = state.begin(&context).await?;
        let done = reset_password::apply(&mut work, checked).await?;
        state.commit(work).await?;
        state.forget(done.user_id, &done.ended).await;
        Ok(NoContent::Done)
    }
}
