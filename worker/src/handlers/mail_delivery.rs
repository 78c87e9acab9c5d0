//! What every mailing job does with its mail: send it once, and record how that went.
//!
//! A mail that went out is recorded even when the claim was lost meanwhile: a mail cannot be undone. The window that
//! remains is a crash between the server's yes and our record; then the mail goes out again with the same Message-ID.

use crate::context::Context;
use crate::executor::{JobError, JobResult, Outcome};
use crate::mailer::{Mail, SendError};
use acurate_shared::db::sql;
use acurate_shared::error::Result;
#[cfg(debug_assertions)]
use acurate_shared::fault;
use acurate_shared::ids::{InstitutionId, UserId};
use acurate_shared::jobs::ledger::{self, Claim};
use acurate_shared::kinds::{DeliveryState, MailKind};
use acurate_shared::mail::suppressions;
use chrono::{DateTime, FixedOffset, Offset, TimeZone, Utc};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

/// What is recorded of a mail besides its Message-ID.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) kind: MailKind,
    pub(super) user_id: UserId,
    pub(super) institution_id: Option<InstitutionId>,
    /// Where the mail goes, as the account has it; kept nowhere but with an address that does not work.
    pub(super) address: String,
}

/// Sends a mail that did not go out before, and ends the job. Nothing goes to an address that is known not to work.
pub(super) async fn deliver(context: &Context, claim: &Claim, record: Record, mail: &Mail) -> JobResult {
    if suppressions::since(context.database.orm(), record.user_id, &record.address)
        .await?
        .is_some()
    {
        begin(context, claim, &record, DeliveryState::Suppressed, mail.message_id()).await?;
        return skip(context, claim, "the address is known not to work").await;
    }
    if !begin(context, claim, &record, DeliveryState::Sending, mail.message_id()).await? {
        return finish(context, claim, json!({ "message_id": mail.message_id(), "sent": "before" })).await;
    }
    match context.mailer.send(mail).await {
        Ok(receipt) => {
            #[cfg(debug_assertions)]
            fault::reach(fault::Point::MailTaken).await;
            mark_sent(context, mail.message_id()).await?;
            finish(context, claim, json!({ "message_id": mail.message_id(), "reply": receipt.reply })).await
        }
        Err(error) => failed(context, &record, mail, error).await,
    }
}

/// Records a mail that did not go out, and says what becomes of its job.
async fn failed(context: &Context, record: &Record, mail: &Mail, error: SendError) -> JobResult {
    note_error(context, mail.message_id(), &error).await?;
    match error {
        SendError::Held { retry_after, .. } => Ok(Outcome::Postponed(retry_after)),
        SendError::Transient { .. } => Err(JobError::Retry(error.to_string())),
        SendError::Permanent {
            ref reason,
            is_undeliverable,
            ..
        } => {
            if is_undeliverable {
                suppressions::note(context.database.orm(), record.user_id, &record.address, reason).await?;
            }
            Err(JobError::Permanent(error.to_string()))
        }
    }
}

/// Ends a job that has nothing to mail, and says why.
pub(super) async fn skip(context: &Context, claim: &Claim, reason: &str) -> JobResult {
    finish(context, claim, json!({ "skipped": reason })).await
}

/// After the last try the delivery is given up too.
pub(super) async fn buried(context: &Context, claim: &Claim, error: &str) -> Result<()> {
    let update = "UPDATE email_deliveries SET state = 'failed', last_error = $2 WHERE job_id = $1 AND state = 'sending'";
    let text: String = error.chars().take(1000).collect();
    context
        .database
        .orm()
        .execute_raw(sql(update, [claim.id.into(), text.into()]))
        .await?;
    Ok(())
}

/// A time as people of an institution read it; UTC where its zone is unknown.
pub(super) fn local(at: DateTime<Utc>, time_zone: Option<&str>) -> DateTime<FixedOffset> {
    let zone: chrono_tz::Tz = time_zone.and_then(|name| name.parse().ok()).unwrap_or(chrono_tz::UTC);
    at.with_timezone(&zone.offset_from_utc_datetime(&at.naive_utc()).fix())
}

/// Notes that a mail is being tried, or that it is not to be. `false`: it went out before.
async fn begin(context: &Context, claim: &Claim, record: &Record, state: DeliveryState, message_id: &str) -> Result<bool> {
    let upsert = "
        INSERT INTO email_deliveries (institution_id, user_id, job_id, kind, message_id, state, attempts)
        VALUES ($1, $2, $3, $4, $5, $6, CASE $6 WHEN 'sending' THEN 1 ELSE 0 END)
        ON CONFLICT (message_id) DO UPDATE
            SET attempts = email_deliveries.attempts + excluded.attempts, state = excluded.state, job_id = excluded.job_id
            WHERE email_deliveries.state <> 'sent'";
    let values = [
        record.institution_id.into(),
        record.user_id.into(),
        claim.id.into(),
        record.kind.as_str().into(),
        message_id.into(),
        state.as_str().into(),
    ];
    Ok(context.database.orm().execute_raw(sql(upsert, values)).await?.rows_affected() == 1)
}

async fn mark_sent(context: &Context, message_id: &str) -> Result<()> {
    let update = "UPDATE email_deliveries SET state = 'sent', sent_at = now(), last_error = NULL WHERE message_id = $1 AND state <> 'sent'";
    context.database.orm().execute_raw(sql(update, [message_id.into()])).await?;
    Ok(())
}

/// A mail that was held back was not tried.
async fn note_error(context: &Context, message_id: &str, error: &SendError) -> Result<()> {
    let update = "
        UPDATE email_deliveries SET last_error = $2, attempts = attempts - CASE WHEN $3 THEN 1 ELSE 0 END
        WHERE message_id = $1 AND state <> 'sent'";
    let was_held = matches!(error, SendError::Held { .. });
    let text: String = error.to_string().chars().take(1000).collect();
    context
        .database
        .orm()
        .execute_raw(sql(update, [message_id.into(), text.into(), was_held.into()]))
        .await?;
    Ok(())
}

async fn finish(context: &Context, claim: &Claim, result: Value) -> JobResult {
    Ok(if ledger::succeed(context.database.orm(), claim, result).await? {
        Outcome::Done
    } else {
        Outcome::Fenced
    })
}
