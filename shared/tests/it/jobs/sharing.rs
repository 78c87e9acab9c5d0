//! Bulk work of many institutions: each gets its turn, none more than its share, and nothing is lost or asked for in vain.

use super::{Desk, ids};
use acurate_shared::ids::{InstitutionId, JobId, UserId};
use acurate_shared::jobs::ledger;
use acurate_shared::jobs::outbox::{self, Dispatched};
use acurate_shared::jobs::{Job, Order, enqueue_many};
use acurate_shared::kinds::JobState;
use futures::future::join_all;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

/// Jobs of an institution that may run.
const SHARE: u32 = 3;

impl Desk {
    async fn with_shares() -> Self {
        let mut desk = Self::open().await;
        let mut settings = (*desk.settings).clone();
        settings.heavy_per_institution = SHARE;
        desk.settings = Arc::new(settings);
        desk
    }

    async fn institution(&self, name: &str) -> InstitutionId {
        self.value("INSERT INTO institutions (name) VALUES ($1) RETURNING id", [name.into()])
            .await
    }

    /// So many recalculations of an institution, none equal to another.
    async fn backlog(&self, institution_id: Option<InstitutionId>, jobs: i64) -> Vec<JobId> {
        let first = institution_id.map_or(0, |id| id.0) * 1_000_000;
        let jobs: Vec<Job> = (first..first + jobs)
            .map(|id| Job::Recalculation {
                student_ids: vec![UserId(id)],
            })
            .collect();
        let order = Order {
            institution_id,
            created_by: None,
        };
        let mut work = self.work().await;
        let mut ids = enqueue_many(&mut work, &jobs, order).await.unwrap();
        let _ = work.commit().await.unwrap();
        ids.sort_unstable_by_key(|id| id.0);
        ids
    }

    async fn take(&self, limit: u64) -> Vec<Dispatched> {
        outbox::take_due(self.database(), &self.settings, "recalculation", limit)
            .await
            .unwrap()
    }

    async fn institutions(&self, messages: &[Dispatched]) -> Vec<Option<InstitutionId>> {
        let mut found = Vec::new();
        for message in messages {
            found.push(self.row(message.job_id).await.institution_id);
        }
        found
    }
}

#[tokio::test]
async fn two_institutions_with_deep_backlogs_are_served_by_turns_each_up_to_its_share() {
    let desk = Desk::with_shares().await;
    let (first, second) = (desk.institution("A").await, desk.institution("B").await);
    let backlog = desk.backlog(Some(first), 3000).await;
    desk.backlog(Some(second), 3000).await;
    let taken = desk.take(500).await;
    let served = desk.institutions(&taken).await;
    assert_eq!(
        served,
        [Some(first), Some(second)].repeat(3),
        "one after the other, and the window stays open"
    );
    assert_eq!(desk.take(500).await, [], "nothing more while these are on their way");
    assert_eq!(
        taken.iter().filter(|message| backlog[..3].contains(&message.job_id)).count(),
        3,
        "the oldest"
    );
}

#[tokio::test]
async fn a_late_institution_does_not_wait_behind_an_early_ones_backlog() {
    let desk = Desk::with_shares().await;
    let (early, late) = (desk.institution("A").await, desk.institution("B").await);
    desk.backlog(Some(early), 5000).await;
    for message in desk.take(500).await {
        desk.claim(message.job_id).await;
    }
    let [only] = desk.backlog(Some(late), 1).await[..] else {
        panic!("one job")
    };
    assert_eq!(ids(&desk.take(500).await), [only]);
    desk.claim(only).await;
}

#[tokio::test]
async fn a_job_that_ends_makes_room_for_one_more_until_all_are_done() {
    let desk = Desk::with_shares().await;
    let institutions = [desk.institution("A").await, desk.institution("B").await];
    for id in institutions {
        desk.backlog(Some(id), 20).await;
    }
    let mut most: HashMap<Option<InstitutionId>, i64> = HashMap::new();
    let mut rounds = 0;
    loop {
        let taken = desk.take(500).await;
        if taken.is_empty() {
            break;
        }
        rounds += 1;
        let mut claims = Vec::new();
        for message in &taken {
            claims.push(desk.claim(message.job_id).await);
        }
        for institution in institutions {
            let running = "SELECT count(*) FROM jobs WHERE state = 'running' AND institution_id = $1";
            let running: i64 = desk.value(running, [institution.into()]).await;
            let most = most.entry(Some(institution)).or_default();
            *most = running.max(*most);
        }
        for claim in &claims {
            assert!(ledger::succeed(desk.database().orm(), claim, json!({})).await.unwrap());
        }
    }
    assert_eq!(rounds, 7, "20 jobs, 3 at a time");
    assert!(most.values().all(|most| *most == i64::from(SHARE)), "{most:?}");
    assert!(desk.states().await.iter().all(|state| *state == JobState::Succeeded));
}

#[tokio::test]
async fn of_many_claims_at_the_same_time_no_more_than_the_share_succeed_and_the_rest_is_sent_again_later() {
    let desk = Desk::with_shares().await;
    let (one, other) = (desk.institution("A").await, desk.institution("B").await);
    let mut jobs = desk.backlog(Some(one), 12).await;
    jobs.extend(desk.backlog(Some(other), 12).await);
    desk.execute("UPDATE jobs SET dispatched_at = now(), dispatches = 1", []).await;
    let claims: Vec<_> = join_all(jobs.iter().map(|id| desk.try_claim(*id)))
        .await
        .into_iter()
        .flatten()
        .collect();
    for institution in [one, other] {
        let running = claims.iter().filter(|claim| claim.institution_id == Some(institution)).count();
        assert_eq!(running, SHARE as usize);
    }
    let waiting: i64 = desk
        .value("SELECT count(*) FROM jobs WHERE state = 'queued' AND dispatched_at IS NULL", [])
        .await;
    assert_eq!(waiting, 18, "the refused ones are the dispatcher's again");
    assert_eq!(desk.take(500).await, [], "which does not send them while there is no room");
    let done = claims.iter().find(|claim| claim.institution_id == Some(other)).unwrap();
    assert!(ledger::succeed(desk.database().orm(), done, json!({})).await.unwrap());
    let sent = desk.take(500).await;
    assert_eq!(desk.institutions(&sent).await, [Some(other)], "one place, one message");
    assert!(desk.try_claim(sent[0].job_id).await.is_some());
}

#[tokio::test]
async fn imports_and_recalculations_of_an_institution_share_its_places() {
    let desk = Desk::with_shares().await;
    let institution = desk.institution("A").await;
    let import = "INSERT INTO jobs (kind, queue, payload, max_attempts, institution_id) VALUES ('student_import', 'import', '{}', 5, $1) RETURNING id";
    for _ in 0..2 {
        let id: JobId = desk.value(import, [institution.into()]).await;
        desk.claim(id).await;
    }
    let jobs = desk.backlog(Some(institution), 2).await;
    assert_eq!(ids(&desk.take(500).await), jobs[..1]);
    desk.claim(jobs[0]).await;
    assert!(desk.try_claim(jobs[1]).await.is_none());
    let id: JobId = desk.value(import, [institution.into()]).await;
    assert!(desk.try_claim(id).await.is_none());
}

#[tokio::test]
async fn single_students_and_the_platforms_own_work_are_not_counted() {
    let desk = Desk::with_shares().await;
    let institution = desk.institution("A").await;
    for id in desk.backlog(Some(institution), 3).await {
        desk.claim(id).await;
    }
    let order = Order {
        institution_id: Some(institution),
        created_by: None,
    };
    let mut work = desk.work().await;
    let single: Vec<Job> = (1..=10).map(super::student).collect();
    let single = enqueue_many(&mut work, &single, order).await.unwrap();
    let _ = work.commit().await.unwrap();
    for id in single {
        desk.claim(id).await;
    }
    let platform = desk.backlog(None, 10).await;
    assert_eq!(ids(&desk.take(500).await), platform);
    for id in platform {
        desk.claim(id).await;
    }
}

#[tokio::test]
async fn a_message_that_counts_as_lost_takes_no_place() {
    let desk = Desk::with_shares().await;
    let institution = desk.institution("A").await;
    let jobs = desk.backlog(Some(institution), 4).await;
    assert_eq!(ids(&desk.take(500).await), jobs[..3]);
    desk.execute(
        "UPDATE jobs SET dispatched_at = now() - interval '1001 seconds' WHERE dispatched_at IS NOT NULL",
        [],
    )
    .await;
    let again = desk.take(500).await;
    assert_eq!(ids(&again), jobs[..3]);
    assert!(again.iter().all(|message| message.dispatch == 2));
}

#[tokio::test]
async fn several_dispatchers_at_once_send_no_job_twice() {
    let desk = Desk::with_shares().await;
    for name in ["A", "B", "C"] {
        let institution = desk.institution(name).await;
        desk.backlog(Some(institution), 50).await;
    }
    let (a, b, c) = tokio::join!(desk.take(500), desk.take(500), desk.take(500));
    let mut taken = ids(&[a, b, c].concat());
    let all = taken.len();
    taken.sort_unstable_by_key(|id| id.0);
    taken.dedup();
    assert_eq!(taken.len(), all);
    assert!(all >= 9, "each institution's share at least: {all}");
}
