//! Departments, programs and program outcomes.

use super::{PAGE, School, home, outcome};
use crate::campus::refusal;
use acurate_shared::curriculum::departments::{self, DepartmentFilter, DepartmentPatch, NewDepartment};
use acurate_shared::curriculum::programs::{self, NewProgram, ProgramFilter, ProgramPatch};
use acurate_shared::curriculum::{NewOutcome, OutcomeFilter, OutcomePatch, program_outcomes};
use acurate_shared::db::Expected;
use acurate_shared::ids::{DepartmentId, ProgramId, ProgramOutcomeId};

fn department(code: &str, name: &str) -> NewDepartment {
    NewDepartment {
        code: code.into(),
        name: name.into(),
        ..NewDepartment::default()
    }
}

#[tokio::test]
async fn a_department_is_tidied_and_found_by_everybody_of_the_institution() {
    let school = School::open().await;
    let order = NewDepartment {
        code: " MATH ".into(),
        name: "Matematik".into(),
        description: Some("  ".into()),
        contact_email: Some("MATH@ata.edu.tr".into()),
        contact_phone: Some("555".into()),
    };
    let made = school
        .write(async |work| departments::create(work, school.admin(), order).await)
        .await
        .unwrap();
    assert_eq!((made.code.as_str(), made.description.as_deref()), ("MATH", None));
    assert_eq!(made.contact_email.as_deref(), Some("math@ata.edu.tr"));
    let student = school.as_student(school.student("1").await);
    for actor in [school.admin(), &school.teacher, &student] {
        assert_eq!(departments::find(school.campus.db(), actor, made.id).await.unwrap(), made);
        let page = departments::list(school.campus.db(), actor, &DepartmentFilter::default(), PAGE)
            .await
            .unwrap();
        let codes: Vec<_> = page.items.iter().map(|row| row.code.as_str()).collect();
        assert_eq!((codes, page.total), (vec!["CENG", "MATH"], 2));
    }
    let rival = &school.campus.rival;
    assert_eq!(
        refusal(departments::find(school.campus.db(), rival, made.id).await),
        "no department"
    );
    assert_eq!(
        departments::list(school.campus.db(), rival, &DepartmentFilter::default(), PAGE)
            .await
            .unwrap()
            .total,
        0
    );
    assert_eq!(
        refusal(departments::list(school.campus.db(), &school.campus.owner, &DepartmentFilter::default(), PAGE).await),
        "no_institution"
    );
}

#[tokio::test]
async fn every_fault_of_a_department_is_named() {
    let school = School::open().await;
    let order = NewDepartment {
        code: " ".into(),
        name: "x".repeat(151),
        description: Some("x".repeat(2001)),
        contact_email: Some("nobody".into()),
        contact_phone: Some("call me".into()),
    };
    let refused = school
        .write(async |work| departments::create(work, school.admin(), order).await)
        .await;
    assert_eq!(
        refusal(refused),
        "code: required, name: too_long, description: too_long, contact_email: invalid_email, contact_phone: invalid_phone"
    );
}

#[tokio::test]
async fn a_code_and_a_name_belong_to_one_department() {
    let school = School::open().await;
    let create = async |order| {
        school
            .write(async |work| departments::create(work, school.admin(), order).await)
            .await
    };
    assert_eq!(refusal(create(department("CENG", "Other")).await), "code_in_use");
    assert_eq!(refusal(create(department("OTHER", "CENG")).await), "name_in_use");
    let math = create(department("MATH", "Maths")).await.unwrap();
    let patch = DepartmentPatch {
        code: Some("CENG".into()),
        ..DepartmentPatch::default()
    };
    let refused = school
        .write(async |work| departments::update(work, school.admin(), math.id, &Expected::Any, patch).await)
        .await;
    assert_eq!(refusal(refused), "code_in_use");
    let rival = &school.campus.rival;
    let same = school
        .write(async |work| departments::create(work, rival, department("CENG", "CENG")).await)
        .await;
    assert_eq!(same.unwrap().institution_id, home(rival));
}

#[tokio::test]
async fn a_change_of_a_department_touches_what_it_names() {
    let school = School::open().await;
    let update = async |patch| {
        let updated = school.write(async |work| departments::update(work, school.admin(), school.department, &Expected::Any, patch).await);
        updated.await.unwrap()
    };
    let before = departments::find(school.campus.db(), school.admin(), school.department)
        .await
        .unwrap();
    let nothing = DepartmentPatch {
        code: Some("CENG".into()),
        description: Some(None),
        ..DepartmentPatch::default()
    };
    assert_eq!(update(nothing).await, before);
    let described = DepartmentPatch {
        description: Some(Some("Bits".into())),
        contact_phone: Some(Some("555".into())),
        ..DepartmentPatch::default()
    };
    update(described).await;
    let emptied = DepartmentPatch {
        contact_phone: Some(None),
        ..DepartmentPatch::default()
    };
    let after = update(emptied).await;
    assert_eq!((after.description.as_deref(), after.contact_phone), (Some("Bits"), None));
    assert_eq!((after.code, after.version), (before.code, before.version + 2));
    let deeds = school.deeds("department", school.department.0).await;
    assert_eq!(deeds, ["department.updated", "department.updated"]);
}

#[tokio::test]
async fn only_administrators_write_departments_and_programs() {
    let school = School::open().await;
    let student = school.as_student(school.student("1").await);
    for actor in [&school.teacher, &student] {
        let made = school
            .write(async |work| departments::create(work, actor, department("A", "A")).await)
            .await;
        assert_eq!(refusal(made), "role_required");
        let patch = DepartmentPatch::default();
        let changed = school
            .write(async |work| departments::update(work, actor, school.department, &Expected::Any, patch).await)
            .await;
        assert_eq!(refusal(changed), "role_required");
        let order = program(school.department, "A");
        assert_eq!(
            refusal(school.write(async |work| programs::create(work, actor, order).await).await),
            "role_required"
        );
        let made = school
            .write(async |work| program_outcomes::create(work, actor, school.program, outcome("PO1")).await)
            .await;
        assert_eq!(refusal(made), "role_required");
    }
    let rival = &school.campus.rival;
    let changed =
        school.write(async |work| departments::update(work, rival, school.department, &Expected::Any, DepartmentPatch::default()).await);
    assert_eq!(refusal(changed.await), "no department");
    let changed = school.write(async |work| programs::update(work, rival, school.program, &Expected::Any, ProgramPatch::default()).await);
    assert_eq!(refusal(changed.await), "no program");
}

fn program(department_id: DepartmentId, code: &str) -> NewProgram {
    NewProgram {
        department_id,
        code: code.into(),
        name: format!("Program {code}"),
    }
}

#[tokio::test]
async fn a_program_belongs_to_a_department_of_the_institution() {
    let school = School::open().await;
    let create = async |order| school.write(async |work| programs::create(work, school.admin(), order).await).await;
    let made = create(program(school.department, "BSC")).await.unwrap();
    assert_eq!((made.department_id, made.is_active), (school.department, true));
    assert_eq!(refusal(create(program(school.department, "BSC")).await), "code_in_use");
    let (foreign, _) = school.campus.department(home(&school.campus.rival), "BIO").await;
    let mut order = program(foreign, "");
    order.name = String::new();
    assert_eq!(
        refusal(create(order).await),
        "department_id: unknown_department, code: required, name: required"
    );
}

#[tokio::test]
async fn programs_are_listed_by_department_and_state() {
    let school = School::open().await;
    let (math, math_program) = school.campus.department(home(school.admin()), "MATH").await;
    let patch = ProgramPatch {
        is_active: Some(false),
        name: Some(" Pure Maths ".into()),
    };
    let updated = school
        .write(async |work| programs::update(work, school.admin(), math_program, &Expected::Any, patch).await)
        .await
        .unwrap();
    assert_eq!((updated.name.as_str(), updated.is_active), ("Pure Maths", false));
    let list = async |department_id, is_active| {
        let filter = ProgramFilter {
            department_id,
            is_active,
            ..ProgramFilter::default()
        };
        let page = programs::list(school.campus.db(), &school.teacher, &filter, PAGE).await.unwrap();
        assert_eq!(page.total as usize, page.items.len());
        page.items.into_iter().map(|row| row.code).collect::<Vec<_>>()
    };
    assert_eq!(list(None, None).await, ["CENG-P", "MATH-P"]);
    assert_eq!(list(Some(math), None).await, ["MATH-P"]);
    assert_eq!(list(None, Some(true)).await, ["CENG-P"]);
    assert!(list(Some(math), Some(true)).await.is_empty());
    assert_eq!(
        school.marked().await,
        [],
        "a program that is no longer offered moves nobody's results"
    );
}

#[tokio::test]
async fn a_program_outcome_has_a_target_of_70_unless_it_names_one() {
    let school = School::open().await;
    let create = async |order| {
        school
            .write(async |work| program_outcomes::create(work, school.admin(), school.program, order).await)
            .await
    };
    let made = create(outcome("PO1")).await.unwrap();
    assert_eq!((made.target_percentage.to_string().as_str(), made.is_active), ("70.00", true));
    let exact = NewOutcome {
        target_percentage: Some(66.67),
        ..outcome("PO2")
    };
    assert_eq!(create(exact).await.unwrap().target_percentage.to_string(), "66.67");
    assert_eq!(refusal(create(outcome("PO1")).await), "code_in_use");
    let wrong = NewOutcome {
        code: "x".repeat(21),
        title: String::new(),
        description: Some("x".repeat(5001)),
        target_percentage: Some(100.01),
        is_active: None,
    };
    assert_eq!(
        refusal(create(wrong).await),
        "code: too_long, title: required, description: too_long, target_percentage: out_of_range"
    );
    let page = program_outcomes::list(school.campus.db(), &school.teacher, school.program, &OutcomeFilter::default(), PAGE)
        .await
        .unwrap();
    assert_eq!((page.total, page.items[0].code.as_str()), (2, "PO1"));
}

#[tokio::test]
async fn outcomes_of_another_institution_are_not_found() {
    let school = School::open().await;
    let made = school.write(async |work| program_outcomes::create(work, school.admin(), school.program, outcome("PO1")).await);
    let id = made.await.unwrap().id;
    let rival = &school.campus.rival;
    let db = school.campus.db();
    assert_eq!(refusal(program_outcomes::find(db, rival, id).await), "no program outcome");
    assert_eq!(
        refusal(program_outcomes::list(db, rival, school.program, &OutcomeFilter::default(), PAGE).await),
        "no program"
    );
    let made = school
        .write(async |work| program_outcomes::create(work, rival, school.program, outcome("PO2")).await)
        .await;
    assert_eq!(refusal(made), "no program");
    let changed = school
        .write(async |work| program_outcomes::update(work, rival, id, &Expected::Any, OutcomePatch::default()).await)
        .await;
    assert_eq!(refusal(changed), "no program outcome");
    let missing = programs::find(db, school.admin(), ProgramId(999_999)).await;
    assert_eq!(refusal(missing), "no program");
    let missing = program_outcomes::find(db, school.admin(), ProgramOutcomeId(999_999)).await;
    assert_eq!(refusal(missing), "no program outcome");
}

#[tokio::test]
async fn a_program_outcome_marks_the_students_of_its_program_when_their_results_can_move() {
    let school = School::open().await;
    let (ada, bob) = (school.student("1").await, school.student("2").await);
    school.campus.enrol(crate::campus::record("3")).await.unwrap();
    let made = school.write(async |work| program_outcomes::create(work, school.admin(), school.program, outcome("PO1")).await);
    let id = made.await.unwrap().id;
    assert_eq!(school.marked().await, [ada, bob]);
    let update = async |patch| {
        let updated = school.write(async |work| program_outcomes::update(work, school.admin(), id, &Expected::Any, patch).await);
        updated.await.unwrap();
        school.marked().await
    };
    let words = OutcomePatch {
        code: Some("PO-1".into()),
        title: Some("Design".into()),
        description: Some(Some("Systems".into())),
        target_percentage: Some(70.0),
        is_active: Some(true),
    };
    assert_eq!(update(words).await, [], "words move nothing, and the target is what it was");
    let target = |percentage| OutcomePatch {
        target_percentage: Some(percentage),
        ..OutcomePatch::default()
    };
    assert_eq!(update(target(60.0)).await, [ada, bob]);
    let active = |is_active| OutcomePatch {
        is_active: Some(is_active),
        ..OutcomePatch::default()
    };
    assert_eq!(update(active(false)).await, [ada, bob]);
    assert_eq!(update(target(50.0)).await, [], "nobody has a result for it now");
    assert_eq!(update(active(true)).await, [ada, bob]);
    let silent = NewOutcome {
        is_active: Some(false),
        ..outcome("PO2")
    };
    let made = school
        .write(async |work| program_outcomes::create(work, school.admin(), school.program, silent).await)
        .await;
    assert!(!made.unwrap().is_active);
    assert_eq!(school.marked().await, []);
}
