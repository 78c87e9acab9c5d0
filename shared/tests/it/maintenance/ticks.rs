//! A tick has one job, whoever sees it and whoever dies.

use super::{House, at};
use acurate_shared::db::Work;
use acurate_shared::ids::JobId;
use acurate_shared::kinds::JobState;
use acurate_shared::maintenance::{Task, ticks};
use acurate_shared::testing::job_settings;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;

const TASK: Task = Task::FinishedJobs;

async fn fire(house: &House, tick: DateTime<Utc>) -> Option<JobId> {
    let mut work = house.work().await;
    let fired = ticks::fire(&mut work, TASK, tick).await.unwrap();
    let _ = work.commit().await.unwrap();
    fired
}

/// Keeps waiting jobs from being folded into one, which would hide that two were asked for.
const UNFOLDED: &str = "
    CREATE FUNCTION unfold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.dedupe_key := NULL; RETURN NEW; END';
    CREATE TRIGGER unfold BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION unfold()";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_workers_that_see_the_same_ticks_one_asks_for_each_job() {
    let house = House::open().await;
    house.execute(UNFOLDED).await;
    let mut tick = at("2026-12-31T00:50:00Z");
    for _ in 0..25 {
        let fired = join_all((0..8).map(|_| fire(&house, tick))).await;
        assert_eq!(fired.iter().flatten().count(), 1, "{tick}: {fired:?}");
        tick += TimeDelta::days(1);
    }
    assert_eq!(house.value::<i64>("SELECT count(*) FROM jobs").await, 25);
}

#[tokio::test]
async fn a_tick_whose_worker_died_before_its_commit_is_taken_by_another() {
    let house = House::open().await;
    let tick = at("2026-12-31T00:50:00Z");
    let mut dying = house.work().await;
    assert!(ticks::fire(&mut dying, TASK, tick).await.unwrap().is_some());
    let (second, ()) = tokio::join!(fire(&house, tick), async {
        house.until_blocked(1).await;
        dying.rollback().await.unwrap();
    });
    assert!(second.is_some());
    assert_eq!(house.value::<i64>("SELECT count(*) FROM jobs").await, 1);
}

#[tokio::test]
async fn a_tick_that_another_has_just_taken_is_waited_for_and_left_to_it() {
    let house = House::open().await;
    let tick = at("2026-12-31T00:50:00Z");
    let mut first = Work::begin(house.database(), &job_settings()).await.unwrap();
    let job = ticks::fire(&mut first, TASK, tick).await.unwrap();
    let (second, ()) = tokio::join!(fire(&house, tick), async {
        house.until_blocked(1).await;
        let _ = first.commit().await.unwrap();
    });
    assert_eq!(second, None);
    assert_eq!(house.value::<JobId>("SELECT id FROM jobs").await, job.unwrap());
}

#[tokio::test]
async fn ticks_only_move_forward() {
    let house = House::open().await;
    let (first, second) = (at("2026-12-30T00:50:00Z"), at("2026-12-31T00:50:00Z"));
    assert!(fire(&house, second).await.is_some());
    assert_eq!(fire(&house, second).await, None);
    assert_eq!(fire(&house, first).await, None, "a worker whose clock is behind");
    assert!(fire(&house, second + TimeDelta::days(1)).await.is_some());
}

#[tokio::test]
async fn a_job_that_still_waits_is_that_of_the_next_tick_too_and_one_that_ended_is_not() {
    let house = House::open().await;
    let tick = at("2026-12-31T00:50:00Z");
    let first = fire(&house, tick).await.unwrap();
    assert_eq!(fire(&house, tick + TimeDelta::days(1)).await, Some(first));
    house.execute("UPDATE jobs SET state = 'succeeded', finished_at = now()").await;
    let third = fire(&house, tick + TimeDelta::days(2)).await.unwrap();
    assert_ne!(third, first);

    let last = ticks::last(house.database().orm()).await.unwrap();
    let [last] = last.as_slice() else { panic!("{last:?}") };
    assert_eq!(
        (last.name.as_str(), last.tick, last.job_id, last.job_state),
        ("finished_jobs", tick + TimeDelta::days(2), Some(third), Some(JobState::Queued))
    );
}
