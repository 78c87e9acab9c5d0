//! The mail that tells a student of new grades, in the language of the institution. It names the assessments, never a grade.

use super::letter::{Addressee, Letter, page, single_line, words};
use super::{ComposeError, Mail, Sender};
use acurate_shared::ids::{CourseId, JobId};
use acurate_shared::kinds::Locale;
use chrono::{DateTime, Utc};
use url::Url;

/// What a mail about grades says.
#[derive(Clone, Debug)]
pub struct GradesPostedMail {
    /// The job that sends it: the same for each try, another one for the next grades.
    pub job_id: JobId,
    /// The course.
    pub course_id: CourseId,
    /// Whom it tells.
    pub to: Addressee,
    /// Code of the course.
    pub course_code: String,
    /// Title of the course.
    pub course_title: String,
    /// Titles of the assessments that were graded.
    pub assessments: Vec<String>,
    /// Address of the frontend.
    pub public_url: Url,
}

impl GradesPostedMail {
    /// Writes the mail, dated `now`. The Message-ID depends on the job and the sender's domain only.
    ///
    /// # Errors
    /// [`ComposeError`]; none of them goes away by trying again.
    pub fn compose(&self, sender: &Sender, now: DateTime<Utc>) -> Result<Mail, ComposeError> {
        self.letter(sender)?.seal(sender, now)
    }

    /// What it says.
    pub(super) fn letter(&self, sender: &Sender) -> Result<Letter, ComposeError> {
        let (name, institution) = (single_line(&self.to.name), single_line(&self.to.institution));
        let (code, title) = (single_line(&self.course_code), single_line(&self.course_title));
        let assessments: Vec<String> = self.assessments.iter().map(|title| single_line(title)).collect();
        let link = page(&self.public_url, &format!("courses/{}", self.course_id));
        let words = Words {
            name: &name,
            institution: &institution,
            code: &code,
            title: &title,
            assessments: &assessments,
            link: link.as_str(),
        };
        let (text, html) = words.render(self.to.locale)?;
        Ok(Letter {
            subject: match self.to.locale {
                Locale::Tr => format!("{institution}: {code} dersinde yeni notlar"),
                Locale::En => format!("{institution}: new grades in {code}"),
            },
            message_id: format!("<grades-posted.{}@{}>", self.job_id, sender.domain()),
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
        code: &'a str,
        title: &'a str,
        assessments: &'a [String],
        link: &'a str,
    }
    ["grades_posted.tr.txt", "grades_posted.tr.html", "grades_posted.en.txt", "grades_posted.en.html"]
}
