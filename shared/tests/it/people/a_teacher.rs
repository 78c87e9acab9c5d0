//! Making and finding teachers.

use super::{PAGE, home, of};
use crate::campus::{Campus, person, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::error::Result;
use acurate_shared::ids::DepartmentId;
use acurate_shared::kinds::Role;
use acurate_shared::people::teachers::{self, NewTeacher, Teacher, TeacherFilter};

async fn create(campus: &Campus, actor: &Actor, email: &str, department_id: Option<DepartmentId>) -> Result<Teacher> {
    let mut work = campus.begin().await;
    let order = NewTeacher {
        person: person(email),
        department_id,
    };
    let teacher = teachers::create(&mut work, actor, &campus.settings, order).await?;
    let _ = work.commit().await?;
    Ok(teacher)
}

#[tokio::test]
async fn is_made_by_the_administrator_and_mailed_a_password_that_works() {
    let campus = Campus::create().await;
    let (department, _) = campus.department(home(&campus.admin), "CENG").await;
    let teacher = create(&campus, &campus.admin, "t@ata.edu.tr", Some(department)).await.unwrap();

    assert_eq!(teacher.department_id, Some(department));
    assert_eq!(campus.welcome_mails(teacher.id).await, 1);
    let mailed = campus.mailed(teacher.id).await;
    let session = campus.sign_in("t@ata.edu.tr", mailed.expose()).await.unwrap();
    assert_eq!(session.user.role, Role::Teacher);
    assert_eq!(campus.deeds(teacher.id).await, ["teacher.created", "user.signed_in"]);
}

#[tokio::test]
async fn is_of_a_department_of_the_institution() {
    let campus = Campus::create().await;
    let (foreign, _) = campus.department(home(&campus.rival), "CENG").await;
    let refused = create(&campus, &campus.admin, "t", Some(foreign)).await;
    assert_eq!(refusal(refused), "email: invalid_email, department_id: unknown_department");
}

#[tokio::test]
async fn is_the_business_of_administrators_of_its_institution() {
    let campus = Campus::create().await;
    let teacher = create(&campus, &campus.admin, "t@ata.edu.tr", None).await.unwrap();
    assert_eq!(teachers::find(campus.db(), &campus.admin, teacher.id).await.unwrap(), teacher);
    assert_eq!(refusal(teachers::find(campus.db(), &campus.rival, teacher.id).await), "no teacher");
    assert_eq!(
        refusal(teachers::find(campus.db(), &campus.admin, campus.admin.user_id).await),
        "no teacher"
    );
    let filter = TeacherFilter::default();
    assert_eq!(teachers::list(campus.db(), &campus.rival, &filter, PAGE).await.unwrap().total, 0);
    for actor in [of(&campus, Role::Teacher, teacher.id), campus.owner.clone()] {
        assert_eq!(refusal(create(&campus, &actor, "x@ata.edu.tr", None).await), "role_required");
        assert_eq!(refusal(teachers::find(campus.db(), &actor, teacher.id).await), "role_required");
        assert_eq!(refusal(teachers::list(campus.db(), &actor, &filter, PAGE).await), "role_required");
    }
}

#[tokio::test]
async fn is_found_by_address_name_department_and_activity() {
    let campus = Campus::create().await;
    let (department, _) = campus.department(home(&campus.admin), "CENG").await;
    let ali = create(&campus, &campus.admin, "ali@ata.edu.tr", Some(department)).await.unwrap();
    create(&campus, &campus.admin, "veli@ata.edu.tr", None).await.unwrap();
    let rename = "UPDATE users SET first_name = 'Ali', last_name = 'Çelik', is_active = false WHERE id = $1";
    campus.execute(rename, [ali.id.into()]).await;
    let search = |text: &str| TeacherFilter {
        search: Some(text.into()),
        ..TeacherFilter::default()
    };
    for (filter, expected) in [
        (TeacherFilter::default(), 2),
        (search("ALI@"), 1),
        (search("ali ç"), 1),
        (search("%"), 0),
        (search("  "), 2),
        (
            TeacherFilter {
                department_id: Some(department),
                ..TeacherFilter::default()
            },
            1,
        ),
        (
            TeacherFilter {
                is_active: Some(true),
                ..TeacherFilter::default()
            },
            1,
        ),
    ] {
        let page = teachers::list(campus.db(), &campus.admin, &filter, PAGE).await.unwrap();
        assert_eq!(
            (page.total, page.items.len()),
            (expected, usize::try_from(expected).unwrap()),
            "{filter:?}"
        );
    }
}
