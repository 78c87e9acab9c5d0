//! What administrators see: the institution, its departments, the distribution of grades, the success of courses, alerts.

use super::text;
use super::views::PAGE;
use crate::campus::refusal;
use crate::classroom::Classroom;
use acurate_shared::analytics::alerts::{self, Alert, AlertFilter, AlertKind, Severity};
use acurate_shared::analytics::{Filter, at_risk, course_figures, departments, grade_distribution, institution};
use acurate_shared::db::PageRequest;
use acurate_shared::ids::{CourseId, DepartmentId};
use acurate_shared::kinds::Semester;

/// Filters that meet nothing, each in its own way.
fn nobody() -> [Filter; 3] {
    let of_year = Filter {
        academic_year: Some("1990-1991".to_owned()),
        ..Filter::default()
    };
    let of_semester = Filter {
        semester: Some(Semester::Summer),
        ..Filter::default()
    };
    let of_department = Filter {
        department_id: Some(DepartmentId(999_999)),
        ..Filter::default()
    };
    [of_year, of_semester, of_department]
}

impl Classroom {
    async fn department(&self) -> DepartmentId {
        self.value("SELECT department_id FROM programs WHERE id = $1", [self.program.into()])
            .await
    }

    async fn alerts(&self, filter: &AlertFilter) -> Vec<Alert> {
        let found = alerts::list(self.db(), &self.admin, filter, PAGE).await.unwrap();
        assert_eq!(found.total, found.items.len() as u64);
        found.items
    }

    async fn ranking(&self, sort: Option<&str>) -> Vec<CourseId> {
        let found = course_figures::list(self.db(), &self.admin, &Filter::default(), sort, PAGE)
            .await
            .unwrap();
        found.items.iter().map(|figures| figures.course.course_id).collect()
    }
}

#[tokio::test]
async fn an_empty_institution_has_zeros_and_no_figures() {
    let room = Classroom::open().await;
    let found = institution::own(room.db(), &room.admin).await.unwrap();
    assert_eq!((found.totals.students, found.totals.teachers, found.totals.programs), (0, 1, 1));
    assert_eq!(found.academic_year, None);
    assert_eq!(
        (found.year.courses, found.year.students, found.year.average, found.year.pass_rate),
        (0, 0, None, None)
    );
    assert_eq!(
        (
            found.program_outcomes.total,
            found.program_outcomes.mean,
            found.program_outcomes.met_share
        ),
        (0, None, None)
    );
}

#[tokio::test]
async fn the_dashboard_counts_the_institution_and_judges_its_newest_year() {
    let room = Classroom::open().await;
    room.class(2022, &["10", "20"]).await;
    let (course, exam, students) = room.class(2024, &["90", "70", "50", "absent"]).await;
    let (beside, ..) = room.class(2024, &["-"]).await;
    room.enroll(students[0], beside).await;
    let (promised, outcome) = (room.po("60").await, room.lo(course, "70").await);
    room.measures(exam, outcome, "1").await;
    room.serves(outcome, promised, "1").await;
    room.recompute(&students).await;
    room.execute("UPDATE users SET is_active = false WHERE id = $1", [students[3].into()])
        .await;
    let found = institution::own(room.db(), &room.admin).await.unwrap();
    let totals = &found.totals;
    assert_eq!(
        (
            totals.students,
            totals.inactive_students,
            totals.teachers,
            totals.courses,
            totals.enrollments
        ),
        (6, 1, 1, 3, 8)
    );
    assert_eq!(found.academic_year.unwrap().to_string(), "2024-2025");
    let year = &found.year;
    assert_eq!((year.courses, year.students, year.enrollments, year.graded), (2, 5, 6, 3));
    assert_eq!((text(year.average), text(year.pass_rate)), ("70".to_owned(), "66.67".to_owned()));
    let reached = &found.program_outcomes;
    assert_eq!(
        (reached.assessed, text(reached.mean), reached.met, text(reached.met_share)),
        (3, "70".to_owned(), 2, "66.67".to_owned())
    );
    assert!(!found.freshness.stale && found.freshness.computed_at.is_some());
}

#[tokio::test]
async fn departments_have_their_people_courses_and_grades() {
    let room = Classroom::open().await;
    room.class(2024, &["90", "50", "-"]).await;
    room.class(2023, &["10"]).await;
    let insert = "INSERT INTO departments (institution_id, code, name) VALUES ($1, 'ZZZ', 'Empty') RETURNING id";
    let empty: DepartmentId = room.value(insert, [room.institution.into()]).await;
    let filter = Filter {
        academic_year: Some("2024-2025".to_owned()),
        ..Filter::default()
    };
    let found = departments::list(room.db(), &room.admin, &filter, PAGE).await.unwrap();
    assert_eq!((found.total, found.items.len()), (2, 2));
    let full = found.items.iter().find(|department| department.department_id != empty).unwrap();
    assert_eq!(full.department_id, room.department().await);
    assert_eq!(
        (full.students, full.courses, full.enrollments, full.graded),
        (4, 1, 3, 2),
        "students of every year"
    );
    assert_eq!((text(full.average), text(full.pass_rate)), ("70".to_owned(), "50".to_owned()));
    let empty = found.items.iter().find(|department| department.department_id == empty).unwrap();
    assert_eq!((empty.students, empty.courses, empty.enrollments, empty.graded), (0, 0, 0, 0));
    assert_eq!(
        (empty.average, empty.pass_rate, empty.outcome_mean, empty.outcome_met_share),
        (None, None, None, None)
    );
    let second = departments::list(room.db(), &room.admin, &Filter::default(), PageRequest::new(3, 1))
        .await
        .unwrap();
    assert_eq!((second.total, second.items.len()), (2, 0), "a page beyond the end");
}

#[tokio::test]
async fn grades_are_distributed_by_tenths_and_letters() {
    let room = Classroom::open().await;
    room.class(2024, &["95", "85", "85", "-", "absent"]).await;
    room.class(2023, &["40", "100"]).await;
    let found = grade_distribution::of(room.db(), &room.admin, &Filter::default()).await.unwrap();
    let letters: Vec<(&str, i64)> = found.letters.iter().map(|row| (row.letter.as_str(), row.count)).collect();
    assert_eq!(letters, [("AA", 2), ("BA", 2), ("FF", 1)]);
    assert_eq!((found.results, found.without_letter, found.grades.n), (7, 0, 5));
    assert_eq!(found.grades.histogram, [0, 0, 0, 0, 1, 0, 0, 0, 2, 2]);
    assert_eq!((text(found.grades.mean), text(found.pass_rate)), ("81".to_owned(), "80".to_owned()));
    let of_year = Filter {
        academic_year: Some("2023-2024".to_owned()),
        department_id: Some(room.department().await),
        semester: Some(Semester::Fall),
    };
    let found = grade_distribution::of(room.db(), &room.admin, &of_year).await.unwrap();
    assert_eq!((found.results, text(found.grades.mean)), (2, "70".to_owned()));
}

#[tokio::test]
async fn a_filter_that_matches_nobody_gives_an_empty_view() {
    let room = Classroom::open().await;
    room.class(2024, &["10", "90", "-"]).await;
    for filter in nobody() {
        let grades = grade_distribution::of(room.db(), &room.admin, &filter).await.unwrap();
        assert_eq!(
            (grades.results, grades.grades.n, grades.grades.mean, grades.pass_rate),
            (0, 0, None, None),
            "{filter:?}"
        );
        assert_eq!(
            (grades.grades.histogram, grades.letters, grades.without_letter),
            (vec![0; 10], vec![], 0)
        );
        let courses = course_figures::list(room.db(), &room.admin, &filter, None, PAGE).await.unwrap();
        assert_eq!((courses.total, courses.items), (0, vec![]), "{filter:?}");
        let at_risk = at_risk::list(room.db(), &room.admin, &filter, PAGE).await.unwrap();
        assert_eq!((at_risk.total, at_risk.items), (0, vec![]), "{filter:?}");
        let alerts = AlertFilter {
            courses: filter.clone(),
            ..AlertFilter::default()
        };
        assert_eq!(room.alerts(&alerts).await, [], "{filter:?}");
        let found = departments::list(room.db(), &room.admin, &filter, PAGE).await.unwrap();
        assert_eq!(found.total, u64::from(filter.department_id.is_none()), "{filter:?}");
        assert!(
            found
                .items
                .iter()
                .all(|department| department.courses == 0 && department.average.is_none())
        );
    }
    let impossible = Filter {
        academic_year: Some("2024-2026".to_owned()),
        ..Filter::default()
    };
    let refused = grade_distribution::of(room.db(), &room.admin, &impossible).await;
    assert_eq!(refusal(refused), "academic_year: invalid_academic_year");
}

#[tokio::test]
async fn courses_are_ranked_by_pass_rate_and_those_without_grades_come_last() {
    let room = Classroom::open().await;
    let (half, ..) = room.class(2024, &["100", "50"]).await;
    let (all, ..) = room.class(2024, &["65", "70"]).await;
    let (none, ..) = room.class(2024, &["30", "40"]).await;
    let (ungraded, ..) = room.class(2024, &["-", "absent", "non_attendance"]).await;
    assert_eq!(room.ranking(None).await, [all, half, none, ungraded]);
    assert_eq!(room.ranking(Some("pass_rate")).await, [none, half, all, ungraded]);
    assert_eq!(room.ranking(Some("-average")).await, [half, all, none, ungraded]);
    assert_eq!(room.ranking(Some("-students")).await[0], ungraded);
    let refused = course_figures::list(room.db(), &room.admin, &Filter::default(), Some("colour"), PAGE).await;
    assert!(refusal(refused).starts_with("sort: "));
    let page = PageRequest::new(2, 3);
    let found = course_figures::list(room.db(), &room.admin, &Filter::default(), None, page)
        .await
        .unwrap();
    assert_eq!((found.total, found.items.len(), found.items[0].course.course_id), (4, 1, ungraded));
    let found = course_figures::list(room.db(), &room.teacher, &Filter::default(), None, PAGE)
        .await
        .unwrap();
    assert_eq!(found.total, 4, "the teacher's own");
}

#[tokio::test]
async fn alerts_name_outcomes_courses_and_students_below_their_thresholds() {
    let room = Classroom::open().await;
    let (course, exam, students) = room.class(2024, &["90", "50"]).await;
    let (promised, outcome) = (room.po("71").await, room.lo(course, "80").await);
    room.measures(exam, outcome, "1").await;
    room.serves(outcome, promised, "1").await;
    let (fine, other, well) = room.class(2024, &["90"]).await;
    let met = room.lo(fine, "80").await;
    room.measures(other, met, "1").await;
    room.recompute(&[students[0], students[1], well[0]]).await;
    let found = room.alerts(&AlertFilter::default()).await;
    let row = |alert: &Alert| (alert.kind, alert.severity, text(alert.value), text(alert.threshold), alert.students);
    let rows: Vec<_> = found.iter().map(row).collect();
    let expected = [
        // 70 lies ten points below 80, and the pass rate of 50 twenty below 70; the student has two reasons.
        (
            AlertKind::LearningOutcomeBelowTarget,
            Severity::Critical,
            "70".to_owned(),
            "80".to_owned(),
            2,
        ),
        (
            AlertKind::CourseBelowPassRate,
            Severity::Critical,
            "50".to_owned(),
            "70".to_owned(),
            2,
        ),
        (AlertKind::StudentAtRisk, Severity::Critical, "50".to_owned(), "-".to_owned(), 1),
        (
            AlertKind::ProgramOutcomeBelowTarget,
            Severity::Warning,
            "70".to_owned(),
            "71".to_owned(),
            2,
        ),
    ];
    assert_eq!(rows, expected);
    assert!(found.iter().all(|alert| alert.as_of.is_some()));
    let student = &found[2];
    assert_eq!(
        (student.student_id, student.course_id, student.reasons().len()),
        (Some(students[1]), Some(course), 2)
    );
    assert!(found[0].reasons().is_empty());

    for (kind, severity, expected) in [
        (Some(AlertKind::StudentAtRisk), None, 1),
        (None, Some(Severity::Warning), 1),
        (Some(AlertKind::CourseBelowPassRate), Some(Severity::Warning), 0),
    ] {
        let filter = AlertFilter {
            kind,
            severity,
            ..AlertFilter::default()
        };
        assert_eq!(room.alerts(&filter).await.len(), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn where_all_is_well_or_nothing_is_known_there_is_no_alert() {
    let room = Classroom::open().await;
    let (course, exam, students) = room.class(2024, &["90", "-", "excused"]).await;
    let outcome = room.lo(course, "90").await;
    room.measures(exam, outcome, "1").await;
    room.lo(course, "100").await;
    room.recompute(&students).await;
    assert_eq!(room.alerts(&AlertFilter::default()).await, []);
}
