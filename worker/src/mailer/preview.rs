//! Every mail with sample data, to look at before anybody gets one. Nothing is sent and nothing is read from a database.

use super::letter::Addressee;
use super::{
    ComposeError, GradesPostedMail, ImportFinishedMail, ImportOutcome, Mail, Occasion, PasswordChangedMail, PasswordResetMail, Sender,
    WelcomeMail,
};
use acurate_shared::identity::{CredentialNonce, TemporaryPassword, reset_token};
use acurate_shared::ids::{CourseId, ImportId, JobId, PasswordResetTokenId, UserId};
use acurate_shared::imports::ledger::Counts;
use acurate_shared::kinds::{ImportKind, Locale};
use acurate_shared::secret::SecretString;
use chrono::{DateTime, FixedOffset, Utc};
use clap::ValueEnum;
use url::Url;

/// A mail as people look at it: some kinds read differently on different occasions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Sample {
    /// A new account and its temporary password
    Welcome,
    /// A temporary password in the place of a chosen one
    AccessReset,
    /// The link to choose a new password
    PasswordReset,
    /// News of a changed password
    PasswordChanged,
    /// The same to the address that the account had before
    PasswordChangedEarlierAddress,
    /// News of grades
    GradesPosted,
    /// The end of an import
    ImportFinished,
    /// An import that failed
    ImportFailed,
}

/// The facts that samples are made of.
#[derive(Clone, Debug)]
pub struct SampleFacts {
    /// Who gets the mail.
    pub to: Addressee,
    /// A title that people gave: of the course, of its assessments, of the file.
    pub title: String,
    /// The time in the mail.
    pub at: DateTime<FixedOffset>,
    /// Address of the frontend.
    pub public_url: Url,
}

impl SampleFacts {
    /// Facts with the letters that Turkish has and ASCII lacks.
    #[must_use]
    pub fn new(locale: Locale, at: DateTime<FixedOffset>, public_url: Url) -> Self {
        let title = match locale {
            Locale::Tr => "Çizge Kuramına Giriş",
            Locale::En => "Introduction to Graph Theory",
        };
        Self {
            to: Addressee {
                name: "Gülşah Işıkçığ".to_owned(),
                address: "gulsah@ogrenci.example.edu".to_owned(),
                institution: "Çağdaş Üniversitesi".to_owned(),
                locale,
            },
            title: title.to_owned(),
            at,
            public_url,
        }
    }
}

impl Sample {
    /// The name that the command line knows it by.
    #[must_use]
    pub fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    /// The mail, and what can be shown of it.
    ///
    /// # Errors
    /// [`ComposeError`] when the facts make no mail.
    pub fn compose(self, facts: &SampleFacts, sender: &Sender, now: DateTime<Utc>) -> Result<Preview, ComposeError> {
        let letter = match self {
            Self::Welcome => welcome(Occasion::NewAccount, facts).letter(sender),
            Self::AccessReset => welcome(Occasion::AccessReset, facts).letter(sender),
            Self::PasswordReset => password_reset(facts).letter(sender),
            Self::PasswordChanged => password_changed(facts, false).letter(sender),
            Self::PasswordChangedEarlierAddress => password_changed(facts, true).letter(sender),
            Self::GradesPosted => grades_posted(facts).letter(sender),
            Self::ImportFinished => import(facts, ImportOutcome::Completed(counts())).letter(sender),
            Self::ImportFailed => import(facts, failure(facts)).letter(sender),
        }?;
        Ok(Preview {
            subject: letter.subject.clone(),
            text: letter.text.clone(),
            html: letter.html.clone(),
            mail: letter.seal(sender, now)?,
        })
    }
}

/// A mail that goes to nobody.
#[derive(Debug)]
pub struct Preview {
    /// Its subject.
    pub subject: String,
    /// What it says, as text.
    pub text: String,
    /// What it says, as HTML.
    pub html: String,
    /// The same in its envelope.
    pub mail: Mail,
}

/// Good for nothing: it opens no account anywhere.
fn sample_secret() -> SecretString {
    SecretString::from("the secret of samples, of no server")
}

fn welcome(occasion: Occasion, facts: &SampleFacts) -> WelcomeMail {
    let nonce = CredentialNonce::from([7; 16]);
    WelcomeMail {
        occasion,
        user_id: UserId(42),
        nonce,
        to_name: facts.to.name.clone(),
        to_address: facts.to.address.clone(),
        institution_name: facts.to.institution.clone(),
        locale: facts.to.locale,
        password: TemporaryPassword::derive(&sample_secret(), UserId(42), &nonce),
        expires_at: facts.at,
        sign_in_url: facts.public_url.clone(),
    }
}

fn password_reset(facts: &SampleFacts) -> PasswordResetMail {
    let nonce = CredentialNonce::from([8; 16]);
    PasswordResetMail {
        user_id: UserId(42),
        nonce,
        to_name: facts.to.name.clone(),
        to_address: facts.to.address.clone(),
        institution_name: facts.to.institution.clone(),
        locale: facts.to.locale,
        token: reset_token::derive(&sample_secret(), PasswordResetTokenId(1), &nonce),
        expires_at: facts.at,
        public_url: facts.public_url.clone(),
    }
}

fn password_changed(facts: &SampleFacts, is_earlier: bool) -> PasswordChangedMail {
    PasswordChangedMail {
        user_id: UserId(42),
        to: facts.to.clone(),
        is_earlier,
        changed_at: facts.at,
        public_url: facts.public_url.clone(),
    }
}

fn grades_posted(facts: &SampleFacts) -> GradesPostedMail {
    GradesPostedMail {
        job_id: JobId(99),
        course_id: CourseId(7),
        to: facts.to.clone(),
        course_code: "CENG 213".to_owned(),
        course_title: facts.title.clone(),
        assessments: vec![format!("{} 1", facts.title), format!("{} 2", facts.title)],
        public_url: facts.public_url.clone(),
    }
}

fn import(facts: &SampleFacts, outcome: ImportOutcome) -> ImportFinishedMail {
    ImportFinishedMail {
        import_id: ImportId(12),
        to: facts.to.clone(),
        kind: ImportKind::Students,
        file_name: Some(format!("{}.csv", facts.title)),
        outcome,
        public_url: facts.public_url.clone(),
    }
}

fn counts() -> Counts {
    Counts {
        records_read: 12_345,
        created_count: 12_000,
        updated_count: 300,
        unchanged_count: 40,
        rejected_count: 5,
    }
}

fn failure(facts: &SampleFacts) -> ImportOutcome {
    ImportOutcome::Failed {
        counts: counts(),
        reason: Some(match facts.to.locale {
            Locale::Tr => format!("“{}” adlı sütun bulunamadı.", facts.title),
            Locale::En => format!("There is no column “{}”.", facts.title),
        }),
    }
}

#[cfg(test)]
mod tests;
