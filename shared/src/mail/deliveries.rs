//! The log of mails: what was sent to whom, what was not, and why.

use super::looked_after;
use crate::actor::Actor;
use crate::db::{Page, PageRequest, count, sql};
use crate::error::Result;
use crate::ids::{EmailDeliveryId, InstitutionId, JobId, UserId};
use crate::kinds::{DeliveryState, MailKind};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// A mail, however often it was tried. It holds no address and nothing of what the mail says.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Delivery {
    /// The mail.
    pub id: EmailDeliveryId,
    /// Whom it is for.
    pub user_id: UserId,
    /// Where that user belongs; `None` for the platform's owner.
    pub institution_id: Option<InstitutionId>,
    /// The job that sent it last, while that is kept.
    pub job_id: Option<JobId>,
    /// What it is about.
    pub kind: MailKind,
    /// Where it stands.
    pub state: DeliveryState,
    /// Tries so far; 0 while the mail server could not be asked at all.
    pub attempts: i32,
    /// What the server, or the way to it, said to the last try that failed; addresses in it are masked.
    pub last_error: Option<String>,
    /// When it was first tried.
    pub created_at: DateTime<Utc>,
    /// When the server took it.
    pub sent_at: Option<DateTime<Utc>>,
}

/// Which mails a list shows; everything given must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// For this user.
    pub user_id: Option<UserId>,
    /// In this state.
    pub state: Option<DeliveryState>,
    /// About this.
    pub kind: Option<MailKind>,
}

const COLUMNS: &str = "id, user_id, institution_id, job_id, kind, state, attempts, last_error, created_at, sent_at";

const MATCHING: &str = "
    FROM email_deliveries
    WHERE ($1::bigint IS NULL OR institution_id = $1) AND ($2::bigint IS NULL OR user_id = $2)
        AND ($3::text IS NULL OR state = $3) AND ($4::text IS NULL OR kind = $4)";

/// Mails, the newest first: an administrator sees its institution's, the super admin all.
///
/// # Errors
/// `Forbidden`.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, filter: DeliveryFilter, request: PageRequest) -> Result<Page<Delivery>> {
    let values: [Value; 4] = [
        looked_after(actor)?.into(),
        filter.user_id.into(),
        filter.state.map(DeliveryState::as_str).into(),
        filter.kind.map(MailKind::as_str).into(),
    ];
    let page = format!("SELECT {COLUMNS} {MATCHING} ORDER BY id DESC LIMIT $5 OFFSET $6");
    let bounds: [Value; 2] = [request.page_size.cast_signed().into(), request.offset().cast_signed().into()];
    let items = Delivery::find_by_statement(sql(&page, values.iter().cloned().chain(bounds)))
        .all(db)
        .await?;
    Ok(Page {
        items,
        request,
        total: count(db, MATCHING, values).await?,
    })
}
