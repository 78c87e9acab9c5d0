//! Marking students whose results a change can move, and asking for their computation, in the change's own transaction.
//!
//! A mark is only ever inserted here and deleted by the computation, before it reads: a change that lands meanwhile
//! leaves a mark, and a job, of its own.

use crate::db::{Work, sql};
use crate::error::Result;
use crate::ids::{CourseId, InstitutionId, ProgramId, UserId};
use crate::jobs::definitions::ACHIEVEMENT_BATCH;
use crate::jobs::{Job, Order, enqueue_many};
use crate::transport::Queue;
use sea_orm::ConnectionTrait;
use std::collections::BTreeMap;
use std::time::Duration;

/// A change that touches more students than these is bulk work: it waits in a queue of its own, so that the student of a
/// single mark never waits behind the thousands of an import.
pub const INTERACTIVE: usize = 100;

/// Marks the given students.
///
/// # Errors
/// When the database refuses.
pub async fn students(work: &mut Work, institution_id: InstitutionId, students: &[UserId]) -> Result<()> {
    let mut ids = students.to_vec();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    let insert = "INSERT INTO achievement_marks (institution_id, student_id) SELECT $1, unnest($2::bigint[])";
    let raw: Vec<i64> = ids.iter().map(|id| id.0).collect();
    work.tx().execute_raw(sql(insert, [institution_id.into(), raw.into()])).await?;
    request(work, institution_id, &ids).await
}

/// Asks for the computation of students, given in ascending order.
async fn request(work: &mut Work, institution_id: InstitutionId, students: &[UserId]) -> Result<()> {
    let job: fn(Vec<UserId>) -> Job = if students.len() > INTERACTIVE {
        |student_ids| Job::Recalculation { student_ids }
    } else {
        |student_ids| Job::Achievement { student_ids }
    };
    let jobs: Vec<Job> = students.chunks(ACHIEVEMENT_BATCH).map(|chunk| job(chunk.to_vec())).collect();
    let order = Order {
        institution_id: Some(institution_id),
        created_by: None,
    };
    enqueue_many(work, &jobs, order).await?;
    Ok(())
}

/// Marks everybody who is or was enrolled in a course.
///
/// # Errors
/// When the database refuses.
pub async fn course(work: &mut Work, institution_id: InstitutionId, course_id: CourseId) -> Result<()> {
    let select = "SELECT student_id AS id FROM enrollments WHERE institution_id = $1 AND course_id = $2";
    let ids = select_ids(work, select, institution_id, course_id.0).await?;
    students(work, institution_id, &ids).await
}

/// Marks everybody in a program.
///
/// # Errors
/// When the database refuses.
pub async fn program(work: &mut Work, institution_id: InstitutionId, program_id: ProgramId) -> Result<()> {
    let select = "SELECT id FROM users WHERE institution_id = $1 AND program_id = $2 AND role = 'student'";
    let ids = select_ids(work, select, institution_id, program_id.0).await?;
    students(work, institution_id, &ids).await
}

async fn select_ids(work: &Work, select: &str, institution_id: InstitutionId, id: i64) -> Result<Vec<UserId>> {
    let rows = work.tx().query_all_raw(sql(select, [institution_id.into(), id.into()])).await?;
    Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<Vec<UserId>, _>>()?)
}

/// A job of a student that waits or runs takes its marks; one that died lately is for an operator to look at first,
/// and tried again after an hour. Without old marks, as almost always, this costs one look into an index.
const FORGOTTEN: &str = "
    WITH late AS MATERIALIZED (
        SELECT DISTINCT institution_id, student_id FROM achievement_marks
        WHERE marked_at < now() - make_interval(secs => $1) LIMIT $2
    )
    SELECT late.institution_id, late.student_id FROM late
    WHERE late.student_id NOT IN (
        SELECT jsonb_array_elements_text(payload -> 'student_ids')::bigint FROM (
            SELECT payload FROM jobs WHERE kind = ANY ($3) AND state = 'queued' AND queue = ANY ($4)
            UNION ALL SELECT payload FROM jobs WHERE kind = ANY ($3) AND state = 'running'
            UNION ALL SELECT payload FROM jobs WHERE kind = ANY ($3) AND state = 'dead' AND finished_at > now() - interval '1 hour'
        ) jobs)
    ORDER BY late.institution_id, late.student_id";

/// The most students that one repair asks for.
const REPAIR_LIMIT: i64 = 50_000;

/// Repairs: asks again for students whose marks are older than `age` and whom no job will compute, as after the loss or
/// the end of a job by hand. Returns how many students. To be called now and then by whoever dispatches jobs.
///
/// # Errors
/// When the database refuses.
pub async fn requeue_forgotten(work: &mut Work, age: Duration) -> Result<usize> {
    let kinds = [Job::ACHIEVEMENT, Job::RECALCULATION].map(str::to_owned).to_vec();
    let queues = [Queue::Achievement, Queue::Recalculation].map(|queue| queue.to_string()).to_vec();
    let values = [age.as_secs_f64().into(), REPAIR_LIMIT.into(), kinds.into(), queues.into()];
    let rows = work.tx().query_all_raw(sql(FORGOTTEN, values)).await?;
    let mut forgotten: BTreeMap<InstitutionId, Vec<UserId>> = BTreeMap::new();
    for row in &rows {
        forgotten
            .entry(row.try_get("", "institution_id")?)
            .or_default()
            .push(row.try_get("", "student_id")?);
    }
    for (institution_id, students) in forgotten {
        request(work, institution_id, &students).await?;
    }
    Ok(rows.len())
}
