//! A student's outcomes as they were last computed, and whether a newer change still waits.

use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::{CourseId, LearningOutcomeId, ProgramOutcomeId, UserId};
use crate::kinds::Role;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// All outcomes of a student.
#[derive(Clone, Debug, PartialEq)]
pub struct StudentAchievements {
    /// The student.
    pub student_id: UserId,
    /// Whether a change is not in these numbers yet.
    pub stale: bool,
    /// When the oldest of these numbers was computed; `None` when there are none.
    pub computed_at: Option<DateTime<Utc>>,
    /// By course and code.
    pub learning_outcomes: Vec<LearningOutcomeAchievement>,
    /// By code.
    pub program_outcomes: Vec<ProgramOutcomeAchievement>,
}

/// How far an outcome was reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached {
    /// 0 to 100, two decimal places; `None`: not assessed.
    pub percentage: Option<Decimal>,
    /// What was to be reached, 0 to 100.
    pub target_percentage: Decimal,
    /// Whether it was, compared before rounding; `None`: not assessed.
    pub met: Option<bool>,
    /// How many of `total_count` have a value.
    pub graded_count: i32,
    /// Assessments of a learning outcome; learning outcomes of a program outcome.
    pub total_count: i32,
    /// When this was computed.
    pub computed_at: DateTime<Utc>,
}

/// A learning outcome of a course that the student takes.
#[derive(Clone, Debug, PartialEq)]
pub struct LearningOutcomeAchievement {
    /// The outcome.
    pub learning_outcome_id: LearningOutcomeId,
    /// Its course.
    pub course_id: CourseId,
    /// Code of the course.
    pub course_code: String,
    /// Code of the outcome.
    pub code: String,
    /// What is to be learnt.
    pub title: String,
    /// How far.
    pub reached: Reached,
}

/// An outcome of the student's program.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgramOutcomeAchievement {
    /// The outcome.
    pub program_outcome_id: ProgramOutcomeId,
    /// Its code.
    pub code: String,
    /// What is promised.
    pub title: String,
    /// How far.
    pub reached: Reached,
}

/// One statement is one snapshot: results of two computations are never mixed, and `stale` belongs to them.
/// A student without results is one row of nulls.
const SELECT: &str = "
    SELECT EXISTS (SELECT FROM achievement_marks m WHERE m.student_id = u.id) AS stale,
        $3::bigint IS NULL OR EXISTS (SELECT FROM enrollments e JOIN courses c ON c.id = e.course_id WHERE e.student_id = u.id AND c.teacher_id = $3) AS may_see,
        r.*
    FROM users u LEFT JOIN LATERAL (
        SELECT o.id AS learning_outcome_id, NULL::bigint AS program_outcome_id, c.id AS course_id, c.code AS course_code, o.code, o.title,
            a.percentage, o.target_percentage, a.is_met, a.graded_count, a.total_count, a.computed_at
        FROM student_lo_achievements a
        JOIN learning_outcomes o ON o.id = a.learning_outcome_id
        JOIN courses c ON c.id = o.course_id
        WHERE a.student_id = u.id
        UNION ALL
        SELECT NULL, o.id, NULL, NULL, o.code, o.title,
            a.percentage, o.target_percentage, a.is_met, a.graded_count, a.total_count, a.computed_at
        FROM student_po_achievements a
        JOIN program_outcomes o ON o.id = a.program_outcome_id
        WHERE a.student_id = u.id
    ) r ON true
    WHERE u.id = $1 AND u.institution_id = $2 AND u.role = 'student'
    ORDER BY r.course_code, r.course_id, r.code";

#[derive(FromQueryResult)]
struct Row {
    stale: bool,
    may_see: bool,
    learning_outcome_id: Option<LearningOutcomeId>,
    program_outcome_id: Option<ProgramOutcomeId>,
    course_id: Option<CourseId>,
    course_code: Option<String>,
    code: Option<String>,
    title: Option<String>,
    percentage: Option<Decimal>,
    target_percentage: Option<Decimal>,
    is_met: Option<bool>,
    graded_count: Option<i32>,
    total_count: Option<i32>,
    computed_at: Option<DateTime<Utc>>,
}

impl Row {
    fn reached(&self) -> Option<Reached> {
        Some(Reached {
            percentage: self.percentage,
            target_percentage: self.target_percentage?,
            met: self.is_met,
            graded_count: self.graded_count?,
            total_count: self.total_count?,
            computed_at: self.computed_at?,
        })
    }
}

/// The outcomes of one student. Administrators see every student of the institution, teachers those who are or were in their
/// courses, a student itself.
///
/// # Errors
/// `Forbidden` for a student who asks for another one, for a teacher of none of the student's courses, and for the platform's
/// owner; `NotFound`.
pub async fn of_student(db: &impl ConnectionTrait, actor: &Actor, student_id: UserId) -> Result<StudentAchievements> {
    let institution_id = actor.institution()?;
    if actor.role == Role::Student && actor.user_id != student_id {
        return Err(Error::forbidden("not_yours", "A student sees only the own achievements."));
    }
    let teacher = (actor.role == Role::Teacher).then_some(actor.user_id);
    let values = [student_id.into(), institution_id.into(), teacher.into()];
    let rows = Row::find_by_statement(sql(SELECT, values)).all(db).await?;
    let first = rows.first().ok_or(Error::NotFound("student"))?;
    if !first.may_see {
        return Err(Error::forbidden(
            "not_your_student",
            "Teachers see the results of students in their own courses.",
        ));
    }
    let stale = first.stale;
    Ok(StudentAchievements {
        student_id,
        stale,
        computed_at: rows.iter().filter_map(|row| row.computed_at).min(),
        learning_outcomes: rows.iter().filter_map(learning_outcome).collect(),
        program_outcomes: rows.iter().filter_map(program_outcome).collect(),
    })
}

fn learning_outcome(row: &Row) -> Option<LearningOutcomeAchievement> {
    Some(LearningOutcomeAchievement {
        learning_outcome_id: row.learning_outcome_id?,
        course_id: row.course_id?,
        course_code: row.course_code.clone()?,
        code: row.code.clone()?,
        title: row.title.clone()?,
        reached: row.reached()?,
    })
}

fn program_outcome(row: &Row) -> Option<ProgramOutcomeAchievement> {
    Some(ProgramOutcomeAchievement {
        program_outcome_id: row.program_outcome_id?,
        code: row.code.clone()?,
        title: row.title.clone()?,
        reached: row.reached()?,
    })
}
