//! From marks to outcomes: every share in the graph can be followed by hand.

use super::text;
use crate::classroom::Classroom;
use acurate_shared::analytics::outcome_graph::{self, OutcomeGraph};
use acurate_shared::ids::{CourseId, UserId};
use acurate_shared::kinds::GradeStatus;

impl Classroom {
    async fn graph(&self, student: UserId, course: CourseId) -> OutcomeGraph {
        outcome_graph::of(self.db(), &self.as_student(student), student, course)
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn edges_say_how_much_each_value_weighs_in_the_next() {
    let room = Classroom::open().await;
    let (course, student) = (room.course(2024).await, room.student("1").await);
    room.enroll(student, course).await;
    let (first, second) = (room.lo(course, "75").await, room.lo(course, "70").await);
    for (weight, mark) in [("3", "80"), ("1", "60"), ("6", "non_attendance")] {
        let exam = room.weighted(course, "10", "100").await;
        room.measures(exam, first, weight).await;
        room.mark(exam, student, mark).await;
    }
    let ungraded = room.weighted(course, "10", "100").await;
    room.measures(ungraded, second, "1").await;
    let beside = room.course(2023).await;
    room.enroll(student, beside).await;
    let earlier = room.lo(beside, "70").await;
    let exam = room.weighted(beside, "10", "100").await;
    room.measures(exam, earlier, "1").await;
    room.mark(exam, student, "90").await;
    let promised = room.po("80").await;
    for (outcome, weight) in [(first, "2"), (second, "5"), (earlier, "1")] {
        room.serves(outcome, promised, weight).await;
    }
    room.recompute(&[student]).await;
    let graph = room.graph(student, course).await;

    let marks: Vec<_> = graph.assessments.iter().map(|node| (node.status, text(node.percentage))).collect();
    let expected = [
        (Some(GradeStatus::Scored), "80"),
        (Some(GradeStatus::Scored), "60"),
        (Some(GradeStatus::NonAttendance), "-"),
        (None, "-"),
    ];
    assert_eq!(marks, expected.map(|(status, percentage)| (status, percentage.to_owned())));
    let measures: Vec<_> = graph
        .measures
        .iter()
        .map(|edge| (edge.learning_outcome_id, text(edge.share)))
        .collect();
    let expected = [(first, "75"), (first, "25"), (first, "-"), (second, "-")];
    assert_eq!(measures, expected.map(|(outcome, share)| (outcome, share.to_owned())));
    // (3×80 + 1×60) ÷ 4 = 75.
    let learning: Vec<_> = graph
        .learning_outcomes
        .iter()
        .map(|node| (text(node.value.percentage), node.value.met))
        .collect();
    assert_eq!(learning, [("75".to_owned(), Some(true)), ("-".to_owned(), None)]);
    // The outcome of the other course has the remaining third.
    let serves: Vec<_> = graph
        .serves
        .iter()
        .map(|edge| (edge.learning_outcome_id, text(edge.share)))
        .collect();
    assert_eq!(serves, [(first, "66.67".to_owned()), (second, "-".to_owned())]);
    // (2×75 + 1×90) ÷ 3 = 80.
    let program: Vec<_> = graph
        .program_outcomes
        .iter()
        .map(|node| (text(node.value.percentage), node.value.met))
        .collect();
    assert_eq!(program, [("80".to_owned(), Some(true))]);
}

#[tokio::test]
async fn a_course_without_marks_is_a_graph_without_values() {
    let room = Classroom::open().await;
    let (course, exam, students) = room.class(2024, &["-"]).await;
    let (outcome, promised) = (room.lo(course, "70").await, room.po("70").await);
    room.po("70").await;
    room.measures(exam, outcome, "1").await;
    room.serves(outcome, promised, "1").await;
    let graph = room.graph(students[0], course).await;
    assert_eq!((graph.assessments.len(), graph.learning_outcomes.len()), (1, 1));
    let served: Vec<_> = graph.program_outcomes.iter().map(|node| node.program_outcome_id).collect();
    assert_eq!(served, [promised], "only what the course serves");
    assert_eq!((graph.measures[0].share, graph.serves[0].share), (None, None));
    assert_eq!(
        (
            graph.learning_outcomes[0].value.percentage,
            graph.program_outcomes[0].value.percentage
        ),
        (None, None)
    );
    assert_eq!(graph.freshness.computed_at, None);
}

#[tokio::test]
async fn a_change_that_waits_makes_the_graph_stale() {
    let room = Classroom::open().await;
    let (course, exam, students) = room.class(2024, &["-"]).await;
    let outcome = room.lo(course, "70").await;
    room.measures(exam, outcome, "1").await;
    room.recompute(&students).await;
    assert!(!room.graph(students[0], course).await.freshness.stale);
    room.score(exam, students[0], 80.0).await.unwrap();
    let graph = room.graph(students[0], course).await;
    assert!(graph.freshness.stale);
    assert_eq!(
        (text(graph.assessments[0].percentage), graph.learning_outcomes[0].value.percentage),
        ("80".to_owned(), None)
    );
}
