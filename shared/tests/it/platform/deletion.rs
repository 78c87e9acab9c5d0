//! The end of institutions: who may ask for it, and that everything goes, in an order that the schema allows.

use super::{actions, home};
use crate::campus::{Campus, record, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::db::{Expected, sql};
use acurate_shared::error::Result;
use acurate_shared::ids::{InstitutionId, JobId};
use acurate_shared::platform::administrators;
use acurate_shared::platform::deletion::{self, STAGES};
use acurate_shared::platform::institutions::{self, InstitutionPatch};
use sea_orm::ConnectionTrait;
use std::collections::{BTreeMap, BTreeSet};

const NAME: &str = "Atatürk Üniversitesi";

async fn request(campus: &Campus, actor: &Actor, id: InstitutionId, confirm: Option<&str>) -> Result<JobId> {
    let mut work = campus.begin().await;
    let job = deletion::request(&mut work, actor, id, confirm).await?;
    let _ = work.commit().await?;
    Ok(job)
}

async fn suspend(campus: &Campus, id: InstitutionId) {
    let work = campus.begin().await;
    institutions::suspend(&work, &campus.owner, id).await.unwrap();
    let _ = work.commit().await.unwrap();
}

/// At least one row of everything that an institution can have.
async fn furnish(campus: &Campus, actor: &Actor) {
    let id = home(actor);
    let (department, program) = campus.department(id, "CENG").await;
    let statements = "
        SELECT ensure_grades_partition(2024::smallint);
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number, department_id, program_id, created_by)
            SELECT $i, 'student', 's' || n || '@' || $i || '.edu', 'Ad', 'Soyad', 'x', n::text, $d, $p, $a FROM generate_series(1, 3) AS n;
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, created_by)
            VALUES ($i, 'teacher', 't@' || $i || '.edu', 'Ad', 'Soyad', 'x', $a);
        INSERT INTO courses (institution_id, department_id, teacher_id, code, title, credits, academic_year, semester)
            SELECT $i, $d, id, 'C1', 'Course', 5, 2024, 'fall' FROM users WHERE institution_id = $i AND role = 'teacher';
        INSERT INTO learning_outcomes (institution_id, course_id, code, title) SELECT $i, id, 'LO1', 'Outcome' FROM courses WHERE institution_id = $i;
        INSERT INTO program_outcomes (institution_id, program_id, code, title) VALUES ($i, $p, 'PO1', 'Outcome');
        INSERT INTO lo_po (institution_id, learning_outcome_id, program_outcome_id, weight)
            SELECT $i, l.id, o.id, 1 FROM learning_outcomes l, program_outcomes o WHERE l.institution_id = $i AND o.institution_id = $i;
        INSERT INTO assessments (institution_id, course_id, academic_year, title, assessment_type, weight)
            SELECT $i, id, 2024, 'Final', 'final', 100 FROM courses WHERE institution_id = $i;
        INSERT INTO assessment_lo (course_id, assessment_id, learning_outcome_id, weight)
            SELECT t.course_id, t.id, l.id, 1 FROM assessments t JOIN learning_outcomes l ON l.course_id = t.course_id WHERE t.institution_id = $i;
        INSERT INTO enrollments (institution_id, student_id, course_id)
            SELECT $i, u.id, c.id FROM users u, courses c WHERE u.institution_id = $i AND u.role = 'student' AND c.institution_id = $i;
        INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score, graded_by)
            SELECT $i, 2024, e.course_id, e.student_id, t.id, 'scored', 50, $a FROM enrollments e JOIN assessments t ON t.course_id = e.course_id
            WHERE e.institution_id = $i;
        INSERT INTO student_lo_achievements (institution_id, student_id, learning_outcome_id, course_id, graded_count, total_count, computed_at)
            SELECT $i, e.student_id, l.id, e.course_id, 0, 1, now() FROM enrollments e JOIN learning_outcomes l ON l.course_id = e.course_id
            WHERE e.institution_id = $i;
        INSERT INTO student_po_achievements (institution_id, student_id, program_outcome_id, graded_count, total_count, computed_at)
            SELECT $i, u.id, o.id, 0, 1, now() FROM users u, program_outcomes o WHERE u.institution_id = $i AND u.role = 'student' AND o.institution_id = $i;
        INSERT INTO achievement_marks (institution_id, student_id) SELECT $i, id FROM users WHERE institution_id = $i AND role = 'student';
        INSERT INTO sessions (family, user_id, token_hash, expires_at)
            SELECT gen_random_uuid(), id, sha256(('session' || id)::bytea), now() + interval '1 day' FROM users WHERE institution_id = $i;
        INSERT INTO password_history (user_id, password_hash) VALUES ($a, 'x');
        INSERT INTO password_reset_tokens (user_id, token_hash, nonce, email, expires_at)
            VALUES ($a, sha256(($i || 'reset')::bytea), decode(repeat('ab', 16), 'hex'), 'x', now() + interval '1 day');
        INSERT INTO idempotency_keys (user_id, key, fingerprint, status, location, body) VALUES ($a, 'k', sha256('k'), 201, '/', '{}');
        INSERT INTO uploads (institution_id, created_by, purpose, file_name, size_bytes, sha256) VALUES ($i, $a, 'student_import', 'f', 1, sha256('f'));
        INSERT INTO upload_chunks (upload_id, seq, data) SELECT id, 0, 'x' FROM uploads WHERE institution_id = $i;
        INSERT INTO jobs (kind, queue, payload, max_attempts, institution_id, created_by, state, worker, lease_until)
            VALUES ('student_import', 'import', '{}', 5, $i, $a, 'running', 'w', now() + interval '1 hour');
        INSERT INTO imports (institution_id, kind, upload_id, job_id, created_by, mode, on_existing, send_welcome)
            SELECT $i, 'students', u.id, j.id, $a, 'apply', 'skip', true FROM uploads u, jobs j
            WHERE u.institution_id = $i AND j.institution_id = $i AND j.kind = 'student_import';
        INSERT INTO import_errors (import_id, record, seq, code, message_tr, message_en) SELECT id, 2, 0, 'x', 'x', 'x' FROM imports WHERE institution_id = $i;
        INSERT INTO email_deliveries (institution_id, user_id, job_id, kind, message_id, state)
            SELECT $i, $a, id, 'welcome', 'm' || $i, 'sending' FROM jobs WHERE institution_id = $i AND kind = 'student_import';
        INSERT INTO job_attempts (job_id, attempt, worker, started_at, outcome)
            SELECT id, 1, 'w', now(), 'lost' FROM jobs WHERE institution_id = $i AND kind = 'student_import';
        INSERT INTO email_suppressions (user_id, address, reason) SELECT id, email, 'x' FROM users WHERE id = $a";
    let filled = statements
        .replace("$i", &id.to_string())
        .replace("$d", &department.to_string())
        .replace("$p", &program.to_string())
        .replace("$a", &actor.user_id.to_string());
    campus.db().execute_unprepared(&filled).await.unwrap();
}

/// Rows of every table.
async fn rows(campus: &Campus) -> BTreeMap<String, i64> {
    let tables = "
        SELECT array_agg(relname::text) AS id FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'seaql_migrations'";
    let tables: Vec<String> = campus.value(tables, []).await;
    let mut counts = BTreeMap::new();
    for table in tables {
        let count = campus.value(&format!("SELECT count(*) AS id FROM {table}"), []).await;
        counts.insert(table, count);
    }
    counts
}

/// What a worker does, without batches that are interrupted.
async fn delete_all(campus: &Campus, id: InstitutionId) -> i64 {
    let work = campus.begin().await;
    deletion::cancel_jobs(work.tx(), id).await.unwrap();
    let _ = work.commit().await.unwrap();
    let mut deleted = 0;
    for stage in STAGES {
        loop {
            match deletion::delete_some(campus.db(), id, stage).await.unwrap() {
                0 => break,
                rows => deleted += i64::try_from(rows).unwrap(),
            }
        }
    }
    deleted
}

async fn finish(campus: &Campus, id: InstitutionId) -> u64 {
    let doomed = deletion::doomed(campus.db(), id).await.unwrap().unwrap();
    let work = campus.begin().await;
    let swept = deletion::finish(&work, &doomed, Some(campus.owner.user_id), 7).await.unwrap();
    let _ = work.commit().await.unwrap();
    swept
}

#[tokio::test]
async fn everything_goes_and_nothing_of_another_institution() {
    let campus = Campus::create().await;
    furnish(&campus, &campus.rival).await;
    let (own, other) = (home(&campus.admin), home(&campus.rival));
    let mut before = rows(&campus).await;
    furnish(&campus, &campus.admin).await;
    let full = rows(&campus).await;
    let unused: BTreeSet<&str> = full
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(table, _)| table.as_str())
        .collect();
    assert_eq!(
        unused,
        BTreeSet::from(["contact_requests", "queue_controls", "schedule_ticks", "workers"]),
        "furnish fills every table of an institution"
    );
    suspend(&campus, own).await;
    let counted = deletion::contents(campus.db(), &campus.owner, own).await.unwrap();
    let others = deletion::contents(campus.db(), &campus.owner, other).await.unwrap();
    assert_eq!((counted.administrators, counted.teachers, counted.students), (1, 1, 3));
    assert_eq!(
        (counted.courses, counted.enrollments, counted.grades, counted.achievements),
        (1, 3, 3, 6)
    );
    assert_eq!(deletion::remaining(campus.db(), own).await.unwrap(), counted.total());
    request(&campus, &campus.owner, own, Some(NAME)).await.unwrap();

    assert_eq!(delete_all(&campus, own).await, counted.total());
    assert_eq!(deletion::remaining(campus.db(), own).await.unwrap(), 0);
    assert_eq!(finish(&campus, own).await, 0);

    let mut after = rows(&campus).await;
    for counts in [&mut before, &mut after] {
        // The log stays; the institution, its grading, its administrator and their welcome mail were there from the start.
        counts.remove("activity_log");
    }
    let from_the_start = [
        ("institutions", 1),
        ("users", 1),
        ("jobs", 0),
        ("academic_policies", 1),
        ("grading_schemes", 1),
        ("grading_scheme_steps", 9),
    ];
    for (table, gone) in from_the_start {
        // The job of the deletion took the place of the welcome mail's.
        *before.get_mut(table).unwrap() -= gone;
    }
    assert_eq!(after, before);
    assert_eq!(deletion::contents(campus.db(), &campus.owner, other).await.unwrap(), others);
    let log = actions(&campus, own).await;
    let expected = [
        "institution.created",
        "institution.suspended",
        "institution.deletion_requested",
        "institution.deleted",
    ];
    assert_eq!(log, expected);
    assert!(deletion::doomed(campus.db(), own).await.unwrap().is_none());
}

#[tokio::test]
async fn what_comes_in_meanwhile_is_swept_up_before_the_institution_goes() {
    let campus = Campus::create().await;
    let own = home(&campus.admin);
    suspend(&campus, own).await;
    request(&campus, &campus.owner, own, Some(NAME)).await.unwrap();
    delete_all(&campus, own).await;
    campus
        .execute(
            "INSERT INTO departments (institution_id, code, name) VALUES ($1, 'LATE', 'Late')",
            [own.into()],
        )
        .await;
    assert_eq!(finish(&campus, own).await, 1);
    assert!(deletion::doomed(campus.db(), own).await.unwrap().is_some());
    assert_eq!(finish(&campus, own).await, 0);
    assert!(deletion::doomed(campus.db(), own).await.unwrap().is_none());
}

#[tokio::test]
async fn a_job_of_the_institution_that_runs_is_fenced_off() {
    let campus = Campus::create().await;
    furnish(&campus, &campus.admin).await;
    deletion::cancel_jobs(campus.db(), home(&campus.admin)).await.unwrap();
    let states = "SELECT array_agg(DISTINCT state) AS id FROM jobs WHERE institution_id = $1";
    let states: Vec<String> = campus.value(states, [campus.admin.institution_id.into()]).await;
    assert_eq!(states, ["cancelled"]);
    let others = "SELECT count(*) AS id FROM jobs WHERE state = 'queued' AND institution_id = $1";
    assert_eq!(campus.value::<i64, 1>(others, [campus.rival.institution_id.into()]).await, 1);
}

#[tokio::test]
async fn it_takes_the_owner_the_exact_name_and_a_suspension() {
    let campus = Campus::create().await;
    let own = home(&campus.admin);
    let refused = request(&campus, &campus.owner, own, Some(NAME)).await;
    assert_eq!(refusal(refused), "institution_not_suspended");
    suspend(&campus, own).await;
    for confirm in [None, Some(""), Some("atatürk üniversitesi"), Some("Boğaziçi")] {
        let refused = request(&campus, &campus.owner, own, confirm).await;
        assert_eq!(refusal(refused), "confirm: does_not_match");
    }
    assert_eq!(refusal(request(&campus, &campus.admin, own, Some(NAME)).await), "role_required");
    assert_eq!(refusal(deletion::contents(campus.db(), &campus.admin, own).await), "role_required");
    let nowhere = InstitutionId(999_999);
    assert_eq!(
        refusal(request(&campus, &campus.owner, nowhere, Some(NAME)).await),
        "no institution"
    );
    assert_eq!(
        refusal(deletion::contents(campus.db(), &campus.owner, nowhere).await),
        "no institution"
    );
    assert_eq!(refusal(deletion::doomed(campus.db(), own).await), "deletion_not_requested");
    assert!(request(&campus, &campus.owner, own, Some(NAME)).await.is_ok());
}

#[tokio::test]
async fn asking_again_is_the_same_job_until_that_one_has_failed() {
    let campus = Campus::create().await;
    let own = home(&campus.admin);
    suspend(&campus, own).await;
    let first = request(&campus, &campus.owner, own, Some(NAME)).await.unwrap();
    assert_eq!(request(&campus, &campus.owner, own, Some(NAME)).await.unwrap(), first);
    campus
        .execute("UPDATE jobs SET state = 'dead', finished_at = now() WHERE id = $1", [first.into()])
        .await;
    let second = request(&campus, &campus.owner, own, Some(NAME)).await.unwrap();
    assert_ne!(second, first);
    assert_eq!(request(&campus, &campus.owner, own, Some(NAME)).await.unwrap(), second);
}

#[tokio::test]
async fn it_cannot_be_taken_back() {
    let campus = Campus::create().await;
    let own = home(&campus.admin);
    suspend(&campus, own).await;
    request(&campus, &campus.owner, own, Some(NAME)).await.unwrap();
    let mut work = campus.begin().await;
    let resumed = institutions::resume(&mut work, &campus.owner, &campus.settings, own).await;
    assert_eq!(refusal(resumed), "institution_being_deleted");
    let patch = InstitutionPatch::default();
    let updated = institutions::update(&work, &campus.owner, own, &Expected::Any, patch).await;
    assert_eq!(refusal(updated), "institution_being_deleted");
    let person = record("1").person;
    let added = administrators::add(&mut work, &campus.owner, &campus.settings, own, person).await;
    assert_eq!(refusal(added), "institution_being_deleted");
}

/// The place of each table in the order of deletion: first and last stage.
fn places() -> BTreeMap<&'static str, (usize, usize)> {
    let mut places = BTreeMap::new();
    for (place, stage) in STAGES.iter().enumerate() {
        places.entry(stage.table).or_insert((place, place)).1 = place;
    }
    places.insert("institutions", (STAGES.len(), STAGES.len()));
    places
}

#[tokio::test]
async fn no_stage_deletes_what_a_later_one_still_refers_to() {
    let campus = Campus::create().await;
    let select = "
        SELECT conname::text AS name, conrelid::regclass::text AS child, confrelid::regclass::text AS parent, confdeltype::text AS reaction
        FROM pg_constraint WHERE contype = 'f' AND conparentid = 0";
    let places = places();
    for row in campus.db().query_all_raw(sql(select, [])).await.unwrap() {
        let text = |column: &str| row.try_get::<String>("", column).unwrap();
        let (name, child, parent, reaction) = (text("name"), text("child"), text("parent"), text("reaction"));
        let Some((parent_first, _)) = places.get(parent.as_str()) else {
            continue;
        };
        if reaction == "c" || reaction == "n" {
            continue;
        }
        let (_, child_last) = places
            .get(child.as_str())
            .unwrap_or_else(|| panic!("{name}: no stage empties {child} before {parent}"));
        assert!(child_last < parent_first, "{name}: {child} is emptied after {parent}");
    }
}

#[tokio::test]
async fn every_table_of_an_institution_is_a_stage_or_goes_along_with_one() {
    let campus = Campus::create().await;
    let own = "
        SELECT array_agg(c.relname::text) AS id FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE a.attname = 'institution_id' AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND c.relnamespace = 'public'::regnamespace";
    let own: Vec<String> = campus.value(own, []).await;
    let along = "
        SELECT array_agg(conrelid::regclass::text || ' ' || confrelid::regclass::text) AS id
        FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'c' AND conparentid = 0";
    let along: Vec<String> = campus.value(along, []).await;
    let places = places();
    for table in own.iter().filter(|table| *table != "activity_log") {
        let goes_along = along.iter().any(|pair| {
            let (child, parent) = pair.split_once(' ').unwrap();
            child == table && places.contains_key(parent)
        });
        assert!(places.contains_key(table.as_str()) || goes_along, "{table} would be left behind");
    }
}
