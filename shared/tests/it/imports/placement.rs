//! Departments and programs that records name by their codes.

use super::{apply, counts, faults, home, row, skipping, stored, updating};
use crate::campus::Campus;
use acurate_shared::imports::StudentRow;
use acurate_shared::imports::student_batch::StudentBatch;

fn placed(number: &str, department: Option<&str>, program: Option<&str>) -> StudentRow {
    StudentRow {
        department_code: department.map(str::to_owned),
        program_code: program.map(str::to_owned),
        ..row(number)
    }
}

async fn outcome(campus: &Campus, rules: &StudentBatch, row: StudentRow) -> String {
    let applied = apply(campus.database(), rules, &[row]).await.unwrap();
    match counts(&applied) {
        (1, 0, 0, 0) => "created".into(),
        (0, 1, 0, 0) => "updated".into(),
        (0, 0, 1, 0) => "unchanged".into(),
        (0, 0, 0, 1) => faults(&applied).join(", "),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_program_brings_its_department_along() {
    let campus = Campus::create().await;
    let (ceng, ceng_program) = campus.department(home(&campus.admin), "CENG").await;
    for (number, department) in [("1", None), ("2", Some("CENG"))] {
        let row = placed(number, department, Some("CENG-P"));
        assert_eq!(outcome(&campus, &updating(&campus.admin), row).await, "created");
        let student = stored(&campus, home(&campus.admin), number).await;
        assert_eq!((student.department_id, student.program_id), (Some(ceng), Some(ceng_program)));
    }
    assert_eq!(
        outcome(&campus, &updating(&campus.admin), placed("3", Some("CENG"), None)).await,
        "created"
    );
    let student = stored(&campus, home(&campus.admin), "3").await;
    assert_eq!((student.department_id, student.program_id), (Some(ceng), None));
}

#[tokio::test]
async fn codes_that_are_unknown_or_contradict_each_other_are_refused() {
    let campus = Campus::create().await;
    campus.department(home(&campus.admin), "CENG").await;
    campus.department(home(&campus.admin), "MATH").await;
    campus.department(home(&campus.rival), "LAW").await;
    for rules in [skipping(&campus.admin), updating(&campus.admin)] {
        for (department, program, expected) in [
            (Some("LAW"), None, "2 department_code unknown_department"),
            (Some("ceng"), None, "2 department_code unknown_department"),
            (None, Some("LAW-P"), "2 program_code unknown_program"),
            (Some("LAW"), Some("CENG-P"), "2 department_code unknown_department"),
            (Some("CENG"), Some("LAW-P"), "2 program_code unknown_program"),
            (
                Some("LAW"),
                Some("LAW-P"),
                "2 department_code unknown_department, 2 program_code unknown_program",
            ),
            (Some("CENG"), Some("MATH-P"), "2 program_code program_not_in_department"),
        ] {
            assert_eq!(outcome(&campus, &rules, placed("1", department, program)).await, expected);
        }
    }
}

#[tokio::test]
async fn a_student_moves_with_the_codes_and_stays_where_none_are_given() {
    let campus = Campus::create().await;
    let (ceng, ceng_program) = campus.department(home(&campus.admin), "CENG").await;
    let (math, math_program) = campus.department(home(&campus.admin), "MATH").await;
    let rules = updating(&campus.admin);
    assert_eq!(outcome(&campus, &rules, placed("1", Some("CENG"), None)).await, "created");
    for (department, program, expected, place) in [
        (None, None, "unchanged", (ceng, None)),
        (Some("MATH"), None, "updated", (math, None)),
        (None, Some("CENG-P"), "updated", (ceng, Some(ceng_program))),
        (Some("CENG"), None, "unchanged", (ceng, Some(ceng_program))),
        (
            Some("MATH"),
            None,
            "2 department_code program_not_in_department",
            (ceng, Some(ceng_program)),
        ),
        (
            Some("MATH"),
            Some("LAW-P"),
            "2 program_code unknown_program",
            (ceng, Some(ceng_program)),
        ),
        (Some("MATH"), Some("MATH-P"), "updated", (math, Some(math_program))),
    ] {
        assert_eq!(outcome(&campus, &rules, placed("1", department, program)).await, expected);
        let student = stored(&campus, home(&campus.admin), "1").await;
        assert_eq!((student.department_id, student.program_id), (Some(place.0), place.1));
    }
}

#[tokio::test]
async fn every_fault_of_a_record_is_named_at_once() {
    let campus = Campus::create().await;
    let lost = StudentRow {
        email: "admin@ata.edu.tr".into(),
        ..placed("1", Some("LAW"), Some("LAW-P"))
    };
    assert_eq!(
        outcome(&campus, &updating(&campus.admin), lost).await,
        "2 email in_use, 2 department_code unknown_department, 2 program_code unknown_program"
    );
}
