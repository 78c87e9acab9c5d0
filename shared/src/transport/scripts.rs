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
