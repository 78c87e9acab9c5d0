//! How far an import is.

use super::ask;
use crate::campus::Campus;
use acurate_shared::db::sql;
use acurate_shared::entity::{import, import_error};
use acurate_shared::error::{Error, Result, constraint};
use acurate_shared::ids::ImportId;
use acurate_shared::imports::ledger::{self, ImportRow};
use acurate_shared::imports::student_batch::Applied;
use acurate_shared::imports::{Delimiter, Encoding, Fault, FileError, FileWarning, RowError, Survey};
use acurate_shared::kinds::ImportState;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

async fn asked(campus: &Campus) -> ImportRow {
    let accepted = ask(campus, &campus.admin, b"student_number").await.unwrap();
    ledger::load(campus.db(), accepted.import_id).await.unwrap().unwrap()
}

fn survey(records: u64) -> Survey {
    Survey {
        records,
        delimiter: Delimiter::Tab,
        warnings: vec![FileWarning::UnknownColumn { name: "hobby".into() }],
    }
}

/// An import of so many records that runs.
async fn running(campus: &Campus, records: u64) -> ImportRow {
    let import = asked(campus).await;
    ledger::surveyed(campus.db(), import.id, Encoding::Windows1254, &survey(records))
        .await
        .unwrap();
    import
}

async fn stored(campus: &Campus, id: ImportId) -> import::Model {
    import::Entity::find_by_id(id).one(campus.db()).await.unwrap().unwrap()
}

fn created(created: u64) -> Applied {
    Applied {
        created,
        ..Applied::default()
    }
}

fn is_internal<T>(result: Result<T>) -> bool {
    matches!(result, Err(Error::Internal(..)))
}

#[tokio::test]
async fn keeps_what_the_survey_found() {
    let campus = Campus::create().await;
    let id = running(&campus, 3).await.id;
    let import = stored(&campus, id).await;
    assert_eq!(import.state, ImportState::Running);
    assert_eq!(
        (import.encoding.as_deref(), import.delimiter.as_deref()),
        (Some(Encoding::Windows1254.as_str()), Some("\t"))
    );
    assert_eq!(import.records_total, Some(3));
    assert_eq!(import.warnings[0]["code"], "unknown_column");
    assert_eq!(import.warnings[0]["message_en"], "Unknown column ignored: hobby");
    let started = import.started_at.unwrap();

    ledger::surveyed(campus.db(), id, Encoding::Utf8, &survey(3)).await.unwrap();
    assert_eq!(
        stored(&campus, id).await.started_at,
        Some(started),
        "a later run goes on with the same import"
    );
}

#[tokio::test]
async fn adds_batches_up_and_ends_with_their_sums() {
    let campus = Campus::create().await;
    let mut import = running(&campus, 11).await;
    let batch = Applied {
        created: 1,
        updated: 2,
        unchanged: 3,
        rejected: 4,
        errors: Vec::new(),
    };
    ledger::add(campus.db(), &import, &batch, 11).await.unwrap();
    import = ledger::load(campus.db(), import.id).await.unwrap().unwrap();
    assert_eq!((import.last_record, import.records_read), (11, 10));
    ledger::add(campus.db(), &import, &created(1), 14).await.unwrap();

    let counts = ledger::complete(campus.db(), import.id).await.unwrap();
    assert_eq!(
        serde_json::to_value(&counts).unwrap(),
        serde_json::json!({"records_read": 11, "created_count": 2, "updated_count": 2, "unchanged_count": 3, "rejected_count": 4})
    );
    let import = stored(&campus, import.id).await;
    assert_eq!((import.state, import.last_record), (ImportState::Completed, 14));
    assert!(import.finished_at.is_some());
}

#[tokio::test]
async fn counts_no_batch_twice() {
    let campus = Campus::create().await;
    let import = running(&campus, 10).await;
    ledger::add(campus.db(), &import, &created(5), 6).await.unwrap();
    assert!(
        is_internal(ledger::add(campus.db(), &import, &created(5), 6).await),
        "the cursor is elsewhere"
    );
    let here = ledger::load(campus.db(), import.id).await.unwrap().unwrap();
    assert!(
        is_internal(ledger::add(campus.db(), &here, &created(5), 6).await),
        "the cursor would stay"
    );
    assert_eq!(stored(&campus, import.id).await.records_read, 5);

    let waiting = asked(&campus).await;
    assert!(
        is_internal(ledger::add(campus.db(), &waiting, &created(1), 2).await),
        "the import does not run"
    );
}

#[tokio::test]
async fn keeps_every_error_of_every_record_in_order() {
    let campus = Campus::create().await;
    let import = running(&campus, 2).await;
    let errors = vec![
        RowError::new(3, Some("email"), "x", Fault::InvalidEmail),
        RowError::new(2, None, "a,b", Fault::TooFewColumns { expected: 4, found: 2 }),
        RowError::new(3, Some("first_name"), "", Fault::EmptyRequired),
        RowError::new(3, Some("phone"), "a\0b", Fault::NotANumber),
    ];
    let batch = Applied {
        rejected: 2,
        errors,
        ..Applied::default()
    };
    ledger::add(campus.db(), &import, &batch, 3).await.unwrap();
    let stored = import_error::Entity::find()
        .filter(import_error::Column::ImportId.eq(import.id))
        .order_by_asc(import_error::Column::Record)
        .order_by_asc(import_error::Column::Seq);
    let stored = stored.all(campus.db()).await.unwrap();
    let errors: Vec<_> = stored
        .iter()
        .map(|error| {
            (
                error.record,
                error.seq,
                error.column_name.as_deref(),
                error.value.as_deref(),
                error.code.as_str(),
            )
        })
        .collect();
    let expected = [
        (2, 0, None, Some("a,b"), "too_few_columns"),
        (3, 0, Some("email"), Some("x"), "invalid_email"),
        (3, 1, Some("first_name"), Some(""), "empty_required"),
        (3, 2, Some("phone"), Some("a␀b"), "not_a_number"),
    ];
    assert_eq!(errors, expected);
    assert_eq!(stored[0].message_en, "Too few columns: the header has 4, this record has 2.");
    assert_eq!(stored[0].message_tr, "Eksik sütun: başlıkta 4, bu kayıtta 2 sütun var.");
}

#[tokio::test]
async fn is_complete_only_when_every_record_was_read() {
    let campus = Campus::create().await;
    assert!(
        is_internal(ledger::complete(campus.db(), asked(&campus).await.id).await),
        "never counted"
    );
    let import = running(&campus, 2).await;
    ledger::add(campus.db(), &import, &created(1), 2).await.unwrap();
    assert!(is_internal(ledger::complete(campus.db(), import.id).await), "one is missing");
    assert_eq!(stored(&campus, import.id).await.state, ImportState::Running);
    let import = ledger::load(campus.db(), import.id).await.unwrap().unwrap();
    ledger::add(campus.db(), &import, &created(1), 3).await.unwrap();
    ledger::complete(campus.db(), import.id).await.unwrap();
}

#[tokio::test]
async fn is_held_to_its_sums_by_the_database() {
    let campus = Campus::create().await;
    let id = running(&campus, 2).await.id;
    for (change, expected) in [
        ("records_read = 1", "imports_counts_check"),
        ("created_count = 1", "imports_counts_check"),
        ("state = 'completed'", "imports_complete_check"),
        ("created_count = -1, rejected_count = 1", "imports_created_count_check"),
    ] {
        let update = format!("UPDATE imports SET {change} WHERE id = $1");
        let error = campus.db().execute_raw(sql(&update, [id.into()])).await.unwrap_err();
        assert_eq!(constraint(&error), Some(expected), "{change}");
    }
}

#[tokio::test]
async fn says_why_a_file_cannot_be_read() {
    let campus = Campus::create().await;
    let id = asked(&campus).await.id;
    let failure = ledger::fail(campus.db(), id, &FileError::NoDataRows).await.unwrap();
    let import = stored(&campus, id).await;
    assert_eq!(import.state, ImportState::Failed);
    assert!(import.started_at.is_some() && import.finished_at.is_some());
    assert_eq!(import.failure.as_ref(), Some(&failure));
    assert_eq!(failure["code"], FileError::NoDataRows.code());
    assert_eq!(failure["message_en"], "The file has no record below its header.");
}

#[tokio::test]
async fn does_not_open_what_has_ended() {
    let campus = Campus::create().await;
    for end in ["completed", "failed", "cancelled"] {
        let import = running(&campus, 1).await;
        ledger::add(campus.db(), &import, &created(1), 2).await.unwrap();
        match end {
            "completed" => drop(ledger::complete(campus.db(), import.id).await.unwrap()),
            "failed" => drop(ledger::fail(campus.db(), import.id, &FileError::Empty).await.unwrap()),
            _ => ledger::cancel(campus.db(), import.id).await.unwrap(),
        }
        let ended = stored(&campus, import.id).await;
        assert_eq!(ended.state.as_str(), end);
        let here = ledger::load(campus.db(), import.id).await.unwrap().unwrap();
        assert!(is_internal(
            ledger::surveyed(campus.db(), import.id, Encoding::Utf8, &survey(1)).await
        ));
        assert!(is_internal(ledger::add(campus.db(), &here, &created(1), 9).await));
        assert!(is_internal(ledger::complete(campus.db(), import.id).await));
        assert!(is_internal(ledger::fail(campus.db(), import.id, &FileError::Empty).await));
        assert!(is_internal(ledger::cancel(campus.db(), import.id).await));
        assert_eq!(stored(&campus, import.id).await, ended);
    }
}
