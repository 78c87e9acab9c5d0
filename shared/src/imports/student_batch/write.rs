//! The statements that write a batch. Absent values travel as an empty text or zero, because arrays of optional values
//! have no parameter type; neither is a value that a checked row can hold.

use super::StudentBatch;
use super::decide::{Change, Student};
use crate::db::sql;
use crate::ids::UserId;
use sea_orm::{ConnectionTrait, DbErr, Value};
use std::collections::HashMap;

/// Somebody else may have created the same student or address meanwhile: those rows are left out and not returned.
/// Addresses are unique over all institutions; inserting in their order keeps imports from waiting for each other in a circle.
const INSERT: &str = "
    INSERT INTO users (institution_id, role, created_by, credential_nonce, credential_expires_at,
        student_number, email, first_name, last_name, phone, department_id, program_id, year_of_study, entry_year)
    SELECT $1, 'student', $2, uuid_send(gen_random_uuid()), now() + make_interval(secs => $3),
        t.student_number, t.email, t.first_name, t.last_name, NULLIF(t.phone, ''),
        NULLIF(t.department_id, 0), NULLIF(t.program_id, 0), NULLIF(t.year_of_study, 0), NULLIF(t.entry_year, 0)
    FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::smallint[], $12::smallint[])
        AS t (student_number, email, first_name, last_name, phone, department_id, program_id, year_of_study, entry_year)
    ORDER BY t.email COLLATE \"C\"
    ON CONFLICT DO NOTHING
    RETURNING id, student_number";

/// Who is readdressed gets another temporary password; the one that was mailed to the old address ends.
const UPDATE: &str = "
    UPDATE users u SET email = t.email, first_name = t.first_name, last_name = t.last_name, phone = NULLIF(t.phone, ''),
        department_id = NULLIF(t.department_id, 0), program_id = NULLIF(t.program_id, 0),
        year_of_study = NULLIF(t.year_of_study, 0), entry_year = NULLIF(t.entry_year, 0),
        credential_nonce = CASE WHEN t.readdressed THEN uuid_send(gen_random_uuid()) ELSE u.credential_nonce END,
        credential_expires_at = CASE WHEN t.readdressed THEN now() + make_interval(secs => $1) ELSE u.credential_expires_at END
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::smallint[], $10::smallint[],
            $11::bigint[], $12::boolean[])
        AS t (student_number, email, first_name, last_name, phone, department_id, program_id, year_of_study, entry_year, id, readdressed)
    WHERE u.id = t.id";

/// Returns the ids of the new students by their numbers.
pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    batch: &StudentBatch,
    students: &[&Student],
) -> Result<HashMap<String, UserId>, DbErr> {
    if students.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values: Vec<Value> = vec![
        batch.institution_id.into(),
        batch.created_by.into(),
        batch.credential_life.as_secs_f64().into(),
    ];
    values.extend(columns(students));
    let rows = tx.query_all_raw(sql(INSERT, values)).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "student_number")?, row.try_get("", "id")?)))
        .collect()
}

/// Brings locked students up to date.
pub(super) async fn update(tx: &impl ConnectionTrait, batch: &StudentBatch, changes: &[Change]) -> Result<(), DbErr> {
    if changes.is_empty() {
        return Ok(());
    }
    let students: Vec<&Student> = changes.iter().map(|change| &change.student).collect();
    let mut values: Vec<Value> = vec![batch.credential_life.as_secs_f64().into()];
    values.extend(columns(&students));
    values.push(changes.iter().map(|change| change.id.0).collect::<Vec<i64>>().into());
    values.push(changes.iter().map(|change| change.readdressed).collect::<Vec<bool>>().into());
    tx.execute_raw(sql(UPDATE, values)).await?;
    Ok(())
}

/// Ends the sessions of locked users.
pub(super) async fn end_sessions(tx: &impl ConnectionTrait, users: &[UserId]) -> Result<(), DbErr> {
    if users.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = users.iter().map(|id| id.0).collect();
    let update = "UPDATE sessions SET revoked_at = now() WHERE user_id = ANY($1) AND revoked_at IS NULL";
    tx.execute_raw(sql(update, [ids.into()])).await?;
    Ok(())
}

fn columns(students: &[&Student]) -> Vec<Value> {
    let text = |pick: fn(&Student) -> &str| Value::from(students.iter().map(|student| pick(student).to_owned()).collect::<Vec<String>>());
    let id =
        |pick: fn(&Student) -> Option<i64>| Value::from(students.iter().map(|student| pick(student).unwrap_or(0)).collect::<Vec<i64>>());
    let small =
        |pick: fn(&Student) -> Option<i16>| Value::from(students.iter().map(|student| pick(student).unwrap_or(0)).collect::<Vec<i16>>());
    vec![
        text(|student| &student.student_number),
        text(|student| &student.email),
        text(|student| &student.first_name),
        text(|student| &student.last_name),
        text(|student| student.phone.as_deref().unwrap_or_default()),
        id(|student| student.department_id.map(|id| id.0)),
        id(|student| student.program_id.map(|id| id.0)),
        small(|student| student.year_of_study),
        small(|student| student.entry_year),
    ]
}
