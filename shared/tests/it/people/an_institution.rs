//! Making and finding institutions.

use super::{PAGE, home};
use crate::campus::{Campus, person, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::error::Result;
use acurate_shared::ids::InstitutionId;
use acurate_shared::kinds::{Locale, Role};
use acurate_shared::people::institutions::{self, Created, NewInstitution};

fn order(name: &str, email: &str) -> NewInstitution {
    NewInstitution {
        name: name.into(),
        locale: Some(Locale::En),
        time_zone: Some("Europe/Berlin".into()),
        admin: person(email),
    }
}

async fn create(campus: &Campus, actor: &Actor, order: NewInstitution) -> Result<Created> {
    let mut work = campus.begin().await;
    let created = institutions::create(&mut work, actor, &campus.settings, order).await?;
    let _ = work.commit().await?;
    Ok(created)
}

#[tokio::test]
async fn comes_with_an_administrator_who_is_mailed_a_password_that_works() {
    let campus = Campus::create().await;
    let created = create(&campus, &campus.owner, order(" Cambridge ", "Dean@Cam.ac.uk"))
        .await
        .unwrap();

    assert_eq!(created.institution.name, "Cambridge");
    assert_eq!(created.institution.locale, Locale::En);
    assert_eq!(created.institution.time_zone, "Europe/Berlin");
    assert_eq!(created.admin.email, "dean@cam.ac.uk");
    assert_eq!(campus.welcome_mails(created.admin.id).await, 1);
    let mailed = campus.mailed(created.admin.id).await;
    let session = campus.sign_in("dean@cam.ac.uk", mailed.expose()).await.unwrap();
    assert_eq!(session.user.institution_id, Some(created.institution.id));
    assert_eq!(session.user.role, Role::InstitutionAdmin);
    let logged = "SELECT count(*) AS id FROM activity_log WHERE action = 'institution.created' AND institution_id = $1";
    assert_eq!(campus.value::<i64, 1>(logged, [created.institution.id.into()]).await, 1);
}

#[tokio::test]
async fn is_turkish_unless_it_says_otherwise() {
    let campus = Campus::create().await;
    let own = institutions::find(campus.db(), &campus.owner, home(&campus.admin)).await.unwrap();
    assert_eq!((own.locale, own.time_zone.as_str()), (Locale::Tr, "Europe/Istanbul"));
}

#[tokio::test]
async fn is_made_whole_or_not_at_all() {
    let campus = Campus::create().await;
    let taken = create(&campus, &campus.owner, order("Cambridge", "admin@ata.edu.tr")).await;
    assert_eq!(refusal(taken), "email_in_use");
    let made = "SELECT count(*) AS id FROM institutions WHERE name = 'Cambridge'";
    assert_eq!(campus.value::<i64, 0>(made, []).await, 0);

    let same = create(&campus, &campus.owner, order("boğaziçi", "dean@cam.ac.uk")).await;
    assert_eq!(refusal(same), "name_in_use");
}

#[tokio::test]
async fn is_made_by_the_platform_owner_only_and_of_valid_parts() {
    let campus = Campus::create().await;
    let refused = create(&campus, &campus.admin, order("Cambridge", "dean@cam.ac.uk")).await;
    assert_eq!(refusal(refused), "role_required");

    for zone in ["Europe/Ankara", "posix/Europe/Berlin", "UTC+3", "x"] {
        let mut bad = order("Cambridge", "dean@cam.ac.uk");
        bad.time_zone = Some(zone.into());
        assert_eq!(
            refusal(create(&campus, &campus.owner, bad).await),
            "time_zone: unknown_time_zone",
            "{zone}"
        );
    }
    let mut bad = order("", "dean");
    bad.admin.last_name = "x".repeat(151);
    bad.admin.phone = Some("ext. 5".into());
    assert_eq!(
        refusal(create(&campus, &campus.owner, bad).await),
        "name: required, admin.email: invalid_email, admin.last_name: too_long, admin.phone: invalid_phone"
    );
}

#[tokio::test]
async fn is_seen_by_its_own_people_and_the_platform_owner() {
    let campus = Campus::create().await;
    let (own, other) = (home(&campus.admin), home(&campus.rival));
    assert_eq!(institutions::find(campus.db(), &campus.admin, own).await.unwrap().id, own);
    assert_eq!(institutions::find(campus.db(), &campus.owner, other).await.unwrap().id, other);
    for (actor, id) in [(&campus.admin, other), (&campus.owner, InstitutionId(999_999))] {
        assert_eq!(refusal(institutions::find(campus.db(), actor, id).await), "no institution");
    }
}

#[tokio::test]
async fn is_listed_for_the_platform_owner_only() {
    let campus = Campus::create().await;
    let all = institutions::list(campus.db(), &campus.owner, None, PAGE).await.unwrap();
    assert_eq!(all.total, 2);
    assert_eq!(all.items[0].name, "Atatürk Üniversitesi");
    let some = institutions::list(campus.db(), &campus.owner, Some("boğ"), PAGE).await.unwrap();
    assert_eq!((some.total, some.items[0].id), (1, home(&campus.rival)));
    let refused = institutions::list(campus.db(), &campus.admin, None, PAGE).await;
    assert_eq!(refusal(refused), "role_required");
}
