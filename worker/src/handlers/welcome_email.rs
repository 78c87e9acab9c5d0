//! Mails a new user its temporary password, derived when the mail is written, so that each try holds the same one.
//!
//! A mail that went out is recorded even when the claim was lost meanwhile: a mail cannot be undone. The window that
//! remains is a crash between the server's yes and our record; then the mail goes out again with the same Message-ID.

use crate::context::Context;
use crate::executor::{JobError, JobResult, Outcome};
use crate::mailer::{Mail, SendError, WelcomeMail};
use acurate_shared::db::sql;
use acurate_shared::error::Result;
use acurate_shared::identity::{CredentialNonce, TemporaryPassword};
use acurate_shared::ids::{InstitutionId, UserId};
use acurate_shared::jobs::ledger::{self, Claim};
use acurate_shared::kinds::Locale;
use acurate_shared::platform::institutions::MAIL_HELD;
use chrono::{DateTime, Offset, TimeZone, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::{Value, json};

#[derive(FromQueryResult)]
struct Recipient {
    email: String,
    first_name: String,
    last_name: String,
    institution_id: Option<InstitutionId>,
    institution_name: Option<String>,
    locale: Option<Locale>,
    time_zone: Option<String>,
    is_active: bool,
    is_suspended: bool,
    credential_nonce: Option<Vec<u8>>,
    credential_expires_at: Option<DateTime<Utc>>,
}

pub(super) async fn run(context: &Context, claim: &Claim, user_id: UserId) -> JobResult {
    let Some(recipient) = find(context, user_id).await? else {
        return finish(context, claim, json!({ "skipped": "the account is gone" })).await;
    };
    if recipient.is_suspended {
        return hold(context, claim, recipient.institution_id).await;
    }
    let (nonce, expires_at) = match credential(&recipient) {
        Ok(credential) => credential,
        Err(reason) => return finish(context, claim, json!({ "skipped": reason })).await,
    };
    let institution_id = recipient.institution_id;
    let mail = compose(context, user_id, recipient, nonce, expires_at)?;
    if !begin_delivery(context, claim, user_id, institution_id, mail.message_id()).await? {
        return finish(context, claim, json!({ "message_id": mail.message_id(), "sent": "before" })).await;
    }
    match context.mailer.send(&mail).await {
        Ok(receipt) => {
            mark_sent(context, mail.message_id()).await?;
            finish(context, claim, json!({ "message_id": mail.message_id(), "reply": receipt.reply })).await
        }
        Err(error) => {
            note_error(context, mail.message_id(), &error).await?;
            Err(match error {
                SendError::Permanent { .. } => JobError::Permanent(error.to_string()),
                SendError::Transient { .. } => JobError::Retry(error.to_string()),
            })
        }
    }
}

/// After the last try the delivery is given up too.
pub(super) async fn buried(context: &Context, claim: &Claim, user_id: UserId, error: &str) -> Result<()> {
    let update = "UPDATE email_deliveries SET state = 'failed', last_error = $3 WHERE user_id = $1 AND job_id = $2 AND state = 'sending'";
    let text: String = error.chars().take(1000).collect();
    context
        .database
        .orm()
        .execute_raw(sql(update, [user_id.into(), claim.id.into(), text.into()]))
        .await?;
    Ok(())
}

async fn find(context: &Context, user_id: UserId) -> Result<Option<Recipient>> {
    let select = "
        SELECT u.email, u.first_name, u.last_name, u.institution_id, i.name AS institution_name, i.locale, i.time_zone,
            u.is_active, NOT COALESCE(i.is_active, true) AS is_suspended, u.credential_nonce, u.credential_expires_at
        FROM users u LEFT JOIN institutions i ON i.id = u.institution_id WHERE u.id = $1";
    Ok(Recipient::find_by_statement(sql(select, [user_id.into()]))
        .one(context.database.orm())
        .await?)
}

/// Nobody of a suspended institution can sign in: the mail is asked for again when the institution goes on. The lock makes
/// sure of that: either its resumption sees this job's end, or this run sees the resumption.
async fn hold(context: &Context, claim: &Claim, institution_id: Option<InstitutionId>) -> JobResult {
    let work = context.begin(claim).await?;
    let select = "SELECT is_active FROM institutions WHERE id = $1 FOR SHARE";
    let row = work.tx().query_one_raw(sql(select, [institution_id.into()])).await?;
    if row.map(|row| row.try_get::<bool>("", "is_active")).transpose()? == Some(true) {
        work.rollback().await?;
        return Err(JobError::Retry("the institution has just gone on".to_owned()));
    }
    let held = ledger::succeed(work.tx(), claim, json!({ "skipped": MAIL_HELD })).await?;
    let _nothing_enqueued = work.commit().await?;
    Ok(if held { Outcome::Done } else { Outcome::Fenced })
}

/// The temporary credential that is still good, or why there is nothing to mail.
fn credential(recipient: &Recipient) -> Result<(CredentialNonce, DateTime<Utc>), &'static str> {
    if !recipient.is_active {
        return Err("the account is not active");
    }
    let (Some(nonce), Some(expires_at)) = (&recipient.credential_nonce, recipient.credential_expires_at) else {
        return Err("the account has a password of its own");
    };
    if expires_at <= Utc::now() {
        return Err("the temporary password has expired");
    }
    let nonce = CredentialNonce::try_from(nonce.as_slice()).map_err(|_| "the credential cannot be read")?;
    Ok((nonce, expires_at))
}

fn compose(
    context: &Context,
    user_id: UserId,
    recipient: Recipient,
    nonce: CredentialNonce,
    expires_at: DateTime<Utc>,
) -> Result<Mail, JobError> {
    let password = TemporaryPassword::derive(&context.server_secret, user_id, &nonce);
    let zone: chrono_tz::Tz = recipient
        .time_zone
        .as_deref()
        .and_then(|name| name.parse().ok())
        .unwrap_or(chrono_tz::UTC);
    let offset = zone.offset_from_utc_datetime(&expires_at.naive_utc()).fix();
    let mail = WelcomeMail {
        user_id,
        nonce,
        to_name: format!("{} {}", recipient.first_name, recipient.last_name),
        to_address: recipient.email,
        institution_name: recipient.institution_name.unwrap_or_else(|| "AcuRate".to_owned()),
        locale: recipient.locale.unwrap_or(Locale::En),
        password,
        expires_at: expires_at.with_timezone(&offset),
        sign_in_url: context.public_url.clone(),
    };
    mail.compose(&context.sender, Utc::now())
        .map_err(|error| JobError::Permanent(error.to_string()))
}

/// `false`: this mail went out before.
async fn begin_delivery(
    context: &Context,
    claim: &Claim,
    user_id: UserId,
    institution_id: Option<InstitutionId>,
    message_id: &str,
) -> Result<bool> {
    let upsert = "
        INSERT INTO email_deliveries (institution_id, user_id, job_id, kind, message_id, state) VALUES ($1, $2, $3, 'welcome', $4, 'sending')
        ON CONFLICT (message_id) DO UPDATE SET attempts = email_deliveries.attempts + 1, state = 'sending', job_id = excluded.job_id
            WHERE email_deliveries.state <> 'sent'";
    let values = [institution_id.into(), user_id.into(), claim.id.into(), message_id.into()];
    Ok(context.database.orm().execute_raw(sql(upsert, values)).await?.rows_affected() == 1)
}

async fn mark_sent(context: &Context, message_id: &str) -> Result<()> {
    let update = "UPDATE email_deliveries SET state = 'sent', sent_at = now(), last_error = NULL WHERE message_id = $1 AND state <> 'sent'";
    context.database.orm().execute_raw(sql(update, [message_id.into()])).await?;
    Ok(())
}

async fn note_error(context: &Context, message_id: &str, error: &SendError) -> Result<()> {
    let update = "UPDATE email_deliveries SET last_error = $2 WHERE message_id = $1 AND state <> 'sent'";
    let text: String = error.to_string().chars().take(1000).collect();
    context
        .database
        .orm()
        .execute_raw(sql(update, [message_id.into(), text.into()]))
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
