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
                SendError::Permanent { code, reason }
            } else {
                SendError::Transient { code: Some(code), reason }
            }
        }
        Cause::Timeout(limit) => no_answer(stage, &format!("no answer within {limit:?}")),
        Cause::Link(text) => no_answer(stage, &mail.redact(&text)),
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

/// Subject and detail of an enhanced status code `5.subject.detail` at the start of a reply.
fn enhanced_status(text: &str) -> Option<(u16, u16)> {
    let mut parts = text.split_whitespace().next()?.strip_prefix("5.")?.split('.');
    let status = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    parts.next().is_none().then_some(status)
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
mod tests {
    use super::*;

    #[test]
    fn a_5xx_reply_to_the_recipient_refuses_the_address() {
        for (code, text) in [
            (550, ""),
            (550, "No such user here"),
            (550, "5.1.1 <x@example.edu>: Recipient address rejected"),
            (501, "5.1.3 Bad recipient address syntax"),
            (552, "5.2.2 Mailbox full"),
            (553, "Mailbox name not allowed"),
            (554, "5.7.1 Recipient address rejected: Access denied"),
            (556, "5.1.10 Recipient address has null MX"),
        ] {
            assert!(refuses_address(Stage::Recipient, code, text), "{code} {text}");
        }
    }

    #[test]
    fn a_reply_to_the_recipient_about_something_else_does_not() {
        for (code, text) in [
            (421, "4.3.2 Shutting down"),
            (450, "4.2.0 Greylisted"),
            (452, "4.5.3 Too many recipients"),
            (500, "Command not recognized"),
            (503, "Bad sequence of commands"),
            (530, "5.7.0 Must issue a STARTTLS command first"),
            (535, "Authentication required"),
            (550, "5.1.8 <no-reply@example.edu>: Sender address rejected: Domain not found"),
            (550, "5.3.0 System trouble"),
            (550, "5.7.9 Authentication mechanism is too weak"),
            (554, "5.5.1 Error: need MAIL command"),
            (555, "Parameters not recognized"),
        ] {
            assert!(!refuses_address(Stage::Recipient, code, text), "{code} {text}");
        }
    }

    #[test]
    fn a_refused_message_refuses_the_address_only_if_it_says_so() {
        assert!(refuses_address(Stage::Message, 550, "5.1.1 User unknown"));
        assert!(refuses_address(Stage::Message, 552, "5.2.2 Over quota"));
        for (code, text) in [
            (550, "User unknown"),
            (550, "5.1.8 Bad sender"),
            (552, "5.3.4 Message too big"),
            (554, "5.7.1 Looks like spam"),
            (554, "5.1.1.1 is no status"),
            (450, "4.2.1 Mailbox busy"),
            (450, "5.1.1 contradicts itself"),
        ] {
            assert!(!refuses_address(Stage::Message, code, text), "{code} {text}");
        }
    }

    #[test]
    fn no_refusal_at_another_stage_is_about_the_address() {
        for stage in [Stage::Connect, Stage::Authenticate, Stage::Sender, Stage::Data] {
            for code in [421, 450, 535, 550, 554] {
                assert!(!refuses_address(stage, code, "5.1.1 User unknown"), "{stage} {code}");
            }
        }
    }
}
