//! Who finds which students.

use super::{PAGE, home, of};
use crate::campus::{Campus, record, refusal};
use acurate_shared::db::PageRequest;
use acurate_shared::ids::UserId;
use acurate_shared::kinds::Role;
use acurate_shared::people::students::{self, StudentFilter};

#[tokio::test]
async fn staff_sees_the_institutions_and_a_student_itself() {
    let campus = Campus::create().await;
    let one = campus.enrol(record("1")).await.unwrap();
    let two = campus.enrol(record("2")).await.unwrap();
    let teacher = of(&campus, Role::Teacher, UserId(1));
    let student = of(&campus, Role::Student, one.id);

    for actor in [&campus.admin, &teacher, &student] {
        assert_eq!(students::find(campus.db(), actor, one.id).await.unwrap(), one);
    }
    assert_eq!(refusal(students::find(campus.db(), &campus.rival, one.id).await), "no student");
    for other in [two.id, UserId(999_999)] {
        assert_eq!(refusal(students::find(campus.db(), &student, other).await), "not_your_record");
    }
    assert_eq!(refusal(students::find(campus.db(), &campus.owner, one.id).await), "role_required");
    let admin = campus.admin.user_id;
    assert_eq!(refusal(students::find(campus.db(), &campus.admin, admin).await), "no student");
    let filter = StudentFilter::default();
    assert_eq!(students::list(campus.db(), &teacher, &filter, PAGE).await.unwrap().total, 2);
    assert_eq!(students::list(campus.db(), &campus.rival, &filter, PAGE).await.unwrap().total, 0);
    assert_eq!(refusal(students::list(campus.db(), &student, &filter, PAGE).await), "role_required");
}

#[tokio::test]
async fn a_list_is_in_order_of_the_numbers_and_comes_in_pages() {
    let campus = Campus::create().await;
    for number in ["3", "1", "2"] {
        campus.enrol(record(number)).await.unwrap();
    }
    let mut seen = Vec::new();
    for page in 1..=3 {
        let page = students::list(campus.db(), &campus.admin, &StudentFilter::default(), PageRequest::new(page, 2))
            .await
            .unwrap();
        assert_eq!(page.total, 3);
        seen.push(page.items.into_iter().map(|student| student.student_number).collect::<Vec<_>>());
    }
    assert_eq!(seen, [vec!["1", "2"], vec!["3"], vec![]]);
}

#[tokio::test]
async fn a_search_takes_the_beginning_of_number_or_address_or_a_part_of_the_name() {
    let campus = Campus::create().await;
    let (department, program) = campus.department(home(&campus.admin), "CENG").await;
    let mut order = record("2024001");
    order.program_id = Some(program);
    order.person.first_name = "Gülşen İlkay".into();
    order.person.last_name = "Öz_türk".into();
    let student = campus.enrol(order).await.unwrap();
    campus.enrol(record("2025")).await.unwrap();
    campus
        .execute("UPDATE users SET is_active = false WHERE id = $1", [student.id.into()])
        .await;

    let search = |text: &str| StudentFilter {
        search: Some(text.into()),
        ..StudentFilter::default()
    };
    let all = StudentFilter::default();
    for (filter, expected) in [
        (search("2024"), 1),
        (search("202"), 2),
        (search("024"), 0),
        (search("S2024"), 1),
        (search("İLKAY ö"), 1),
        (search("ŞEN IL"), 1),
        (search("şen ıl"), 1),
        (search("şen il"), 1),
        (search("z_t"), 1),
        (search("_"), 1),
        (search("%"), 0),
        (
            StudentFilter {
                department_id: Some(department),
                ..all.clone()
            },
            1,
        ),
        (
            StudentFilter {
                program_id: Some(program),
                is_active: Some(true),
                ..all.clone()
            },
            0,
        ),
        (
            StudentFilter {
                is_active: Some(false),
                ..all.clone()
            },
            1,
        ),
    ] {
        let page = students::list(campus.db(), &campus.admin, &filter, PAGE).await.unwrap();
        assert_eq!(
            (page.total, page.items.len()),
            (expected, usize::try_from(expected).unwrap()),
            "{filter:?}"
        );
    }
    let refused = students::list(campus.db(), &campus.admin, &search("a\0b"), PAGE).await;
    assert_eq!(refusal(refused), "search: invalid_characters");
}

#[tokio::test]
async fn a_list_can_be_of_one_year_and_in_another_order() {
    let campus = Campus::create().await;
    for (number, year_of_study, entry_year) in [("1", Some(1), Some(2024)), ("2", Some(2), Some(2023)), ("3", None, Some(2024))] {
        let mut order = record(number);
        order.year_of_study = year_of_study;
        order.entry_year = entry_year;
        campus.enrol(order).await.unwrap();
    }
    let all = StudentFilter::default();
    let sorted = |sort: &str| StudentFilter {
        sort: Some(sort.into()),
        ..StudentFilter::default()
    };
    for (filter, expected) in [
        (sorted("-student_number"), vec!["3", "2", "1"]),
        (sorted("entry_year,-student_number"), vec!["2", "3", "1"]),
        (sorted("-year_of_study"), vec!["2", "1", "3"]),
        (
            StudentFilter {
                year_of_study: Some(2),
                ..all.clone()
            },
            vec!["2"],
        ),
        (
            StudentFilter {
                entry_year: Some(2024),
                ..all.clone()
            },
            vec!["1", "3"],
        ),
    ] {
        let page = students::list(campus.db(), &campus.admin, &filter, PAGE).await.unwrap();
        let numbers: Vec<&str> = page.items.iter().map(|student| student.student_number.as_str()).collect();
        assert_eq!(numbers, expected, "{filter:?}");
        assert_eq!(page.total, expected.len() as u64);
    }
    let refused = students::list(campus.db(), &campus.admin, &sorted("password_hash"), PAGE).await;
    assert_eq!(refusal(refused), "sort: unknown_sort");
}
