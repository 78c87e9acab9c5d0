//! Who sees which view: every role of the own institution, whether near or not, and of a foreign one.

use super::grading_schemes::order;
use super::views::{PAGE, Subject, look};
use crate::campus::refusal;
use crate::classroom::Classroom;
use acurate_shared::actor::Actor;
use acurate_shared::analytics::academic_policy::{self, NewPolicy};
use acurate_shared::analytics::{Filter, at_risk, course_figures, departments, grade_distribution, grading_schemes};
use acurate_shared::db::Expected;
use acurate_shared::error::Result;
use acurate_shared::ids::{InstitutionId, UserId};
use acurate_shared::kinds::Role;

/// Each view with what becomes of: the administrator; the course's teacher and another one; the student and another one;
/// administrator, teacher and student of another institution; the platform's owner. `.` is an answer, `!` a role that is
/// not among those required.
const VIEWS: &[(&str, [&str; 9])] = &[
    ("student::own", ["!", "!", "!", ".", ".", "!", "!", ".", "!"]),
    (
        "student::of_student",
        [
            ".",
            ".",
            "not_your_student",
            ".",
            "not_yours",
            "no student",
            "no student",
            "not_yours",
            "no_institution",
        ],
    ),
    ("teacher::own", ["!", ".", ".", "!", "!", "!", ".", "!", "!"]),
    (
        "course::of",
        [
            ".",
            ".",
            "not_your_course",
            ".",
            "no course",
            "no course",
            "no course",
            "no course",
            "no_institution",
        ],
    ),
    ("course_figures::list", [".", ".", ".", "!", "!", ".", ".", "!", "!"]),
    ("at_risk::list", [".", ".", ".", "!", "!", ".", ".", "!", "!"]),
    ("alerts::list", [".", "!", "!", "!", "!", ".", "!", "!", "!"]),
    ("departments::list", [".", "!", "!", "!", "!", ".", "!", "!", "!"]),
    ("grade_distribution::of", [".", "!", "!", "!", "!", ".", "!", "!", "!"]),
    ("institution::own", [".", "!", "!", "!", "!", ".", "!", "!", "!"]),
    ("program_outcome_trend::of", [".", "!", "!", "!", "!", "no program", "!", "!", "!"]),
    (
        "outcome_graph::of",
        [
            ".",
            ".",
            "not_your_course",
            ".",
            "not_yours",
            "no enrollment",
            "no enrollment",
            "not_yours",
            "no_institution",
        ],
    ),
    ("platform::own", ["!", "!", "!", "!", "!", "!", "!", "!", "."]),
    ("grading_schemes::list", [".", ".", ".", ".", ".", ".", ".", ".", "no_institution"]),
    (
        "grading_schemes::find",
        [
            ".",
            ".",
            ".",
            ".",
            ".",
            "no grading scheme",
            "no grading scheme",
            "no grading scheme",
            "no_institution",
        ],
    ),
    ("academic_policy::find", [".", ".", ".", ".", ".", ".", ".", ".", "no_institution"]),
];

/// A course with a student, and everybody who might look at it.
struct House {
    room: Classroom,
    subject: Subject,
    people: [Actor; 9],
}

impl House {
    async fn open() -> Self {
        let room = Classroom::open().await;
        let (course, _, students) = room.class(2024, &["50"]).await;
        let neighbour = room.student("neighbour").await;
        let abroad = "INSERT INTO institutions (name) VALUES ('Abroad') RETURNING id";
        let abroad: InstitutionId = room.value(abroad, []).await;
        let department = "SELECT department_id FROM programs WHERE id = $1";
        let scheme = "SELECT id FROM grading_schemes WHERE institution_id = $1";
        let subject = Subject {
            student: students[0],
            course,
            department: room.value(department, [room.program.into()]).await,
            program: room.program,
            scheme: room.value(scheme, [room.institution.into()]).await,
        };
        let owner = Actor {
            user_id: UserId(0),
            role: Role::SuperAdmin,
            institution_id: None,
        };
        let people = [
            room.admin.clone(),
            room.teacher.clone(),
            room.person(Role::Teacher).await,
            room.as_student(students[0]),
            room.as_student(neighbour),
            foreigner(&room, abroad, Role::InstitutionAdmin).await,
            foreigner(&room, abroad, Role::Teacher).await,
            foreigner(&room, abroad, Role::Student).await,
            owner,
        ];
        Self { room, subject, people }
    }
}

async fn foreigner(room: &Classroom, abroad: InstitutionId, role: Role) -> Actor {
    let insert = "
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number)
        VALUES ($1, $2, gen_random_uuid() || '@x.edu', 'Ada', 'Er', 'x', CASE WHEN $2 = 'student' THEN '1' END) RETURNING id";
    Actor {
        user_id: room.value(insert, [abroad.into(), role.as_str().into()]).await,
        role,
        institution_id: Some(abroad),
    }
}

fn word<T: std::fmt::Debug>(result: Result<T>) -> String {
    if result.is_ok() {
        return ".".to_owned();
    }
    match refusal(result).as_str() {
        "role_required" => "!".to_owned(),
        other => other.to_owned(),
    }
}

#[tokio::test]
async fn everybody_sees_what_is_theirs_and_nobody_more() {
    let house = House::open().await;
    for (view, expected) in VIEWS {
        let mut found = Vec::new();
        for actor in &house.people {
            found.push(word(look(house.room.db(), actor, view, &house.subject).await));
        }
        assert_eq!(found, expected, "{view}");
    }
}

#[tokio::test]
async fn the_platforms_owner_sees_no_view_with_grades() {
    let house = House::open().await;
    for (view, expected) in VIEWS {
        let found = word(look(house.room.db(), &house.people[8], view, &house.subject).await);
        assert_eq!(found == ".", *view == "platform::own", "{view}: {found}");
        assert_eq!(found, expected[8], "{view}");
    }
}

#[tokio::test]
async fn lists_hold_nothing_of_another_institution_and_nothing_of_another_teacher() {
    let house = House::open().await;
    let db = house.room.db();
    let [admin, teacher, other, _, _, abroad, teacher_abroad, ..] = &house.people;
    let all = Filter::default();
    let near = Filter {
        department_id: Some(house.subject.department),
        ..Filter::default()
    };
    for (actor, expected) in [(admin, 1), (teacher, 1), (other, 0), (abroad, 0), (teacher_abroad, 0)] {
        for filter in [&all, &near] {
            let courses = course_figures::list(db, actor, filter, None, PAGE).await.unwrap();
            let at_risk = at_risk::list(db, actor, filter, PAGE).await.unwrap();
            assert_eq!((courses.total, at_risk.total), (expected, expected), "{actor:?} {filter:?}");
            assert_eq!(
                (courses.items.len(), at_risk.items.len()),
                (courses.total as usize, at_risk.total as usize)
            );
        }
    }
    for (actor, expected) in [(admin, 1), (abroad, 0)] {
        let grades = grade_distribution::of(db, actor, &near).await.unwrap();
        let found = departments::list(db, actor, &near, PAGE).await.unwrap();
        assert_eq!((grades.results, found.total), (expected, expected as u64), "{actor:?}");
    }
}

#[tokio::test]
async fn only_administrators_of_the_institution_change_its_schemes_and_thresholds() {
    let house = House::open().await;
    let policy = || NewPolicy {
        pass_percentage: 50.0,
        at_risk_percentage: 55.0,
        at_risk_missed: 3,
        at_risk_unmet_percentage: 60.0,
        course_pass_rate: 65.0,
    };
    for (place, actor) in house.people.iter().enumerate() {
        let work = house.room.work().await;
        let created = word(grading_schemes::create(&work, actor, order("New", "2030-2031", None)).await);
        drop(work);
        let work = house.room.work().await;
        let end = order("Old", "1950-1951", Some("2029-2030"));
        let replaced = word(grading_schemes::replace(&work, actor, house.subject.scheme, &Expected::Any, end).await);
        drop(work);
        let work = house.room.work().await;
        let thresholds = word(academic_policy::replace(&work, actor, &Expected::Any, policy()).await);
        drop(work);
        let expected = match place {
            0 | 5 => ["validity_overlaps", if place == 0 { "." } else { "no grading scheme" }, "."],
            _ => ["!", "!", "!"],
        };
        assert_eq!([created, replaced, thresholds], expected, "{actor:?}");
    }
}
