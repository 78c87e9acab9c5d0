//! Imports as administrators see them.

use super::ask;
use crate::campus::{Campus, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::db::PageRequest;
use acurate_shared::ids::{ImportId, UserId};
use acurate_shared::imports::request::Accepted;
use acurate_shared::imports::student_batch::Applied;
use acurate_shared::imports::{Delimiter, Encoding, Fault, FileError, RowError, Survey, ledger, view};
use acurate_shared::kinds::{ImportState, Role};

async fn asked(campus: &Campus, actor: &Actor) -> Accepted {
    ask(campus, actor, b"student_number").await.unwrap()
}

/// An import that runs and has refused records 2 to `last`, each for two reasons.
async fn with_errors(campus: &Campus, last: u64) -> ImportId {
    let id = asked(campus, &campus.admin).await.import_id;
    let survey = Survey {
        records: last,
        delimiter: Delimiter::Semicolon,
        warnings: Vec::new(),
    };
    ledger::surveyed(campus.db(), id, Encoding::Utf8, &survey).await.unwrap();
    let import = ledger::load(campus.db(), id).await.unwrap().unwrap();
    let both = |record| {
        [
            RowError::new(record, Some("email"), "x", Fault::InvalidEmail),
            RowError::new(record, Some("last_name"), "", Fault::EmptyRequired),
        ]
    };
    let applied = Applied {
        rejected: last - 1,
        errors: (2..=last).flat_map(both).collect(),
        ..Applied::default()
    };
    ledger::add(campus.db(), &import, &applied, i64::try_from(last).unwrap())
        .await
        .unwrap();
    id
}

#[tokio::test]
async fn of_an_import_shows_its_file_and_how_far_it_is() {
    let campus = Campus::create().await;
    let id = with_errors(&campus, 4).await;
    let import = view::find(campus.db(), &campus.admin, id).await.unwrap();
    assert_eq!((import.id, import.state), (id, ImportState::Running));
    assert_eq!(import.file_name.as_deref(), Some("students.csv"));
    assert_eq!(
        (import.encoding.as_deref(), import.delimiter.as_deref()),
        (Some(Encoding::Utf8.as_str()), Some(";"))
    );
    assert_eq!((import.records_total, import.records_read, import.rejected_count), (Some(4), 3, 3));
    assert_eq!((import.created_count, import.updated_count, import.unchanged_count), (0, 0, 0));
    assert_eq!(import.created_by, Some(campus.admin.user_id));
    assert!(import.failure.is_none() && import.finished_at.is_none());
}

#[tokio::test]
async fn is_of_ones_own_institution_only() {
    let campus = Campus::create().await;
    let id = with_errors(&campus, 3).await;
    let page = PageRequest::new(1, 10);
    assert_eq!(refusal(view::find(campus.db(), &campus.rival, id).await), "no import");
    assert_eq!(refusal(view::errors(campus.db(), &campus.rival, id, page).await), "no import");
    assert_eq!(
        refusal(view::find(campus.db(), &campus.admin, ImportId(i64::MAX)).await),
        "no import"
    );
    let all = view::Filter::default();
    let list = view::list(campus.db(), &campus.rival, all, page).await.unwrap();
    assert_eq!((list.items.len(), list.total), (0, 0));
    let of = |role| Actor {
        user_id: UserId(1),
        role,
        institution_id: campus.admin.institution_id,
    };
    let teacher = of(Role::Teacher);
    assert_eq!(
        refusal(view::find(campus.db(), &teacher, id).await),
        "no import",
        "students are no teacher's affair"
    );
    assert_eq!(view::list(campus.db(), &teacher, all, page).await.unwrap().total, 0);
    for actor in [of(Role::Student), campus.owner.clone()] {
        assert_eq!(refusal(view::find(campus.db(), &actor, id).await), "role_required");
        assert_eq!(refusal(view::list(campus.db(), &actor, all, page).await), "role_required");
        assert_eq!(refusal(view::errors(campus.db(), &actor, id, page).await), "role_required");
    }
}

#[tokio::test]
async fn of_all_imports_begins_with_the_newest() {
    let campus = Campus::create().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(asked(&campus, &campus.admin).await.import_id);
    }
    asked(&campus, &campus.rival).await;
    ids.reverse();
    let mut seen = Vec::new();
    for page in 1..=4 {
        let list = view::list(campus.db(), &campus.admin, view::Filter::default(), PageRequest::new(page, 2))
            .await
            .unwrap();
        assert_eq!(list.total, 5);
        seen.extend(list.items.iter().map(|import| import.id));
    }
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn of_an_import_whose_job_ended_without_a_word_ends_too() {
    let campus = Campus::create().await;
    for (job_state, expected, code) in [
        ("dead", ImportState::Failed, Some("job_failed")),
        ("cancelled", ImportState::Cancelled, None),
        ("running", ImportState::Queued, None),
    ] {
        let accepted = asked(&campus, &campus.admin).await;
        let update = "
            UPDATE jobs SET state = $2, error = 'secret cause', worker = 'w',
                lease_until = CASE WHEN $2 = 'running' THEN now() END, finished_at = CASE WHEN $2 <> 'running' THEN now() END
            WHERE id = $1";
        campus.execute(update, [accepted.job_id.into(), job_state.into()]).await;

        let found = view::find(campus.db(), &campus.admin, accepted.import_id).await.unwrap();
        let list = view::list(
            campus.db(),
            &campus.admin,
            view::Filter {
                state: Some(expected),
                ..view::Filter::default()
            },
            PageRequest::new(1, 1),
        )
        .await
        .unwrap();
        for import in [&found, &list.items[0]] {
            assert_eq!(import.state, expected);
            assert_eq!(import.finished_at.is_some(), job_state != "running");
            assert_eq!(import.failure.as_ref().and_then(|failure| failure["code"].as_str()), code);
            let told = import.failure.as_ref().map(ToString::to_string).unwrap_or_default();
            assert!(!told.contains("secret"));
        }
    }
}

#[tokio::test]
async fn of_an_import_that_ended_by_itself_says_what_the_import_says() {
    let campus = Campus::create().await;
    let accepted = asked(&campus, &campus.admin).await;
    ledger::fail(campus.db(), accepted.import_id, &FileError::Empty).await.unwrap();
    let kill = "UPDATE jobs SET state = 'dead', finished_at = now() WHERE id = $1";
    campus.execute(kill, [accepted.job_id.into()]).await;
    let import = view::find(campus.db(), &campus.admin, accepted.import_id).await.unwrap();
    assert_eq!(import.failure.unwrap()["code"], FileError::Empty.code());
}

#[tokio::test]
async fn of_errors_goes_page_by_page_in_the_order_of_the_file() {
    let campus = Campus::create().await;
    let id = with_errors(&campus, 6).await;
    let mut seen = Vec::new();
    for page in 1..=5 {
        let errors = view::errors(campus.db(), &campus.admin, id, PageRequest::new(page, 3))
            .await
            .unwrap();
        assert_eq!(errors.total, 10);
        seen.extend(errors.items.iter().map(|error| (error.record, error.seq)));
    }
    let expected: Vec<(i64, i32)> = (2..=6).flat_map(|record| [(record, 0), (record, 1)]).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn of_errors_streams_from_place_to_place_and_loses_none() {
    let campus = Campus::create().await;
    with_errors(&campus, 4).await;
    let id = with_errors(&campus, 6).await;
    for limit in [1, 3, 100] {
        let (mut place, mut seen) = ((0, -1), Vec::new());
        loop {
            let errors = view::errors_after(campus.db(), id, place.0, place.1, limit).await.unwrap();
            let Some(last) = errors.last() else { break };
            place = (last.record, last.seq);
            seen.extend(errors.iter().map(|error| (error.record, error.seq)));
        }
        let expected: Vec<(i64, i32)> = (2..=6).flat_map(|record| [(record, 0), (record, 1)]).collect();
        assert_eq!(seen, expected);
    }
}
