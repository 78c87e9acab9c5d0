//! Tells whoever asked for an import what became of it: the counts, or why it failed, and where to look.

use super::mail_delivery;
use super::recipient::Recipient;
use crate::context::Context;
use crate::executor::{JobError, JobResult};
use crate::mailer::{ImportFinishedMail, ImportOutcome};
use acurate_shared::db::sql;
use acurate_shared::error::Result;
use acurate_shared::ids::{ImportId, UserId};
use acurate_shared::imports::ledger::Counts;
use acurate_shared::jobs::ledger::Claim;
use acurate_shared::kinds::{ImportKind, ImportState, JobState, Locale, MailKind};
use chrono::Utc;
use sea_orm::FromQueryResult;
use serde_json::Value;

#[derive(FromQueryResult)]
struct Import {
    created_by: Option<UserId>,
    kind: ImportKind,
    state: ImportState,
    job_state: JobState,
    file_name: Option<String>,
    failure: Option<Value>,
    records_read: i64,
    created_count: i64,
    updated_count: i64,
    unchanged_count: i64,
    rejected_count: i64,
}

pub(super) async fn run(context: &Context, claim: &Claim, import_id: ImportId) -> JobResult {
    let Some(import) = find(context, import_id).await? else {
        return mail_delivery::skip(context, claim, "the import is gone").await;
    };
    let recipient = match import.created_by {
        Some(user_id) => Recipient::find(context, user_id).await?,
        None => None,
    };
    let Some(recipient) = recipient else {
        return mail_delivery::skip(context, claim, "whoever asked for the import is gone").await;
    };
    if !recipient.is_open {
        return mail_delivery::skip(context, claim, "the account is not active").await;
    }
    let to = recipient.addressee(recipient.email.clone());
    let Some(outcome) = outcome(&import, to.locale) else {
        return mail_delivery::skip(context, claim, "the import has not ended, or was cancelled").await;
    };
    let mail = ImportFinishedMail {
        import_id,
        to,
        kind: import.kind,
        file_name: import.file_name,
        outcome,
        public_url: context.public_url.clone(),
    };
    let mail = mail
        .compose(&context.sender, Utc::now())
        .map_err(|error| JobError::Permanent(error.to_string()))?;
    let record = recipient.record(MailKind::ImportFinished, recipient.email.clone());
    mail_delivery::deliver(context, claim, record, &mail).await
}

async fn find(context: &Context, id: ImportId) -> Result<Option<Import>> {
    let select = "
        SELECT i.created_by, i.kind, i.state, j.state AS job_state, u.file_name, i.failure, i.records_read, i.created_count, i.updated_count,
            i.unchanged_count, i.rejected_count
        FROM imports i JOIN jobs j ON j.id = i.job_id LEFT JOIN uploads u ON u.id = i.upload_id WHERE i.id = $1";
    Ok(Import::find_by_statement(sql(select, [id.into()]))
        .one(context.database.orm())
        .await?)
}

/// `None` for an end that its user asked for, and for none.
fn outcome(import: &Import, locale: Locale) -> Option<ImportOutcome> {
    let counts = Counts {
        records_read: import.records_read,
        created_count: import.created_count,
        updated_count: import.updated_count,
        unchanged_count: import.unchanged_count,
        rejected_count: import.rejected_count,
    };
    match (import.state, import.job_state) {
        (ImportState::Completed, _) => Some(ImportOutcome::Completed(counts)),
        (ImportState::Failed, _) => Some(ImportOutcome::Failed {
            counts,
            reason: reason(import.failure.as_ref(), locale),
        }),
        (_, JobState::Dead) => Some(ImportOutcome::Failed { counts, reason: None }),
        _ => None,
    }
}

/// The sentence that the import itself tells.
fn reason(failure: Option<&Value>, locale: Locale) -> Option<String> {
    let field = match locale {
        Locale::Tr => "message_tr",
        Locale::En => "message_en",
    };
    failure?.get(field)?.as_str().map(str::to_owned)
}
