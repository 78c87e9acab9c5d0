//! One finished mail: who it is from, who it is for, and its bytes.

use std::fmt;
use std::str::FromStr;

use acurate_shared::secret::{SecretBytes, SecretString};
use lettre::Address;
use lettre::message::Mailbox;

use super::mask;

/// Longest text taken over from a server, in characters.
const LONGEST_REPLY: usize = 300;

/// A mail that is ready to go to one recipient. `Debug` shows neither its content nor the whole address.
pub struct Mail {
    sender: Address,
    recipient: Address,
    message_id: String,
    content: SecretBytes,
    confidential: Vec<SecretString>,
}

impl Mail {
    /// `confidential` are the words of the content that may appear in no error text.
    pub(super) fn new(sender: &Sender, recipient: Address, message_id: String, content: Vec<u8>, confidential: Vec<SecretString>) -> Self {
        Self {
            sender: sender.0.email.clone(),
            recipient,
            message_id,
            content: SecretBytes::new(content),
            confidential,
        }
    }

    /// The address of the envelope's sender.
    pub fn sender(&self) -> &Address {
        &self.sender
    }

    /// The address of the envelope's recipient.
    pub fn recipient(&self) -> &Address {
        &self.recipient
    }

    /// The Message-ID with its angle brackets; the same whenever the same mail is written again.
    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    /// The mail as it is transmitted: headers and body, lines ending in CRLF.
    pub fn content(&self) -> &[u8] {
        self.content.expose()
    }

    /// What a server said about this mail, on one line, shortened, without addresses and without confidential words.
    pub(super) fn redact(&self, reply: &str) -> String {
        let mut text: String = reply.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        for word in &self.confidential {
            text = text.replace(word.expose(), "***").replace(&word.expose().replace('-', ""), "***");
        }
        mask::addresses_in(&text).trim().chars().take(LONGEST_REPLY).collect()
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Mail")
            .field("message_id", &self.message_id)
            .field("recipient", &mask::address(self.recipient.as_ref()))
            .finish_non_exhaustive()
    }
}

/// Who our mails are from: `AcuRate <no-reply@example.edu>` or an address alone.
#[derive(Debug, Clone)]
pub struct Sender(Mailbox);

impl Sender {
    pub(super) fn mailbox(&self) -> &Mailbox {
        &self.0
    }

    /// The domain, which Message-IDs end in.
    pub(super) fn domain(&self) -> &str {
        self.0.email.domain()
    }
}

impl FromStr for Sender {
    type Err = InvalidSender;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mailbox: Mailbox = text.parse().map_err(|_| InvalidSender::NoMailbox)?;
        let address: &str = mailbox.email.as_ref();
        if !address.is_ascii() {
            return Err(InvalidSender::NotAscii);
        }
        Ok(Self(mailbox))
    }
}

/// Why a text cannot be the sender of mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSender {
    /// It is no mailbox.
    #[error("it must be an address, or a name and an address as in: AcuRate <no-reply@example.edu>")]
    NoMailbox,
    /// Not every server takes an address beyond ASCII, and the Message-ID is made of it.
    #[error("the address must be ASCII; write an international domain in its xn-- form")]
    NotAscii,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail::new(
            &"no-reply@example.edu".parse().unwrap(),
            "ayse@example.edu".parse().unwrap(),
            "<1@example.edu>".to_owned(),
            b"ABCD-EFGH".to_vec(),
            vec!["ABCD-EFGH".into()],
        )
    }

    #[test]
    fn debug_output_shows_neither_content_nor_address() {
        let shown = format!("{:?}", mail());

        assert!(shown.contains("a***@example.edu"), "{shown}");
        assert!(!shown.contains("ayse"), "{shown}");
        assert!(!shown.contains("ABCD"), "{shown}");
    }

    #[test]
    fn a_reply_loses_addresses_passwords_and_line_breaks() {
        let reply = "refused\r\nto ayse@example.edu: ABCD-EFGH or ABCDEFGH";

        assert_eq!(mail().redact(reply), "refused  to a***@example.edu: *** or ***");
        assert_eq!(mail().redact(&"x".repeat(10_000)).len(), 300);
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for text in [
            "no-reply@example.edu",
            "AcuRate <no-reply@example.edu>",
            "Üniversite <no-reply@example.edu>",
        ] {
            let sender: Sender = text.parse().unwrap();
            assert_eq!(sender.domain(), "example.edu", "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_sender_is_refused_with_the_reason() {
        for text in ["", "AcuRate", "AcuRate <>", "a@b@c", "a@example.edu\r\nBcc: x@example.edu"] {
            assert_eq!(text.parse::<Sender>().unwrap_err(), InvalidSender::NoMailbox, "{text}");
        }
        assert_eq!("a@münchen.example".parse::<Sender>().unwrap_err(), InvalidSender::NotAscii);
    }
}
