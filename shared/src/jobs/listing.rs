//! Lists for operators: jobs by what they are and how they stand, and the runs of a job that did not succeed.
//!
//! The super admin sees all jobs, an institution admin its institution's.

use super::view::{COLUMNS, JobView, confined_to, inside};
use crate::actor::Actor;
use crate::db::{Conditions, Page, PageRequest, Sort, count, sql};
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, JobId};
use crate::kinds::{AttemptOutcome, JobState};
use crate::transport::Queue;
use crate::validation::Checks;
use chrono::{DateTime, Datelike, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Order, Value};

/// Longest kind and longest search text, in characters.
const TEXT_LIMIT: usize = 60;

/// What a list can be sorted by.
const SORTS: &[(&str, &str)] = &[
    ("id", "j.id"),
    ("created_at", "j.created_at"),
    ("run_at", "j.run_at"),
    ("started_at", "j.started_at"),
    ("finished_at", "j.finished_at"),
    ("kind", "j.kind"),
    ("queue", "j.queue"),
    ("state", "j.state"),
    ("attempt", "j.attempt"),
    ("failures", "j.failures"),
];

/// Which jobs a list shows; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// What it does, e.g. `student_import`.
    pub kind: Option<String>,
    /// Where it stands.
    pub state: Option<JobState>,
    /// Its queue.
    pub queue: Option<Queue>,
    /// The institution it works for; an administrator may name its own only.
    pub institution_id: Option<InstitutionId>,
    /// Asked for at this instant or later.
    pub created_from: Option<DateTime<Utc>>,
    /// Asked for before this instant.
    pub created_until: Option<DateTime<Utc>>,
    /// Ended at this instant or later.
    pub finished_from: Option<DateTime<Utc>>,
    /// Ended before this instant.
    pub finished_until: Option<DateTime<Utc>>,
    /// Its id.
    pub search: Option<String>,
    /// E.g. `state,-finished_at`; the newest first when absent.
    pub sort: Option<String>,
}

/// Jobs, the newest first unless another order is wished for; super admins and institution admins only.
///
/// # Errors
/// `Forbidden`; `NotFound` for an administrator that names another institution; `Invalid` for an impossible search, sort or instant.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, filter: &JobFilter, request: PageRequest) -> Result<Page<JobView>> {
    let own = confined_to(actor)?;
    if let (Some(own), Some(wanted)) = (own, filter.institution_id)
        && own != wanted
    {
        return Err(Error::NotFound("institution"));
    }
    let mut checks = Checks::default();
    let sort = Sort::read(&mut checks, filter.sort.as_deref(), SORTS).or(&[("j.id", Order::Desc)]);
    let mut counted = Conditions::default();
    narrow(&mut counted, filter, own, &mut checks);
    checks.finish()?;
    let matching = |conditions: &Conditions| format!("FROM jobs j WHERE {}", conditions.text());

    let mut shown = Conditions::default();
    for value in inside(actor) {
        shown.parameter(value);
    }
    narrow(&mut shown, filter, own, &mut Checks::default());
    let (limit, offset) = (
        shown.parameter(request.page_size.cast_signed()),
        shown.parameter(request.offset().cast_signed()),
    );
    let select = format!(
        "SELECT {COLUMNS} {} ORDER BY {} LIMIT {limit} OFFSET {offset}",
        matching(&shown),
        sort.sql("j.id DESC")
    );
    let items = JobView::find_by_statement(sql(&select, shown.into_values())).all(db).await?;
    let select = format!("SELECT count(*) AS total {}", matching(&counted));
    let row = db.query_one_raw(sql(&select, counted.into_values())).await?;
    let total = row
        .ok_or_else(|| Error::internal("a count has no row"))?
        .try_get::<i64>("", "total")?;
    Ok(Page {
        items,
        request,
        total: total.unsigned_abs(),
    })
}

/// Adds the conditions of a filter; what is wrong with it goes to `checks`.
fn narrow(conditions: &mut Conditions, filter: &JobFilter, own: Option<InstitutionId>, checks: &mut Checks) {
    let instants = [
        ("created_from", "j.created_at >=", filter.created_from),
        ("created_until", "j.created_at <", filter.created_until),
        ("finished_from", "j.finished_at >=", filter.finished_from),
        ("finished_until", "j.finished_at <", filter.finished_until),
    ];
    for (field, comparison, instant) in instants {
        // PostgreSQL does not know all years that can be written.
        if instant.is_some_and(|at| !(1..=9999).contains(&at.year())) {
            checks.fault(field, "out_of_range", "must be in the years 1 to 9999");
        }
        conditions.compare(comparison, instant);
    }
    conditions.compare("j.kind =", checks.optional_text("kind", filter.kind.as_deref(), TEXT_LIMIT));
    conditions.compare("j.state =", filter.state.map(JobState::as_str));
    conditions.compare("j.queue =", filter.queue.map(Queue::as_str));
    conditions.compare("j.institution_id =", own.or(filter.institution_id));
    if let Some(text) = checks.optional_text("search", filter.search.as_deref(), TEXT_LIMIT) {
        match text.parse::<i64>() {
            Ok(id) => conditions.compare("j.id =", Some(id)),
            Err(_) => checks.fault("search", "not_an_id", "must be the id of a job"),
        }
    }
}

/// A run of a job that did not succeed.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct AttemptView {
    /// Number of the run, from 1.
    pub attempt: i32,
    /// Which worker ran it; for the super admin.
    pub worker: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: DateTime<Utc>,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// What went wrong: the text for the super admin; for others only that something did.
    pub error: Option<String>,
}

/// The runs of a job that did not succeed, the newest first; super admins and institution admins only. The run under way and
/// the one that succeeded are told by the job itself.
///
/// # Errors
/// `Forbidden`; `NotFound` also for jobs of another institution.
pub async fn attempts(db: &impl ConnectionTrait, actor: &Actor, id: JobId, request: PageRequest) -> Result<Page<AttemptView>> {
    confined_to(actor)?;
    super::view::find(db, actor, id).await?;
    let select = "
        SELECT attempt, CASE WHEN $1 THEN worker END AS worker, started_at, ended_at, outcome,
            CASE WHEN $1 OR error IS NULL THEN error ELSE $2 END AS error
        FROM job_attempts WHERE job_id = $3 ORDER BY attempt DESC LIMIT $4 OFFSET $5";
    let place: [Value; 3] = [
        id.into(),
        request.page_size.cast_signed().into(),
        request.offset().cast_signed().into(),
    ];
    let items = AttemptView::find_by_statement(sql(select, inside(actor).into_iter().chain(place)))
        .all(db)
        .await?;
    Ok(Page {
        items,
        request,
        total: count(db, "FROM job_attempts WHERE job_id = $1", [id.into()]).await?,
    })
}
