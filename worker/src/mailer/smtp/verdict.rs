//! Whether a failed mail is worth another try.
//!
//! The rule is: a 5xx refusal **of the address** is for good, everything else is tried again. A greeting of 554, a
//! refused sign-in or a refused sender are faults of the installation that someone repairs, and no reason to give up
//! on the person. A 5xx is about the address when
//!
//! - it answers RCPT TO, unless its code or enhanced status code (RFC 3463) says that it speaks of the command, the
//!   session, the sender or the server: servers such as Postfix hold all those refusals back until RCPT TO;
//! - it answers the message, and its enhanced status code says that the address or the mailbox is at fault: servers
//!   that relay at once learn of that so late. Any other refusal of the message is tried again.

use super::session::{Cause, Failure, Stage};
use crate::mailer::{Mail, SendError};

/// The error to report for `mail`, without anything secret in it.
pub(super) fn judge(failure: Failure, mail: &Mail) -> SendError {
    let stage = failure.stage;
    match failure.cause {
        Cause::Reply { code, text } => {
            let reason = match stage {
                // A server may repeat what it was sent, and this was the password of the mail account.
                Stage::Authenticate => format!("{stage}: {code}"),
                _ => format!("{stage}: {code} {}", mail.redact(&text)),
            };
            if refuses_address(stage, code, &text) {
                SendError::Permanent {
                    code,
                    reason,
                    is_undeliverable: is_undeliverable(code, &text),
                }
            } else {
                SendError::Transient { code: Some(code), reason }
            }
        }
        Cause::Timeout(limit) => no_answer(stage, &format!("no answer within {limit:?}")),
        Cause::Link(text) | Cause::Unsupported(text) => no_answer(stage, &mail.redact(&text)),
    }
}

fn no_answer(stage: Stage, what: &str) -> SendError {
    let doubt = match stage {
        Stage::Message => "; the mail may have been delivered",
        _ => "",
    };
    SendError::Transient {
        code: None,
        reason: format!("{stage}: {what}{doubt}"),
    }
}

/// Whether a failure says that the server is out, for every mail: it cannot be reached, does not answer, hangs up, or refuses us
/// rather than one address or one mail. Such failures open the breaker; the rest are answers of a server that lives.
pub(super) fn is_outage(failure: &Failure) -> bool {
    match &failure.cause {
        Cause::Timeout(_) | Cause::Link(_) => true,
        Cause::Unsupported(_) => false,
        Cause::Reply { code: 421, .. } => true,
        Cause::Reply { code, text } => match failure.stage {
            Stage::Connect | Stage::Authenticate | Stage::Sender => true,
            Stage::Recipient => is_about_command(*code) || enhanced_status(text).is_some_and(is_about_server),
            Stage::Data | Stage::Message => match enhanced_status(text) {
                Some(status) => is_about_server(status),
                None => *code < 500,
            },
        },
    }
}

/// Whether it can do harm to try at once again: from the message on, the server may have taken the mail.
pub(super) fn is_worth_another_try(failure: &Failure) -> bool {
    is_outage(failure) && failure.stage != Stage::Message
}

/// Whether a refused address is known not to work, so that no other mail reaches it either: the address (5.1) or the mailbox
/// (5.2) is at fault. A refusal for reasons of policy (5.7) is no such thing, and neither is a mail too big for the mailbox
/// (5.2.3) or a list that cannot be expanded (5.2.4).
fn is_undeliverable(code: u16, text: &str) -> bool {
    match enhanced_status(text) {
        Some((2, 3 | 4)) => false,
        Some(status) => is_about_mailbox(status),
        None => matches!(code, 550 | 551 | 552 | 553 | 556),
    }
}

fn refuses_address(stage: Stage, code: u16, text: &str) -> bool {
    let subject = enhanced_status(text);
    let is_permanent = (500..600).contains(&code);
    match stage {
        Stage::Recipient => is_permanent && !is_about_command(code) && !subject.is_some_and(is_about_us),
        Stage::Message => is_permanent && subject.is_some_and(is_about_mailbox),
        Stage::Connect | Stage::Authenticate | Stage::Sender | Stage::Data => false,
    }
}

/// Codes that RFC 5321 and RFC 4954 give to an unknown or misplaced command, missing parameters or a missing sign-in.
fn is_about_command(code: u16) -> bool {
    matches!(code, 500 | 502 | 503 | 504 | 530 | 534 | 535 | 538 | 555)
}

/// Subject and detail of an enhanced status code `4.subject.detail` or `5.subject.detail` at the start of a reply.
fn enhanced_status(text: &str) -> Option<(u16, u16)> {
    let word = text.split_whitespace().next()?;
    let mut parts = word.strip_prefix("5.").or_else(|| word.strip_prefix("4."))?.split('.');
    let status = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    parts.next().is_none().then_some(status)
}

/// The mail system (3, but not the size of the mail, 3.4), the protocol (5) or our sign-in.
fn is_about_server(status: (u16, u16)) -> bool {
    is_about_us(status) && !matches!(status, (1, _) | (3, 4))
}

/// Address (1) or mailbox (2), but not the sender's address (1.7, 1.8).
fn is_about_mailbox(status: (u16, u16)) -> bool {
    matches!(status.0, 1 | 2) && !is_about_us(status)
}

/// The sender's address, the mail system (3), the protocol (5) or our sign-in (7.8 to 7.14, without 7.10).
fn is_about_us(status: (u16, u16)) -> bool {
    matches!(status, (1, 7 | 8) | (3 | 5, _) | (7, 8 | 9 | 11..=14))
}

#[cfg(test)]
mod tests;
