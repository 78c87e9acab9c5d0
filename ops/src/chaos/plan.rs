//! Which fault happens when: drawn from a seed, so that a run can be had again. How a fault is made is `inject`.

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use std::time::Duration;

/// Between two faults on average.
const PACE: Duration = Duration::from_millis(2500);

/// A run shorter than this has the short form of each fault and leaves the slow ones out.
const LONG: Duration = Duration::from_secs(300);

/// Workers that a long run kills at least.
const KILLS: usize = 50;

/// What a fault harms; a log's error or a late recovery is explained by the harm that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Family {
    /// A worker process.
    Worker,
    /// The API's process.
    Api,
    /// Redis, or the way to it.
    Redis,
    /// PostgreSQL, or the way to it.
    Postgres,
    /// The mail server.
    Mail,
    /// A message or a row that is none of the product's.
    Message,
    /// A job that misbehaves.
    Drill,
}

macro_rules! faults {
    ($($name:ident, $family:ident, $text:literal, $weight:literal, $slow:literal;)*) => {
        /// A fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, clap::ValueEnum)]
        pub(crate) enum Fault {
            $(#[doc = $text] $name,)*
        }

        impl Fault {
            /// Every fault.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            /// What it harms.
            pub(crate) fn family(self) -> Family {
                match self { $(Self::$name => Family::$family,)* }
            }

            /// For people.
            pub(crate) fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// How often it is drawn, compared with others.
            fn weight(self) -> u32 {
                match self { $(Self::$name => $weight,)* }
            }

            /// Whether a short run has no time for it.
            fn is_slow(self) -> bool {
                match self { $(Self::$name => $slow,)* }
            }
        }
    };
}

faults! {
    WorkerKilled, Worker, "worker killed", 30, false;
    WorkerStopped, Worker, "worker stopped (SIGTERM)", 6, false;
    WorkerFrozen, Worker, "worker frozen past its lease", 4, false;
    WorkerDiesAtClaim, Worker, "worker killed after a claim", 4, false;
    WorkerDiesAfterMail, Worker, "worker killed between mail and record", 4, false;
    WorkerDiesInImport, Worker, "worker killed between batches", 4, false;
    ApiKilled, Api, "API killed", 6, false;
    ApiDiesBeforePush, Api, "API killed between commit and push", 6, false;
    ApiCut, Api, "connection to the API cut half way", 6, false;
    RedisKilled, Redis, "Redis killed", 2, false;
    RedisRestarted, Redis, "Redis restarted", 2, false;
    RedisFlushed, Redis, "Redis flushed", 3, false;
    RedisUnreachable, Redis, "Redis unreachable", 1, false;
    RedisCut, Redis, "connections to Redis cut", 4, false;
    RedisLost, Redis, "connections to Redis lost in silence", 1, false;
    PostgresRestarted, Postgres, "PostgreSQL restarted", 2, false;
    PostgresCrashed, Postgres, "PostgreSQL crashed", 2, false;
    PostgresCut, Postgres, "connections to PostgreSQL cut", 4, false;
    PostgresLost, Postgres, "connections to PostgreSQL lost in silence", 1, true;
    BothRestarted, Postgres, "PostgreSQL and Redis killed together", 1, false;
    MailRefused, Mail, "mail server refuses connections", 2, false;
    MailPutOff, Mail, "mail server answers 451", 2, false;
    MailRejected, Mail, "mail server answers 550", 1, false;
    MailDropped, Mail, "mail server takes a mail and hangs up", 2, false;
    MailHangs, Mail, "mail server hangs", 2, false;
    MessageTwice, Message, "same message pushed twice", 3, false;
    MessageReplayed, Message, "old message replayed", 3, false;
    UnknownKind, Message, "job of an unknown kind", 2, false;
    OlderPayload, Message, "payload of an older version", 2, false;
    IncompletePayload, Message, "payload that lacks something", 2, false;
    UnreadableMessage, Message, "message that cannot be read", 2, false;
    DrillPanic, Drill, "job that panics", 2, false;
    DrillHang, Drill, "job that hangs until asked to stop", 1, false;
    DrillIgnoresStop, Drill, "job that ignores the soft limit", 1, false;
    DrillMemory, Drill, "job that needs too much memory", 1, true;
}

/// A fault and when it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    /// After the load began.
    pub(crate) at: Duration,
    /// What.
    pub(crate) fault: Fault,
    /// For what the fault leaves open: which worker, how long, the how-manieth chunk.
    pub(crate) dice: u64,
}

/// What a run does to the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// In the order of time.
    pub(crate) faults: Vec<Planned>,
    /// Whether there is time for the long form of each fault.
    pub(crate) is_long: bool,
}

impl Plan {
    /// Every fault that there is time for at least once, the rest by weight; the same for the same arguments. Where `only` names
    /// some, no other.
    pub(crate) fn draw(seed: u64, duration: Duration, only: &[Fault]) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let is_long = duration >= LONG;
        let mut possible: Vec<Fault> = Fault::ALL.iter().copied().filter(|fault| is_long || !fault.is_slow()).collect();
        if !only.is_empty() {
            possible = only.to_vec();
        }
        let mut faults = possible.clone();
        if is_long && only.is_empty() {
            faults.resize(faults.len() + KILLS, Fault::WorkerKilled);
        }
        let count = usize::try_from(duration.as_millis() / PACE.as_millis()).unwrap_or(usize::MAX);
        while faults.len() < count {
            // Never empty, and weights are above zero.
            if let Ok(fault) = possible.choose_weighted(&mut rng, |fault| fault.weight()) {
                faults.push(*fault);
            }
        }
        faults.shuffle(&mut rng);
        let slot = duration / u32::try_from(faults.len()).unwrap_or(u32::MAX);
        let faults = faults
            .into_iter()
            .zip(0_u32..)
            .map(|(fault, index)| Planned {
                at: slot * index + slot.mul_f64(rng.random_range(0.0..1.0)),
                fault,
                dice: rng.random(),
            })
            .collect();
        Self { faults, is_long }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_seed_gives_the_same_plan_again_and_another_seed_another_one() {
        assert_eq!(Plan::draw(7, MINUTE, &[]), Plan::draw(7, MINUTE, &[]));
        assert_ne!(Plan::draw(7, MINUTE, &[]), Plan::draw(8, MINUTE, &[]));
    }

    #[test]
    fn a_long_run_has_every_fault_and_kills_a_worker_fifty_times() {
        for seed in 0..20 {
            let plan = Plan::draw(seed, LONG, &[]);
            for fault in Fault::ALL {
                assert!(plan.faults.iter().any(|planned| planned.fault == *fault), "{fault:?}");
            }
            let kills = plan.faults.iter().filter(|planned| planned.fault == Fault::WorkerKilled).count();
            assert!(kills > KILLS, "{kills}");
        }
    }

    #[test]
    fn a_short_run_leaves_out_only_what_is_slow() {
        let plan = Plan::draw(1, MINUTE, &[]);
        for fault in Fault::ALL {
            let is_planned = plan.faults.iter().any(|planned| planned.fault == *fault);
            assert_eq!(is_planned, !fault.is_slow(), "{fault:?}");
        }
    }

    #[test]
    fn a_plan_of_some_faults_has_no_other() {
        let plan = Plan::draw(1, MINUTE, &[Fault::PostgresLost]);
        assert!(plan.faults.len() > 20 && plan.faults.iter().all(|planned| planned.fault == Fault::PostgresLost));
    }

    #[test]
    fn faults_come_in_order_and_within_the_duration() {
        let plan = Plan::draw(3, MINUTE, &[]);
        assert!(plan.faults.is_sorted_by_key(|planned| planned.at));
        assert!(plan.faults.iter().all(|planned| planned.at < MINUTE));
    }
}
