//! Typed ids: a course's id cannot be taken for a student's.

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
        #[sea_orm(try_from_u64)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// Id of a mark in `achievement_marks`.
    AchievementMarkId,
    /// Id of an activity in `activity_log`.
    ActivityId,
    /// Id of an assessment.
    AssessmentId,
    /// Id of a contact request.
    ContactRequestId,
    /// Id of a course.
    CourseId,
    /// Id of a department.
    DepartmentId,
    /// Id of a mail.
    EmailDeliveryId,
    /// Id of an enrollment.
    EnrollmentId,
    /// Id of a grading scheme.
    GradingSchemeId,
    /// Id of an import.
    ImportId,
    /// Id of an institution.
    InstitutionId,
    /// Id of a job.
    JobId,
    /// Id of a learning outcome.
    LearningOutcomeId,
    /// Id of an old password.
    PasswordHistoryId,
    /// Id of a reset token.
    PasswordResetTokenId,
    /// Id of a program.
    ProgramId,
    /// Id of a program outcome.
    ProgramOutcomeId,
    /// Id of one rotation of a refresh token.
    SessionId,
    /// Id of an upload.
    UploadId,
    /// Id of a user of any role; a student and a teacher are users.
    UserId,
}
