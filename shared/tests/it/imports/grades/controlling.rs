//! Asking for an import of grades, ending it, and applying a dry run.

use super::Exams;
use crate::campus::refusal;
use acurate_shared::actor::Actor;
use acurate_shared::entity::{import, job};
use acurate_shared::error::Result;
use acurate_shared::ids::ImportId;
use acurate_shared::imports::control;
use acurate_shared::imports::request::Accepted;
use acurate_shared::jobs::ledger;
use acurate_shared::kinds::{ImportKind, ImportMode, ImportState, JobState, Role};
use sea_orm::EntityTrait;
use std::time::Duration;

const FILE: &[u8] = b"student_number,Vize\n01,90\n";

impl Exams {
    async fn import(&self, id: ImportId) -> import::Model {
        let db = self.room.test.database().orm();
        import::Entity::find_by_id(id).one(db).await.unwrap().unwrap()
    }

    async fn job(&self, accepted: Accepted) -> job::Model {
        let db = self.room.test.database().orm();
        job::Entity::find_by_id(accepted.job_id).one(db).await.unwrap().unwrap()
    }

    async fn cancel(&self, actor: &Actor, id: ImportId) -> Result<()> {
        let work = self.room.work().await;
        control::cancel(&work, actor, id).await?;
        let _ = work.commit().await?;
        Ok(())
    }

    async fn apply_dry_run(&self, actor: &Actor, id: ImportId) -> Result<Accepted> {
        let mut work = self.room.work().await;
        let accepted = control::apply(&mut work, actor, id).await?;
        let _ = work.commit().await?;
        Ok(accepted)
    }

    /// Lets a worker have completed an import of one record.
    async fn complete(&self, accepted: Accepted) {
        let end = "UPDATE imports SET state = 'completed', records_total = 1, records_read = 1, created_count = 1, finished_at = now() WHERE id = $1";
        self.room.execute(end, [accepted.import_id.into()]).await;
        let end = "UPDATE jobs SET state = 'succeeded', finished_at = now() WHERE id = $1";
        self.room.execute(end, [accepted.job_id.into()]).await;
    }
}

#[tokio::test]
async fn an_import_of_grades_is_asked_for_by_who_may_grade() {
    let exams = Exams::open().await;
    let accepted = exams.ask(&exams.room.teacher, ImportMode::DryRun, FILE).await.unwrap();
    let import = exams.import(accepted.import_id).await;
    assert_eq!((import.kind, import.course_id), (ImportKind::Grades, Some(exams.course)));
    assert_eq!((import.send_welcome, import.rehearsal_id), (false, None));
    let job = exams.job(accepted).await;
    assert_eq!((job.kind.as_str(), job.queue.as_str()), ("grade_import", "import"));
    let colleague = exams.room.person(Role::Teacher).await;
    assert_eq!(refusal(exams.ask(&colleague, ImportMode::Apply, FILE).await), "not_your_course");
    let student = exams.room.as_student(exams.students[0]);
    assert_eq!(refusal(exams.ask(&student, ImportMode::Apply, FILE).await), "role_required");
    exams.ask(&exams.room.admin, ImportMode::Apply, FILE).await.unwrap();
    let uploads: i64 = exams.room.value("SELECT count(*) FROM uploads", []).await;
    assert_eq!(uploads, 2, "who is refused leaves no file behind");
}

#[tokio::test]
async fn an_import_that_waits_ends_at_once_and_its_job_never_runs() {
    let exams = Exams::open().await;
    let accepted = exams.ask(&exams.room.teacher, ImportMode::Apply, FILE).await.unwrap();
    exams.cancel(&exams.room.teacher, accepted.import_id).await.unwrap();
    let import = exams.import(accepted.import_id).await;
    assert_eq!((import.state, import.finished_at.is_some()), (ImportState::Cancelled, true));
    assert_eq!(exams.job(accepted).await.state, JobState::Cancelled);
    let claim = ledger::claim(exams.room.test.database(), accepted.job_id, "w", Duration::from_secs(9)).await;
    assert!(claim.unwrap().is_none());
    assert_eq!(refusal(exams.cancel(&exams.room.teacher, accepted.import_id).await), "import_ended");
}

#[tokio::test]
async fn an_import_that_runs_is_asked_to_end_and_the_request_is_kept() {
    let exams = Exams::open().await;
    let accepted = exams.ask(&exams.room.teacher, ImportMode::Apply, FILE).await.unwrap();
    let claim = ledger::claim(exams.room.test.database(), accepted.job_id, "w", Duration::from_secs(9)).await;
    assert!(claim.unwrap().is_some());
    exams.cancel(&exams.room.admin, accepted.import_id).await.unwrap();
    let asked = exams.job(accepted).await;
    assert_eq!(asked.state, JobState::Running);
    exams.cancel(&exams.room.teacher, accepted.import_id).await.unwrap();
    let again = exams.job(accepted).await;
    assert!(asked.cancel_requested_at.is_some() && again.cancel_requested_at == asked.cancel_requested_at);
    let view = acurate_shared::imports::view::find(exams.room.test.database().orm(), &exams.room.admin, accepted.import_id).await;
    assert!(view.unwrap().cancel_requested);
}

#[tokio::test]
async fn a_dry_run_is_applied_without_a_new_upload() {
    let exams = Exams::open().await;
    let rehearsal = exams.ask(&exams.room.teacher, ImportMode::DryRun, FILE).await.unwrap();
    let early = exams.apply_dry_run(&exams.room.teacher, rehearsal.import_id).await;
    assert_eq!(refusal(early), "dry_run_not_completed");
    exams.complete(rehearsal).await;
    let accepted = exams.apply_dry_run(&exams.room.teacher, rehearsal.import_id).await.unwrap();
    let (dry, wet) = (exams.import(rehearsal.import_id).await, exams.import(accepted.import_id).await);
    assert_eq!((wet.mode, wet.state), (ImportMode::Apply, ImportState::Queued));
    assert_eq!(wet.rehearsal_id, Some(rehearsal.import_id));
    assert_eq!(
        (wet.upload_id, wet.course_id, wet.layout),
        (dry.upload_id, dry.course_id, dry.layout)
    );
    exams.complete(accepted).await;
    let twice = exams.apply_dry_run(&exams.room.teacher, accepted.import_id).await;
    assert_eq!(refusal(twice), "not_a_dry_run");
    exams.room.execute("DELETE FROM uploads", []).await;
    let gone = exams.apply_dry_run(&exams.room.teacher, rehearsal.import_id).await;
    assert_eq!(refusal(gone), "file_removed");
}

#[tokio::test]
async fn who_may_not_import_may_neither_cancel_nor_apply() {
    let exams = Exams::open().await;
    let rehearsal = exams.ask(&exams.room.teacher, ImportMode::DryRun, FILE).await.unwrap();
    exams.complete(rehearsal).await;
    let colleague = exams.room.person(Role::Teacher).await;
    assert_eq!(refusal(exams.cancel(&colleague, rehearsal.import_id).await), "no import");
    assert_eq!(refusal(exams.apply_dry_run(&colleague, rehearsal.import_id).await), "no import");
    // Who asked for it still sees it, but the course has another teacher now.
    let update = "UPDATE courses SET teacher_id = $1";
    exams.room.execute(update, [colleague.user_id.into()]).await;
    let former = exams.apply_dry_run(&exams.room.teacher, rehearsal.import_id).await;
    assert_eq!(refusal(former), "not_your_course");
    assert_eq!(
        refusal(exams.cancel(&exams.room.teacher, rehearsal.import_id).await),
        "not_your_course"
    );
    exams.apply_dry_run(&colleague, rehearsal.import_id).await.unwrap();
}
