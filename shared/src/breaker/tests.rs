use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Long enough that no busy machine sees its end.
const LONG: Duration = Duration::from_secs(3600);

/// Short enough to wait for.
const SHORT: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Silent,
    Refused,
}

fn breaker(failures: usize, wait: Duration) -> Breaker {
    Breaker::new("test", BreakerSettings { failures, wait })
}

async fn ask(breaker: &Breaker, answer: Result<(), Fault>) -> Result<(), Broken<Fault>> {
    breaker.call(async move { answer }, |fault| *fault == Fault::Silent).await
}

/// Waits until a call would be let through again.
async fn reopened(breaker: &Breaker) {
    for _ in 0..3000 {
        if breaker.open_for().is_none() {
            return;
        }
        tokio::time::sleep(SHORT).await;
    }
    panic!("still open after a minute");
}

#[tokio::test]
async fn it_opens_at_the_fifth_outage_in_a_row_and_makes_no_call_then() {
    let breaker = breaker(5, LONG);
    for _ in 0..5 {
        assert_eq!(breaker.open_for(), None);
        assert_eq!(ask(&breaker, Err(Fault::Silent)).await, Err(Broken::Failed(Fault::Silent)));
    }
    let called = AtomicUsize::new(0);
    let refused = breaker
        .call(async { Ok::<_, Fault>(called.fetch_add(1, Ordering::SeqCst)) }, |_| true)
        .await;
    assert!(
        matches!(refused, Err(Broken::Open(left)) if left > LONG / 2 && left <= LONG),
        "{refused:?}"
    );
    assert_eq!(called.load(Ordering::SeqCst), 0);
    assert!(breaker.open_for().is_some());
}

#[tokio::test]
async fn an_answer_in_between_starts_the_count_anew_even_if_it_is_a_refusal() {
    let breaker = breaker(2, LONG);
    for answer in [Ok(()), Err(Fault::Refused)] {
        for _ in 0..3 {
            assert_eq!(ask(&breaker, Err(Fault::Silent)).await, Err(Broken::Failed(Fault::Silent)));
            assert_eq!(ask(&breaker, answer).await, answer.map_err(Broken::Failed));
        }
    }
    assert_eq!(breaker.open_for(), None);
}

#[tokio::test]
async fn after_the_wait_one_call_is_the_probe_and_others_wait_for_its_answer() {
    let breaker = breaker(1, SHORT);
    assert!(ask(&breaker, Err(Fault::Silent)).await.is_err());
    reopened(&breaker).await;
    let (answer, answered) = oneshot::channel::<()>();
    let probe = breaker.call(async { answered.await.map_err(|_| Fault::Silent) }, |_| true);
    let other = async {
        let refused = ask(&breaker, Ok(())).await;
        answer.send(()).unwrap();
        refused
    };
    let (probed, other) = join(probe, other).await;
    assert_eq!(probed, Ok(()));
    assert_eq!(other, Err(Broken::Open(SHORT / 10)));
    assert_eq!(ask(&breaker, Ok(())).await, Ok(()), "the probe has closed it");
}

#[tokio::test]
async fn a_probe_that_fails_opens_it_for_another_wait() {
    let breaker = breaker(3, SHORT);
    for _ in 0..3 {
        assert!(ask(&breaker, Err(Fault::Silent)).await.is_err());
    }
    reopened(&breaker).await;
    assert_eq!(ask(&breaker, Err(Fault::Silent)).await, Err(Broken::Failed(Fault::Silent)));
    let (state, _) = *breaker.last.lock().unwrap();
    assert_eq!(state, CircuitState::Open);
    reopened(&breaker).await;
    assert_eq!(ask(&breaker, Ok(())).await, Ok(()));
}

#[tokio::test]
async fn a_probe_that_is_dropped_half_way_leaves_its_place_to_the_next() {
    let breaker = breaker(1, SHORT);
    assert!(ask(&breaker, Err(Fault::Silent)).await.is_err());
    reopened(&breaker).await;
    let hanging = breaker.call(std::future::pending::<Result<(), Fault>>(), |_| true);
    assert!(tokio::time::timeout(SHORT, hanging).await.is_err());
    assert_eq!(ask(&breaker, Ok(())).await, Ok(()));
}
