//! Mails a user its temporary password, when the account is new or its access was reset; derived when the mail is written, so that each try holds the same one.

use super::mail_delivery::{self, Record, local};
use crate::context::Context;
use crate::executor::{JobError, JobResult, Outcome};
use crate::mailer::{Mail, Occasion, WelcomeMail};
use acurate_shared::db::sql;
use acurate_shared::error::Result;
use acurate_shared::identity::{CredentialNonce, TemporaryPassword};
use acurate_shared::ids::{InstitutionId, UserId};
use acurate_shared::jobs::ledger::{self, Claim};
use acurate_shared::kinds::Locale;
use acurate_shared::platform::institutions::MAIL_HELD;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;

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
    has_chosen: bool,
    credential_nonce: Option<Vec<u8>>,
    credential_expires_at: Option<DateTime<Utc>>,
}

pub(super) async fn run(context: &Context, claim: &Claim, user_id: UserId) -> JobResult {
    let Some(recipient) = find(context, user_id).await? else {
        return mail_delivery::skip(context, claim, "the account is gone").await;
    };
    if recipient.is_suspended {
        return hold(context, claim, recipient.institution_id).await;
    }
    let (nonce, expires_at) = match credential(&recipient) {
        Ok(credential) => credential,
        Err(reason) => return mail_delivery::skip(context, claim, reason).await,
    };
    let occasion = if recipient.has_chosen {
        Occasion::AccessReset
    } else {
        Occasion::NewAccount
    };
    let record = Record {
        kind: occasion.kind(),
        user_id,
        institution_id: recipient.institution_id,
        address: recipient.email.clone(),
    };
    let mail = compose(context, user_id, occasion, recipient, nonce, expires_at)?;
    mail_delivery::deliver(context, claim, record, &mail).await
}

async fn find(context: &Context, user_id: UserId) -> Result<Option<Recipient>> {
    let select = "
        SELECT u.email, u.first_name, u.last_name, u.institution_id, i.name AS institution_name, i.locale, i.time_zone,
            u.password_changed_at IS NOT NULL AS has_chosen, u.is_active, NOT COALESCE(i.is_active, true) AS is_suspended, u.credential_nonce, u.credential_expires_at
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
    occasion: Occasion,
    recipient: Recipient,
    nonce: CredentialNonce,
    expires_at: DateTime<Utc>,
) -> Result<Mail, JobError> {
    let mail = WelcomeMail {
        occasion,
        user_id,
        nonce,
        to_name: format!("{} {}", recipient.first_name, recipient.last_name),
        to_address: recipient.email,
        institution_name: recipient.institution_name.unwrap_or_else(|| "AcuRate".to_owned()),
        locale: recipient.locale.unwrap_or(Locale::En),
        password: TemporaryPassword::derive(&context.server_secret, user_id, &nonce),
        expires_at: local(expires_at, recipient.time_zone.as_deref()),
        sign_in_url: context.public_url.clone(),
    };
    mail.compose(&context.sender, Utc::now())
        .map_err(|error| JobError::Permanent(error.to_string()))
}
