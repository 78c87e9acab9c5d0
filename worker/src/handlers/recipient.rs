//! Whom a mail is for, as the account is when the mail is written.

use super::mail_delivery::Record;
use crate::context::Context;
use crate::mailer::Addressee;
use acurate_shared::db::sql;
use acurate_shared::error::Result;
use acurate_shared::ids::{InstitutionId, UserId};
use acurate_shared::kinds::{Locale, MailKind};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

/// An account that mails are written to.
#[derive(FromQueryResult)]
pub(super) struct Recipient {
    pub(super) user_id: UserId,
    pub(super) email: String,
    first_name: String,
    last_name: String,
    pub(super) institution_id: Option<InstitutionId>,
    institution_name: Option<String>,
    locale: Option<Locale>,
    pub(super) time_zone: Option<String>,
    /// The account and its institution are both active.
    pub(super) is_open: bool,
    pub(super) mail_grades: bool,
    pub(super) password_changed_at: Option<DateTime<Utc>>,
    pub(super) earlier_email: Option<String>,
    pub(super) email_changed_at: Option<DateTime<Utc>>,
}

impl Recipient {
    /// The account of a user; `None` when it is gone.
    pub(super) async fn find(context: &Context, user_id: UserId) -> Result<Option<Self>> {
        let select = "
            SELECT u.id AS user_id, u.email, u.first_name, u.last_name, u.institution_id, i.name AS institution_name, i.locale, i.time_zone,
                u.is_active AND COALESCE(i.is_active, true) AS is_open, u.mail_grades, u.password_changed_at, u.earlier_email, u.email_changed_at
            FROM users u LEFT JOIN institutions i ON i.id = u.institution_id WHERE u.id = $1";
        Ok(Self::find_by_statement(sql(select, [user_id.into()]))
            .one(context.database.orm())
            .await?)
    }

    /// How it is addressed, at `address`.
    pub(super) fn addressee(&self, address: String) -> Addressee {
        Addressee {
            name: format!("{} {}", self.first_name, self.last_name),
            address,
            institution: self.institution_name.clone().unwrap_or_else(|| "AcuRate".to_owned()),
            locale: self.locale.unwrap_or(Locale::En),
        }
    }

    /// What is recorded of a mail to `address`.
    pub(super) fn record(&self, kind: MailKind, address: String) -> Record {
        Record {
            kind,
            user_id: self.user_id,
            institution_id: self.institution_id,
            address,
        }
    }
}
