//! Searching, filtering and sorting every list of the curriculum.

use super::{PAGE, School, exam, home, outcome};
use crate::campus::{record, refusal};
use acurate_shared::curriculum::assessments::{self, AssessmentFilter};
use acurate_shared::curriculum::courses::{self, CourseFilter};
use acurate_shared::curriculum::departments::{self, DepartmentFilter};
use acurate_shared::curriculum::enrollments::{self, EnrollmentFilter};
use acurate_shared::curriculum::programs::{self, ProgramFilter};
use acurate_shared::curriculum::{NewOutcome, OutcomeFilter, learning_outcomes, program_outcomes};
use acurate_shared::kinds::AssessmentType;
use acurate_shared::people::NewPerson;

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn departments_and_programs_are_searched_and_sorted() {
    let school = School::open().await;
    let (math, _) = school.campus.department(home(school.admin()), "MATH").await;
    let name = "UPDATE departments SET name = 'İstatistik' WHERE id = $1";
    school.campus.execute(name, [math.into()]).await;
    let db = school.campus.db();
    let departments = async |search, sort| {
        let filter = DepartmentFilter { search, sort };
        let page = departments::list(db, &school.teacher, &filter, PAGE).await?;
        assert_eq!(page.total as usize, page.items.len());
        Ok(page.items.into_iter().map(|row| row.code).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(departments(None, None).await.unwrap(), "CENG MATH");
    assert_eq!(departments(None, text("-code")).await.unwrap(), "MATH CENG");
    assert_eq!(departments(text("ma"), None).await.unwrap(), "MATH");
    assert_eq!(departments(text("ISTAT"), text("name,-created_at")).await.unwrap(), "MATH");
    assert_eq!(departments(text("_"), None).await.unwrap(), "");
    assert_eq!(refusal(departments(None, text("id")).await), "sort: unknown_sort");

    let programs = async |search, sort, is_active| {
        let filter = ProgramFilter {
            search,
            sort,
            is_active,
            department_id: None,
        };
        let page = programs::list(db, &school.teacher, &filter, PAGE).await?;
        assert_eq!(page.total as usize, page.items.len());
        Ok(page.items.into_iter().map(|row| row.code).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(programs(None, text("-name"), None).await.unwrap(), "MATH-P CENG-P");
    assert_eq!(programs(text("ceng"), None, Some(true)).await.unwrap(), "CENG-P");
    assert_eq!(programs(text("ceng"), None, Some(false)).await.unwrap(), "");
    let wrong = programs(text(&"x".repeat(151)), text("department"), None).await;
    assert_eq!(refusal(wrong), "search: too_long, sort: unknown_sort");
}

#[tokio::test]
async fn outcomes_are_searched_filtered_and_sorted() {
    let school = School::open().await;
    let order = |code: &str, title: &str, target, is_active| NewOutcome {
        title: title.into(),
        target_percentage: Some(target),
        is_active: Some(is_active),
        ..outcome(code)
    };
    let orders = [
        order("A1", "Işık hızı", 50.0, true),
        order("A2", "Ethics", 80.0, false),
        order("B1", "Teams", 60.0, true),
    ];
    for order in orders {
        let promised = school.write(async |work| program_outcomes::create(work, school.admin(), school.program, order.clone()).await);
        promised.await.unwrap();
        let taught = school.write(async |work| learning_outcomes::create(work, school.admin(), school.course, order).await);
        taught.await.unwrap();
    }
    let db = school.campus.db();
    let list = async |search: Option<String>, is_active, sort: Option<String>| {
        let filter = OutcomeFilter { search, is_active, sort };
        let promised = program_outcomes::list(db, &school.teacher, school.program, &filter, PAGE).await?;
        let taught = learning_outcomes::list(db, &school.teacher, school.course, &filter, PAGE).await?;
        assert_eq!((promised.total, taught.total as usize), (taught.total, taught.items.len()));
        let promised: Vec<_> = promised.items.into_iter().map(|row| row.code).collect();
        let taught: Vec<_> = taught.items.into_iter().map(|row| row.code).collect();
        assert_eq!(promised, taught);
        Ok(taught.join(" "))
    };
    assert_eq!(list(None, None, None).await.unwrap(), "A1 A2 B1");
    assert_eq!(
        list(text("a"), None, text("-code")).await.unwrap(),
        "B1 A2 A1",
        "a code's beginning, a title's part"
    );
    assert_eq!(list(text("IŞIK"), None, None).await.unwrap(), "A1");
    assert_eq!(list(None, Some(false), None).await.unwrap(), "A2");
    assert_eq!(list(None, Some(true), text("target_percentage")).await.unwrap(), "A1 B1");
    assert_eq!(list(None, None, text("-target_percentage,title")).await.unwrap(), "A2 B1 A1");
    assert_eq!(refusal(list(None, None, text("weight")).await), "sort: unknown_sort");
}

#[tokio::test]
async fn courses_are_filtered_by_whether_they_count() {
    let school = School::open().await;
    let retired = school.teach("CENG102").await;
    school
        .campus
        .execute("UPDATE courses SET is_active = false WHERE id = $1", [retired.into()])
        .await;
    let list = async |is_active| {
        let filter = CourseFilter {
            is_active,
            ..CourseFilter::default()
        };
        let page = courses::list(school.campus.db(), &school.teacher, &filter, PAGE).await.unwrap();
        page.items.into_iter().map(|row| row.code).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(list(Some(true)).await, "CENG101");
    assert_eq!(list(Some(false)).await, "CENG102");
    assert_eq!(list(None).await, "CENG101 CENG102");
}

#[tokio::test]
async fn assessments_are_searched_filtered_and_sorted() {
    let school = School::open().await;
    for (title, assessment_type, weight) in [
        ("Final", AssessmentType::Final, 60.0),
        ("Quiz 1", AssessmentType::Quiz, 5.0),
        ("Quiz 2", AssessmentType::Quiz, 15.0),
    ] {
        let order = assessments::NewAssessment {
            assessment_type,
            weight,
            ..exam(title)
        };
        let made = school.write(async |work| assessments::create(work, school.admin(), school.course, order).await);
        made.await.unwrap();
    }
    school
        .campus
        .execute("UPDATE assessments SET is_active = false WHERE title = 'Quiz 1'", [])
        .await;
    let list = async |filter: AssessmentFilter| {
        let page = assessments::list(school.campus.db(), &school.teacher, school.course, &filter, PAGE).await?;
        assert_eq!(page.total as usize, page.items.len());
        Ok(page.items.into_iter().map(|row| row.title).collect::<Vec<_>>().join(", "))
    };
    let all = AssessmentFilter::default;
    let search = AssessmentFilter {
        search: text("QUİZ"),
        ..all()
    };
    assert_eq!(list(search).await.unwrap(), "Quiz 1, Quiz 2");
    let kind = AssessmentFilter {
        assessment_type: Some(AssessmentType::Quiz),
        sort: text("-weight"),
        ..all()
    };
    assert_eq!(list(kind.clone()).await.unwrap(), "Quiz 2, Quiz 1");
    let active = AssessmentFilter {
        is_active: Some(true),
        ..kind
    };
    assert_eq!(list(active).await.unwrap(), "Quiz 2");
    let wrong = AssessmentFilter {
        sort: text("max_score"),
        ..all()
    };
    assert_eq!(refusal(list(wrong).await), "sort: unknown_sort");
}

#[tokio::test]
async fn enrollments_are_searched_by_number_and_name_and_sort_by_turkish_rules() {
    let school = School::open().await;
    for (number, first, last) in [("101", "Ali", "Zengin"), ("102", "Çağla", "Çelik"), ("201", "İrem", "Cengiz")] {
        let mut order = record(number);
        order.person = NewPerson {
            first_name: first.into(),
            last_name: last.into(),
            ..order.person
        };
        let student = school.campus.enrol(order).await.unwrap().id;
        school.enroll(student, school.course).await;
    }
    school
        .campus
        .execute(
            "UPDATE enrollments SET is_active = false WHERE student_id = (SELECT id FROM users WHERE student_number = '101')",
            [],
        )
        .await;
    let list = async |search, is_active, sort| {
        let filter = EnrollmentFilter { search, is_active, sort };
        let page = enrollments::list(school.campus.db(), &school.teacher, school.course, &filter, PAGE).await?;
        assert_eq!(page.total as usize, page.items.len());
        Ok(page.items.into_iter().map(|row| row.student_number).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(list(text("10"), None, None).await.unwrap(), "101 102");
    assert_eq!(list(text("irem c"), None, None).await.unwrap(), "201");
    assert_eq!(list(text("10"), Some(true), None).await.unwrap(), "102");
    assert_eq!(list(None, None, text("last_name")).await.unwrap(), "201 102 101");
    assert_eq!(list(None, None, text("-last_name")).await.unwrap(), "101 102 201");
    assert_eq!(list(None, None, text("-enrolled_at")).await.unwrap(), "201 102 101");
    let wrong = list(text(&"x".repeat(255)), None, text("email")).await;
    assert_eq!(refusal(wrong), "search: too_long, sort: unknown_sort");
}
