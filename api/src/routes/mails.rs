//! What became of mails, and addresses that get none any more.

use super::Tag;
use super::answers::NoContent;
use super::paging::{PageOf, wanted};
use super::words::{DeliveryState, MailKind, Role};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::ReadProblem;
use crate::state::AppState;
use acurate_shared::ids::UserId;
use acurate_shared::mail::{deliveries, suppressions};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct MailsApi;

/// Whether mails go to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum MailState {
    /// They do.
    Ok,
    /// A mail server has refused the address for good, so nothing is sent there: correct it, or clear the suppression.
    Suppressed,
}

impl MailState {
    /// The state of an account, by the time since which nothing is sent to it.
    #[must_use]
    pub fn since(suppressed_at: Option<DateTime<Utc>>) -> Self {
        if suppressed_at.is_some() { Self::Suppressed } else { Self::Ok }
    }
}

/// A mail, however often it was tried.
#[derive(Debug, Object)]
struct MailDelivery {
    /// Its id.
    id: i64,
    /// Whom it is for.
    user_id: i64,
    /// Where that user belongs; `null` for the owner of the platform.
    institution_id: Option<i64>,
    /// The job that sent it last, while that is kept.
    job_id: Option<i64>,
    /// What it is about.
    kind: MailKind,
    /// Where it stands.
    state: DeliveryState,
    /// Tries so far; 0 while the mail server could not be asked at all.
    attempts: i32,
    /// What the mail server, or the way to it, said to the last try that failed; addresses in it are masked.
    last_error: Option<String>,
    /// When it was first tried.
    created_at: DateTime<Utc>,
    /// When the mail server took it.
    sent_at: Option<DateTime<Utc>>,
}

/// An address that gets no mail.
#[derive(Debug, Object)]
struct MailSuppression {
    /// Whose address it is.
    user_id: i64,
    /// What that user is.
    role: Role,
    /// Where that user belongs; `null` for the owner of the platform.
    institution_id: Option<i64>,
    /// Given names.
    first_name: String,
    /// Family name.
    last_name: String,
    /// The address.
    address: String,
    /// What the mail server said; addresses in it are masked.
    reason: String,
    /// When it said so.
    since: DateTime<Utc>,
}

#[OpenApi(prefix_path = "/mail", tag = "Tag::Mail")]
impl MailsApi {
    /// List mails
    ///
    /// For institution admins, of their institution, and for super admins; the newest first. Neither addresses nor what the mails
    /// say is kept.
    #[oai(path = "/deliveries", method = "get", operation_id = "listMailDeliveries")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn deliveries(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Mails for this user only.
        user_id: Query<Option<i64>>,
        /// Mails that stand here only.
        #[oai(name = "state")]
        wanted_state: Query<Option<DeliveryState>>,
        /// Mails about this only.
        kind: Query<Option<MailKind>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<MailDelivery>>, ReadProblem> {
        let filter = deliveries::DeliveryFilter {
            user_id: user_id.0.map(UserId),
            state: wanted_state.0.map(Into::into),
            kind: kind.0.map(Into::into),
        };
        let request = wanted(page.0, page_size.0);
        let found = deliveries::list(state.database.orm(), &user.0.actor, filter, request).await?;
        Ok(Json(found.into()))
    }

    /// List addresses that get no mail
    ///
    /// For institution admins, of their institution, and for super admins; the newest first. A mail server has refused them for
    /// good.
    #[oai(path = "/suppressions", method = "get", operation_id = "listMailSuppressions")]
    async fn suppressions(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<MailSuppression>>, ReadProblem> {
        let found = suppressions::list(state.database.orm(), &user.0.actor, wanted(page.0, page_size.0)).await?;
        Ok(Json(found.into()))
    }

    /// Let mails go to an address again
    ///
    /// For institution admins, of their institution, and for super admins. What was not sent meanwhile is not sent now: send the
    /// welcome mail again where it is needed. A new address needs no such clearing.
    #[oai(path = "/suppressions/:user_id", method = "delete", operation_id = "clearMailSuppression")]
    async fn clear(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the user whose address it is.
        user_id: Path<i64>,
    ) -> Result<NoContent, ReadProblem> {
        let work = state.begin(&context).await?;
        suppressions::clear(&work, &user.0.actor, UserId(user_id.0)).await?;
        state.commit(work).await?;
        Ok(NoContent::Done)
    }
}

impl From<deliveries::Delivery> for MailDelivery {
    fn from(row: deliveries::Delivery) -> Self {
        Self {
            id: row.id.0,
            user_id: row.user_id.0,
            institution_id: row.institution_id.map(|id| id.0),
            job_id: row.job_id.map(|id| id.0),
            kind: row.kind.into(),
            state: row.state.into(),
            attempts: row.attempts,
            last_error: row.last_error,
            created_at: row.created_at,
            sent_at: row.sent_at,
        }
    }
}

impl From<suppressions::Suppression> for MailSuppression {
    fn from(row: suppressions::Suppression) -> Self {
        Self {
            user_id: row.user_id.0,
            role: row.role.into(),
            institution_id: row.institution_id.map(|id| id.0),
            first_name: row.first_name,
            last_name: row.last_name,
            address: row.address,
            reason: row.reason,
            since: row.since,
        }
    }
}
