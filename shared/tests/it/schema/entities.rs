//! The entities are the tables.

use super::pairs;
use acurate_shared::db::Database;
use acurate_shared::entity;
use acurate_shared::testing::TestDatabase;
use sea_orm::sea_query::ColumnType;
use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, Iterable};
use std::collections::{BTreeMap, BTreeSet};

/// Columns of a table: name, then type and whether it may be null.
type Columns = BTreeMap<String, String>;

fn type_name(column: &ColumnType) -> &'static str {
    match column {
        ColumnType::BigInteger => "bigint",
        ColumnType::Integer => "integer",
        ColumnType::SmallInteger => "smallint",
        ColumnType::Boolean => "boolean",
        ColumnType::Text | ColumnType::String(_) => "text",
        ColumnType::Decimal(_) => "numeric",
        ColumnType::TimestampWithTimeZone => "timestamp with time zone",
        ColumnType::Uuid => "uuid",
        ColumnType::JsonBinary => "jsonb",
        ColumnType::Blob | ColumnType::Binary(_) | ColumnType::VarBinary(_) => "bytea",
        other => panic!("no entity has a column of type {other:?}"),
    }
}

/// The columns that an entity declares, after it was asked for a row.
async fn declared<E: EntityTrait>(database: &Database, entity: E) -> (String, Columns) {
    E::find().one(database.orm()).await.unwrap();
    let columns = E::Column::iter().map(|column| {
        let definition = column.def();
        let null = if definition.is_null() { " null" } else { "" };
        (
            column.as_str().to_owned(),
            format!("{}{null}", type_name(definition.get_column_type())),
        )
    });
    (entity.table_name().to_owned(), columns.collect())
}

macro_rules! declared {
    ($database:expr, $($entity:ident),+ $(,)?) => {
        BTreeMap::from([$(declared($database, entity::$entity::Entity).await),+])
    };
}

async fn all(database: &Database) -> BTreeMap<String, Columns> {
    declared!(
        database,
        academic_policy,
        achievement_mark,
        activity,
        assessment,
        assessment_lo,
        contact_request,
        course,
        department,
        email_delivery,
        email_suppression,
        enrollment,
        grade,
        grading_scheme,
        grading_scheme_step,
        idempotency_key,
        import,
        import_error,
        institution,
        job,
        job_attempt,
        learning_outcome,
        lo_po,
        password_history,
        password_reset_token,
        program,
        program_outcome,
        queue_control,
        schedule_tick,
        session,
        student_lo_achievement,
        student_po_achievement,
        upload,
        upload_chunk,
        user,
        worker,
    )
}

#[tokio::test]
async fn each_table_has_an_entity_with_its_columns_and_their_types() {
    let test = TestDatabase::create().await;
    let declared = all(test.database()).await;
    let select = "
        SELECT c.table_name || '.' || c.column_name, c.data_type || CASE c.is_nullable WHEN 'YES' THEN ' null' ELSE '' END
        FROM information_schema.columns c
        JOIN pg_class t ON t.relname = c.table_name AND t.relkind IN ('r', 'p') AND NOT t.relispartition
        WHERE c.table_schema = 'public' AND c.table_name <> 'seaql_migrations'";
    let mut stored: BTreeMap<String, Columns> = BTreeMap::new();
    for (column, data_type) in pairs::<String, String>(test.database(), select).await {
        let (table, name) = column.split_once('.').unwrap();
        stored.entry(table.to_owned()).or_default().insert(name.to_owned(), data_type);
    }
    let tables = |all: &BTreeMap<String, Columns>| all.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(tables(&declared), tables(&stored));
    for (table, columns) in &declared {
        assert_eq!(columns, &stored[table], "{table}");
    }
}
