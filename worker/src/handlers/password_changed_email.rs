//! Tells a user that its password was changed, so that it notices when that was somebody else.
//!
//! Whoever takes an account over may change its address first, or right after. The mail goes to the address that the account
//! had before the changes of the last month; who has got a new address for a good reason reads the earlier mailbox for a while.

use super::mail_delivery::{self, local};
use super::recipient::Recipient;
use crate::context::Context;
use crate::executor::{JobError, JobResult};
use crate::mailer::PasswordChangedMail;
use acurate_shared::ids::UserId;
use acurate_shared::jobs::ledger::Claim;
use acurate_shared::kinds::MailKind;
use chrono::{DateTime, TimeDelta, Utc};

/// For how long before a change of the password a change of the address is suspicious; as the schema keeps it.
const SUSPICIOUS: TimeDelta = TimeDelta::days(30);

pub(super) async fn run(context: &Context, claim: &Claim, user_id: UserId) -> JobResult {
    let Some(recipient) = Recipient::find(context, user_id).await? else {
        return mail_delivery::skip(context, claim, "the account is gone").await;
    };
    let Some(changed_at) = recipient.password_changed_at else {
        return mail_delivery::skip(context, claim, "the account has no password of its own").await;
    };
    if !recipient.is_open {
        return mail_delivery::skip(context, claim, "the account is not active").await;
    }
    let earlier = earlier_address(&recipient, changed_at);
    let is_earlier = earlier.is_some();
    let address = earlier.unwrap_or_else(|| recipient.email.clone());
    let mail = PasswordChangedMail {
        user_id,
        to: recipient.addressee(address.clone()),
        is_earlier,
        changed_at: local(changed_at, recipient.time_zone.as_deref()),
        public_url: context.public_url.clone(),
    };
    let mail = mail
        .compose(&context.sender, Utc::now())
        .map_err(|error| JobError::Permanent(error.to_string()))?;
    mail_delivery::deliver(context, claim, recipient.record(MailKind::PasswordChanged, address), &mail).await
}

/// The address before the present one, when that is too new to be trusted alone.
fn earlier_address(recipient: &Recipient, changed_at: DateTime<Utc>) -> Option<String> {
    let moved_at = recipient.email_changed_at?;
    if moved_at > changed_at - SUSPICIOUS {
        recipient.earlier_email.clone()
    } else {
        None
    }
}
