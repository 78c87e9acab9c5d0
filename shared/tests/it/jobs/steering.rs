//! What operators do with jobs: run them again, end them, put them away; one by one, and the dead by the hundred.

use crate::campus::{Campus, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::db::Work;
use acurate_shared::entity::job;
use acurate_shared::error::Result;
use acurate_shared::ids::{ImportId, JobId, UserId};
use acurate_shared::imports::request::{self, StudentImportOrder};
use acurate_shared::imports::view as imports;
use acurate_shared::jobs::bulk_retry::{DeadJobs, Retried, retry_dead};
use acurate_shared::jobs::ledger::{self, Claim};
use acurate_shared::jobs::{Job, Order, control, enqueue};
use acurate_shared::kinds::{ImportMode, ImportState, JobState, OnExisting, Role};
use acurate_shared::testing::job_settings;
use acurate_shared::transport::Queue;
use sea_orm::EntityTrait;

const FILE: &[u8] = b"student_number,email,first_name,last_name\n1,a@ata.edu.tr,Ada,Ak\n";

impl Campus {
    async fn ask_for(&self, actor: &Actor, job: &Job) -> JobId {
        let mut work = self.begin().await;
        let order = Order {
            institution_id: actor.institution_id,
            created_by: Some(actor.user_id),
        };
        let id = enqueue(&mut work, job, order).await.unwrap();
        let _ = work.commit().await.unwrap();
        id
    }

    async fn claim(&self, id: JobId) -> Claim {
        ledger::claim(self.database(), &job_settings(), id, "worker")
            .await
            .unwrap()
            .unwrap()
    }

    async fn kill(&self, id: JobId) {
        let claim = self.claim(id).await;
        ledger::fail(self.database(), &claim, "broken", None).await.unwrap();
    }

    async fn dead(&self, actor: &Actor, job: &Job) -> JobId {
        let id = self.ask_for(actor, job).await;
        self.kill(id).await;
        id
    }

    async fn job(&self, id: JobId) -> job::Model {
        job::Entity::find_by_id(id).one(self.db()).await.unwrap().unwrap()
    }

    /// Does something and commits it when it succeeds.
    async fn steer<T>(&self, deed: impl AsyncFnOnce(&Work) -> Result<T>) -> Result<T> {
        let work = self.begin().await;
        let done = deed(&work).await?;
        let _ = work.commit().await.unwrap();
        Ok(done)
    }

    async fn retry(&self, actor: &Actor, id: JobId) -> Result<()> {
        self.steer(async |work| control::retry(work, actor, id).await).await
    }

    async fn cancel(&self, actor: &Actor, id: JobId) -> Result<()> {
        self.steer(async |work| control::cancel(work, actor, id).await).await
    }

    async fn discard(&self, actor: &Actor, id: JobId) -> Result<()> {
        self.steer(async |work| control::discard(work, actor, id).await).await
    }

    async fn retry_dead(&self, actor: &Actor, which: &DeadJobs, dry_run: bool) -> Result<Retried> {
        self.steer(async |work| retry_dead(work, actor, which, dry_run).await).await
    }

    async fn import(&self) -> (ImportId, JobId) {
        let order = StudentImportOrder {
            mode: ImportMode::Apply,
            on_existing: OnExisting::Skip,
            send_welcome: false,
        };
        let mut work = self.begin().await;
        let accepted = request::students(&mut work, &self.admin, order, None, None, FILE).await.unwrap();
        let _ = work.commit().await.unwrap();
        (accepted.import_id, accepted.job_id)
    }

    async fn import_state(&self, id: ImportId) -> ImportState {
        imports::find(self.db(), &self.admin, id).await.unwrap().state
    }

    async fn deeds_on_jobs(&self) -> String {
        let select = "
            SELECT string_agg(action || ' ' || COALESCE(object_id::text, '-') || ' ' || COALESCE(institution_id::text, '-'), ', ' ORDER BY id) AS id
            FROM activity_log WHERE object_type = 'job'";
        self.value::<Option<String>, 0>(select, []).await.unwrap_or_default()
    }
}

fn mail(user: i64) -> Job {
    Job::WelcomeEmail { user_id: UserId(user) }
}

fn student(id: i64) -> Job {
    Job::Achievement {
        student_ids: vec![UserId(id)],
    }
}

#[tokio::test]
async fn a_dead_job_that_is_retried_waits_with_all_its_tries_and_keeps_its_history() {
    let campus = Campus::create().await;
    let id = campus.dead(&campus.admin, &mail(1)).await;
    campus.retry(&campus.admin, id).await.unwrap();
    let row = campus.job(id).await;
    assert_eq!((row.state, row.failures, row.attempt), (JobState::Queued, 0, 1));
    assert!(row.finished_at.is_none() && row.dispatched_at.is_none() && row.cancel_requested_at.is_none());
    let claim = campus.claim(id).await;
    assert_eq!(
        (claim.attempt, claim.failures),
        (2, 0),
        "the number of the run goes on: it fences the first"
    );
    let kept: i64 = campus
        .value("SELECT count(*) AS id FROM job_attempts WHERE job_id = $1", [id.into()])
        .await;
    assert_eq!(kept, 1);
    let home = campus.admin.institution_id.unwrap();
    assert_eq!(campus.deeds_on_jobs().await, format!("job.retried {id} {home}"));
}

#[tokio::test]
async fn what_cannot_be_retried_is_refused_with_the_reason() {
    let campus = Campus::create().await;
    let waiting = campus.ask_for(&campus.admin, &mail(1)).await;
    assert_eq!(refusal(campus.retry(&campus.owner, waiting).await), "job_not_retriable");
    let claim = campus.claim(waiting).await;
    assert_eq!(refusal(campus.retry(&campus.owner, waiting).await), "job_not_retriable");
    assert!(ledger::succeed(campus.db(), &claim, serde_json::json!({})).await.unwrap());
    assert_eq!(refusal(campus.retry(&campus.owner, waiting).await), "job_not_retriable");
    let dead = campus.dead(&campus.admin, &student(1)).await;
    campus.ask_for(&campus.admin, &student(1)).await;
    assert_eq!(refusal(campus.retry(&campus.owner, dead).await), "equal_job_waits");
    assert_eq!(campus.job(dead).await.state, JobState::Dead);
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_at_once_and_can_be_retried() {
    let campus = Campus::create().await;
    let id = campus.ask_for(&campus.admin, &mail(1)).await;
    campus.cancel(&campus.admin, id).await.unwrap();
    assert_eq!(campus.job(id).await.state, JobState::Cancelled);
    assert_eq!(refusal(campus.cancel(&campus.admin, id).await), "job_ended");
    campus.retry(&campus.admin, id).await.unwrap();
    assert_eq!(campus.claim(id).await.attempt, 1);
}

#[tokio::test]
async fn a_running_job_is_asked_to_end_once() {
    let campus = Campus::create().await;
    let id = campus.ask_for(&campus.admin, &mail(1)).await;
    campus.claim(id).await;
    campus.cancel(&campus.admin, id).await.unwrap();
    let first = campus.job(id).await;
    assert_eq!(first.state, JobState::Running);
    campus.cancel(&campus.admin, id).await.unwrap();
    assert_eq!(campus.job(id).await.cancel_requested_at, first.cancel_requested_at);
    assert!(first.cancel_requested_at.is_some());
}

#[tokio::test]
async fn an_import_that_was_told_to_have_ended_is_not_opened_again_by_its_job() {
    let campus = Campus::create().await;
    let (import, job) = campus.import().await;
    campus.cancel(&campus.admin, job).await.unwrap();
    assert_eq!(campus.import_state(import).await, ImportState::Cancelled);
    assert_eq!(campus.job(job).await.result, Some(serde_json::json!({ "import": "cancelled" })));
    assert_eq!(refusal(campus.retry(&campus.owner, job).await), "import_ended");
}

#[tokio::test]
async fn an_import_whose_job_died_goes_on_when_the_job_is_retried() {
    let campus = Campus::create().await;
    let (import, job) = campus.import().await;
    campus.kill(job).await;
    assert_eq!(campus.import_state(import).await, ImportState::Failed);
    campus.retry(&campus.admin, job).await.unwrap();
    assert_eq!(campus.import_state(import).await, ImportState::Queued);
    campus.kill(job).await;
    campus
        .execute("UPDATE imports SET upload_id = NULL WHERE id = $1", [import.into()])
        .await;
    assert_eq!(refusal(campus.retry(&campus.admin, job).await), "file_removed");
}

#[tokio::test]
async fn a_dead_job_that_is_put_away_tells_its_mail_and_its_import() {
    let campus = Campus::create().await;
    let (import, job) = campus.import().await;
    assert_eq!(refusal(campus.discard(&campus.owner, job).await), "job_not_dead");
    campus.kill(job).await;
    campus.discard(&campus.admin, job).await.unwrap();
    assert_eq!(campus.job(job).await.state, JobState::Cancelled);
    assert_eq!(campus.import_state(import).await, ImportState::Cancelled);
    assert_eq!(refusal(campus.retry(&campus.admin, job).await), "import_ended");

    let letter = campus.dead(&campus.admin, &mail(1)).await;
    let deliver = "
        INSERT INTO email_deliveries (institution_id, user_id, job_id, kind, message_id, state) VALUES ($1, $2, $3, 'welcome', 'm', 'sending')";
    let values = [campus.admin.institution_id.into(), campus.admin.user_id.into(), letter.into()];
    campus.execute(deliver, values).await;
    campus.discard(&campus.admin, letter).await.unwrap();
    let delivery = "SELECT state || ': ' || last_error AS id FROM email_deliveries WHERE message_id = 'm'";
    assert_eq!(campus.value::<String, 0>(delivery, []).await, "failed: put away by an operator");
    let dead: i64 = campus.value("SELECT count(*) AS id FROM jobs WHERE state = 'dead'", []).await;
    assert_eq!(dead, 0);
}

#[tokio::test]
async fn administrators_steer_their_own_jobs_and_nobody_else_any() {
    let campus = Campus::create().await;
    let id = campus.dead(&campus.admin, &mail(1)).await;
    let platform = campus.dead(&campus.owner, &mail(2)).await;
    let teacher = Actor {
        role: Role::Teacher,
        ..campus.admin.clone()
    };
    for (actor, job, answer) in [
        (&campus.rival, id, "no job"),
        (&campus.admin, platform, "no job"),
        (&campus.admin, JobId(0), "no job"),
        (&teacher, id, "role_required"),
    ] {
        assert_eq!(refusal(campus.retry(actor, job).await), answer);
        assert_eq!(refusal(campus.cancel(actor, job).await), answer);
        assert_eq!(refusal(campus.discard(actor, job).await), answer);
    }
    campus.retry(&campus.owner, platform).await.unwrap();
    campus.discard(&campus.owner, id).await.unwrap();
}

#[tokio::test]
async fn dead_jobs_are_retried_by_the_hundred_and_a_dry_run_only_counts() {
    let campus = Campus::create().await;
    for user in 1..=5 {
        campus.dead(&campus.admin, &mail(user)).await;
    }
    campus.dead(&campus.rival, &mail(6)).await;
    // Two equal ones died, a third one's equal waits, and an import was told to have ended.
    for _ in 0..2 {
        campus.dead(&campus.admin, &student(1)).await;
    }
    campus.dead(&campus.admin, &student(2)).await;
    campus.ask_for(&campus.admin, &student(2)).await;
    let (import, job) = campus.import().await;
    campus.kill(job).await;
    campus
        .execute(
            "UPDATE imports SET state = 'cancelled', finished_at = now() WHERE id = $1",
            [import.into()],
        )
        .await;

    let all = DeadJobs::default();
    let expected = Retried {
        dead: 9,
        retried: 6,
        equal_job_waits: 2,
        import_ended: 1,
        left: 0,
    };
    assert_eq!(campus.retry_dead(&campus.admin, &all, true).await.unwrap(), expected);
    let dead = async || {
        campus
            .value::<i64, 0>("SELECT count(*) AS id FROM jobs WHERE state = 'dead'", [])
            .await
    };
    assert_eq!(dead().await, 10, "nothing has changed");
    let letters = DeadJobs {
        kind: Some("welcome_email".to_owned()),
        queue: Some(Queue::Email),
        institution_id: campus.rival.institution_id,
    };
    assert_eq!(refusal(campus.retry_dead(&campus.admin, &letters, false).await), "no institution");
    assert_eq!(campus.retry_dead(&campus.owner, &letters, false).await.unwrap().retried, 1);
    assert_eq!(campus.retry_dead(&campus.admin, &all, false).await.unwrap(), expected);
    assert_eq!(dead().await, 3);
    let again = campus.retry_dead(&campus.admin, &all, false).await.unwrap();
    assert_eq!((again.dead, again.retried, again.equal_job_waits, again.import_ended), (3, 0, 2, 1));
    let deeds = campus.deeds_on_jobs().await;
    assert_eq!(deeds.matches("jobs.retried").count(), 2, "{deeds}");
}
