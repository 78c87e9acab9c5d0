//! Changing a student's record, and what follows from it: results to compute anew, sessions to end, mails to send again.

use super::{NewStudent, Student, check, read};
use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::config::IdentitySettings;
use crate::db::{Expected, Work, sql};
use crate::error::Result;
use crate::identity::session;
use crate::ids::{DepartmentId, ProgramId, UserId};
use crate::people::accounts::{self, NewPerson};
use crate::validation::Checks;
use sea_orm::ConnectionTrait;
use serde_json::json;

/// A partial change: `None` leaves a field, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct StudentPatch {
    /// As in [`NewStudent`].
    pub student_number: Option<String>,
    /// Address. While no password was chosen, a new one gets a new welcome mail, and the old mail's password ends.
    pub email: Option<String>,
    /// Given names.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Telephone.
    pub phone: Option<Option<String>>,
    /// Department. Not to be emptied while there is a program.
    pub department_id: Option<Option<DepartmentId>>,
    /// Program. Without a department it brings its own along.
    pub program_id: Option<Option<ProgramId>>,
    /// 1 to 6.
    pub year_of_study: Option<Option<i16>>,
    /// 1950 to 2100.
    pub entry_year: Option<Option<i16>>,
    /// Whether the student may sign in; `false` ends its sessions.
    pub is_active: Option<bool>,
}

/// Changes a student; administrators only. A change that changes nothing writes nothing.
///
/// # Errors
/// `Invalid`, naming every fault; `NotFound`, also for another institution's; `Outdated`; `Conflict` when the address or the
/// number is taken.
pub async fn update(
    work: &mut Work,
    actor: &Actor,
    settings: &IdentitySettings,
    id: UserId,
    expected: &Expected,
    patch: StudentPatch,
) -> Result<Student> {
    let institution_id = actor.require_admin()?;
    let before = read::lock(work.tx(), institution_id, id).await?;
    expected.check(before.version)?;
    let is_active = patch.is_active.unwrap_or(before.is_active);
    let mut checks = Checks::default();
    let wanted = merge(&mut checks, &before, patch);
    let wanted = check(work.tx(), &mut checks, institution_id, wanted).await?;
    checks.finish()?;
    let after = applied(&before, wanted, is_active);
    let changed = differences(&before, &after);
    if changed.is_empty() {
        return Ok(before);
    }
    write(work, &after).await?;
    if before.program_id != after.program_id {
        mark::students(work, institution_id, &[id]).await?;
    }
    if before.email != after.email {
        accounts::renew_credential(work, actor, settings, institution_id, id).await?;
    }
    if before.is_active && !after.is_active {
        session::revoke_all(work, id).await?;
    }
    let deed = Deed::new("student.updated", "user", id.0).with(json!({ "changed": changed }));
    activity::record(work, actor, deed).await?;
    read::by_id(work.tx(), institution_id, id).await
}

/// The whole record that a change asks for, to be checked like a new one.
fn merge(checks: &mut Checks, before: &Student, patch: StudentPatch) -> NewStudent {
    let program_id = patch.program_id.unwrap_or(before.program_id);
    let department_id = match (patch.department_id, patch.program_id) {
        (Some(given), _) => given,
        (None, Some(Some(_))) => None,
        (None, _) => before.department_id,
    };
    if patch.department_id == Some(None) && program_id.is_some() {
        checks.fault("department_id", "required_by_program", "must not be empty while there is a program");
    }
    NewStudent {
        student_number: patch.student_number.unwrap_or_else(|| before.student_number.clone()),
        person: NewPerson {
            email: patch.email.unwrap_or_else(|| before.email.clone()),
            first_name: patch.first_name.unwrap_or_else(|| before.first_name.clone()),
            last_name: patch.last_name.unwrap_or_else(|| before.last_name.clone()),
            phone: patch.phone.unwrap_or_else(|| before.phone.clone()),
        },
        department_id,
        program_id,
        year_of_study: patch.year_of_study.unwrap_or(before.year_of_study),
        entry_year: patch.entry_year.unwrap_or(before.entry_year),
    }
}

fn applied(before: &Student, wanted: NewStudent, is_active: bool) -> Student {
    Student {
        student_number: wanted.student_number,
        email: wanted.person.email,
        first_name: wanted.person.first_name,
        last_name: wanted.person.last_name,
        phone: wanted.person.phone,
        department_id: wanted.department_id,
        program_id: wanted.program_id,
        year_of_study: wanted.year_of_study,
        entry_year: wanted.entry_year,
        is_active,
        ..before.clone()
    }
}

/// Names of the fields that differ; the activity log keeps these, not the values.
fn differences(before: &Student, after: &Student) -> Vec<&'static str> {
    [
        ("student_number", before.student_number != after.student_number),
        ("email", before.email != after.email),
        ("first_name", before.first_name != after.first_name),
        ("last_name", before.last_name != after.last_name),
        ("phone", before.phone != after.phone),
        ("department_id", before.department_id != after.department_id),
        ("program_id", before.program_id != after.program_id),
        ("year_of_study", before.year_of_study != after.year_of_study),
        ("entry_year", before.entry_year != after.entry_year),
        ("is_active", before.is_active != after.is_active),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}

async fn write(work: &Work, student: &Student) -> Result<()> {
    let update = "
        UPDATE users SET student_number = $2, email = $3, first_name = $4, last_name = $5, phone = $6, department_id = $7,
                         program_id = $8, year_of_study = $9, entry_year = $10, is_active = $11
        WHERE id = $1";
    let values = [
        student.id.into(),
        student.student_number.clone().into(),
        student.email.clone().into(),
        student.first_name.clone().into(),
        student.last_name.clone().into(),
        student.phone.clone().into(),
        student.department_id.into(),
        student.program_id.into(),
        student.year_of_study.into(),
        student.entry_year.into(),
        student.is_active.into(),
    ];
    work.tx().execute_raw(sql(update, values)).await?;
    Ok(())
}
