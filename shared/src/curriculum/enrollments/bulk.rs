//! Enrolling many students by their numbers: all of them, or none and the name of every wrong one.

use super::write;
use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::curriculum::access;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::{CourseId, InstitutionId, UserId};
use crate::validation::{Checks, clean};
use sea_orm::FromQueryResult;
use serde_json::json;
use std::collections::HashMap;

/// The most numbers of one request.
pub const NUMBERS_LIMIT: usize = 5_000;

/// What became of the numbers; the three add up to their count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkEnrolled {
    /// New ones.
    pub enrolled: usize,
    /// Former ones that came back.
    pub reactivated: usize,
    /// Those that were there already.
    pub already_enrolled: usize,
}

/// Enrolls students by number, in a number of statements that does not depend on how many there are. Marks those who
/// were not enrolled before.
///
/// # Errors
/// `Invalid`, naming every fault as `student_numbers[17]`; `Forbidden` for another teacher's course; `NotFound`.
pub async fn enroll_numbers(work: &mut Work, actor: &Actor, course_id: CourseId, numbers: &[String]) -> Result<BulkEnrolled> {
    let course = access::writable_course(work, actor, course_id).await?;
    let students = resolve(work, course.institution_id, numbers).await?;
    let written = write(work, course.institution_id, course_id, &students).await?;
    let enrolled = written.iter().filter(|row| row.version == 1).count();
    let counts = BulkEnrolled {
        enrolled,
        reactivated: written.len() - enrolled,
        already_enrolled: students.len() - written.len(),
    };
    if !written.is_empty() {
        let detail = json!({ "enrolled": counts.enrolled, "reactivated": counts.reactivated });
        activity::record(work, actor, Deed::new("enrollments.created", "course", course_id.0).with(detail)).await?;
    }
    let moved: Vec<UserId> = written.iter().map(|row| row.student_id).collect();
    mark::students(work, course.institution_id, &moved).await?;
    Ok(counts)
}

#[derive(FromQueryResult)]
struct Known {
    student_number: String,
    id: UserId,
    is_active: bool,
}

/// The students, in the order of their numbers.
async fn resolve(work: &Work, institution_id: InstitutionId, numbers: &[String]) -> Result<Vec<UserId>> {
    if numbers.is_empty() {
        return Err(Error::invalid("student_numbers", "required", "must hold at least one number"));
    }
    if numbers.len() > NUMBERS_LIMIT {
        let message = format!("may hold at most {NUMBERS_LIMIT} numbers");
        return Err(Error::invalid("student_numbers", "too_many", message));
    }
    let numbers: Vec<String> = numbers.iter().map(|number| clean(number)).collect();
    let select = "
        SELECT student_number, id, is_active FROM users
        WHERE institution_id = $1 AND role = 'student' AND student_number = ANY($2)";
    let values = [institution_id.into(), numbers.clone().into()];
    let known = Known::find_by_statement(sql(select, values)).all(work.tx()).await?;
    let known: HashMap<&str, &Known> = known.iter().map(|student| (student.student_number.as_str(), student)).collect();
    let mut checks = Checks::default();
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(numbers.len());
    let mut students = Vec::with_capacity(numbers.len());
    for (index, number) in numbers.iter().enumerate() {
        let field = || format!("student_numbers[{index}]");
        match known.get(number.as_str()) {
            None => checks.fault(field(), "unknown_student", "is the number of no student of the institution"),
            Some(student) if !student.is_active => {
                checks.fault(field(), "inactive_student", "is the number of a student whose account is closed");
            }
            Some(student) => students.push(student.id),
        }
        if let Some(first) = seen.insert(number, index) {
            checks.fault(field(), "duplicate", format!("is the same number as student_numbers[{first}]"));
        }
    }
    checks.finish()?;
    Ok(students)
}
