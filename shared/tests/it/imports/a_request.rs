//! Asking for an import.

use super::{ask, fingerprint, home};
use crate::campus::{Campus, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::entity::{import, job};
use acurate_shared::ids::UserId;
use acurate_shared::imports::request::{self, StudentImportOrder};
use acurate_shared::kinds::{ImportKind, ImportMode, ImportState, JobState, OnExisting, Role};
use sea_orm::EntityTrait;
use serde_json::json;

const FILE: &[u8] = b"student_number,email,first_name,last_name\n1,a@b.tr,A,B\n";

#[tokio::test]
async fn makes_an_import_its_job_and_its_file() {
    let campus = Campus::create().await;
    let accepted = ask(&campus, &campus.admin, FILE).await.unwrap();

    let import = import::Entity::find_by_id(accepted.import_id)
        .one(campus.db())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((import.kind, import.state), (ImportKind::Students, ImportState::Queued));
    assert_eq!(
        (import.mode, import.on_existing, import.send_welcome),
        (ImportMode::Apply, OnExisting::Update, true)
    );
    assert_eq!(
        (import.institution_id, import.created_by),
        (home(&campus.admin), Some(campus.admin.user_id))
    );
    assert_eq!((import.job_id, import.last_record, import.records_read), (accepted.job_id, 1, 0));
    assert!(import.upload_id.is_some());

    let job = job::Entity::find_by_id(accepted.job_id).one(campus.db()).await.unwrap().unwrap();
    assert_eq!(
        (job.kind.as_str(), job.queue.as_str(), job.state),
        ("student_import", "import", JobState::Queued)
    );
    assert_eq!(job.payload, json!({ "import_id": accepted.import_id.0 }));
    assert_eq!(
        (job.institution_id, job.created_by),
        (campus.admin.institution_id, Some(campus.admin.user_id))
    );

    let deed = "SELECT detail::text AS id FROM activity_log WHERE action = 'import.requested' AND object_id = $1 AND actor_id = $2";
    let detail: String = campus.value(deed, [accepted.import_id.into(), campus.admin.user_id.into()]).await;
    assert_eq!(detail, r#"{"kind": "students", "mode": "apply"}"#);
}

#[tokio::test]
async fn leaves_nothing_behind_when_its_work_is_dropped() {
    let campus = Campus::create().await;
    let before = fingerprint(campus.database()).await;
    let mut work = campus.begin().await;
    let order = StudentImportOrder {
        mode: ImportMode::DryRun,
        on_existing: OnExisting::Skip,
        send_welcome: false,
    };
    request::students(&mut work, &campus.admin, order, None, None, FILE).await.unwrap();
    work.rollback().await.unwrap();
    assert_eq!(fingerprint(campus.database()).await, before);
    for count in ["SELECT count(*) AS id FROM uploads", "SELECT count(*) AS id FROM upload_chunks"] {
        assert_eq!(campus.value::<i64, 0>(count, []).await, 0);
    }
}

#[tokio::test]
async fn is_for_institution_administrators_only() {
    let campus = Campus::create().await;
    let of = |role| Actor {
        user_id: UserId(1),
        role,
        institution_id: campus.admin.institution_id,
    };
    for actor in [of(Role::Teacher), of(Role::Student), campus.owner.clone()] {
        assert_eq!(refusal(ask(&campus, &actor, FILE).await), "role_required");
    }
    assert_eq!(campus.value::<i64, 0>("SELECT count(*) AS id FROM uploads", []).await, 0);
}
