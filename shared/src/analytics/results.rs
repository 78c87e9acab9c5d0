//! Course grades, letters and what is missing, of any number of results at once: the part that many views share.
//!
//! The arithmetic is that of [`crate::achievement::rules`], done by PostgreSQL as exactly as
//! [`crate::achievement::compute`] explains: quotients are kept to 60 places and snapped to 50. A test holds both to the
//! same answers on random courses.

use super::scope::SEATS;

/// `result`, one row for each seat, with
/// - `grade`, exact, or null; `letter` and `points` of the scheme valid in the course's year; `passed`, null without a grade;
/// - `assessments`, `scored`, `absent`, `excused`, `non_attendance`: active assessments of the course, and cells of the student;
/// - `is_complete`, `missed` (see the module's definitions); `moved_at`, the newest mark or missed due date behind it.
const RESULTS: &str = "
    , item AS MATERIALIZED (
        SELECT a.id AS assessment_id, a.course_id, a.academic_year, a.weight, round(100 * a.weight, 60) / a.max_score AS share,
            CASE WHEN a.due_date < now() AND EXISTS (
                SELECT FROM grades g WHERE g.assessment_id = a.id AND g.academic_year = a.academic_year
            ) THEN a.due_date END AS missed_from
        FROM assessments a
        WHERE a.is_active AND a.course_id IN (SELECT course_id FROM scope)
    ), work AS MATERIALIZED (
        SELECT course_id, count(*) AS assessments, count(*) FILTER (WHERE weight > 0) AS weighted,
            count(missed_from) AS due, max(missed_from) AS last_due
        FROM item GROUP BY course_id
    ), mark AS MATERIALIZED (
        SELECT s.student_id, s.course_id,
            count(*) FILTER (WHERE g.status = 'scored') AS scored,
            count(*) FILTER (WHERE g.status = 'absent') AS absent,
            count(*) FILTER (WHERE g.status = 'excused') AS excused,
            count(*) FILTER (WHERE g.status = 'non_attendance') AS non_attendance,
            count(*) FILTER (WHERE i.weight > 0) AS settled,
            count(i.missed_from) AS due,
            max(g.graded_at) AS graded_at,
            round(sum(g.score * i.share) / NULLIF(sum(i.weight) FILTER (WHERE g.status = 'scored'), 0), 50) AS grade
        FROM seat s
        JOIN item i ON i.course_id = s.course_id
        JOIN grades g ON g.student_id = s.student_id AND g.assessment_id = i.assessment_id
            AND g.academic_year = i.academic_year AND g.course_id = i.course_id
        GROUP BY s.student_id, s.course_id
    ), missing AS MATERIALIZED (
        SELECT s.*, m.grade, m.graded_at, COALESCE(w.assessments, 0) AS assessments, COALESCE(w.weighted, 0) AS weighted,
            COALESCE(m.scored, 0) AS scored, COALESCE(m.absent, 0) AS absent, COALESCE(m.excused, 0) AS excused,
            COALESCE(m.non_attendance, 0) AS non_attendance,
            COALESCE(m.settled, 0) AS settled, w.last_due, COALESCE(w.due, 0) - COALESCE(m.due, 0) AS skipped
        FROM seat s
        LEFT JOIN work w ON w.course_id = s.course_id
        LEFT JOIN mark m ON m.course_id = s.course_id AND m.student_id = s.student_id
    ), result AS MATERIALIZED (
        SELECT r.student_id, r.course_id, r.institution_id, r.academic_year, r.assessments, r.scored, r.absent, r.excused, r.non_attendance,
            r.grade, step.letter, step.points, COALESCE(step.is_passing, r.grade >= p.pass_percentage) AS passed,
            r.weighted > 0 AND r.weighted = r.settled AS is_complete, r.skipped + r.absent + r.non_attendance AS missed,
            GREATEST(r.graded_at, CASE WHEN r.skipped > 0 THEN r.last_due END) AS moved_at
        FROM missing r
        JOIN academic_policies p ON p.institution_id = r.institution_id
        LEFT JOIN grading_schemes v ON v.institution_id = r.institution_id
            AND r.academic_year >= v.valid_from AND (v.valid_until IS NULL OR r.academic_year <= v.valid_until)
        LEFT JOIN LATERAL (
            SELECT t.letter, t.points, t.is_passing FROM grading_scheme_steps t
            WHERE t.scheme_id = v.id AND t.lower_edge <= r.grade ORDER BY t.lower_edge DESC LIMIT 1
        ) step ON true
    )";

/// The `WITH` part that ends with `result`.
pub(super) fn with_results() -> String {
    format!("{SEATS}{RESULTS}")
}

/// An exact value as it is shown: two places, half up. Snapped before, so that what lies on a half of a hundredth
/// exactly goes up although a mean of quotients misses it by a hair.
pub(super) fn shown(value: &str) -> String {
    format!("round(round({value}, 40), 2)")
}

/// A share as a percentage, two places; null of nothing.
pub(super) fn percentage_of(part: &str, whole: &str) -> String {
    format!("round(100 * ({part})::numeric / NULLIF({whole}, 0), 2)")
}

/// Score ÷ max × 100 of a grade `g` of an assessment `a`, exact.
pub(super) const PERCENTAGE: &str = "round(round(100 * g.score, 60) / a.max_score, 50)";
