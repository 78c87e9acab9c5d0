//! The dashboard of the platform's owner: institutions and their sizes, background work, activity. Counts only; no grade, no
//! achievement and no name of a person is in it.

use super::access;
use super::reading::{self, all, only, page_of};
use crate::actor::Actor;
use crate::db::{Page, PageRequest, sql};
use crate::error::Result;
use crate::ids::InstitutionId;
use crate::kinds::JobState;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult};

/// What the platform's owner sees first.
#[derive(Clone, Debug)]
pub struct PlatformDashboard {
    /// The platform as a whole.
    pub totals: PlatformTotals,
    /// By name.
    pub institutions: Page<InstitutionSize>,
    /// By kind and state.
    pub jobs: Vec<JobCount>,
    /// By queue.
    pub queues: Vec<QueueDepth>,
    /// By action, the most frequent first.
    pub activity: Vec<ActivityCount>,
}

/// The platform as a whole.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct PlatformTotals {
    /// Institutions whose people may sign in.
    pub institutions: i64,
    /// Institutions that are closed.
    pub inactive_institutions: i64,
    /// Students who may sign in.
    pub students: i64,
    /// Teachers who may sign in.
    pub teachers: i64,
    /// Administrators of institutions who may sign in.
    pub institution_admins: i64,
    /// People who last signed in within a day.
    pub signed_in_last_day: i64,
    /// Within 7 days.
    pub signed_in_last_week: i64,
    /// Within 30 days.
    pub signed_in_last_month: i64,
}

/// An institution and its size.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct InstitutionSize {
    /// The institution.
    pub institution_id: InstitutionId,
    /// Its name.
    pub name: String,
    /// Whether its people may sign in.
    pub is_active: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Its students who may sign in.
    pub students: i64,
    /// Its teachers who may sign in.
    pub teachers: i64,
    /// Its active courses.
    pub courses: i64,
    /// When somebody of it last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

/// Jobs of one kind in one state: all that wait or run, and those that ended within 7 days.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct JobCount {
    /// The kind.
    pub kind: String,
    /// The state.
    pub state: JobState,
    /// How many.
    pub count: i64,
}

/// What waits in a queue.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct QueueDepth {
    /// The queue.
    pub queue: String,
    /// Jobs that could run now.
    pub due: i64,
    /// Jobs that wait for their time, as for a retry.
    pub later: i64,
    /// Jobs that run.
    pub running: i64,
    /// For how many seconds the oldest due job has waited; `None` when none does.
    pub oldest_due_seconds: Option<i64>,
}

/// How often something was done.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct ActivityCount {
    /// What, e.g. `course.created`.
    pub action: String,
    /// Within a day.
    pub last_day: i64,
    /// Within 7 days.
    pub last_week: i64,
    /// Within 30 days.
    pub last_month: i64,
}

const TOTALS: &str = "
    SELECT (SELECT count(*) FROM institutions WHERE is_active) AS institutions,
        (SELECT count(*) FROM institutions WHERE NOT is_active) AS inactive_institutions,
        count(*) FILTER (WHERE role = 'student' AND is_active) AS students,
        count(*) FILTER (WHERE role = 'teacher' AND is_active) AS teachers,
        count(*) FILTER (WHERE role = 'institution_admin' AND is_active) AS institution_admins,
        count(*) FILTER (WHERE last_sign_in_at > now() - interval '1 day') AS signed_in_last_day,
        count(*) FILTER (WHERE last_sign_in_at > now() - interval '7 days') AS signed_in_last_week,
        count(*) FILTER (WHERE last_sign_in_at > now() - interval '30 days') AS signed_in_last_month
    FROM users";

const INSTITUTIONS: &str = "
    WITH institution AS (
        SELECT i.id AS institution_id, i.name, i.is_active, i.created_at, COALESCE(u.students, 0) AS students,
            COALESCE(u.teachers, 0) AS teachers, COALESCE(c.courses, 0) AS courses, u.last_sign_in_at
        FROM institutions i
        LEFT JOIN (
            SELECT institution_id, count(*) FILTER (WHERE role = 'student' AND is_active) AS students,
                count(*) FILTER (WHERE role = 'teacher' AND is_active) AS teachers, max(last_sign_in_at) AS last_sign_in_at
            FROM users GROUP BY institution_id
        ) u ON u.institution_id = i.id
        LEFT JOIN (
            SELECT institution_id, count(*) AS courses FROM courses WHERE is_active GROUP BY institution_id
        ) c ON c.institution_id = i.id
    )";

/// Three looks into three indexes, instead of one at all the jobs that ever were.
const JOBS: &str = "
    SELECT kind, state, count(*) AS count FROM (
        SELECT kind, state FROM jobs WHERE state = 'queued'
        UNION ALL SELECT kind, state FROM jobs WHERE state = 'running'
        UNION ALL SELECT kind, state FROM jobs WHERE finished_at > now() - interval '7 days'
    ) job
    GROUP BY kind, state ORDER BY kind, state";

const QUEUES: &str = "
    SELECT queue, count(*) FILTER (WHERE state = 'queued' AND run_at <= now()) AS due,
        count(*) FILTER (WHERE state = 'queued' AND run_at > now()) AS later,
        count(*) FILTER (WHERE state = 'running') AS running,
        floor(extract(epoch FROM now() - min(run_at) FILTER (WHERE state = 'queued' AND run_at <= now())))::bigint AS oldest_due_seconds
    FROM (
        SELECT queue, state, run_at FROM jobs WHERE state = 'queued'
        UNION ALL SELECT queue, state, run_at FROM jobs WHERE state = 'running'
    ) job
    GROUP BY queue ORDER BY queue";

const ACTIVITY: &str = "
    SELECT action, count(*) FILTER (WHERE created_at > now() - interval '1 day') AS last_day,
        count(*) FILTER (WHERE created_at > now() - interval '7 days') AS last_week, count(*) AS last_month
    FROM activity_log WHERE created_at > now() - interval '30 days'
    GROUP BY action ORDER BY last_month DESC, action";

/// The dashboard of the platform; `request` pages the institutions.
///
/// # Errors
/// `Forbidden` for everybody but the platform's owner.
pub async fn own(db: &DatabaseConnection, actor: &Actor, request: PageRequest) -> Result<PlatformDashboard> {
    access::platform(actor)?;
    let snapshot = reading::snapshot(db).await?;
    let dashboard = PlatformDashboard {
        totals: only(&snapshot, sql(TOTALS, [])).await?,
        institutions: institutions(&snapshot, request).await?,
        jobs: all(&snapshot, sql(JOBS, [])).await?,
        queues: all(&snapshot, sql(QUEUES, [])).await?,
        activity: all(&snapshot, sql(ACTIVITY, [])).await?,
    };
    snapshot.commit().await?;
    Ok(dashboard)
}

async fn institutions(db: &impl ConnectionTrait, request: PageRequest) -> Result<Page<InstitutionSize>> {
    let select = page_of(INSTITUTIONS, "institution", "name, institution_id", request);
    reading::page(db, sql(&select, []), request).await
}
