//! The words that the schema allows are those of `kinds`.

use super::pairs;
use acurate_shared::kinds::{
    AssessmentType, ContactRequestStatus, ContactRequestType, DeliveryState, GradeLayout, GradeStatus, ImportKind, ImportMode, ImportState,
    InstitutionType, JobState, Locale, MailKind, OnExisting, Role, Semester, UploadPurpose,
};
use acurate_shared::testing::TestDatabase;
use sea_orm::{ActiveEnum, Iterable};
use std::collections::BTreeMap;

fn words<E: ActiveEnum<Value = String> + Iterable>() -> Vec<String> {
    let mut words: Vec<String> = E::iter().map(|word| word.to_value()).collect();
    words.sort();
    words
}

/// The words between quotes in a definition like `CHECK ((role = ANY (ARRAY['student'::text, …])))`.
fn quoted(definition: &str) -> Vec<String> {
    let mut words: Vec<String> = definition.split('\'').skip(1).step_by(2).map(str::to_owned).collect();
    words.sort();
    words
}

#[tokio::test]
async fn each_list_of_words_in_the_schema_is_an_enum() {
    let test = TestDatabase::create().await;
    let select = "
        SELECT t.relname || '.' || a.attname, pg_get_constraintdef(c.oid)
        FROM pg_constraint c
        JOIN pg_class t ON t.oid = c.conrelid AND NOT t.relispartition
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'c' AND cardinality(c.conkey) = 1 AND pg_get_constraintdef(c.oid) LIKE '%= ANY (ARRAY[%'";
    let found: BTreeMap<String, Vec<String>> = pairs::<String, String>(test.database(), select)
        .await
        .into_iter()
        .map(|(column, definition)| (column, quoted(&definition)))
        .collect();
    let expected = BTreeMap::from([
        ("users.role".to_owned(), words::<Role>()),
        ("institutions.locale".to_owned(), words::<Locale>()),
        ("institutions.institution_type".to_owned(), words::<InstitutionType>()),
        ("contact_requests.institution_type".to_owned(), words::<InstitutionType>()),
        ("contact_requests.request_type".to_owned(), words::<ContactRequestType>()),
        ("contact_requests.status".to_owned(), words::<ContactRequestStatus>()),
        ("courses.semester".to_owned(), words::<Semester>()),
        ("assessments.assessment_type".to_owned(), words::<AssessmentType>()),
        ("grades.status".to_owned(), words::<GradeStatus>()),
        ("jobs.state".to_owned(), words::<JobState>()),
        ("imports.kind".to_owned(), words::<ImportKind>()),
        ("imports.layout".to_owned(), words::<GradeLayout>()),
        ("imports.mode".to_owned(), words::<ImportMode>()),
        ("imports.on_existing".to_owned(), words::<OnExisting>()),
        ("imports.state".to_owned(), words::<ImportState>()),
        ("uploads.purpose".to_owned(), words::<UploadPurpose>()),
        ("email_deliveries.kind".to_owned(), words::<MailKind>()),
        ("email_deliveries.state".to_owned(), words::<DeliveryState>()),
    ]);
    assert_eq!(found, expected);
}

#[test]
fn a_word_is_spelled_alike_in_the_database_in_json_and_in_the_code() {
    for role in Role::iter() {
        assert_eq!(role.to_value(), role.as_str());
        assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
    }
    for state in JobState::iter() {
        assert_eq!(state.to_value(), state.as_str());
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
}
