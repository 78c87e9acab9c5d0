//! The mail that tells what became of an import, in the language of the institution: counts and a link, no record of the file.

use super::letter::{Addressee, Letter, number, page, single_line, words};
use super::{ComposeError, Mail, Sender};
use acurate_shared::ids::ImportId;
use acurate_shared::imports::ledger::Counts;
use acurate_shared::kinds::{ImportKind, Locale};
use chrono::{DateTime, Utc};
use url::Url;

/// How an import ended.
#[derive(Clone, Debug)]
pub enum ImportOutcome {
    /// Every record was read.
    Completed(Counts),
    /// It stopped; what the counts hold was kept.
    Failed {
        /// What was done before.
        counts: Counts,
        /// A sentence in the language of the mail; none when the system was at fault.
        reason: Option<String>,
    },
}

/// What a mail about an import says.
#[derive(Clone, Debug)]
pub struct ImportFinishedMail {
    /// The import.
    pub import_id: ImportId,
    /// Who asked for it.
    pub to: Addressee,
    /// What it brought.
    pub kind: ImportKind,
    /// Name of the file, while it is kept.
    pub file_name: Option<String>,
    /// How it ended.
    pub outcome: ImportOutcome,
    /// Address of the frontend.
    pub public_url: Url,
}

impl ImportFinishedMail {
    /// Writes the mail, dated `now`. The Message-ID depends on the import and the sender's domain only: an import ends once.
    ///
    /// # Errors
    /// [`ComposeError`]; none of them goes away by trying again.
    pub fn compose(&self, sender: &Sender, now: DateTime<Utc>) -> Result<Mail, ComposeError> {
        self.letter(sender)?.seal(sender, now)
    }

    /// What it says.
    pub(super) fn letter(&self, sender: &Sender) -> Result<Letter, ComposeError> {
        let (name, institution) = (single_line(&self.to.name), single_line(&self.to.institution));
        let file = self.file_name.as_deref().map(single_line).unwrap_or_default();
        let locale = self.to.locale;
        let (counts, failed, reason) = match &self.outcome {
            ImportOutcome::Completed(counts) => (counts, false, ""),
            ImportOutcome::Failed { counts, reason } => (counts, true, reason.as_deref().unwrap_or_default()),
        };
        let link = page(&self.public_url, &format!("imports/{}", self.import_id));
        let words = Words {
            name: &name,
            institution: &institution,
            of_grades: self.kind == ImportKind::Grades,
            file: &file,
            failed,
            reason: &single_line(reason),
            read: &number(counts.records_read, locale),
            created: &number(counts.created_count, locale),
            updated: &number(counts.updated_count, locale),
            unchanged: &number(counts.unchanged_count, locale),
            rejected: &number(counts.rejected_count, locale),
            link: link.as_str(),
        };
        let (text, html) = words.render(locale)?;
        Ok(Letter {
            subject: format!("{institution}: {}", subject(locale, self.kind, failed)),
            message_id: format!("<import-finished.{}@{}>", self.import_id, sender.domain()),
            name,
            address: self.to.address.clone(),
            text,
            html,
            confidential: Vec::new(),
        })
    }
}

fn subject(locale: Locale, kind: ImportKind, failed: bool) -> &'static str {
    match (locale, kind, failed) {
        (Locale::Tr, ImportKind::Students, false) => "öğrenci aktarımı tamamlandı",
        (Locale::Tr, ImportKind::Students, true) => "öğrenci aktarımı yarım kaldı",
        (Locale::Tr, ImportKind::Grades, false) => "not aktarımı tamamlandı",
        (Locale::Tr, ImportKind::Grades, true) => "not aktarımı yarım kaldı",
        (Locale::En, ImportKind::Students, false) => "the import of students has finished",
        (Locale::En, ImportKind::Students, true) => "the import of students has failed",
        (Locale::En, ImportKind::Grades, false) => "the import of grades has finished",
        (Locale::En, ImportKind::Grades, true) => "the import of grades has failed",
    }
}

words! {
    /// What the templates show; `file` and `reason` may be empty.
    Words {
        name: &'a str,
        institution: &'a str,
        of_grades: bool,
        file: &'a str,
        failed: bool,
        reason: &'a str,
        read: &'a str,
        created: &'a str,
        updated: &'a str,
        unchanged: &'a str,
        rejected: &'a str,
        link: &'a str,
    }
    ["import_finished.tr.txt", "import_finished.tr.html", "import_finished.en.txt", "import_finished.en.html"]
}
