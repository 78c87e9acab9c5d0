//! The mail that tells of a changed password, in the language of the institution. It holds no link that does anything: who
//! gets it by mistake, or through a takeover, can do nothing with it.

use super::letter::{Addressee, Letter, moment, page, single_line, words};
use super::{ComposeError, Mail, Sender};
use acurate_shared::ids::UserId;
use acurate_shared::kinds::Locale;
use chrono::{DateTime, FixedOffset, Utc};
use url::Url;

/// Path of the frontend's page to ask for a reset link.
const PAGE: &str = "forgot-password";

/// What a mail about a changed password says.
#[derive(Clone, Debug)]
pub struct PasswordChangedMail {
    /// Whose password it is.
    pub user_id: UserId,
    /// Whom it tells.
    pub to: Addressee,
    /// Whether it goes to an address that the account had before the present one.
    pub is_earlier: bool,
    /// When it was changed, in the time zone people should read it in.
    pub changed_at: DateTime<FixedOffset>,
    /// Address of the frontend.
    pub public_url: Url,
}

impl PasswordChangedMail {
    /// Writes the mail, dated `now`. The Message-ID depends on user, time of the change and the sender's domain only.
    ///
    /// # Errors
    /// [`ComposeError`]; none of them goes away by trying again.
    pub fn compose(&self, sender: &Sender, now: DateTime<Utc>) -> Result<Mail, ComposeError> {
        self.letter(sender)?.seal(sender, now)
    }

    /// What it says.
    pub(super) fn letter(&self, sender: &Sender) -> Result<Letter, ComposeError> {
        let (name, institution) = (single_line(&self.to.name), single_line(&self.to.institution));
        let link = page(&self.public_url, PAGE);
        let words = Words {
            name: &name,
            institution: &institution,
            changed: &moment(self.changed_at, self.to.locale),
            is_earlier: self.is_earlier,
            link: link.as_str(),
        };
        let (text, html) = words.render(self.to.locale)?;
        Ok(Letter {
            subject: match self.to.locale {
                Locale::Tr => format!("{institution}: AcuRate parolanız değiştirildi"),
                Locale::En => format!("{institution}: your AcuRate password was changed"),
            },
            message_id: format!(
                "<password-changed.{}.{}@{}>",
                self.user_id,
                self.changed_at.timestamp_micros(),
                sender.domain()
            ),
            name,
            address: self.to.address.clone(),
            text,
            html,
            confidential: Vec::new(),
        })
    }
}

words! {
    /// What the templates show.
    Words {
        name: &'a str,
        institution: &'a str,
        changed: &'a str,
        is_earlier: bool,
        link: &'a str,
    }
    ["password_changed.tr.txt", "password_changed.tr.html", "password_changed.en.txt", "password_changed.en.html"]
}
