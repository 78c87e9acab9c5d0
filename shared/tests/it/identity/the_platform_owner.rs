//! The super admin's account.

use crate::campus::{Campus, PASSWORD, refusal};
use acurate_shared::identity::superuser;

fn order(email: &str, password: &str) -> superuser::Order {
    superuser::Order {
        email: email.into(),
        first_name: "Olga".into(),
        last_name: "Owner".into(),
        password: password.into(),
    }
}

#[tokio::test]
async fn is_made_once() {
    let campus = Campus::create().await;
    let checked = superuser::check(&campus.hasher, &order("OWNER@acurate.example", "another horse battery"))
        .await
        .unwrap();
    let work = campus.begin().await;
    assert_eq!(refusal(superuser::create(&work, checked).await), "email_in_use");
    work.rollback().await.unwrap();

    assert!(campus.sign_in("owner@acurate.example", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn is_recovered_with_a_new_password() {
    let campus = Campus::create().await;
    let session = campus.sign_in("owner@acurate.example", PASSWORD).await.unwrap();
    campus
        .execute("UPDATE users SET is_active = false WHERE id = $1", [session.user.id.into()])
        .await;
    let checked = superuser::check(&campus.hasher, &order("owner@acurate.example", "another horse battery"))
        .await
        .unwrap();
    let work = campus.begin().await;
    assert_eq!(superuser::reset(&work, checked).await.unwrap(), session.user.id);
    let _ = work.commit().await.unwrap();

    assert!(!campus.is_alive(&session).await);
    assert_eq!(
        refusal(campus.sign_in("owner@acurate.example", PASSWORD).await),
        "invalid_credentials"
    );
    assert!(campus.sign_in("owner@acurate.example", "another horse battery").await.is_ok());
}

#[tokio::test]
async fn is_the_only_one_who_is_recovered_this_way() {
    let campus = Campus::create().await;
    for (email, expected) in [
        ("admin@ata.edu.tr", "not_a_super_admin"),
        ("nobody@acurate.example", "no super admin"),
    ] {
        let checked = superuser::check(&campus.hasher, &order(email, "another horse battery"))
            .await
            .unwrap();
        let work = campus.begin().await;
        assert_eq!(refusal(superuser::reset(&work, checked).await), expected);
    }
}

#[tokio::test]
async fn obeys_the_rules_for_names_and_passwords() {
    let campus = Campus::create().await;
    let mut order = order("owner", "owner");
    order.first_name = " ".into();
    let refused = superuser::check(&campus.hasher, &order).await;
    assert_eq!(
        refusal(refused),
        "email: invalid_email, first_name: required, password: password_too_short, password: password_equals_email"
    );
}
