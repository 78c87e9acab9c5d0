//! The closed sets of words of `acurate_shared::kinds`, described for the OpenAPI document.

use acurate_shared::kinds;
use poem_openapi::Enum;

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
    /// What an import does with a record that exists already.
    OnExisting {
        /// Leave it.
        Skip,
        /// Bring it up to date; empty fields delete nothing.
        Update,
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
