//! The Lua scripts of apalis-redis 1.0.0 and what is run instead of each.
//!
//! A script is recognised by the SHA-1 that its EVALSHA names. One that is not in the list is refused, not passed on: the
//! original scripts and ours keep different data under the same keys. After a bump of apalis-redis the test in this file
//! that records an unmodified `RedisStorage` fails, and tells which script is new.

use redis::{Arg, Cmd, ErrorKind, RedisError, RedisResult, Script};
use std::sync::LazyLock;

/// A script of apalis-redis and its replacement.
pub(super) struct Replacement {
    /// SHA-1 of the original.
    original: &'static str,
    script: Script,
    extra: Extra,
}

/// Arguments that a replacement takes after those of the original.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extra {
    None,
    /// Token of the call; whether this is another try.
    FetchToken,
    /// How often a message is delivered.
    MaxDeliveries,
    /// Seconds after which a worker counts as dead.
    DeadAfter,
}

macro_rules! replacement {
    ($original:literal, $file:literal, $extra:ident) => {
        Replacement {
            original: $original,
            script: Script::new(include_str!(concat!("lua/", $file))),
            extra: Extra::$extra,
        }
    };
}

static REPLACEMENTS: LazyLock<[Replacement; 7]> = LazyLock::new(|| {
    [
        // batch_push.lua
        replacement!("3db3e4f4b96d92c5dd8874e33f1dd4c0152c0682", "push.lua", None),
        // fetch_next.lua
        replacement!("f053fd9b41b61a2d32b8b7d8dba3f1a96e3aa6e1", "fetch.lua", FetchToken),
        // handle_results.lua
        replacement!("8484d0d3ad46723dcfb37f839d4ca67fca29d664", "acknowledge.lua", MaxDeliveries),
        // keep_alive.lua
        replacement!("5c1d697dfa0d68de2954ceefa235f87162ecc839", "keep_alive.lua", None),
        // reenqueue_orphaned.lua
        replacement!("6b6f3808de063cd4ca38e9e11b6968a6cc826069", "sweep.lua", DeadAfter),
        // register_worker.lua
        replacement!("0d5fbce91e1dcff1121ece41f7169da3c0e39194", "register.lua", None),
        // release_leases.lua
        replacement!("069de2f0e15b5d3b604f2282151a8bed17d0ea52", "release.lua", None),
    ]
});

/// Says that a worker lives; KEYS\[1\] = workers, ARGV\[2\] = worker.
pub(super) static KEEP_ALIVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/keep_alive.lua")));
/// Takes back what dead workers hold.
pub(super) static SWEEP: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/sweep.lua")));
/// Signs a worker off.
pub(super) static CLOSE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/close.lua")));
/// Deletes what nobody needs.
pub(super) static TRIM: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/trim.lua")));

/// What the replacements must know besides the arguments of the originals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) max_deliveries: u32,
    pub(super) dead_after_seconds: f64,
}

/// One sending of a command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Try {
    /// The same for every try of one call.
    pub(super) token: u64,
    /// From 0.
    pub(super) number: u32,
}

/// A command and, when it runs a script of ours, the script, to be loaded where Redis does not know it.
pub(super) struct Planned {
    pub(super) command: Cmd,
    pub(super) script: Option<&'static Script>,
}

/// Says what to send for a command of apalis-redis, or of ours.
pub(super) fn plan(command: &Cmd, rules: &Rules, this_try: Try) -> RedisResult<Planned> {
    let words: Vec<&[u8]> = command
        .args_iter()
        .filter_map(|argument| match argument {
            Arg::Simple(word) => Some(word),
            _ => None,
        })
        .collect();
    match words.as_slice() {
        [b"EVALSHA", hash, arguments @ ..] => plan_script(command, hash, arguments, rules, this_try),
        [b"ZREM", workers, member] => Ok(plan_sign_off(workers, member).unwrap_or_else(|| unchanged(command))),
        _ => Ok(unchanged(command)),
    }
}

fn unchanged(command: &Cmd) -> Planned {
    Planned {
        command: command.clone(),
        script: None,
    }
}

fn plan_script(command: &Cmd, hash: &[u8], arguments: &[&[u8]], rules: &Rules, this_try: Try) -> RedisResult<Planned> {
    let own = [&KEEP_ALIVE, &SWEEP, &CLOSE, &TRIM];
    if let Some(script) = own.into_iter().find(|script| script.get_hash().as_bytes() == hash) {
        return Ok(Planned {
            command: command.clone(),
            script: Some(script),
        });
    }
    let Some(replacement) = REPLACEMENTS.iter().find(|replacement| replacement.original.as_bytes() == hash) else {
        return Err(RedisError::from((
            ErrorKind::Client,
            "apalis-redis ran a script that the transport does not know",
            String::from_utf8_lossy(hash).into_owned(),
        )));
    };
    let mut planned = redis::cmd("EVALSHA");
    planned.arg(replacement.script.get_hash());
    for argument in arguments {
        planned.arg(*argument);
    }
    match replacement.extra {
        Extra::None => {}
        Extra::FetchToken => {
            planned.arg(this_try.token).arg(u8::from(this_try.number > 0));
        }
        Extra::MaxDeliveries => {
            planned.arg(rules.max_deliveries);
        }
        Extra::DeadAfter => {
            planned.arg(rules.dead_after_seconds);
        }
    }
    Ok(Planned {
        command: planned,
        script: Some(&replacement.script),
    })
}

/// `RedisStorage::poll_close` runs `ZREM {queue}:workers {queue}:inflight:{worker}`, which removes nothing.
fn plan_sign_off(workers: &[u8], member: &[u8]) -> Option<Planned> {
    let workers = std::str::from_utf8(workers).ok()?;
    let inflight = std::str::from_utf8(member).ok()?;
    let queue = workers.strip_suffix(":workers")?;
    let worker = inflight.strip_prefix(queue)?.strip_prefix(":inflight:")?;
    let mut command = redis::cmd("EVALSHA");
    command
        .arg(CLOSE.get_hash())
        .arg(3)
        .arg(workers)
        .arg(inflight)
        .arg(format!("{queue}:active"))
        .arg(worker);
    Some(Planned {
        command,
        script: Some(&CLOSE),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use apalis_core::backend::TaskSink;
    use apalis_core::worker::builder::WorkerBuilder;
    use apalis_core::worker::context::WorkerContext;
    use apalis_redis::{Config, RedisStorage};
    use redis::aio::ConnectionLike;
    use redis::{Pipeline, RedisFuture, Value};
    use std::collections::BTreeSet;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    const RULES: Rules = Rules {
        max_deliveries: 7,
        dead_after_seconds: 1.5,
    };
    const FIRST: Try = Try { token: 9, number: 0 };

    fn original(file: &str) -> &'static str {
        let script = Script::new(file);
        REPLACEMENTS
            .iter()
            .find(|replacement| replacement.script.get_hash() == script.get_hash())
            .unwrap()
            .original
    }

    fn words(command: &Cmd) -> Vec<String> {
        let word = |argument| match argument {
            Arg::Simple(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        command.args_iter().map(word).collect()
    }

    fn evalsha(hash: &str) -> Cmd {
        let mut command = redis::cmd("EVALSHA");
        command.arg(hash).arg(1).arg("key").arg("argument");
        command
    }

    /// Answers like a Redis and remembers what it was asked. It has three messages, and gives them out after a heartbeat.
    #[derive(Clone, Debug, Default)]
    struct Recorder {
        asked: Arc<Mutex<Vec<Vec<String>>>>,
    }

    impl Recorder {
        fn count(&self, hash: &str) -> usize {
            self.asked
                .lock()
                .unwrap()
                .iter()
                .filter(|words| words.get(1).is_some_and(|word| word == hash))
                .count()
        }

        fn answer(&self, words: &[String]) -> Value {
            let text = |text: &str| Value::BulkString(text.as_bytes().to_vec());
            let fetch = original(include_str!("lua/fetch.lua"));
            let keep_alive = original(include_str!("lua/keep_alive.lua"));
            if words[1] == original(include_str!("lua/push.lua")) {
                return Value::Array(vec![Value::Int(1), Value::Int(0)]);
            }
            if words[1] != fetch {
                return Value::Int(1);
            }
            let given = self.asked.lock().unwrap().iter().any(|words| words[0] == "given");
            if given || self.count(keep_alive) == 0 {
                return Value::Array(vec![Value::Array(vec![]), Value::Array(vec![])]);
            }
            self.asked.lock().unwrap().push(vec!["given".to_owned()]);
            let about = |id| {
                ["attempts", "0", "max_attempts", "25", "status", "Pending"]
                    .iter()
                    .fold(vec![text(id)], |mut all, word| {
                        all.push(text(word));
                        all
                    })
            };
            let ids = ["a", "b", "c"];
            Value::Array(vec![
                Value::Array(ids.iter().map(|_| text("1")).collect()),
                Value::Array(ids.iter().map(|id| Value::Array(about(id))).collect()),
            ])
        }
    }

    impl ConnectionLike for Recorder {
        fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
            let words = words(command);
            let answer = self.answer(&words);
            self.asked.lock().unwrap().push(words);
            Box::pin(std::future::ready(Ok(answer)))
        }

        fn req_packed_commands<'a>(&'a mut self, _: &'a Pipeline, _: usize, _: usize) -> RedisFuture<'a, Vec<Value>> {
            Box::pin(async { panic!("RedisStorage has begun to use pipelines, which the transport does not look into") })
        }

        fn get_db(&self) -> i64 {
            0
        }
    }

    /// Pushes, and runs a worker that gets three messages, handles one and is stopped with two in hand.
    async fn traffic_of_an_unmodified_storage() -> Vec<Vec<String>> {
        let recorder = Recorder::default();
        let config = Config::default()
            .queue("queue")
            .lock_tasks(false)
            .batch_size(3)
            .heartbeat_interval(Duration::from_millis(20));
        let mut storage = RedisStorage::<u32, _>::new(recorder.clone()).with_config(config);
        storage.push(1).await.unwrap();
        WorkerBuilder::new("worker")
            .backend(storage)
            .layer(apalis::layers::limit::ConcurrencyLimitLayer::new(1))
            .build(|_: u32, worker: WorkerContext| async move { worker.stop() })
            .run()
            .await
            .unwrap();
        let mut asked = recorder.asked.lock().unwrap().clone();
        asked.retain(|words| words[0] != "given");
        asked
    }

    #[tokio::test]
    async fn every_script_that_an_unmodified_storage_runs_is_known_and_replaced() {
        let traffic = traffic_of_an_unmodified_storage().await;

        let run: BTreeSet<&str> = traffic
            .iter()
            .filter(|words| words[0] == "EVALSHA")
            .map(|words| words[1].as_str())
            .collect();
        let known: BTreeSet<&str> = REPLACEMENTS.iter().map(|replacement| replacement.original).collect();
        assert_eq!(
            run, known,
            "the scripts of apalis-redis have changed: compare its lua folder with ours, then the hashes"
        );
    }

    #[tokio::test]
    async fn besides_scripts_an_unmodified_storage_only_signs_off_and_that_is_replaced_too() {
        let traffic = traffic_of_an_unmodified_storage().await;

        let others: Vec<_> = traffic.iter().filter(|words| words[0] != "EVALSHA").collect();
        assert_eq!(others, [&["ZREM", "queue:workers", "queue:inflight:worker"]]);
        let mut command = redis::cmd("ZREM");
        command.arg("queue:workers").arg("queue:inflight:worker");
        let planned = plan(&command, &RULES, FIRST).unwrap();
        let hash = CLOSE.get_hash();
        let expected = [
            "EVALSHA",
            hash,
            "3",
            "queue:workers",
            "queue:inflight:worker",
            "queue:active",
            "worker",
        ];
        assert_eq!(words(&planned.command), expected);
    }

    #[test]
    fn a_script_that_is_not_known_is_refused() {
        let refused = plan(&evalsha("0000000000000000000000000000000000000000"), &RULES, FIRST)
            .err()
            .unwrap();

        assert!(refused.to_string().contains("does not know"), "{refused}");
    }

    #[test]
    fn a_fetch_tells_its_token_and_whether_it_is_another_try() {
        let fetch = evalsha(original(include_str!("lua/fetch.lua")));

        let first = plan(&fetch, &RULES, FIRST).unwrap();
        let second = plan(&fetch, &RULES, Try { number: 1, ..FIRST }).unwrap();

        assert_eq!(words(&first.command)[3..], ["key", "argument", "9", "0"]);
        assert_eq!(words(&second.command)[3..], ["key", "argument", "9", "1"]);
    }

    #[test]
    fn acknowledgements_and_sweeps_get_our_limits() {
        let acknowledge = plan(&evalsha(original(include_str!("lua/acknowledge.lua"))), &RULES, FIRST).unwrap();
        let sweep = plan(&evalsha(original(include_str!("lua/sweep.lua"))), &RULES, FIRST).unwrap();

        assert_eq!(words(&acknowledge.command).last().unwrap(), "7");
        assert_eq!(words(&sweep.command).last().unwrap(), "1.5");
    }

    #[test]
    fn other_commands_go_through_unchanged() {
        for line in ["PING", "LLEN queue:active", "ZREM some:zset member", "ZREM a:workers b:inflight:c"] {
            let mut command = redis::Cmd::new();
            for word in line.split(' ') {
                command.arg(word);
            }

            assert_eq!(words(&plan(&command, &RULES, FIRST).unwrap().command).join(" "), line);
        }
    }
}
