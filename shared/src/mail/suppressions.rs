//! Addresses that a mail server refused for good. Nothing more is sent there until an administrator clears the row, or the
//! account gets another address.
//!
//! A row counts only while its address is that of the account: one that comes late, after the address changed, does no harm.

use super::looked_after;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Page, PageRequest, Work, count, sql};
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, UserId};
use crate::kinds::Role;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// Longest reason that is kept, in characters.
const REASON_LIMIT: usize = 1000;

/// What a user's own row tells of its mail, for a `SELECT … FROM users u`: `mail_failure` and `mail_suppressed_at`.
pub(crate) const MAIL_STATE: &str = "
    (SELECT s.reason FROM email_suppressions s WHERE s.user_id = u.id AND s.address = u.email) AS mail_failure,
    (SELECT s.since FROM email_suppressions s WHERE s.user_id = u.id AND s.address = u.email) AS mail_suppressed_at";

/// An address that gets no mail.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Suppression {
    /// Whose address it is.
    pub user_id: UserId,
    /// What that user is.
    pub role: Role,
    /// Where that user belongs; `None` for the platform's owner.
    pub institution_id: Option<InstitutionId>,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// The address.
    pub address: String,
    /// What the mail server said; addresses in it are masked.
    pub reason: String,
    /// When it said so.
    pub since: DateTime<Utc>,
}

const MATCHING: &str = "
    FROM email_suppressions s JOIN users u ON u.id = s.user_id AND u.email = s.address WHERE ($1::bigint IS NULL OR u.institution_id = $1)";

/// Suppressed addresses, the newest first: an administrator sees its institution's, the super admin all.
///
/// # Errors
/// `Forbidden`.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, request: PageRequest) -> Result<Page<Suppression>> {
    let institution: Value = looked_after(actor)?.into();
    let page = format!(
        "SELECT s.user_id, u.role, u.institution_id, u.first_name, u.last_name, s.address, s.reason, s.since {MATCHING}
         ORDER BY s.since DESC, s.user_id LIMIT $2 OFFSET $3"
    );
    let bounds: [Value; 2] = [request.page_size.cast_signed().into(), request.offset().cast_signed().into()];
    let values = std::iter::once(institution.clone()).chain(bounds);
    Ok(Page {
        items: Suppression::find_by_statement(sql(&page, values)).all(db).await?,
        request,
        total: count(db, MATCHING, [institution]).await?,
    })
}

/// Lets mails go to a user's address again; for administrators. What was not sent meanwhile is not sent now.
///
/// # Errors
/// `Forbidden`; `NotFound`, also for another institution's user, when the address is not suppressed.
pub async fn clear(work: &Work, actor: &Actor, user_id: UserId) -> Result<()> {
    let delete = "
        DELETE FROM email_suppressions s USING users u
        WHERE s.user_id = $2 AND u.id = s.user_id AND u.email = s.address AND ($1::bigint IS NULL OR u.institution_id = $1)
        RETURNING u.institution_id";
    let values = [looked_after(actor)?.into(), user_id.into()];
    let row = work.tx().query_one_raw(sql(delete, values)).await?;
    let institution_id = row.ok_or(Error::NotFound("suppression"))?.try_get("", "institution_id")?;
    let deed = Deed::new("mail.suppression_cleared", "user", user_id.0);
    activity::record_for(work, Some(actor.user_id), institution_id, deed).await
}

/// Notes that a mail server refused an address for good. Nothing is noted when the account has another address by now.
///
/// # Errors
/// When the database refuses.
pub async fn note(db: &impl ConnectionTrait, user_id: UserId, address: &str, reason: &str) -> Result<()> {
    let upsert = "
        INSERT INTO email_suppressions (user_id, address, reason) SELECT id, email, $3 FROM users WHERE id = $1 AND email = $2
        ON CONFLICT (user_id) DO UPDATE SET address = excluded.address, reason = excluded.reason, since = excluded.since";
    let text: String = reason.chars().filter(|character| *character != '\0').take(REASON_LIMIT).collect();
    db.execute_raw(sql(upsert, [user_id.into(), address.into(), text.into()])).await?;
    Ok(())
}

/// Since when a user's address gets no mail; `None` when it does. Another address than the account's present one is never
/// suppressed.
///
/// # Errors
/// When the database refuses.
pub async fn since(db: &impl ConnectionTrait, user_id: UserId, address: &str) -> Result<Option<DateTime<Utc>>> {
    let select = "SELECT since FROM email_suppressions WHERE user_id = $1 AND address = $2";
    let row = db.query_one_raw(sql(select, [user_id.into(), address.into()])).await?;
    Ok(row.map(|row| row.try_get("", "since")).transpose()?)
}
