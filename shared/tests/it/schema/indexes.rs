//! The indexes that the production guide asks for, by name and columns.

use super::pairs;
use acurate_shared::testing::TestDatabase;
use std::collections::HashMap;

/// What each is for, its name, and its columns in order.
const INDEXES: &[(&str, &str, &str)] = &[
    ("users by email", "users_email_key", "email"),
    (
        "users by student number",
        "users_student_number_key",
        "institution_id, student_number",
    ),
    (
        "users by role and state",
        "users_role_active_idx",
        "institution_id, role, is_active",
    ),
    ("users by department and role", "users_department_role_idx", "department_id, role"),
    ("users by who made them", "users_created_by_idx", "created_by"),
    (
        "courses by code and academic year",
        "courses_code_year_key",
        "institution_id, code, academic_year, semester, section",
    ),
    (
        "courses by teacher and academic year",
        "courses_teacher_year_idx",
        "teacher_id, academic_year",
    ),
    (
        "courses by department and academic year",
        "courses_department_year_idx",
        "department_id, academic_year",
    ),
    (
        "enrollments by student and state",
        "enrollments_student_active_idx",
        "student_id, is_active",
    ),
    (
        "enrollments by course and state",
        "enrollments_course_active_idx",
        "course_id, is_active",
    ),
    (
        "enrollments by student and course",
        "enrollments_student_course_key",
        "student_id, course_id",
    ),
    (
        "assessments by course and state",
        "assessments_course_active_idx",
        "course_id, is_active",
    ),
    ("assessments by due date", "assessments_due_date_idx", "due_date"),
    (
        "grades by student and assessment",
        "grades_pkey",
        "student_id, assessment_id, academic_year",
    ),
    (
        "grades by assessment and time",
        "grades_assessment_graded_at_idx",
        "assessment_id, graded_at",
    ),
    (
        "program outcomes by student",
        "student_po_achievements_pkey",
        "student_id, program_outcome_id",
    ),
    (
        "program outcomes by student and percentage",
        "student_po_achievements_percentage_idx",
        "student_id, percentage",
    ),
    (
        "learning outcomes by student",
        "student_lo_achievements_pkey",
        "student_id, learning_outcome_id",
    ),
];

#[tokio::test]
async fn every_index_of_the_production_guide_exists_with_its_columns() {
    let test = TestDatabase::create().await;
    let select = "
        SELECT i.indexrelid::regclass::text, string_agg(a.attname, ', ' ORDER BY key.position)
        FROM pg_index i
        CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS key (attribute, position)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.attribute
        WHERE i.indisvalid AND i.indpred IS NULL
        GROUP BY i.indexrelid";
    let found: HashMap<String, String> = pairs(test.database(), select).await.into_iter().collect();
    for (purpose, name, columns) in INDEXES {
        assert_eq!(found.get(*name).map(String::as_str), Some(*columns), "{purpose}: {name}");
    }
}

#[tokio::test]
async fn every_partition_of_the_grades_has_the_indexes_of_the_whole() {
    let test = TestDatabase::create().await;
    let select = "
        SELECT p.inhrelid::regclass::text, (
            SELECT count(*) FROM pg_index i JOIN pg_inherits h ON h.inhrelid = i.indexrelid
            WHERE i.indrelid = p.inhrelid AND i.indisvalid
                AND h.inhparent IN ('grades_pkey'::regclass, 'grades_assessment_graded_at_idx'::regclass, 'grades_course_idx'::regclass))
        FROM pg_inherits p WHERE p.inhparent = 'grades'::regclass";
    let partitions: Vec<(String, i64)> = pairs(test.database(), select).await;
    assert!(partitions.len() >= 3, "{partitions:?}");
    for (partition, indexes) in partitions {
        assert_eq!(indexes, 3, "{partition}");
    }
}

/// Deleting a row looks for the rows that refer to it; an index that begins with one of the columns of the reference, the
/// institution aside where there are others, makes that look a short one.
#[tokio::test]
async fn every_reference_can_be_followed_backwards_by_an_index() {
    let test = TestDatabase::create().await;
    let select = "
        SELECT f.conrelid::regclass::text || '.' || f.conname, EXISTS (
            SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = f.conrelid AND i.indisvalid AND a.attnum = ANY (f.conkey)
              AND (a.attname <> 'institution_id' OR cardinality(f.conkey) = 1))
        FROM pg_constraint f WHERE f.contype = 'f' AND f.conparentid = 0";
    let references: Vec<(String, bool)> = pairs(test.database(), select).await;
    assert!(references.len() > 20, "{references:?}");
    let slow: Vec<&String> = references.iter().filter(|(_, indexed)| !indexed).map(|(name, _)| name).collect();
    assert_eq!(slow, Vec::<&String>::new());
}
