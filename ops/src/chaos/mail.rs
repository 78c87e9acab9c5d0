//! A mail as far as a run compares it with others: to whom, under which id, with which secret.

use mail_parser::MessageParser;

/// What was read of a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mail {
    /// The recipient's address, in lower case.
    pub(crate) to: String,
    /// Without the brackets.
    pub(crate) message_id: String,
    /// The temporary password or the link: what must be the same in each copy.
    pub(crate) secret: String,
}

impl Mail {
    /// Reads what can be read; the rest stays empty.
    pub(crate) fn read(content: &str) -> Self {
        let Some(message) = MessageParser::default().parse(content.as_bytes()) else {
            return Self::default();
        };
        let to = message.to().and_then(|to| to.first()).and_then(|to| to.address());
        let text = message.body_text(0).unwrap_or_default();
        let is_secret = |word: &&str| crate::mailbox::is_temporary_password(word) || word.contains("#token=");
        Self {
            to: to.unwrap_or_default().to_ascii_lowercase(),
            message_id: message.message_id().unwrap_or_default().to_owned(),
            secret: text.split_whitespace().find(is_secret).unwrap_or_default().to_owned(),
        }
    }

    /// Whether it welcomes somebody; the other mails of a run hold a link to choose a password.
    pub(crate) fn is_welcome(&self) -> bool {
        self.message_id.starts_with("welcome.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipient_id_and_secret_are_read() {
        let mail = Mail::read("To: Ada <ADA@x.example>\r\nMessage-ID: <welcome.7.ab@y>\r\n\r\nPassword:\r\n  ABCD-EFGH-IJKL-2345-QRST\r\n");
        assert_eq!((mail.to.as_str(), mail.message_id.as_str()), ("ada@x.example", "welcome.7.ab@y"));
        assert_eq!(mail.secret, "ABCD-EFGH-IJKL-2345-QRST");
        assert!(mail.is_welcome());
        let link =
            Mail::read("To: a@x.example\r\nMessage-ID: <password-reset.7@y>\r\n\r\nGo to https://x/reset-password#token=abc now\r\n");
        assert_eq!(link.secret, "https://x/reset-password#token=abc");
        assert!(!link.is_welcome());
    }
}
