//! Changing institutions: everything by the platform's owner, some of it by their administrators.

use super::{actions, home};
use crate::campus::{Campus, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::db::Expected;
use acurate_shared::entity::institution::Model;
use acurate_shared::error::Result;
use acurate_shared::ids::InstitutionId;
use acurate_shared::kinds::{InstitutionType, Locale};
use acurate_shared::platform::institutions::{self, InstitutionPatch, OwnInstitutionPatch, Particulars};

async fn update(campus: &Campus, actor: &Actor, id: InstitutionId, expected: Expected, patch: InstitutionPatch) -> Result<Model> {
    let work = campus.begin().await;
    let row = institutions::update(&work, actor, id, &expected, patch).await?;
    let _ = work.commit().await?;
    Ok(row)
}

async fn update_own(campus: &Campus, actor: &Actor, patch: OwnInstitutionPatch) -> Result<Model> {
    let work = campus.begin().await;
    let row = institutions::update_own(&work, actor, &Expected::Any, patch).await?;
    let _ = work.commit().await?;
    Ok(row)
}

fn renamed(name: &str) -> InstitutionPatch {
    InstitutionPatch {
        name: Some(name.into()),
        ..InstitutionPatch::default()
    }
}

#[tokio::test]
async fn the_owner_changes_what_is_named_and_nothing_else() {
    let campus = Campus::create().await;
    let id = home(&campus.admin);
    let patch = InstitutionPatch {
        locale: Some(Locale::En),
        particulars: Particulars {
            institution_type: Some(InstitutionType::Faculty),
            city: Some(Some(" Erzurum ".into())),
            country: Some(Some("tr".into())),
            address: Some(Some("Yakutiye\n25240".into())),
            contact_phone: Some(Some("+90 442 231 11 11".into())),
            ..Particulars::default()
        },
        ..InstitutionPatch::default()
    };
    let after = update(&campus, &campus.owner, id, Expected::Any, patch).await.unwrap();
    assert_eq!(after.name, "Atatürk Üniversitesi");
    assert_eq!((after.locale, after.institution_type), (Locale::En, InstitutionType::Faculty));
    assert_eq!((after.city.as_deref(), after.country.as_deref()), (Some("Erzurum"), Some("TR")));
    assert_eq!(after.address.as_deref(), Some("Yakutiye\n25240"));
    assert_eq!(actions(&campus, id).await, ["institution.created", "institution.updated"]);
    let emptied = InstitutionPatch {
        particulars: Particulars {
            city: Some(None),
            address: Some(Some("  ".into())),
            ..Particulars::default()
        },
        ..InstitutionPatch::default()
    };
    let emptied = update(&campus, &campus.owner, id, Expected::Any, emptied).await.unwrap();
    assert_eq!(
        (emptied.city, emptied.address, emptied.country.as_deref()),
        (None, None, Some("TR"))
    );
}

#[tokio::test]
async fn a_change_to_what_it_is_already_writes_nothing() {
    let campus = Campus::create().await;
    let id = home(&campus.admin);
    let before = institutions::own(campus.db(), &campus.admin).await.unwrap();
    let patch = renamed("Atatürk Üniversitesi");
    assert_eq!(update(&campus, &campus.owner, id, Expected::Any, patch).await.unwrap(), before);
    assert_eq!(actions(&campus, id).await, ["institution.created"]);
}

#[tokio::test]
async fn a_change_for_an_older_version_is_refused() {
    let campus = Campus::create().await;
    let id = home(&campus.admin);
    let read = institutions::own(campus.db(), &campus.admin).await.unwrap().version;
    let expected = Expected::OneOf(vec![read]);
    update(&campus, &campus.owner, id, expected.clone(), renamed("One")).await.unwrap();
    let late = update(&campus, &campus.owner, id, expected, renamed("Two")).await;
    assert_eq!(refusal(late), "outdated");
}

#[tokio::test]
async fn a_name_stays_unique_and_every_fault_is_named() {
    let campus = Campus::create().await;
    let id = home(&campus.admin);
    let taken = update(&campus, &campus.owner, id, Expected::Any, renamed("boğaziçi")).await;
    assert_eq!(refusal(taken), "name_in_use");
    let bad = InstitutionPatch {
        name: Some(" ".into()),
        time_zone: Some("Mars/Base".into()),
        particulars: Particulars {
            city: Some(Some("x".repeat(101))),
            website: Some(Some("ata.edu.tr".into())),
            ..Particulars::default()
        },
        ..InstitutionPatch::default()
    };
    assert_eq!(
        refusal(update(&campus, &campus.owner, id, Expected::Any, bad).await),
        "name: required, time_zone: unknown_time_zone, city: too_long, website: invalid_url"
    );
    let nowhere = update(&campus, &campus.owner, InstitutionId(999_999), Expected::Any, renamed("X")).await;
    assert_eq!(refusal(nowhere), "no institution");
    let refused = update(&campus, &campus.admin, id, Expected::Any, renamed("Mine")).await;
    assert_eq!(refusal(refused), "role_required");
}

#[tokio::test]
async fn an_administrator_changes_language_time_zone_and_contacts_of_its_own() {
    let campus = Campus::create().await;
    let patch = OwnInstitutionPatch {
        locale: Some(Locale::En),
        time_zone: Some("Europe/Berlin".into()),
        contact_email: Some(Some("Info@Ata.edu.tr".into())),
        website: Some(Some("https://ata.edu.tr".into())),
        ..OwnInstitutionPatch::default()
    };
    let after = update_own(&campus, &campus.admin, patch.clone()).await.unwrap();
    assert_eq!(after.id, home(&campus.admin));
    assert_eq!((after.locale, after.time_zone.as_str()), (Locale::En, "Europe/Berlin"));
    assert_eq!(after.contact_email.as_deref(), Some("info@ata.edu.tr"));
    let other = institutions::own(campus.db(), &campus.rival).await.unwrap();
    assert_eq!((other.locale, other.contact_email), (Locale::Tr, None));
    assert_eq!(refusal(update_own(&campus, &campus.owner, patch).await), "role_required");
}
