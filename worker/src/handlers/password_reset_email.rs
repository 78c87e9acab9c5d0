//! Mails the link to choose a new password; its token is derived when the mail is written, so that each try holds the same one.
//!
//! A link that would not work any more is not mailed: it was used, replaced by a newer one, has expired, or the account
//! has got another address since.

use super::mail_delivery::{self, Record, local};
use crate::context::Context;
use crate::executor::{JobError, JobResult};
use crate::mailer::{Mail, PasswordResetMail};
use acurate_shared::db::sql;
use acurate_shared::error::Result;
use acurate_shared::identity::{CredentialNonce, reset_token};
use acurate_shared::ids::{InstitutionId, PasswordResetTokenId, UserId};
use acurate_shared::jobs::ledger::Claim;
use acurate_shared::kinds::{Locale, MailKind};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct Recipient {
    user_id: UserId,
    email: String,
    first_name: String,
    last_name: String,
    institution_id: Option<InstitutionId>,
    institution_name: Option<String>,
    locale: Option<Locale>,
    time_zone: Option<String>,
    is_active: bool,
    nonce: Vec<u8>,
    expires_at: DateTime<Utc>,
}

pub(super) async fn run(context: &Context, claim: &Claim, token_id: PasswordResetTokenId) -> JobResult {
    let Some(recipient) = find(context, token_id).await? else {
        return mail_delivery::skip(context, claim, "the link was used or replaced").await;
    };
    if !recipient.is_active {
        return mail_delivery::skip(context, claim, "the account is not active").await;
    }
    if recipient.expires_at <= Utc::now() {
        return mail_delivery::skip(context, claim, "the link has expired").await;
    }
    let record = Record {
        kind: MailKind::PasswordReset,
        user_id: recipient.user_id,
        institution_id: recipient.institution_id,
        address: recipient.email.clone(),
    };
    let mail = compose(context, token_id, recipient)?;
    mail_delivery::deliver(context, claim, record, &mail).await
}

async fn find(context: &Context, token_id: PasswordResetTokenId) -> Result<Option<Recipient>> {
    let select = "
        SELECT t.user_id, t.email, u.first_name, u.last_name, u.institution_id, i.name AS institution_name, i.locale, i.time_zone,
            u.is_active AND COALESCE(i.is_active, true) AS is_active, t.nonce, t.expires_at
        FROM password_reset_tokens t
        JOIN users u ON u.id = t.user_id AND u.email = t.email
        LEFT JOIN institutions i ON i.id = u.institution_id
        WHERE t.id = $1 AND t.used_at IS NULL";
    Ok(Recipient::find_by_statement(sql(select, [token_id.into()]))
        .one(context.database.orm())
        .await?)
}

fn compose(context: &Context, token_id: PasswordResetTokenId, recipient: Recipient) -> Result<Mail, JobError> {
    let unreadable = |_| JobError::Permanent("the nonce of the link cannot be read".to_owned());
    let nonce = CredentialNonce::try_from(recipient.nonce.as_slice()).map_err(unreadable)?;
    let mail = PasswordResetMail {
        user_id: recipient.user_id,
        nonce,
        to_name: format!("{} {}", recipient.first_name, recipient.last_name),
        to_address: recipient.email,
        institution_name: recipient.institution_name.unwrap_or_else(|| "AcuRate".to_owned()),
        locale: recipient.locale.unwrap_or(Locale::En),
        token: reset_token::derive(&context.server_secret, token_id, &nonce),
        expires_at: local(recipient.expires_at, recipient.time_zone.as_deref()),
        public_url: context.public_url.clone(),
    };
    mail.compose(&context.sender, Utc::now())
        .map_err(|error| JobError::Permanent(error.to_string()))
}
