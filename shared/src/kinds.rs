//! The closed sets of words that the database holds as text: roles, states, types.
//!
//! Each is the Rust side of a `CHECK` in the schema; a test in this crate keeps the two equal.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

macro_rules! text_enums {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] #[sea_orm(string_value = $text)] $variant,)+
        }

        impl $name {
            /// The word in the database and in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

text_enums! {
    /// What a user is.
    Role {
        /// The owner of the platform; belongs to no institution.
        SuperAdmin = "super_admin",
        /// Manages one institution.
        InstitutionAdmin = "institution_admin",
        /// Teaches courses.
        Teacher = "teacher",
        /// Is graded.
        Student = "student",
    }
    /// Language of an institution's mails.
    Locale {
        /// Turkish.
        Tr = "tr",
        /// English.
        En = "en",
    }
    /// What kind of institution it is.
    InstitutionType {
        /// University.
        University = "university",
        /// A faculty on its own.
        Faculty = "faculty",
        /// School.
        School = "school",
        /// Training provider.
        Training = "training",
        /// Company.
        Company = "company",
        /// Anything else.
        Other = "other",
    }
    /// What a visitor asks for.
    ContactRequestType {
        /// A demonstration.
        Demo = "demo",
        /// Prices.
        Pricing = "pricing",
        /// Working together.
        Partnership = "partnership",
        /// Technical help.
        Technical = "technical",
        /// Anything else.
        General = "general",
    }
    /// Where a contact request stands.
    ContactRequestStatus {
        /// Nobody has answered yet.
        Pending = "pending",
        /// Answered.
        Contacted = "contacted",
        /// A demonstration is arranged.
        DemoScheduled = "demo_scheduled",
        /// Done.
        Completed = "completed",
        /// Put away; may be deleted.
        Archived = "archived",
    }
    /// Part of the academic year.
    Semester {
        /// First.
        Fall = "fall",
        /// Second.
        Spring = "spring",
        /// Third.
        Summer = "summer",
    }
    /// Form of an assessment.
    AssessmentType {
        /// Mid-term exam.
        Midterm = "midterm",
        /// Final exam.
        Final = "final",
        /// Quiz.
        Quiz = "quiz",
        /// Homework.
        Homework = "homework",
        /// Project.
        Project = "project",
        /// Laboratory.
        Lab = "lab",
        /// Presentation.
        Presentation = "presentation",
        /// Anything else.
        Other = "other",
    }
    /// What a cell of the grade book says. Not graded yet is no cell.
    GradeStatus {
        /// Has a score; zero is one.
        Scored = "scored",
        /// Did not appear (GR, girmedi): no score.
        Absent = "absent",
        /// Was excused (MZ, mazeretli): no score.
        Excused = "excused",
        /// Attended too little of the course to be assessed (DZ, devamsız): no score.
        NonAttendance = "non_attendance",
    }
    /// Where a job stands.
    JobState {
        /// Waits for a worker, now or until `run_at`.
        Queued = "queued",
        /// A worker holds its lease.
        Running = "running",
        /// Done.
        Succeeded = "succeeded",
        /// Failed for the last time; an operator may retry it.
        Dead = "dead",
        /// Ended by request.
        Cancelled = "cancelled",
        /// Failed while an equal job waited, which does its work.
        Superseded = "superseded",
    }
    /// How a run of a job ended that did not succeed.
    AttemptOutcome {
        /// With an error.
        Failed = "failed",
        /// Given back, to go on later.
        Released = "released",
        /// Its worker vanished.
        Lost = "lost",
        /// By request.
        Cancelled = "cancelled",
    }
    /// What an import brings.
    ImportKind {
        /// Students.
        Students = "students",
        /// Grades.
        Grades = "grades",
    }
    /// Whether an import changes anything.
    ImportMode {
        /// Report only.
        DryRun = "dry_run",
        /// Write.
        Apply = "apply",
    }
    /// How a file of grades is laid out.
    GradeLayout {
        /// As its header shows.
        Auto = "auto",
        /// A record for each student, a column for each assessment.
        Wide = "wide",
        /// A record for each cell.
        Long = "long",
    }
    /// What an import does with a record that exists already.
    OnExisting {
        /// Leave it.
        Skip = "skip",
        /// Bring it up to date.
        Update = "update",
    }
    /// Where an import stands.
    ImportState {
        /// Accepted.
        Queued = "queued",
        /// A worker reads it.
        Running = "running",
        /// Every record was read and counted.
        Completed = "completed",
        /// The file as a whole could not be read.
        Failed = "failed",
        /// Ended by request.
        Cancelled = "cancelled",
    }
    /// What a file was uploaded for.
    UploadPurpose {
        /// Student import.
        StudentImport = "student_import",
        /// Grade import.
        GradeImport = "grade_import",
        /// Profile picture.
        ProfilePicture = "profile_picture",
    }
    /// What a mail is about.
    MailKind {
        /// A new account and its temporary password.
        Welcome = "welcome",
        /// A temporary password for somebody who had chosen one before.
        AccessReset = "access_reset",
        /// A link to choose a new password.
        PasswordReset = "password_reset",
        /// News of a changed password.
        PasswordChanged = "password_changed",
        /// News of grades.
        GradesPosted = "grades_posted",
        /// What became of an import.
        ImportFinished = "import_finished",
    }
    /// Where a mail stands.
    DeliveryState {
        /// Being handed to the mail server, or waiting for its next try.
        Sending = "sending",
        /// Accepted by the mail server.
        Sent = "sent",
        /// Given up.
        Failed = "failed",
        /// Not sent: the address is known not to work.
        Suppressed = "suppressed",
    }
}
