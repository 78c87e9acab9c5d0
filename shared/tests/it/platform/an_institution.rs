//! Making, finding and changing institutions.

use super::{PAGE, home, named};
use crate::campus::{Campus, person, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::error::Result;
use acurate_shared::ids::InstitutionId;
use acurate_shared::kinds::{InstitutionType, Locale, Role};
use acurate_shared::platform::institutions::{self, Created, InstitutionFilter, NewInstitution, Particulars};

fn order(name: &str, email: &str) -> NewInstitution {
    NewInstitution {
        name: name.into(),
        locale: Some(Locale::En),
        time_zone: Some("Europe/Berlin".into()),
        particulars: Particulars {
            city: Some(Some("Cambridge".into())),
            country: Some(Some("gb".into())),
            website: Some(Some("https://www.cam.ac.uk".into())),
            ..Particulars::default()
        },
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
    assert_eq!(created.institution.institution_type, InstitutionType::University);
    assert_eq!(created.institution.country.as_deref(), Some("GB"));
    assert_eq!(created.institution.website.as_deref(), Some("https://www.cam.ac.uk"));
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
    let own = institutions::own(campus.db(), &campus.admin).await.unwrap();
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
    bad.particulars.country = Some(Some("Türkiye".into()));
    bad.particulars.website = Some(Some("javascript:alert(1)".into()));
    bad.particulars.contact_email = Some(Some("nobody".into()));
    assert_eq!(
        refusal(create(&campus, &campus.owner, bad).await),
        "name: required, country: invalid_country, website: invalid_url, contact_email: invalid_email, admin.email: invalid_email, admin.last_name: too_long, admin.phone: invalid_phone"
    );
}

#[tokio::test]
async fn is_seen_by_its_administrators_and_the_platform_owner() {
    let campus = Campus::create().await;
    let (own, other) = (home(&campus.admin), home(&campus.rival));
    let find = async |actor: &Actor, id| institutions::find(campus.db(), actor, id).await.map(|found| found.institution.id);
    assert_eq!(find(&campus.admin, own).await.unwrap(), own);
    assert_eq!(find(&campus.owner, other).await.unwrap(), other);
    for (actor, id) in [(&campus.admin, other), (&campus.owner, InstitutionId(999_999))] {
        assert_eq!(refusal(find(actor, id).await), "no institution");
    }
    let student = campus.settled("1").await.user;
    let student = Actor {
        user_id: student.id,
        role: Role::Student,
        institution_id: Some(own),
    };
    assert_eq!(refusal(find(&student, own).await), "role_required");
    assert_eq!(institutions::own(campus.db(), &student).await.unwrap().id, own);
    assert_eq!(refusal(institutions::own(campus.db(), &campus.owner).await), "no_institution");
}

#[tokio::test]
async fn is_listed_with_its_sizes_and_the_last_sign_in_of_its_administrators() {
    let campus = Campus::create().await;
    let own = home(&campus.admin);
    campus.settled("1").await;
    campus.settled("2").await;
    let (department, _) = campus.department(own, "CENG").await;
    let course = "
        INSERT INTO courses (institution_id, department_id, code, title, credits, academic_year, semester)
        VALUES ($1, $2, 'C1', 'Course', 5, 2024, 'fall')";
    campus.execute(course, [own.into(), department.into()]).await;
    let mailed = campus.mailed(campus.admin.user_id).await;
    campus.sign_in("admin@ata.edu.tr", mailed.expose()).await.unwrap();

    let filter = InstitutionFilter::default();
    let all = institutions::list(campus.db(), &campus.owner, &filter, PAGE).await.unwrap();
    assert_eq!((all.total, all.items.len()), (2, 2));
    let (ata, bogazici) = (&all.items[0], &all.items[1]);
    assert_eq!(ata.institution.name, "Atatürk Üniversitesi");
    let sizes = ata.sizes;
    assert_eq!((sizes.administrators, sizes.teachers, sizes.students, sizes.courses), (1, 0, 2, 1));
    assert!(ata.admins_last_sign_in_at.is_some());
    assert_eq!((bogazici.sizes.students, bogazici.sizes.courses), (0, 0));
    assert!(bogazici.admins_last_sign_in_at.is_none());
    assert_eq!(institutions::find(campus.db(), &campus.owner, own).await.unwrap(), *ata);
    let refused = institutions::list(campus.db(), &campus.admin, &filter, PAGE).await;
    assert_eq!(refusal(refused), "role_required");
}

#[tokio::test]
async fn is_found_by_name_city_country_kind_and_state_in_any_order() {
    let campus = Campus::create().await;
    create(&campus, &campus.owner, order("Zuse Institut", "dean@zuse.de"))
        .await
        .unwrap();
    let change = "UPDATE institutions SET is_active = false, city = 'İstanbul', institution_type = 'school' WHERE id = $1";
    campus.execute(change, [home(&campus.rival).into()]).await;
    let (ata, bogazici, zuse) = ("Atatürk Üniversitesi", "Boğaziçi", "Zuse Institut");
    let sorted = |sort: &str| InstitutionFilter {
        sort: Some(sort.into()),
        ..InstitutionFilter::default()
    };
    let all = InstitutionFilter::default();
    for (filter, expected) in [
        (all.clone(), vec![ata, bogazici, zuse]),
        (sorted("-name"), vec![zuse, bogazici, ata]),
        (sorted("-created_at"), vec![zuse, bogazici, ata]),
        (sorted("city"), vec![zuse, bogazici, ata]),
        (sorted("institution_type,-name"), vec![bogazici, zuse, ata]),
        (named("BOĞ"), vec![bogazici]),
        (named("ISTANBUL"), vec![bogazici]),
        (named("cambridge"), vec![zuse]),
        (named("%"), vec![]),
        (
            InstitutionFilter {
                country: Some("gb".into()),
                ..all.clone()
            },
            vec![zuse],
        ),
        (
            InstitutionFilter {
                is_active: Some(false),
                ..all.clone()
            },
            vec![bogazici],
        ),
        (
            InstitutionFilter {
                institution_type: Some(InstitutionType::University),
                ..all.clone()
            },
            vec![ata, zuse],
        ),
    ] {
        let page = institutions::list(campus.db(), &campus.owner, &filter, PAGE).await.unwrap();
        let names: Vec<&str> = page.items.iter().map(|listed| listed.institution.name.as_str()).collect();
        assert_eq!(names, expected, "{filter:?}");
        assert_eq!(page.total, expected.len() as u64);
    }
    let refused = institutions::list(campus.db(), &campus.owner, &sorted("password_hash"), PAGE).await;
    assert_eq!(refusal(refused), "sort: unknown_sort");
}
