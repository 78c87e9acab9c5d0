//! The closed sets of words, those of `acurate_shared::kinds` among them, described for the OpenAPI document.

use acurate_shared::imports::Delimiter;
use acurate_shared::kinds;
use poem_openapi::Enum;

/// What stands between the fields of a CSV file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum CsvDelimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
}

impl From<CsvDelimiter> for Delimiter {
    fn from(word: CsvDelimiter) -> Self {
        match word {
            CsvDelimiter::Comma => Self::Comma,
            CsvDelimiter::Semicolon => Self::Semicolon,
            CsvDelimiter::Tab => Self::Tab,
        }
    }
}

/// Form of an exported file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum TableFormat {
    /// Comma-separated values, whatever the delimiter.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// A queue of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum Queue {
    /// Mails.
    Email,
    /// Imports of files, and other long work.
    Import,
    /// Achievements that somebody waits for.
    Achievement,
    /// Achievements of many students at once.
    Recalculation,
    /// What the system does for itself by the clock.
    Maintenance,
}

impl From<Queue> for acurate_shared::transport::Queue {
    fn from(word: Queue) -> Self {
        match word {
            Queue::Email => Self::Email,
            Queue::Import => Self::Import,
            Queue::Achievement => Self::Achievement,
            Queue::Recalculation => Self::Recalculation,
            Queue::Maintenance => Self::Maintenance,
        }
    }
}

/// Layout of an exported grade book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum TableLayout {
    /// A row for each student, a column for each assessment.
    Wide,
    /// A row for each cell that is not empty.
    Long,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
        #[oai(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
        }

        impl From<kinds::$name> for $name {
            fn from(word: kinds::$name) -> Self {
                match word { $(kinds::$name::$variant => Self::$variant,)+ }
            }
        }

        impl From<$name> for kinds::$name {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => Self::$variant,)+ }
            }
        }
    )+};
}

words! {
    /// What a user is.
    Role {
        /// The owner of the platform.
        SuperAdmin,
        /// Manages one institution.
        InstitutionAdmin,
        /// Teaches courses.
        Teacher,
        /// Is graded.
        Student,
    }
    /// Language of an institution's mails.
    Locale {
        /// Turkish.
        Tr,
        /// English.
        En,
    }
    /// What kind of institution it is.
    InstitutionType {
        /// University.
        University,
        /// A faculty on its own.
        Faculty,
        /// School.
        School,
        /// Training provider.
        Training,
        /// Company.
        Company,
        /// Anything else.
        Other,
    }
    /// What a visitor asks for.
    ContactRequestType {
        /// A demonstration.
        Demo,
        /// Prices.
        Pricing,
        /// Working together.
        Partnership,
        /// Technical help.
        Technical,
        /// Anything else.
        General,
    }
    /// Where a contact request stands.
    ContactRequestStatus {
        /// Nobody has answered yet.
        Pending,
        /// Answered.
        Contacted,
        /// A demonstration is arranged.
        DemoScheduled,
        /// Done.
        Completed,
        /// Put away; may be deleted.
        Archived,
    }
    /// Part of the academic year.
    Semester {
        /// First.
        Fall,
        /// Second.
        Spring,
        /// Third.
        Summer,
    }
    /// Form of an assessment.
    AssessmentType {
        /// Mid-term exam.
        Midterm,
        /// Final exam.
        Final,
        /// Quiz.
        Quiz,
        /// Homework.
        Homework,
        /// Project.
        Project,
        /// Laboratory.
        Lab,
        /// Presentation.
        Presentation,
        /// Anything else.
        Other,
    }
    /// What a cell of the grade book says; not graded yet is no cell.
    GradeStatus {
        /// Has a score; zero is one.
        Scored,
        /// Did not appear: no score.
        Absent,
        /// Was excused: no score.
        Excused,
        /// Attended too little of the course to be assessed: no score.
        NonAttendance,
    }
    /// Where a job stands.
    JobState {
        /// Waits for a worker.
        Queued,
        /// A worker does it.
        Running,
        /// Done.
        Succeeded,
        /// Failed for the last time.
        Dead,
        /// Ended by request.
        Cancelled,
        /// An equal job took its place.
        Superseded,
    }
    /// How a run of a job ended that did not succeed.
    AttemptOutcome {
        /// With an error.
        Failed,
        /// Given back, to go on later.
        Released,
        /// Its worker vanished.
        Lost,
        /// By request.
        Cancelled,
    }
    /// What an import brings.
    ImportKind {
        /// Students.
        Students,
        /// Grades.
        Grades,
    }
    /// Whether an import changes anything.
    ImportMode {
        /// Report only.
        DryRun,
        /// Write.
        Apply,
    }
    /// How a file of grades is laid out.
    GradeLayout {
        /// As its header shows: long when it has `assessment` and `score`, else wide.
        Auto,
        /// A record for each student, a column for each assessment.
        Wide,
        /// A record for each cell.
        Long,
    }
    /// What an import does with a record that exists already.
    OnExisting {
        /// Leave it.
        Skip,
        /// Bring it up to date; empty fields delete nothing.
        Update,
    }
    /// What a mail is about.
    MailKind {
        /// A new account and its temporary password.
        Welcome,
        /// A temporary password for somebody who had chosen one before.
        AccessReset,
        /// A link to choose a new password.
        PasswordReset,
        /// News of a changed password.
        PasswordChanged,
        /// News of grades.
        GradesPosted,
        /// What became of an import.
        ImportFinished,
    }
    /// Where a mail stands.
    DeliveryState {
        /// Being handed to the mail server, or waiting for its next try.
        Sending,
        /// Accepted by the mail server.
        Sent,
        /// Given up.
        Failed,
        /// Not sent: the address is known not to work.
        Suppressed,
    }
    /// Where an import stands.
    ImportState {
        /// Accepted.
        Queued,
        /// A worker reads it.
        Running,
        /// Every record was read and counted.
        Completed,
        /// The file as a whole could not be read; `failure` says why.
        Failed,
        /// Ended by request.
        Cancelled,
    }
}
