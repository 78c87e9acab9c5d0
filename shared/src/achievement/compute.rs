//! Computes the outcomes of up to a few hundred students at once, in one statement of one snapshot.
//!
//! It takes and leaves no job: the worker calls it in the transaction that also ends the job. The arithmetic is that of
//! [`super::rules`], done by PostgreSQL.
//!
//! Why SQL gets the same answers. Every value is a fraction, and its quotients are kept to 60 decimal places, so that a
//! value errs by less than 10⁻⁵⁵. Snapping it to 50 places puts every value that *is* a threshold, or a half on the way
//! of rounding, exactly there, because those have at most 3 places. Another value could be snapped onto one only by
//! lying within 10⁻⁵⁰ of it, which takes a common denominator of about 48 digits.

use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::UserId;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// What a computation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Computed {
    /// Learning outcomes of students that were computed, with or without a value.
    pub learning_outcomes: i64,
    /// Program outcomes of students that were computed, with or without a value.
    pub program_outcomes: i64,
    /// Stored results that do not apply any more and were deleted.
    pub removed: i64,
}

/// Up to this many students a plan is not worth making anew: index lookups are right whoever they are.
const FEW: usize = 20;

/// The locks are few, because PostgreSQL keeps them in a table of fixed size; students whose ids differ by a multiple
/// of 2048 share one. They are taken in ascending order, so that two batches never wait for each other in a circle.
const LOCK: &str = "
    SELECT pg_advisory_xact_lock(hashtext('achievement'), stripe)
    FROM (SELECT DISTINCT (id % 2048)::int AS stripe FROM unnest($1::bigint[]) AS id ORDER BY stripe) stripes";

const UNMARK: &str = "DELETE FROM achievement_marks WHERE student_id = ANY($1)";

/// Each stage is `MATERIALIZED`: the planner cannot guess how many rows come out of one, and is kept from mixing them.
/// Grades are found by the student, the first column of their key: one descent for each student and academic year.
const COMPUTE: &str = "
    WITH taken AS MATERIALIZED (
        SELECT e.student_id, u.program_id, o.id AS learning_outcome_id, o.course_id, o.institution_id, o.target_percentage
        FROM enrollments e
        JOIN users u ON u.id = e.student_id
        JOIN courses c ON c.id = e.course_id AND c.is_active
        JOIN learning_outcomes o ON o.course_id = e.course_id AND o.is_active
        WHERE e.student_id = ANY($1) AND e.is_active
    ), item AS MATERIALIZED (
        SELECT m.learning_outcome_id, m.assessment_id, m.weight, round(100 * m.weight, 60) / a.max_score AS share
        FROM assessment_lo m
        JOIN assessments a ON a.id = m.assessment_id AND a.is_active
        WHERE m.learning_outcome_id IN (SELECT learning_outcome_id FROM taken)
    ), mark AS MATERIALIZED (
        SELECT student_id, assessment_id, score FROM grades WHERE student_id = ANY($1) AND status = 'scored'
    ), measured AS MATERIALIZED (
        SELECT m.student_id, i.learning_outcome_id, count(*) AS graded, sum(m.score * i.share) / NULLIF(sum(i.weight), 0) AS value
        FROM mark m
        JOIN item i USING (assessment_id)
        GROUP BY m.student_id, i.learning_outcome_id
    ), lo AS MATERIALIZED (
        SELECT t.*, COALESCE(n.total, 0) AS total, COALESCE(m.graded, 0) AS graded, m.value
        FROM taken t
        LEFT JOIN (SELECT learning_outcome_id, count(*) AS total FROM item GROUP BY learning_outcome_id) n USING (learning_outcome_id)
        LEFT JOIN measured m USING (student_id, learning_outcome_id)
    ), served AS MATERIALIZED (
        SELECT l.student_id, p.id AS program_outcome_id, count(*) AS total, count(l.value) AS graded,
            sum(w.weight * l.value) / sum(w.weight) FILTER (WHERE l.value IS NOT NULL) AS value
        FROM lo l
        JOIN lo_po w USING (learning_outcome_id)
        JOIN program_outcomes p ON p.id = w.program_outcome_id AND p.program_id = l.program_id AND p.is_active
        GROUP BY l.student_id, p.id
    ), po AS MATERIALIZED (
        SELECT u.id AS student_id, p.id AS program_outcome_id, p.institution_id, p.target_percentage,
            COALESCE(s.total, 0) AS total, COALESCE(s.graded, 0) AS graded, s.value
        FROM users u
        JOIN program_outcomes p ON p.program_id = u.program_id AND p.is_active
        LEFT JOIN served s ON s.student_id = u.id AND s.program_outcome_id = p.id
        WHERE u.id = ANY($1)
    ), lo_gone AS (
        DELETE FROM student_lo_achievements old WHERE old.student_id = ANY($1)
            AND NOT EXISTS (SELECT FROM lo WHERE lo.student_id = old.student_id AND lo.learning_outcome_id = old.learning_outcome_id)
        RETURNING 1
    ), po_gone AS (
        DELETE FROM student_po_achievements old WHERE old.student_id = ANY($1)
            AND NOT EXISTS (SELECT FROM po WHERE po.student_id = old.student_id AND po.program_outcome_id = old.program_outcome_id)
        RETURNING 1
    ), lo_written AS (
        INSERT INTO student_lo_achievements (institution_id, student_id, learning_outcome_id, course_id,
            percentage, is_met, graded_count, total_count, computed_at)
        SELECT institution_id, student_id, learning_outcome_id, course_id,
            round(snapped, 2), snapped >= target_percentage, graded, total, statement_timestamp()
        FROM (SELECT *, round(value, 50) AS snapped FROM lo) lo
        ORDER BY student_id, learning_outcome_id
        ON CONFLICT (student_id, learning_outcome_id) DO UPDATE SET percentage = excluded.percentage, is_met = excluded.is_met,
            graded_count = excluded.graded_count, total_count = excluded.total_count, computed_at = excluded.computed_at
        RETURNING 1
    ), po_written AS (
        INSERT INTO student_po_achievements (institution_id, student_id, program_outcome_id,
            percentage, is_met, graded_count, total_count, computed_at)
        SELECT institution_id, student_id, program_outcome_id,
            round(snapped, 2), snapped >= target_percentage, graded, total, statement_timestamp()
        FROM (SELECT *, round(value, 50) AS snapped FROM po) po
        ORDER BY student_id, program_outcome_id
        ON CONFLICT (student_id, program_outcome_id) DO UPDATE SET percentage = excluded.percentage, is_met = excluded.is_met,
            graded_count = excluded.graded_count, total_count = excluded.total_count, computed_at = excluded.computed_at
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM lo_written) AS learning_outcomes, (SELECT count(*) FROM po_written) AS program_outcomes,
        (SELECT count(*) FROM lo_gone) + (SELECT count(*) FROM po_gone) AS removed";

/// Computes the given students anew and takes their marks away. Every result is written, changed or not, because
/// `computed_at` says when it was computed.
///
/// The order is what makes it right, in a transaction of isolation `READ COMMITTED`, where each statement sees what was
/// committed before it. First the lock: of two computations of a student the second starts when the first is committed,
/// and so reads newer data than the first. Then the marks go, and only then the data is read: a change is either
/// committed before its mark is deleted, and seen, or its mark stays. Grades are not locked, and nobody who writes one waits.
///
/// # Errors
/// When the database refuses.
pub async fn recompute(tx: &impl ConnectionTrait, students: &[UserId]) -> Result<Computed> {
    let ids: Vec<i64> = students.iter().map(|id| id.0).collect();
    let plans = if ids.len() > FEW {
        "SET LOCAL plan_cache_mode = force_custom_plan"
    } else {
        "SET LOCAL plan_cache_mode = force_generic_plan"
    };
    tx.execute_unprepared(plans).await?;
    tx.execute_raw(sql(LOCK, [ids.clone().into()])).await?;
    tx.execute_raw(sql(UNMARK, [ids.clone().into()])).await?;
    let computed = Computed::find_by_statement(sql(COMPUTE, [ids.into()])).one(tx).await?;
    computed.ok_or_else(|| Error::internal("a computation of achievements gave no counts"))
}
