//! Signing in and out, the own account, the own password.
//!
//! What carries a secret has no `Debug` here.

use super::Tag;
use super::answers::NoContent;
use super::mails::MailState;
use super::words::{Locale, Role};
use crate::extract::{PasswordChanger, RequestContext, SignedIn};
use crate::problem::{OpenProblem, ReadProblem, WriteProblem};
use crate::state::AppState;
use crate::token::Purpose;
use acurate_shared::error::{Error, Result as UseCaseResult};
use acurate_shared::identity::change_password::{self, NewPassword};
use acurate_shared::identity::{Client, Profile, failed_sign_in, profile, session, sign_in};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct AuthApi;

/// Address and password.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct SignIn {
    /// The account's address; upper and lower case are the same.
    email: String,
    /// The chosen password, or the temporary one of the welcome mail.
    password: String,
}

/// The token of the last sign-in or refresh.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Refresh {
    /// Works once.
    refresh_token: String,
}

/// A change of the own password.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct ChangePassword {
    /// The password of today; not needed while it is a temporary one.
    current_password: Option<String>,
    /// 10 to 128 characters; not the e-mail address, not one of the last five passwords.
    new_password: String,
}

/// A session that was opened or continued.
#[derive(Object)]
struct Tokens {
    /// Goes into `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    token_type: String,
    /// Seconds until the access token ends.
    expires_in: u64,
    /// Continues the session, once; `null` while a temporary password waits to be changed.
    refresh_token: Option<String>,
    /// The access token is good for changing the password and signing out only.
    must_change_password: bool,
    /// Who signed in.
    user: Account,
}

/// The own account; the fields of students are `null` for everybody else.
#[derive(Debug, Object)]
pub struct Account {
    /// Id of the user.
    id: i64,
    /// Address, in lower case.
    email: String,
    /// Given names.
    first_name: String,
    /// Family name.
    last_name: String,
    /// Telephone.
    phone: Option<String>,
    /// What the user is.
    role: Role,
    /// Where the user belongs; `null` for the super admin.
    institution_id: Option<i64>,
    /// Name of the institution.
    institution_name: Option<String>,
    /// Language of the institution.
    locale: Option<Locale>,
    /// Department of a teacher or student.
    department_id: Option<i64>,
    /// Number within the institution.
    student_number: Option<String>,
    /// Program of study.
    program_id: Option<i64>,
    /// 1 to 6.
    year_of_study: Option<i16>,
    /// Calendar year.
    entry_year: Option<i16>,
    /// A temporary password waits to be changed.
    must_change_password: bool,
    /// Where the profile picture is; `null` without one.
    picture_url: Option<String>,
    /// The last sign-in with a password.
    last_sign_in_at: Option<DateTime<Utc>>,
    /// Whether mails go to the user.
    mail_state: MailState,
    /// What a mail server said when it refused the address for good.
    mail_failure: Option<String>,
    /// Since when nothing is sent to the address.
    mail_suppressed_at: Option<DateTime<Utc>>,
    /// Whether the user wants a mail about new grades.
    mail_grades: bool,
    /// When the account was made.
    created_at: DateTime<Utc>,
    /// Raised by each change of the account, a sign-in not counted; in quotes it is the `ETag`.
    version: i32,
}

#[OpenApi(prefix_path = "/auth", tag = "Tag::Auth")]
impl AuthApi {
    /// Sign in
    ///
    /// With a temporary password the answer has `must_change_password`, no refresh token, and an access token that is
    /// good for changing the password only.
    #[oai(path = "/sign-in", method = "post", operation_id = "signIn")]
    async fn sign_in(&self, state: Data<&AppState>, context: RequestContext, body: Json<SignIn>) -> Result<Json<Tokens>, OpenProblem> {
        let SignIn { email, password } = body.0;
        let proof = sign_in::prove(state.database.orm(), &state.hasher, &state.identity, &email, &password.into()).await;
        let work = state.begin(&context).await?;
        let proven = match proof {
            Ok(proven) => proven,
            Err(refusal) => {
                failed_sign_in::record(&work, &email, &refusal).await?;
                state.commit(work).await?;
                return Err(refusal.into());
            }
        };
        let session = sign_in::open(&work, &state.identity, proven, &client(&context)).await?;
        state.commit(work).await?;
        Ok(Json(Tokens::new(&state, session)?))
    }

    /// Exchange a refresh token for new tokens
    ///
    /// A refresh token works once. Using it twice ends the session: then two parties hold it.
    #[oai(path = "/refresh", method = "post", operation_id = "refreshTokens")]
    async fn refresh(&self, state: Data<&AppState>, context: RequestContext, body: Json<Refresh>) -> Result<Json<Tokens>, OpenProblem> {
        let work = state.begin(&context).await?;
        let session = session::refresh(work, &state.identity, &body.refresh_token, &client(&context)).await?;
        Ok(Json(Tokens::new(&state, session)?))
    }

    /// Sign out
    ///
    /// Ends the session of the access token; other sessions of the user go on.
    #[oai(path = "/sign-out", method = "post", operation_id = "signOut")]
    async fn sign_out(&self, state: Data<&AppState>, context: RequestContext, user: PasswordChanger) -> Result<NoContent, ReadProblem> {
        let session = user.0;
        let work = state.begin(&context).await?;
        session::sign_out(&work, &session.actor, session.family).await?;
        state.commit(work).await?;
        state.actors.invalidate(&(session.actor.user_id, session.family)).await;
        Ok(NoContent::Done)
    }

    /// Get the own account
    ///
    /// For everybody who is signed in.
    #[oai(path = "/me", method = "get", operation_id = "getMe")]
    async fn me(&self, state: Data<&AppState>, user: SignedIn) -> Result<Json<Account>, ReadProblem> {
        Ok(Json(profile::me(state.database.orm(), &user.0.actor).await?.into()))
    }

    /// Change the own password
    ///
    /// Ends every session of the user and opens a new one.
    #[oai(path = "/change-password", method = "post", operation_id = "changePassword")]
    async fn change_password(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: PasswordChanger,
        body: Json<ChangePassword>,
    ) -> Result<Json<Tokens>, WriteProblem> {
        let order = NewPassword {
            current: body.0.current_password.map(Into::into),
            new: body.0.new_password.into(),
        };
        let old = user.0;
        let checked = change_password::check(state.database.orm(), &state.hasher, &state.identity, &old.actor, &order).await?;
        let mut work = state.begin(&context).await?;
        let session = change_password::apply(&mut work, &state.identity, checked, &client(&context)).await?;
        state.commit(work).await?;
        state.actors.invalidate(&(old.actor.user_id, old.family)).await;
        Ok(Json(Tokens::new(&state, session)?))
    }
}

pub(super) fn client(context: &RequestContext) -> Client {
    Client {
        ip: context.client.map(|address| address.to_string()),
        user_agent: context.user_agent.clone(),
    }
}

impl Tokens {
    fn new(state: &AppState, session: session::SignedIn) -> UseCaseResult<Self> {
        let must_change_password = session.must_change_password();
        let purpose = if must_change_password {
            Purpose::PasswordChange
        } else {
            Purpose::Access
        };
        let issued = state
            .tokens
            .issue(session.user.id, session.family, purpose)
            .map_err(|error| Error::caused("signing an access token", error))?;
        Ok(Self {
            access_token: issued.token,
            token_type: "Bearer".to_owned(),
            expires_in: issued.expires_in,
            refresh_token: session.refresh_token.map(|token| token.expose().clone()),
            must_change_password,
            user: session.user.into(),
        })
    }
}

impl From<Profile> for Account {
    fn from(profile: Profile) -> Self {
        Self {
            id: profile.id.0,
            email: profile.email,
            first_name: profile.first_name,
            last_name: profile.last_name,
            phone: profile.phone,
            role: profile.role.into(),
            institution_id: profile.institution_id.map(|id| id.0),
            institution_name: profile.institution_name,
            locale: profile.locale.map(Into::into),
            department_id: profile.department_id.map(|id| id.0),
            student_number: profile.student_number,
            program_id: profile.program_id.map(|id| id.0),
            year_of_study: profile.year_of_study,
            entry_year: profile.entry_year,
            must_change_password: profile.must_change_password,
            picture_url: profile.has_picture.then(|| format!("/api/users/{}/picture", profile.id)),
            last_sign_in_at: profile.last_sign_in_at,
            mail_state: MailState::since(profile.mail_suppressed_at),
            mail_failure: profile.mail_failure,
            mail_suppressed_at: profile.mail_suppressed_at,
            mail_grades: profile.mail_grades,
            created_at: profile.created_at,
            version: profile.version,
        }
    }
}
