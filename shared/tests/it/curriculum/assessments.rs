//! Assessments.

use super::{PAGE, School, exam};
use crate::campus::refusal;
use acurate_shared::actor::Actor;
use acurate_shared::curriculum::assessments::{self, AssessmentFilter, AssessmentPatch, FeedbackRange, NewAssessment};
use acurate_shared::curriculum::mappings::{NewWeight, of_assessment};
use acurate_shared::db::Expected;
use acurate_shared::entity::assessment::Model;
use acurate_shared::error::Result;
use acurate_shared::grading::{Entry, single};
use acurate_shared::ids::{AssessmentId, CourseId, UserId};
use acurate_shared::kinds::{AssessmentType, GradeStatus};
use chrono::{DateTime, Utc};

async fn create(school: &School, actor: &Actor, course: CourseId, order: NewAssessment) -> Result<Model> {
    school
        .write(async |work| assessments::create(work, actor, course, order).await)
        .await
}

async fn update(school: &School, actor: &Actor, id: AssessmentId, patch: AssessmentPatch) -> Result<Model> {
    school
        .write(async |work| assessments::update(work, actor, id, &Expected::Any, patch).await)
        .await
}

async fn grade(school: &School, assessment: AssessmentId, student: UserId, entry: Entry) {
    let graded = school.write(async |work| single::put(work, school.admin(), assessment, student, entry).await);
    graded.await.unwrap();
}

fn max_score(max_score: f64) -> AssessmentPatch {
    AssessmentPatch {
        max_score: Some(max_score),
        ..AssessmentPatch::default()
    }
}

fn range(min_percentage: f64, max_percentage: f64) -> FeedbackRange {
    FeedbackRange {
        min_percentage,
        max_percentage,
        feedback: "Read chapter 3".into(),
    }
}

#[tokio::test]
async fn an_assessment_is_stored_as_it_was_given_in_the_year_of_its_course() {
    let school = School::open().await;
    let due: DateTime<Utc> = "2025-01-10T09:00:00Z".parse().unwrap();
    let order = NewAssessment {
        title: " Vize ".into(),
        description: Some("Two hours".into()),
        assessment_type: AssessmentType::Midterm,
        weight: 12.5,
        max_score: Some(60.25),
        due_date: Some(due),
        feedback_ranges: vec![range(50.0, 100.0), range(0.0, 50.0)],
        feedback_complete: true,
    };
    let made = create(&school, &school.teacher, school.course, order).await.unwrap();
    assert_eq!(
        (made.title.as_str(), made.academic_year.first(), made.due_date),
        ("Vize", 2024, Some(due))
    );
    assert_eq!(
        (made.weight.to_string().as_str(), made.max_score.to_string().as_str()),
        ("12.50", "60.25")
    );
    assert_eq!(made.feedback_ranges.0, [range(0.0, 50.0), range(50.0, 100.0)]);
    assert_eq!(assessments::find(school.campus.db(), &school.teacher, made.id).await.unwrap(), made);
    let plain = create(&school, &school.teacher, school.course, exam("Final")).await.unwrap();
    assert_eq!((plain.max_score.to_string().as_str(), plain.is_active), ("100.00", true));
}

#[tokio::test]
async fn every_fault_of_an_assessment_is_named() {
    let school = School::open().await;
    let order = NewAssessment {
        title: String::new(),
        description: Some("x".repeat(5001)),
        weight: 1000.0,
        max_score: Some(0.0),
        feedback_ranges: vec![range(0.0, 60.0), range(50.0, 90.0), range(95.0, 101.0)],
        ..exam("")
    };
    let refused = create(&school, &school.teacher, school.course, order.clone()).await;
    assert_eq!(
        refusal(refused),
        "title: required, description: too_long, weight: out_of_range, max_score: out_of_range, \
         feedback_ranges[2].max_percentage: out_of_range, feedback_ranges[1]: overlapping_range"
    );
    let id = school.assessment(school.course, "Final").await;
    let patch = AssessmentPatch {
        title: Some(order.title),
        weight: Some(0.001),
        max_score: Some(10_000.0),
        feedback_ranges: Some(vec![range(60.0, 60.0)]),
        ..AssessmentPatch::default()
    };
    let refused = update(&school, &school.teacher, id, patch).await;
    assert_eq!(
        refusal(refused),
        "title: required, weight: too_precise, max_score: out_of_range, feedback_ranges[0].max_percentage: empty_range"
    );
}

#[tokio::test]
async fn a_title_belongs_to_one_assessment_of_the_course() {
    let school = School::open().await;
    school.assessment(school.course, "Final").await;
    let again = create(&school, &school.teacher, school.course, exam("Final")).await;
    assert_eq!(refusal(again), "title_in_use");
    let other = school.assessment(school.course, "Quiz").await;
    let patch = AssessmentPatch {
        title: Some("Final".into()),
        ..AssessmentPatch::default()
    };
    assert_eq!(refusal(update(&school, &school.teacher, other, patch).await), "title_in_use");
}

#[tokio::test]
async fn who_sees_the_course_sees_its_assessments_by_due_date() {
    let school = School::open().await;
    let undated = school.assessment(school.course, "Attendance").await;
    let mut late = exam("Final");
    late.due_date = Some("2025-01-10T09:00:00Z".parse().unwrap());
    let late = create(&school, &school.teacher, school.course, late).await.unwrap().id;
    let mut early = exam("Midterm");
    early.due_date = Some("2024-11-10T09:00:00Z".parse().unwrap());
    let early = create(&school, &school.teacher, school.course, early).await.unwrap().id;
    let taker = school.as_student(school.enrolled("1").await);
    let stranger = school.as_student(school.student("2").await);
    let db = school.campus.db();
    for actor in [school.admin(), &school.colleague, &taker] {
        let page = assessments::list(db, actor, school.course, &AssessmentFilter::default(), PAGE)
            .await
            .unwrap();
        let ids: Vec<_> = page.items.iter().map(|row| row.id).collect();
        assert_eq!((ids, page.total), (vec![early, late, undated], 3));
    }
    for actor in [&stranger, &school.campus.rival] {
        assert_eq!(
            refusal(assessments::list(db, actor, school.course, &AssessmentFilter::default(), PAGE).await),
            "no course"
        );
        assert_eq!(refusal(assessments::find(db, actor, late).await), "no assessment");
    }
}

#[tokio::test]
async fn who_may_write_the_course_writes_its_assessments() {
    let school = School::open().await;
    let id = school.assessment(school.course, "Final").await;
    let student = school.as_student(school.enrolled("1").await);
    for (actor, expected) in [(&school.colleague, "not_your_course"), (&student, "role_required")] {
        assert_eq!(refusal(create(&school, actor, school.course, exam("Quiz")).await), expected);
        assert_eq!(refusal(update(&school, actor, id, AssessmentPatch::default()).await), expected);
    }
    let rival = &school.campus.rival;
    assert_eq!(refusal(create(&school, rival, school.course, exam("Quiz")).await), "no course");
    assert_eq!(
        refusal(update(&school, rival, id, AssessmentPatch::default()).await),
        "no assessment"
    );
    let patch = AssessmentPatch {
        assessment_type: Some(AssessmentType::Project),
        due_date: Some(Some("2025-01-10T09:00:00Z".parse().unwrap())),
        feedback_ranges: Some(vec![range(0.0, 49.99)]),
        ..AssessmentPatch::default()
    };
    let changed = update(&school, &school.teacher, id, patch.clone()).await.unwrap();
    assert_eq!(changed.assessment_type, AssessmentType::Project);
    assert_eq!(
        update(&school, &school.teacher, id, patch).await.unwrap(),
        changed,
        "the same again writes nothing"
    );
    let undated = AssessmentPatch {
        due_date: Some(None),
        ..AssessmentPatch::default()
    };
    assert_eq!(update(&school, &school.teacher, id, undated).await.unwrap().due_date, None);
    let deeds = ["assessment.created", "assessment.updated", "assessment.updated"];
    assert_eq!(school.deeds("assessment", id.0).await, deeds);
}

#[tokio::test]
async fn a_maximum_does_not_fall_below_a_score_that_was_given() {
    let school = School::open().await;
    let (ada, bob) = (school.enrolled("1").await, school.enrolled("2").await);
    let id = school.assessment(school.course, "Final").await;
    let score = |score| Entry {
        score: Some(score),
        ..Entry::default()
    };
    grade(&school, id, ada, score(60.5)).await;
    let absent = Entry {
        status: Some(GradeStatus::Absent),
        ..Entry::default()
    };
    grade(&school, id, bob, absent).await;
    let refused = update(&school, &school.teacher, id, max_score(60.0)).await;
    assert_eq!(refusal(refused), "max_score_below_grades");
    let changed = update(&school, &school.teacher, id, max_score(60.5)).await.unwrap();
    assert_eq!(changed.max_score.to_string(), "60.50");
    grade(&school, id, ada, score(10.0)).await;
    assert!(update(&school, &school.teacher, id, max_score(10.0)).await.is_ok());
}

#[tokio::test]
async fn a_mapped_assessment_marks_the_students_of_its_course_when_their_results_can_move() {
    let school = School::open().await;
    let taker = school.enrolled("1").await;
    school.student("2").await;
    let outcome = school.outcome(school.course, "LO1").await;
    school.marked().await;
    let id = school.assessment(school.course, "Final").await;
    let change = async |patch| {
        update(&school, &school.teacher, id, patch).await.unwrap();
        school.marked().await
    };
    let active = |is_active| AssessmentPatch {
        is_active: Some(is_active),
        ..AssessmentPatch::default()
    };
    assert_eq!(change(max_score(50.0)).await, [], "it measures nothing yet");
    assert_eq!(change(active(false)).await, []);
    assert_eq!(change(active(true)).await, []);

    let items = [NewWeight {
        outcome_id: outcome,
        weight: 10.0,
    }];
    let mapped = school.write(async |work| of_assessment::replace(work, &school.teacher, id, &Expected::Any, &items).await);
    mapped.await.unwrap();
    assert_eq!(school.marked().await, [taker]);
    assert_eq!(change(max_score(80.0)).await, [taker]);
    assert_eq!(change(max_score(80.0)).await, []);
    let words = AssessmentPatch {
        title: Some("Final exam".into()),
        weight: Some(99.0),
        ..AssessmentPatch::default()
    };
    assert_eq!(change(words).await, [], "outcomes use the weights of the mapping");
    assert_eq!(change(active(false)).await, [taker]);
    assert_eq!(change(max_score(90.0)).await, [], "it does not count now");
    assert_eq!(change(active(true)).await, [taker]);
}
