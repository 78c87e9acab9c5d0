//! The migrations go up, down and up again, and lead to the same schema.

use super::pairs;
use acurate_migration::{Migrator, MigratorTrait};
use acurate_shared::db::{Database, pending_migrations};
use acurate_shared::testing::TestDatabase;
use sea_orm::ConnectionTrait;

/// Everything in the schema as text, but for the migrations' own table and for partitions, which depend on the day.
const DUMP: &str = "
    WITH ours AS (
        SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'seaql_migrations'
    )
    SELECT 'column ' || a.attrelid::regclass || '.' || a.attname,
        concat_ws(' ', a.attnum, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END, a.attidentity,
            pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum))
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid IN (SELECT oid FROM ours) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'table ' || oid::regclass, concat_ws(' ', relkind, pg_get_partkeydef(oid), obj_description(oid, 'pg_class'))
    FROM pg_class WHERE oid IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'constraint ' || conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE conrelid IN (SELECT oid FROM ours) AND conparentid = 0
    UNION ALL
    SELECT 'index ' || indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'trigger ' || tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
    FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM ours) AND NOT tgisinternal
    UNION ALL
    SELECT 'function ' || oid::regprocedure, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'sequence ' || oid::regclass, ''
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
    ORDER BY 1, 2";

async fn dump(database: &Database) -> Vec<(String, String)> {
    pairs(database, DUMP).await
}

fn names() -> Vec<String> {
    Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

#[tokio::test]
async fn up_down_and_up_again_is_the_same_schema() {
    let test = TestDatabase::create_empty().await;
    let database = test.database();
    Migrator::up(database.orm(), None).await.unwrap();
    let first = dump(database).await;
    for kind in [
        "table grades",
        "column users.email",
        "index grades_pkey",
        "function ",
        "constraint ",
        "trigger ",
        "sequence ",
    ] {
        assert!(first.iter().any(|(name, _)| name.starts_with(kind)), "the dump knows no {kind}");
    }
    Migrator::down(database.orm(), None).await.unwrap();
    assert_eq!(dump(database).await, [], "something is left behind");
    let partitions = "SELECT relname::text, '' FROM pg_class WHERE relispartition";
    assert_eq!(pairs::<String, String>(database, partitions).await, []);
    Migrator::up(database.orm(), None).await.unwrap();
    let second = dump(database).await;
    for (before, after) in first.iter().zip(&second) {
        assert_eq!(before, after);
    }
    assert_eq!(first.len(), second.len());
}

#[tokio::test]
async fn each_migration_can_be_taken_back_alone() {
    let test = TestDatabase::create_empty().await;
    let database = test.database();
    let steps = u32::try_from(names().len()).unwrap();
    let mut stages = vec![dump(database).await];
    for _ in 0..steps {
        Migrator::up(database.orm(), Some(1)).await.unwrap();
        stages.push(dump(database).await);
    }
    while let Some(_reached) = stages.pop() {
        let Some(before) = stages.last() else { break };
        Migrator::down(database.orm(), Some(1)).await.unwrap();
        assert_eq!(&dump(database).await, before);
    }
}

#[tokio::test]
async fn the_servers_can_tell_how_many_migrations_are_missing() {
    let test = TestDatabase::create_empty().await;
    let database = test.database();
    let names = names();
    let expected: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(pending_migrations(database, &expected).await.unwrap(), expected.len());
    Migrator::up(database.orm(), Some(2)).await.unwrap();
    assert_eq!(pending_migrations(database, &expected).await.unwrap(), expected.len() - 2);
    Migrator::up(database.orm(), None).await.unwrap();
    assert_eq!(pending_migrations(database, &expected).await.unwrap(), 0);
}

/// A grade book with three cells: one with words, two without.
const GRADES: &str = "
    WITH home AS (INSERT INTO institutions (name) VALUES ('Atatürk') RETURNING id),
    department AS (INSERT INTO departments (institution_id, code, name) SELECT id, 'CENG', 'Computers' FROM home RETURNING id, institution_id),
    course AS (
        INSERT INTO courses (institution_id, department_id, code, title, credits, academic_year, semester)
        SELECT institution_id, id, 'CENG1', 'Programming', 5, extract(year FROM now()), 'fall' FROM department RETURNING *),
    assessment AS (
        INSERT INTO assessments (institution_id, course_id, academic_year, title, assessment_type, weight)
        SELECT institution_id, id, academic_year, 'Final', 'final', 60 FROM course RETURNING *),
    student AS (
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number)
        SELECT id, 'student', n || '@ata.edu.tr', 'Ada', 'Ak', '-', n FROM home, generate_series(1, 3) AS n RETURNING *),
    enrollment AS (
        INSERT INTO enrollments (institution_id, student_id, course_id) SELECT s.institution_id, s.id, c.id FROM student s, course c RETURNING *)
    INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score, feedback)
    SELECT a.institution_id, a.academic_year, a.course_id, s.id, a.id, 'scored', 50, CASE s.student_number WHEN '1' THEN 'Bravo' END
    FROM assessment a, student s, enrollment e WHERE e.student_id = s.id";

#[tokio::test]
async fn words_that_were_there_before_feedback_had_an_author_count_as_a_persons() {
    let test = TestDatabase::create_empty().await;
    let database = test.database();
    let before = names().iter().position(|name| name.ends_with("_feedback")).unwrap();
    Migrator::up(database.orm(), Some(u32::try_from(before).unwrap())).await.unwrap();
    database.orm().execute_unprepared(GRADES).await.unwrap();
    Migrator::up(database.orm(), None).await.unwrap();
    let cells = "SELECT concat_ws(' ', feedback, feedback_by_range, version), '' FROM grades ORDER BY student_id";
    let cells: Vec<(String, String)> = pairs(database, cells).await;
    let cells: Vec<&str> = cells.iter().map(|(cell, _)| cell.as_str()).collect();
    assert_eq!(
        cells,
        ["Bravo f 1", "t 1", "t 1"],
        "words, whether they are the range's, and the version"
    );
    let change = "UPDATE grades SET score = 60";
    database.orm().execute_unprepared(change).await.unwrap();
    let touched: Vec<(i32, String)> = pairs(database, "SELECT DISTINCT version, '' FROM grades").await;
    assert_eq!(touched, [(2, String::new())], "the trigger is on again");
}
