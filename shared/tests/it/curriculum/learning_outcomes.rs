//! Learning outcomes.

use super::{PAGE, School, outcome};
use crate::campus::refusal;
use acurate_shared::actor::Actor;
use acurate_shared::curriculum::{NewOutcome, OutcomeFilter, OutcomePatch, learning_outcomes};
use acurate_shared::db::Expected;
use acurate_shared::entity::learning_outcome::Model;
use acurate_shared::error::Result;
use acurate_shared::ids::{CourseId, LearningOutcomeId};

async fn create(school: &School, actor: &Actor, course: CourseId, order: NewOutcome) -> Result<Model> {
    school
        .write(async |work| learning_outcomes::create(work, actor, course, order).await)
        .await
}

async fn update(school: &School, actor: &Actor, id: LearningOutcomeId, patch: OutcomePatch) -> Result<Model> {
    school
        .write(async |work| learning_outcomes::update(work, actor, id, &Expected::Any, patch).await)
        .await
}

#[tokio::test]
async fn a_learning_outcome_is_checked_and_its_code_belongs_to_the_course() {
    let school = School::open().await;
    let made = create(&school, &school.teacher, school.course, outcome("LO1")).await.unwrap();
    assert_eq!(
        (made.course_id, made.target_percentage.to_string().as_str()),
        (school.course, "70.00")
    );
    let again = create(&school, &school.teacher, school.course, outcome("LO1")).await;
    assert_eq!(refusal(again), "code_in_use");
    let other = school.teach("CENG202").await;
    assert!(create(&school, &school.teacher, other, outcome("LO1")).await.is_ok());
    let wrong = NewOutcome {
        code: "LO\u{0}2".into(),
        title: "x".repeat(201),
        target_percentage: Some(50.123),
        ..NewOutcome::default()
    };
    let refused = create(&school, &school.teacher, school.course, wrong).await;
    assert_eq!(
        refusal(refused),
        "code: invalid_characters, title: too_long, target_percentage: too_precise"
    );
}

#[tokio::test]
async fn who_sees_the_course_sees_its_outcomes() {
    let school = School::open().await;
    let two = school.outcome(school.course, "LO2").await;
    let one = school.outcome(school.course, "LO1").await;
    let taker = school.as_student(school.enrolled("1").await);
    let stranger = school.as_student(school.student("2").await);
    let db = school.campus.db();
    for actor in [school.admin(), &school.colleague, &taker] {
        let page = learning_outcomes::list(db, actor, school.course, &OutcomeFilter::default(), PAGE)
            .await
            .unwrap();
        let ids: Vec<_> = page.items.iter().map(|row| row.id).collect();
        assert_eq!((ids, page.total), (vec![one, two], 2));
        assert_eq!(learning_outcomes::find(db, actor, one).await.unwrap().code, "LO1");
    }
    for actor in [&stranger, &school.campus.rival] {
        assert_eq!(
            refusal(learning_outcomes::list(db, actor, school.course, &OutcomeFilter::default(), PAGE).await),
            "no course"
        );
        assert_eq!(refusal(learning_outcomes::find(db, actor, one).await), "no learning outcome");
    }
}

#[tokio::test]
async fn who_may_write_the_course_writes_its_outcomes() {
    let school = School::open().await;
    let id = school.outcome(school.course, "LO1").await;
    let student = school.as_student(school.enrolled("1").await);
    for (actor, expected) in [(&school.colleague, "not_your_course"), (&student, "role_required")] {
        assert_eq!(refusal(create(&school, actor, school.course, outcome("LO2")).await), expected);
        assert_eq!(refusal(update(&school, actor, id, OutcomePatch::default()).await), expected);
    }
    let rival = &school.campus.rival;
    assert_eq!(refusal(create(&school, rival, school.course, outcome("LO2")).await), "no course");
    assert_eq!(
        refusal(update(&school, rival, id, OutcomePatch::default()).await),
        "no learning outcome"
    );
    let patch = OutcomePatch {
        title: Some(" Proves ".into()),
        description: Some(Some("things".into())),
        ..OutcomePatch::default()
    };
    let updated = update(&school, &school.teacher, id, patch).await.unwrap();
    assert_eq!((updated.title.as_str(), updated.description.as_deref()), ("Proves", Some("things")));
    school.outcome(school.course, "LO2").await;
    let patch = OutcomePatch {
        code: Some("LO2".into()),
        ..OutcomePatch::default()
    };
    assert_eq!(refusal(update(&school, &school.teacher, id, patch).await), "code_in_use");
}

#[tokio::test]
async fn a_learning_outcome_marks_the_students_of_its_course_when_their_results_can_move() {
    let school = School::open().await;
    let taker = school.enrolled("1").await;
    let former = school.enrolled("2").await;
    school
        .campus
        .execute("UPDATE enrollments SET is_active = false WHERE student_id = $1", [former.into()])
        .await;
    let other = school.teach("CENG202").await;
    let elsewhere = school.student("3").await;
    school.enroll(elsewhere, other).await;
    school.marked().await;

    let id = create(&school, &school.teacher, school.course, outcome("LO1")).await.unwrap().id;
    assert_eq!(school.marked().await, [taker, former]);
    let change = async |patch| {
        update(&school, &school.teacher, id, patch).await.unwrap();
        school.marked().await
    };
    let words = OutcomePatch {
        code: Some("LO-1".into()),
        title: Some("Proves".into()),
        target_percentage: Some(70.0),
        is_active: Some(true),
        ..OutcomePatch::default()
    };
    assert_eq!(change(words).await, []);
    let target = |percentage| OutcomePatch {
        target_percentage: Some(percentage),
        ..OutcomePatch::default()
    };
    let active = |is_active| OutcomePatch {
        is_active: Some(is_active),
        ..OutcomePatch::default()
    };
    assert_eq!(change(target(55.5)).await, [taker, former]);
    assert_eq!(change(active(false)).await, [taker, former]);
    assert_eq!(change(target(50.0)).await, []);
    assert_eq!(change(active(true)).await, [taker, former]);
    assert_eq!(school.deeds("learning_outcome", id.0).await.len(), 6);
}
