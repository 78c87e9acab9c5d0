//! Contact requests: from the visitor to the archive.

use super::PAGE;
use crate::campus::{Campus, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::db::Expected;
use acurate_shared::entity::contact_request::Model;
use acurate_shared::error::Result;
use acurate_shared::ids::ContactRequestId;
use acurate_shared::kinds::{ContactRequestStatus, ContactRequestType, InstitutionType};
use acurate_shared::platform::contact_requests::{self, ContactRequestFilter, ContactRequestPatch, NewContactRequest};

fn order(name: &str) -> NewContactRequest {
    NewContactRequest {
        institution_name: name.into(),
        institution_type: InstitutionType::University,
        contact_name: "Conan O'Neil <b>".into(),
        contact_email: "Conan@Example.edu".into(),
        contact_phone: Some("555 01 01 ext. 7".into()),
        request_type: ContactRequestType::Demo,
        message: Some("Our data: <script>\nand more".into()),
    }
}

async fn create(campus: &Campus, order: NewContactRequest) -> Result<Model> {
    let work = campus.begin().await;
    let row = contact_requests::create(&work, order).await?;
    let _ = work.commit().await?;
    Ok(row)
}

async fn update(campus: &Campus, actor: &Actor, id: ContactRequestId, expected: Expected, patch: ContactRequestPatch) -> Result<Model> {
    let work = campus.begin().await;
    let row = contact_requests::update(&work, actor, id, &expected, patch).await?;
    let _ = work.commit().await?;
    Ok(row)
}

async fn delete(campus: &Campus, actor: &Actor, id: ContactRequestId) -> Result<()> {
    let work = campus.begin().await;
    contact_requests::delete(&work, actor, id).await?;
    let _ = work.commit().await?;
    Ok(())
}

fn moved(status: ContactRequestStatus) -> ContactRequestPatch {
    ContactRequestPatch {
        status: Some(status),
        ..ContactRequestPatch::default()
    }
}

#[tokio::test]
async fn a_request_is_stored_as_it_was_written() {
    let campus = Campus::create().await;
    let row = create(&campus, order("  Üniversite  ")).await.unwrap();
    assert_eq!(row.institution_name, "Üniversite");
    assert_eq!(row.contact_name, "Conan O'Neil <b>");
    assert_eq!(row.contact_email, "conan@example.edu");
    assert_eq!(row.message.as_deref(), Some("Our data: <script>\nand more"));
    assert_eq!((row.status, row.notes.clone()), (ContactRequestStatus::Pending, None));
    assert_eq!(contact_requests::find(campus.db(), &campus.owner, row.id).await.unwrap(), row);
}

#[tokio::test]
async fn every_fault_is_named() {
    let campus = Campus::create().await;
    let bad = NewContactRequest {
        institution_name: " ".into(),
        contact_name: "x".repeat(256),
        contact_email: "nobody".into(),
        contact_phone: Some("1".repeat(51)),
        message: Some("x".repeat(5001)),
        ..order("X")
    };
    assert_eq!(
        refusal(create(&campus, bad).await),
        "institution_name: required, contact_name: too_long, contact_email: invalid_email, contact_phone: too_long, message: too_long"
    );
}

#[tokio::test]
async fn a_form_that_is_sent_twice_even_at_once_is_one_request() {
    let campus = Campus::create().await;
    let (one, two) = tokio::join!(create(&campus, order("X")), create(&campus, order("X")));
    let first = one.unwrap();
    assert_eq!(two.unwrap().id, first.id);
    let mut other = order("X");
    other.message = None;
    let other = create(&campus, other).await.unwrap();
    assert_ne!(other.id, first.id);
    campus
        .execute("UPDATE contact_requests SET created_at = now() - interval '25 hours'", [])
        .await;
    assert_ne!(create(&campus, order("X")).await.unwrap().id, first.id);
}

#[tokio::test]
async fn the_owner_works_them_off_with_status_and_notes() {
    let campus = Campus::create().await;
    let row = create(&campus, order("X")).await.unwrap();
    let patch = ContactRequestPatch {
        status: Some(ContactRequestStatus::DemoScheduled),
        notes: Some(Some("12 March,\n14:00".into())),
    };
    let expected = Expected::OneOf(vec![row.version]);
    let after = update(&campus, &campus.owner, row.id, expected.clone(), patch).await.unwrap();
    assert_eq!(after.status, ContactRequestStatus::DemoScheduled);
    assert_eq!(after.notes.as_deref(), Some("12 March,\n14:00"));
    let late = update(&campus, &campus.owner, row.id, expected, moved(ContactRequestStatus::Completed)).await;
    assert_eq!(refusal(late), "outdated");
    let emptied = ContactRequestPatch {
        status: None,
        notes: Some(None),
    };
    let emptied = update(&campus, &campus.owner, row.id, Expected::Any, emptied).await.unwrap();
    assert_eq!((emptied.notes, emptied.status), (None, ContactRequestStatus::DemoScheduled));
    let logged = "SELECT array_agg(action ORDER BY id) AS id FROM activity_log WHERE object_type = 'contact_request'";
    let logged: Vec<String> = campus.value(logged, []).await;
    assert_eq!(
        logged,
        ["contact_request.created", "contact_request.updated", "contact_request.updated"]
    );
}

#[tokio::test]
async fn only_archived_ones_are_deleted_and_only_by_the_owner() {
    let campus = Campus::create().await;
    let id = create(&campus, order("X")).await.unwrap().id;
    for status in [ContactRequestStatus::Pending, ContactRequestStatus::Completed] {
        update(&campus, &campus.owner, id, Expected::Any, moved(status)).await.unwrap();
        assert_eq!(refusal(delete(&campus, &campus.owner, id).await), "contact_request_not_archived");
    }
    update(&campus, &campus.owner, id, Expected::Any, moved(ContactRequestStatus::Archived))
        .await
        .unwrap();
    assert_eq!(refusal(delete(&campus, &campus.admin, id).await), "role_required");
    assert_eq!(
        refusal(contact_requests::find(campus.db(), &campus.admin, id).await),
        "role_required"
    );
    let patch = moved(ContactRequestStatus::Pending);
    assert_eq!(
        refusal(update(&campus, &campus.admin, id, Expected::Any, patch).await),
        "role_required"
    );
    delete(&campus, &campus.owner, id).await.unwrap();
    assert_eq!(refusal(delete(&campus, &campus.owner, id).await), "no contact request");
}

#[tokio::test]
async fn they_are_found_by_text_status_and_kind_in_any_order() {
    let campus = Campus::create().await;
    let ilk = create(&campus, order("İlk Okul")).await.unwrap().id;
    let mut second = order("Zweite Schule");
    second.request_type = ContactRequestType::Pricing;
    second.contact_email = "rektor@schule.de".into();
    let zweite = create(&campus, second).await.unwrap().id;
    update(&campus, &campus.owner, ilk, Expected::Any, moved(ContactRequestStatus::Contacted))
        .await
        .unwrap();
    let search = |text: &str| ContactRequestFilter {
        search: Some(text.into()),
        ..ContactRequestFilter::default()
    };
    let all = ContactRequestFilter::default();
    for (filter, expected) in [
        (all.clone(), vec![zweite, ilk]),
        (search("ilk"), vec![ilk]),
        (search("SCHULE.de"), vec![zweite]),
        (search("o'neil"), vec![zweite, ilk]),
        (search("_"), vec![]),
        (
            ContactRequestFilter {
                sort: Some("institution_name".into()),
                ..all.clone()
            },
            vec![ilk, zweite],
        ),
        (
            ContactRequestFilter {
                status: Some(ContactRequestStatus::Contacted),
                ..all.clone()
            },
            vec![ilk],
        ),
        (
            ContactRequestFilter {
                request_type: Some(ContactRequestType::Pricing),
                ..all.clone()
            },
            vec![zweite],
        ),
    ] {
        let page = contact_requests::list(campus.db(), &campus.owner, &filter, PAGE).await.unwrap();
        let found: Vec<ContactRequestId> = page.items.iter().map(|row| row.id).collect();
        assert_eq!(found, expected, "{filter:?}");
        assert_eq!(page.total, expected.len() as u64);
    }
    let refused = contact_requests::list(campus.db(), &campus.admin, &all, PAGE).await;
    assert_eq!(refusal(refused), "role_required");
}
