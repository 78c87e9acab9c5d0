//! Profile pictures in the database.

use super::actor;
use crate::campus::{Campus, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::identity::picture::{self, Picture};
use acurate_shared::identity::{Portrait, profile};
use sha2::{Digest, Sha256};

/// A picture of so many bytes; storing it does not look inside.
fn portrait(bytes: usize, content: u8) -> Portrait {
    Portrait {
        jpeg: vec![content; bytes],
        side: 512,
    }
}

async fn set(campus: &Campus, actor: &Actor, portrait: &Portrait) -> Picture {
    let work = campus.begin().await;
    let picture = picture::set(&work, actor, portrait).await.unwrap();
    let _ = work.commit().await.unwrap();
    picture
}

async fn remove(campus: &Campus, actor: &Actor) {
    let work = campus.begin().await;
    picture::remove(&work, actor).await.unwrap();
    let _ = work.commit().await.unwrap();
}

/// Uploads and their pieces in the database.
async fn stored(campus: &Campus) -> (i64, i64) {
    let uploads = campus.value("SELECT count(*) AS id FROM uploads", []).await;
    (uploads, campus.value("SELECT count(*) AS id FROM upload_chunks", []).await)
}

#[tokio::test]
async fn a_picture_is_read_back_as_it_was_set() {
    let campus = Campus::create().await;
    let student = actor(&campus, &campus.settled("1").await).await;
    assert!(!profile::me(campus.db(), &student).await.unwrap().has_picture);
    let portrait = portrait(600_000, 7);

    let set = set(&campus, &student, &portrait).await;

    assert_eq!(set.size_bytes, 600_000);
    assert_eq!(set.sha256, Sha256::digest(&portrait.jpeg).to_vec());
    assert_eq!(picture::find(campus.db(), &student, student.user_id).await.unwrap(), set);
    assert_eq!(picture::bytes(campus.db(), &set).await.unwrap(), portrait.jpeg);
    assert!(profile::me(campus.db(), &student).await.unwrap().has_picture);
    assert_eq!(stored(&campus).await, (1, 3), "in pieces");
    let kept = "SELECT concat(purpose, ' ', content_type, ' ', file_name) AS id FROM uploads";
    assert_eq!(campus.value::<String, 0>(kept, []).await, "profile_picture image/jpeg picture.jpg");
}

#[tokio::test]
async fn a_replaced_or_removed_picture_leaves_nothing_behind() {
    let campus = Campus::create().await;
    let student = actor(&campus, &campus.settled("1").await).await;
    let first = set(&campus, &student, &portrait(10, 1)).await;
    let second = set(&campus, &student, &portrait(20, 2)).await;
    assert_ne!(first.id, second.id);
    assert_eq!(stored(&campus).await, (1, 1));
    assert_eq!(refusal(picture::bytes(campus.db(), &first).await), "no picture");

    remove(&campus, &student).await;
    remove(&campus, &student).await;

    assert_eq!(stored(&campus).await, (0, 0));
    assert_eq!(refusal(picture::find(campus.db(), &student, student.user_id).await), "no picture");
    let deeds = campus.deeds(student.user_id).await;
    assert_eq!(deeds.iter().filter(|deed| *deed == "user.picture_set").count(), 2);
    assert_eq!(deeds.iter().filter(|deed| *deed == "user.picture_removed").count(), 1);
}

#[tokio::test]
async fn of_two_pictures_set_at_once_one_stays_and_the_other_leaves_nothing_behind() {
    let campus = Campus::create().await;
    let student = actor(&campus, &campus.settled("1").await).await;
    for round in 0..8 {
        let (one, two) = (portrait(10, round), portrait(10, round + 100));
        tokio::join!(set(&campus, &student, &one), set(&campus, &student, &two));
        assert_eq!(stored(&campus).await, (1, 1));
    }
}

#[tokio::test]
async fn a_picture_goes_with_its_user_and_with_a_change_that_is_undone() {
    let campus = Campus::create().await;
    let student = actor(&campus, &campus.settled("1").await).await;
    let picture = set(&campus, &student, &portrait(10, 1)).await;

    let work = campus.begin().await;
    picture::set(&work, &student, &portrait(10, 2)).await.unwrap();
    work.rollback().await.unwrap();
    assert_eq!(picture::find(campus.db(), &student, student.user_id).await.unwrap(), picture);
    assert_eq!(stored(&campus).await, (1, 1));

    campus.execute("DELETE FROM users WHERE id = $1", [student.user_id.into()]).await;
    assert_eq!(stored(&campus).await, (0, 0));
}

#[tokio::test]
async fn a_picture_is_seen_in_its_institution_only() {
    let campus = Campus::create().await;
    let student = actor(&campus, &campus.settled("1").await).await;
    let colleague = actor(&campus, &campus.settled("2").await).await;
    set(&campus, &student, &portrait(10, 1)).await;
    set(&campus, &campus.owner, &portrait(10, 2)).await;
    for (who, whose, is_seen) in [
        (&colleague, &student, true),
        (&campus.admin, &student, true),
        (&campus.rival, &student, false),
        (&campus.owner, &student, false),
        (&campus.owner, &campus.owner, true),
        (&student, &campus.owner, false),
        (&student, &colleague, false),
    ] {
        let found = picture::find(campus.db(), who, whose.user_id).await;
        assert_eq!(found.is_ok(), is_seen, "{who:?} {whose:?}");
    }
}

#[tokio::test]
async fn setting_a_picture_touches_no_other_column() {
    let campus = Campus::create().await;
    let student = actor(&campus, &campus.settled("1").await).await;
    let row = "SELECT (to_jsonb(u) - ARRAY['picture_upload_id', 'version', 'updated_at'])::text AS id FROM users u WHERE id = $1";
    let before: String = campus.value(row, [student.user_id.into()]).await;
    set(&campus, &student, &portrait(10, 1)).await;
    assert_eq!(campus.value::<String, 1>(row, [student.user_id.into()]).await, before);
}
