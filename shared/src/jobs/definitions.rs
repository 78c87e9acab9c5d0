//! The catalogue of jobs: every kind, its arguments (ids only, never data or secrets), its queue and its key.

#[cfg(debug_assertions)]
use super::Drill;
use crate::config::{JobSettings, RetryRule};
use crate::ids::{CourseId, ImportId, InstitutionId, PasswordResetTokenId, UserId};
use crate::maintenance::Task;
use crate::transport::{Queue, UnknownQueue};
use serde_json::{Value, json};
use std::time::Duration;

/// The most students that one achievement job computes.
pub const ACHIEVEMENT_BATCH: usize = 500;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Mails a new user its temporary password.
    WelcomeEmail {
        /// The user.
        user_id: UserId,
    },
    /// Mails the link that lets a user choose a new password.
    PasswordResetEmail {
        /// The token that the link holds, by its id.
        token_id: PasswordResetTokenId,
    },
    /// Tells a user that its password was changed.
    PasswordChangedEmail {
        /// The user.
        user_id: UserId,
    },
    /// Tells a student that there are new grades in a course.
    GradesPostedEmail {
        /// The student.
        student_id: UserId,
        /// The course.
        course_id: CourseId,
    },
    /// Tells whoever asked for an import what became of it.
    ImportFinishedEmail {
        /// The import.
        import_id: ImportId,
    },
    /// Reads an uploaded file of students.
    StudentImport {
        /// The import.
        import_id: ImportId,
    },
    /// Reads an uploaded file of grades.
    GradeImport {
        /// The import.
        import_id: ImportId,
    },
    /// Computes the outcomes of marked students anew.
    Achievement {
        /// The students, ascending, at most [`ACHIEVEMENT_BATCH`].
        student_ids: Vec<UserId>,
    },
    /// The same for students of a change that touches many: nobody waits for one of them.
    Recalculation {
        /// The students, ascending, at most [`ACHIEVEMENT_BATCH`].
        student_ids: Vec<UserId>,
    },
    /// Deletes an institution with everything in it.
    InstitutionDeletion {
        /// The institution.
        institution_id: InstitutionId,
    },
    /// Keeps the database in order.
    Maintenance {
        /// What is to be done.
        task: Task,
    },
    /// Nothing: a job that goes the whole way shows that its queue lives, and how fast.
    Probe {
        /// The queue it goes through.
        queue: Queue,
    },
    /// Misbehaves on purpose.
    #[cfg(debug_assertions)]
    Drill(
        /// How.
        Drill,
    ),
}

/// A row that this release cannot read: an unknown kind, or a payload of another release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a job of kind {kind} cannot be read: {reason}")]
pub struct UnreadableJob {
    /// Its kind.
    pub kind: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Job {
    /// Kind of [`Job::WelcomeEmail`].
    pub const WELCOME_EMAIL: &'static str = "welcome_email";
    /// Kind of [`Job::PasswordResetEmail`].
    pub const PASSWORD_RESET_EMAIL: &'static str = "password_reset_email";
    /// Kind of [`Job::PasswordChangedEmail`].
    pub const PASSWORD_CHANGED_EMAIL: &'static str = "password_changed_email";
    /// Kind of [`Job::GradesPostedEmail`].
    pub const GRADES_POSTED_EMAIL: &'static str = "grades_posted_email";
    /// Kind of [`Job::ImportFinishedEmail`].
    pub const IMPORT_FINISHED_EMAIL: &'static str = "import_finished_email";
    /// Kind of [`Job::StudentImport`].
    pub const STUDENT_IMPORT: &'static str = "student_import";
    /// Kind of [`Job::GradeImport`].
    pub const GRADE_IMPORT: &'static str = "grade_import";
    /// Kind of [`Job::Achievement`].
    pub const ACHIEVEMENT: &'static str = "achievement";
    /// Kind of [`Job::Recalculation`].
    pub const RECALCULATION: &'static str = "recalculation";
    /// Kind of [`Job::InstitutionDeletion`].
    pub const INSTITUTION_DELETION: &'static str = "institution_deletion";
    /// Kind of [`Job::Maintenance`].
    pub const MAINTENANCE: &'static str = "maintenance";
    /// Kind of [`Job::Probe`].
    pub const PROBE: &'static str = "probe";
    /// Kind of [`Job::Drill`].
    #[cfg(debug_assertions)]
    pub const DRILL: &'static str = "drill";

    /// The word in `jobs.kind`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::WelcomeEmail { .. } => Self::WELCOME_EMAIL,
            Self::PasswordResetEmail { .. } => Self::PASSWORD_RESET_EMAIL,
            Self::PasswordChangedEmail { .. } => Self::PASSWORD_CHANGED_EMAIL,
            Self::GradesPostedEmail { .. } => Self::GRADES_POSTED_EMAIL,
            Self::ImportFinishedEmail { .. } => Self::IMPORT_FINISHED_EMAIL,
            Self::StudentImport { .. } => Self::STUDENT_IMPORT,
            Self::GradeImport { .. } => Self::GRADE_IMPORT,
            Self::Achievement { .. } => Self::ACHIEVEMENT,
            Self::Recalculation { .. } => Self::RECALCULATION,
            Self::InstitutionDeletion { .. } => Self::INSTITUTION_DELETION,
            Self::Maintenance { .. } => Self::MAINTENANCE,
            Self::Probe { .. } => Self::PROBE,
            #[cfg(debug_assertions)]
            Self::Drill(_) => Self::DRILL,
        }
    }

    /// The word in `jobs.queue`.
    #[must_use]
    pub fn queue(&self) -> &'static str {
        match self {
            Self::WelcomeEmail { .. }
            | Self::PasswordResetEmail { .. }
            | Self::PasswordChangedEmail { .. }
            | Self::GradesPostedEmail { .. }
            | Self::ImportFinishedEmail { .. } => Queue::Email,
            Self::StudentImport { .. } | Self::GradeImport { .. } | Self::InstitutionDeletion { .. } => Queue::Import,
            Self::Achievement { .. } => Queue::Achievement,
            Self::Recalculation { .. } => Queue::Recalculation,
            Self::Maintenance { .. } => Queue::Maintenance,
            Self::Probe { queue } => *queue,
            #[cfg(debug_assertions)]
            Self::Drill(_) => Queue::Achievement,
        }
        .as_str()
    }

    /// How it is retried.
    #[must_use]
    pub fn retry_rule<'a>(&self, settings: &'a JobSettings) -> &'a RetryRule {
        match self {
            Self::WelcomeEmail { .. }
            | Self::PasswordResetEmail { .. }
            | Self::PasswordChangedEmail { .. }
            | Self::GradesPostedEmail { .. }
            | Self::ImportFinishedEmail { .. } => &settings.email,
            Self::StudentImport { .. } | Self::GradeImport { .. } | Self::InstitutionDeletion { .. } => &settings.import,
            Self::Achievement { .. } | Self::Recalculation { .. } | Self::Probe { .. } => &settings.achievement,
            Self::Maintenance { .. } => &settings.maintenance,
            #[cfg(debug_assertions)]
            Self::Drill(_) => &settings.achievement,
        }
    }

    /// How long it waits for more of the same to fold into it before it runs. The first one's wait counts.
    #[must_use]
    pub fn delay(&self, settings: &JobSettings) -> Duration {
        match self {
            Self::GradesPostedEmail { .. } => settings.grade_mail_delay,
            _ => Duration::ZERO,
        }
    }

    /// The arguments.
    #[must_use]
    pub fn payload(&self) -> Value {
        match self {
            Self::WelcomeEmail { user_id } | Self::PasswordChangedEmail { user_id } => json!({ "user_id": user_id }),
            Self::PasswordResetEmail { token_id } => json!({ "token_id": token_id }),
            Self::GradesPostedEmail { student_id, course_id } => json!({ "student_id": student_id, "course_id": course_id }),
            Self::StudentImport { import_id } | Self::GradeImport { import_id } | Self::ImportFinishedEmail { import_id } => {
                json!({ "import_id": import_id })
            }
            Self::Achievement { student_ids } | Self::Recalculation { student_ids } => json!({ "student_ids": student_ids }),
            Self::InstitutionDeletion { institution_id } => json!({ "institution_id": institution_id }),
            Self::Maintenance { task } => json!({ "task": task }),
            Self::Probe { queue } => json!({ "queue": queue.as_str() }),
            #[cfg(debug_assertions)]
            Self::Drill(drill) => json!(drill),
        }
    }

    /// Equal keys wait as one job.
    #[must_use]
    pub fn dedupe_key(&self) -> Option<String> {
        match self {
            Self::WelcomeEmail { .. }
            | Self::PasswordResetEmail { .. }
            | Self::StudentImport { .. }
            | Self::GradeImport { .. }
            | Self::Probe { .. } => None,
            Self::PasswordChangedEmail { user_id } => Some(format!("password_changed:{user_id}")),
            Self::GradesPostedEmail { student_id, course_id } => Some(format!("grades_posted:{student_id}:{course_id}")),
            Self::ImportFinishedEmail { import_id } => Some(format!("import_finished:{import_id}")),
            Self::Achievement { student_ids } | Self::Recalculation { student_ids } => Some(students_key(self.kind(), student_ids)),
            Self::InstitutionDeletion { institution_id } => Some(format!("institution_deletion:{institution_id}")),
            Self::Maintenance { task } => Some(format!("maintenance:{task}")),
            #[cfg(debug_assertions)]
            Self::Drill(_) => None,
        }
    }

    /// Reads a row back.
    ///
    /// # Errors
    /// When the kind is unknown or the payload lacks something.
    pub fn read(kind: &str, payload: &Value) -> Result<Self, UnreadableJob> {
        let unreadable = |reason: String| UnreadableJob {
            kind: kind.to_owned(),
            reason,
        };
        let field = |name: &str| payload.get(name).cloned().ok_or_else(|| unreadable(format!("it has no {name}")));
        let read = |error: serde_json::Error| unreadable(error.to_string());
        match kind {
            Self::WELCOME_EMAIL => Ok(Self::WelcomeEmail {
                user_id: serde_json::from_value(field("user_id")?).map_err(read)?,
            }),
            Self::PASSWORD_RESET_EMAIL => Ok(Self::PasswordResetEmail {
                token_id: serde_json::from_value(field("token_id")?).map_err(read)?,
            }),
            Self::PASSWORD_CHANGED_EMAIL => Ok(Self::PasswordChangedEmail {
                user_id: serde_json::from_value(field("user_id")?).map_err(read)?,
            }),
            Self::GRADES_POSTED_EMAIL => Ok(Self::GradesPostedEmail {
                student_id: serde_json::from_value(field("student_id")?).map_err(read)?,
                course_id: serde_json::from_value(field("course_id")?).map_err(read)?,
            }),
            Self::IMPORT_FINISHED_EMAIL => Ok(Self::ImportFinishedEmail {
                import_id: serde_json::from_value(field("import_id")?).map_err(read)?,
            }),
            Self::STUDENT_IMPORT => Ok(Self::StudentImport {
                import_id: serde_json::from_value(field("import_id")?).map_err(read)?,
            }),
            Self::GRADE_IMPORT => Ok(Self::GradeImport {
                import_id: serde_json::from_value(field("import_id")?).map_err(read)?,
            }),
            Self::ACHIEVEMENT => Ok(Self::Achievement {
                student_ids: serde_json::from_value(field("student_ids")?).map_err(read)?,
            }),
            Self::RECALCULATION => Ok(Self::Recalculation {
                student_ids: serde_json::from_value(field("student_ids")?).map_err(read)?,
            }),
            Self::INSTITUTION_DELETION => Ok(Self::InstitutionDeletion {
                institution_id: serde_json::from_value(field("institution_id")?).map_err(read)?,
            }),
            Self::MAINTENANCE => Ok(Self::Maintenance {
                task: serde_json::from_value(field("task")?).map_err(read)?,
            }),
            Self::PROBE => {
                let name: String = serde_json::from_value(field("queue")?).map_err(read)?;
                let queue = name.parse().map_err(|error: UnknownQueue| unreadable(error.to_string()))?;
                Ok(Self::Probe { queue })
            }
            #[cfg(debug_assertions)]
            Self::DRILL => Ok(Self::Drill(serde_json::from_value(payload.clone()).map_err(read)?)),
            _ => Err(unreadable("the kind is unknown to this release".to_owned())),
        }
    }
}

/// One student: its id. Several: a digest of the ids, so that the same change made twice waits once.
fn students_key(kind: &str, student_ids: &[UserId]) -> String {
    use sha2::{Digest, Sha256};
    match student_ids {
        [only] => format!("{kind}:{only}"),
        several => {
            let mut digest = Sha256::new();
            for id in several {
                digest.update(id.0.to_be_bytes());
            }
            let hex: String = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            format!("{kind}:set:{hex}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_reads_back_as_itself() {
        let jobs = [
            Job::WelcomeEmail { user_id: UserId(7) },
            Job::PasswordResetEmail {
                token_id: PasswordResetTokenId(9),
            },
            Job::PasswordChangedEmail { user_id: UserId(7) },
            Job::GradesPostedEmail {
                student_id: UserId(7),
                course_id: CourseId(3),
            },
            Job::ImportFinishedEmail { import_id: ImportId(8) },
            Job::StudentImport { import_id: ImportId(8) },
            Job::GradeImport { import_id: ImportId(9) },
            Job::Achievement {
                student_ids: vec![UserId(1), UserId(2)],
            },
            Job::Recalculation {
                student_ids: vec![UserId(1), UserId(2)],
            },
            Job::InstitutionDeletion {
                institution_id: InstitutionId(9),
            },
            Job::Maintenance { task: Task::Partitions },
            Job::Probe { queue: Queue::Email },
            #[cfg(debug_assertions)]
            Job::Drill(Drill::Panic),
            #[cfg(debug_assertions)]
            Job::Drill(Drill::Allocate { mebibytes: 7 }),
        ];
        for job in jobs {
            assert_eq!(Job::read(job.kind(), &job.payload()).unwrap(), job);
        }
    }

    /// Payloads as earlier releases wrote them: they must stay readable.
    #[test]
    fn stored_payloads_stay_readable() {
        assert_eq!(
            Job::read("welcome_email", &json!({"user_id": 5})).unwrap(),
            Job::WelcomeEmail { user_id: UserId(5) }
        );
        assert_eq!(
            Job::read("password_reset_email", &json!({"token_id": 5})).unwrap(),
            Job::PasswordResetEmail {
                token_id: PasswordResetTokenId(5)
            }
        );
        assert_eq!(
            Job::read("password_changed_email", &json!({"user_id": 5})).unwrap(),
            Job::PasswordChangedEmail { user_id: UserId(5) }
        );
        assert_eq!(
            Job::read("grades_posted_email", &json!({"student_id": 5, "course_id": 6})).unwrap(),
            Job::GradesPostedEmail {
                student_id: UserId(5),
                course_id: CourseId(6)
            }
        );
        assert_eq!(
            Job::read("import_finished_email", &json!({"import_id": 5})).unwrap(),
            Job::ImportFinishedEmail { import_id: ImportId(5) }
        );
        assert_eq!(
            Job::read("student_import", &json!({"import_id": 5})).unwrap(),
            Job::StudentImport { import_id: ImportId(5) }
        );
        assert_eq!(
            Job::read("grade_import", &json!({"import_id": 5})).unwrap(),
            Job::GradeImport { import_id: ImportId(5) }
        );
        assert_eq!(
            Job::read("achievement", &json!({"student_ids": [5]})).unwrap(),
            Job::Achievement {
                student_ids: vec![UserId(5)]
            }
        );
        assert_eq!(
            Job::read("recalculation", &json!({"student_ids": [5]})).unwrap(),
            Job::Recalculation {
                student_ids: vec![UserId(5)]
            }
        );
        assert_eq!(
            Job::read("institution_deletion", &json!({"institution_id": 5})).unwrap(),
            Job::InstitutionDeletion {
                institution_id: InstitutionId(5)
            }
        );
        assert_eq!(
            Job::read("maintenance", &json!({"task": "finished_jobs"})).unwrap(),
            Job::Maintenance { task: Task::FinishedJobs }
        );
        assert_eq!(
            Job::read("probe", &json!({"queue": "import"})).unwrap(),
            Job::Probe { queue: Queue::Import }
        );
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        assert!(Job::read("sweep_floor", &json!({})).unwrap_err().to_string().contains("unknown"));
        assert!(Job::read("welcome_email", &json!({})).unwrap_err().to_string().contains("user_id"));
        assert!(
            Job::read("probe", &json!({"queue": "fax"}))
                .unwrap_err()
                .to_string()
                .contains("fax")
        );
    }

    #[test]
    fn equal_sets_have_equal_keys_and_others_do_not() {
        let key = |ids: &[i64]| {
            Job::Achievement {
                student_ids: ids.iter().copied().map(UserId).collect(),
            }
            .dedupe_key()
        };
        assert_eq!(key(&[1, 2]), key(&[1, 2]));
        assert_ne!(key(&[1, 2]), key(&[1, 3]));
        assert_ne!(key(&[1]), key(&[1, 2]));
    }
}
