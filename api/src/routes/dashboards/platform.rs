//! The dashboard of the platform on the wire.

use crate::routes::paging::PageOf;
use crate::routes::words::JobState;
use acurate_shared::analytics::platform;
use chrono::{DateTime, Utc};
use poem_openapi::Object;

/// What the platform's owner sees first.
#[derive(Clone, Debug, Object)]
pub(super) struct PlatformDashboard {
    /// The platform as a whole.
    totals: PlatformTotals,
    /// By name.
    institutions: PageOf<InstitutionSize>,
    /// By kind and state.
    jobs: Vec<JobCount>,
    /// By queue; those in which nothing waits or runs are left out.
    queues: Vec<QueueDepth>,
    /// By action, the most frequent first.
    activity: Vec<ActivityCount>,
}

/// The platform as a whole.
#[derive(Clone, Copy, Debug, Object)]
struct PlatformTotals {
    /// Institutions whose people may sign in.
    institutions: i64,
    /// Institutions that are closed.
    inactive_institutions: i64,
    /// Students who may sign in.
    students: i64,
    /// Teachers who may sign in.
    teachers: i64,
    /// Administrators of institutions who may sign in.
    institution_admins: i64,
    /// People who last signed in within 24 hours.
    signed_in_last_day: i64,
    /// Within 7 days.
    signed_in_last_week: i64,
    /// Within 30 days.
    signed_in_last_month: i64,
}

/// An institution and its size.
#[derive(Clone, Debug, Object)]
struct InstitutionSize {
    /// The institution.
    institution_id: i64,
    /// Its name.
    name: String,
    /// Whether its people may sign in.
    is_active: bool,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// Its students who may sign in.
    students: i64,
    /// Its teachers who may sign in.
    teachers: i64,
    /// Its active courses.
    courses: i64,
    /// When somebody of it last signed in.
    last_sign_in_at: Option<DateTime<Utc>>,
}

/// Jobs of one kind in one state: all that wait or run, and those that ended within 7 days.
#[derive(Clone, Debug, Object)]
struct JobCount {
    /// The kind.
    kind: String,
    /// The state.
    state: JobState,
    /// How many.
    count: i64,
}

/// What waits in a queue.
#[derive(Clone, Debug, Object)]
struct QueueDepth {
    /// The queue.
    queue: String,
    /// Jobs that could run now.
    due: i64,
    /// Jobs that wait for their time, as for a retry.
    later: i64,
    /// Jobs that run.
    running: i64,
    /// For how many seconds the oldest due job has waited; `null` when none does.
    oldest_due_seconds: Option<i64>,
}

/// How often something was done.
#[derive(Clone, Debug, Object)]
struct ActivityCount {
    /// What, e.g. `course.created`.
    action: String,
    /// Within 24 hours.
    last_day: i64,
    /// Within 7 days.
    last_week: i64,
    /// Within 30 days.
    last_month: i64,
}

impl From<platform::PlatformDashboard> for PlatformDashboard {
    fn from(found: platform::PlatformDashboard) -> Self {
        Self {
            totals: found.totals.into(),
            institutions: found.institutions.into(),
            jobs: found.jobs.into_iter().map(Into::into).collect(),
            queues: found.queues.into_iter().map(Into::into).collect(),
            activity: found.activity.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<platform::PlatformTotals> for PlatformTotals {
    fn from(found: platform::PlatformTotals) -> Self {
        Self {
            institutions: found.institutions,
            inactive_institutions: found.inactive_institutions,
            students: found.students,
            teachers: found.teachers,
            institution_admins: found.institution_admins,
            signed_in_last_day: found.signed_in_last_day,
            signed_in_last_week: found.signed_in_last_week,
            signed_in_last_month: found.signed_in_last_month,
        }
    }
}

impl From<platform::InstitutionSize> for InstitutionSize {
    fn from(found: platform::InstitutionSize) -> Self {
        Self {
            institution_id: found.institution_id.0,
            name: found.name,
            is_active: found.is_active,
            created_at: found.created_at,
            students: found.students,
            teachers: found.teachers,
            courses: found.courses,
            last_sign_in_at: found.last_sign_in_at,
        }
    }
}

impl From<platform::JobCount> for JobCount {
    fn from(found: platform::JobCount) -> Self {
        Self {
            kind: found.kind,
            state: found.state.into(),
            count: found.count,
        }
    }
}

impl From<platform::QueueDepth> for QueueDepth {
    fn from(found: platform::QueueDepth) -> Self {
        Self {
            queue: found.queue,
            due: found.due,
            later: found.later,
            running: found.running,
            oldest_due_seconds: found.oldest_due_seconds,
        }
    }
}

impl From<platform::ActivityCount> for ActivityCount {
    fn from(found: platform::ActivityCount) -> Self {
        Self {
            action: found.action,
            last_day: found.last_day,
            last_week: found.last_week,
            last_month: found.last_month,
        }
    }
}
