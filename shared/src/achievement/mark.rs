//! Marking students whose results a change can move, and asking for their computation, in the change's own transaction.
//!
//! A mark is only ever inserted here and deleted by the computation, before it reads: a change that lands meanwhile
//! leaves a mark, and a job, of its own.

use crate::db::{Work, sql};
use crate::error::Result;
use crate::ids::{CourseId, InstitutionId, ProgramId, UserId};
use crate::jobs::definitions::ACHIEVEMENT_BATCH;
use crate::jobs::{Job, Order, enqueue_many};
use sea_orm::ConnectionTrait;

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
    let jobs: Vec<Job> = ids
        .chunks(ACHIEVEMENT_BATCH)
        .map(|chunk| Job::Achievement {
            student_ids: chunk.to_vec(),
        })
        .collect();
    enqueue_many(
        work,
        &jobs,
        Order {
            institution_id: Some(institution_id),
            created_by: None,
        },
    )
    .await?;
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
