//! Grades, letters, grade point averages and distributions computed by SQL are those of plain Rust, on random courses.

use super::random_courses::{ASSESSMENTS, COURSES, Course, LAST_YEAR, Mark, SEMESTERS, STUDENTS, course as any_course, score, script};
use super::text;
use crate::classroom::Classroom;
use acurate_shared::achievement::rules::{self, Exact};
use acurate_shared::analytics::Filter;
use acurate_shared::analytics::course::CourseAnalytics;
use acurate_shared::analytics::statistics::Statistics;
use acurate_shared::analytics::{course, grade_distribution, student};
use acurate_shared::ids::{CourseId, UserId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;
use sea_orm::ConnectionTrait;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

/// The default scheme, which ends with 2023-2024 here.
const STEPS: &[(i64, &str, i64, bool)] = &[
    (90, "AA", 40, true),
    (85, "BA", 35, true),
    (80, "BB", 30, true),
    (75, "CB", 25, true),
    (70, "CC", 20, true),
    (65, "DC", 15, true),
    (60, "DD", 10, true),
    (50, "FD", 5, false),
    (0, "FF", 0, false),
];
/// A result by plain Rust.
#[derive(Clone, Debug)]
struct Expected {
    grade: Option<Exact>,
    step: Option<&'static (i64, &'static str, i64, bool)>,
    passed: Option<bool>,
    is_complete: bool,
}

fn whole(number: i64) -> Exact {
    rules::exact(Decimal::from(number))
}

fn expected(course: &Course, marks: &[Mark]) -> Expected {
    let active = || course.assessments.iter().zip(marks).filter(|((_, _, active), _)| *active);
    let scored = active().filter_map(|((weight, maximum, _), mark)| match mark {
        Mark::Part(part, of) => {
            let value = rules::percentage(score(*maximum, *part, *of), *maximum)?;
            Some((rules::exact(*weight), value))
        }
        _ => None,
    });
    let grade = rules::weighted_mean(scored);
    let step = grade
        .as_ref()
        .filter(|_| course.year <= LAST_YEAR)
        .and_then(|grade| STEPS.iter().find(|step| *grade >= whole(step.0)));
    let passed = grade.as_ref().map(|grade| step.map_or(*grade >= whole(60), |step| step.3));
    let mut weighted = active().filter(|((weight, ..), _)| !weight.is_zero()).peekable();
    Expected {
        is_complete: weighted.peek().is_some() && weighted.all(|(_, mark)| *mark != Mark::None),
        grade,
        step,
        passed,
    }
}

/// Of one student: overall, and by year and part of the year.
type Points = BTreeMap<Option<(i16, usize)>, (String, i64, i64, String, i64, i64)>;

/// Of several offerings of a code the latest counts overall: year, part of the year, then the lowest section.
fn points(courses: &[(&Course, Expected, usize)]) -> Points {
    let latest = |accepts: &dyn Fn(&Expected) -> bool| -> BTreeSet<usize> {
        let mut by_code: BTreeMap<usize, (i16, usize, std::cmp::Reverse<usize>)> = BTreeMap::new();
        for (course, result, index) in courses.iter().filter(|(_, result, _)| accepts(result)) {
            let _ = result;
            let key = (course.year, course.semester, std::cmp::Reverse(*index));
            let entry = by_code.entry(course.code).or_insert(key);
            *entry = (*entry).max(key);
        }
        by_code.values().map(|key| key.2.0).collect()
    };
    let last_graded = latest(&|result| result.grade.is_some());
    let last_complete = latest(&|result| result.grade.is_some() && result.is_complete);
    let mut terms: Vec<Option<(i16, usize)>> = vec![None];
    terms.extend(courses.iter().map(|(course, ..)| Some((course.year, course.semester))));
    let of_term = |term: Option<(i16, usize)>| {
        let in_term = |course: &Course| term.is_none_or(|term| term == (course.year, course.semester));
        let average = |counts: &dyn Fn(&Expected, usize) -> bool| {
            let counted: Vec<_> = courses
                .iter()
                .filter(|(course, result, index)| in_term(course) && result.step.is_some() && counts(result, *index))
                .collect();
            let parts = counted.iter().map(|(course, result, _)| {
                let points = rules::exact(Decimal::new(result.step.unwrap().2, 1));
                (whole(course.credits.into()), points)
            });
            let credits: i64 = counted.iter().map(|(course, ..)| i64::from(course.credits)).sum();
            let average = rules::weighted_mean(parts).map(|value| rules::rounded(&value).unwrap());
            (text(average), counted.len() as i64, credits)
        };
        let complete = average(&|result, index| result.is_complete && (term.is_some() || last_complete.contains(&index)));
        let to_date = average(&|_, index| term.is_some() || last_graded.contains(&index));
        (term, (complete.0, complete.1, complete.2, to_date.0, to_date.1, to_date.2))
    };
    terms.into_iter().map(of_term).collect()
}

fn percentile(sorted: &[Exact], quarter: i64) -> Exact {
    let place = whole(quarter) * whole(sorted.len() as i64 - 1) / whole(4);
    let below = usize::try_from(place.floor().to_integer()).unwrap();
    let above = usize::try_from(place.ceil().to_integer()).unwrap();
    &sorted[below] + (place.clone() - place.floor()) * (&sorted[above] - &sorted[below])
}

/// All figures but the standard deviation, which has a test of its own: a root is no rational number.
fn figures(statistics: &Statistics) -> (i64, [String; 6], Vec<i64>) {
    let figures = [
        statistics.mean,
        statistics.median,
        statistics.minimum,
        statistics.maximum,
        statistics.lower_quartile,
        statistics.upper_quartile,
    ];
    (statistics.n, figures.map(text), statistics.histogram.clone())
}

fn distribution(values: &[Exact]) -> (i64, [String; 6], Vec<i64>) {
    let mut histogram = vec![0; 10];
    for value in values {
        let bin = usize::try_from((value / whole(10)).floor().to_integer()).unwrap();
        histogram[bin.min(9)] += 1;
    }
    let mut sorted = values.to_vec();
    sorted.sort();
    if sorted.is_empty() {
        return (0, [const { "-" }; 6].map(str::to_owned), histogram);
    }
    let mean = sorted.iter().fold(whole(0), |sum, value| sum + value) / whole(sorted.len() as i64);
    let shown = |value: Exact| text(rules::rounded(&value));
    let figures = [
        shown(mean),
        shown(percentile(&sorted, 2)),
        shown(sorted[0].clone()),
        shown(sorted[sorted.len() - 1].clone()),
        shown(percentile(&sorted, 1)),
        shown(percentile(&sorted, 3)),
    ];
    (sorted.len() as i64, figures, histogram)
}

/// The shown root lies within half a hundredth of the root of the variance.
fn is_deviation(shown: Option<Decimal>, values: &[Exact]) -> bool {
    let Some(shown) = shown else { return values.is_empty() };
    let n = whole(values.len() as i64);
    let mean = values.iter().fold(whole(0), |sum, value| sum + value) / &n;
    let variance = values.iter().fold(whole(0), |sum, value| sum + (value - &mean) * (value - &mean)) / n;
    let half = rules::exact(Decimal::new(5, 3));
    let (low, high) = (rules::exact(shown) - &half, rules::exact(shown) + half);
    (low < whole(0) || &low * &low <= variance) && variance <= &high * &high
}

fn pass_rate(results: &[Expected]) -> String {
    let graded: Vec<bool> = results.iter().filter_map(|result| result.passed).collect();
    let passed = graded.iter().filter(|passed| **passed).count();
    if graded.is_empty() {
        return "-".to_owned();
    }
    text(rules::rounded(&(whole(100) * whole(passed as i64) / whole(graded.len() as i64))))
}

fn active_results(course: &Course) -> Vec<(usize, Expected)> {
    let seats = course.seats.iter().enumerate().filter(|(_, (enrolled, _))| *enrolled == Some(true));
    seats.map(|(s, (_, marks))| (s, expected(course, marks))).collect()
}

fn compare_course(course: &Course, found: &CourseAnalytics) -> Result<(), TestCaseError> {
    let results: Vec<Expected> = active_results(course).into_iter().map(|(_, result)| result).collect();
    let grades: Vec<Exact> = results.iter().filter_map(|result| result.grade.clone()).collect();
    prop_assert_eq!(figures(&found.figures.grades), distribution(&grades));
    prop_assert!(is_deviation(found.figures.grades.standard_deviation, &grades));
    prop_assert_eq!(text(found.figures.pass_rate), pass_rate(&results));
    prop_assert_eq!(found.figures.students, results.len() as i64);
    let complete = results.iter().filter(|result| result.is_complete).count();
    prop_assert_eq!(found.figures.complete, Some(complete as i64));
    let active: Vec<usize> = (0..ASSESSMENTS).filter(|a| course.assessments[*a].2).collect();
    prop_assert_eq!(found.assessments.len(), active.len());
    for (a, found) in active.into_iter().zip(&found.assessments) {
        let maximum = course.assessments[a].1;
        let marks: Vec<Mark> = course
            .seats
            .iter()
            .filter(|(enrolled, _)| *enrolled == Some(true))
            .map(|(_, marks)| marks[a])
            .collect();
        let values: Vec<Exact> = marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Part(part, of) => rules::percentage(score(maximum, *part, *of), maximum),
                _ => None,
            })
            .collect();
        prop_assert_eq!(figures(&found.scores), distribution(&values));
        prop_assert!(is_deviation(found.scores.standard_deviation, &values));
        let count = |wanted: Mark| Some(marks.iter().filter(|mark| **mark == wanted).count() as i64);
        prop_assert_eq!(
            (found.absent, found.excused, found.non_attendance, found.missing),
            (
                count(Mark::Absent),
                count(Mark::Excused),
                count(Mark::NonAttendance),
                count(Mark::None)
            )
        );
    }
    Ok(())
}

fn compare_student(courses: &[Course], s: usize, base: i64, found: &student::StudentDashboard) -> Result<(), TestCaseError> {
    let own: Vec<(&Course, Expected, usize)> = courses
        .iter()
        .enumerate()
        .filter(|(_, course)| course.seats[s].0 == Some(true))
        .map(|(c, course)| (course, expected(course, &course.seats[s].1), c))
        .collect();
    let shown: BTreeMap<i64, _> = found
        .courses
        .iter()
        .map(|row| {
            (
                row.course.course_id.0 - base,
                (
                    text(row.grade),
                    row.letter.clone(),
                    row.passed,
                    row.is_complete,
                    text(row.class_average),
                ),
            )
        })
        .collect();
    let wanted: BTreeMap<i64, _> = own
        .iter()
        .map(|(course, result, c)| {
            let grade = text(result.grade.as_ref().and_then(rules::rounded));
            let letter = result.step.map(|step| step.1.to_owned());
            let class: Vec<Exact> = active_results(course).into_iter().filter_map(|(_, result)| result.grade).collect();
            let average = if class.len() >= 5 {
                distribution(&class).1[0].clone()
            } else {
                "-".to_owned()
            };
            (*c as i64, (grade, letter, result.passed, result.is_complete, average))
        })
        .collect();
    prop_assert_eq!(shown, wanted);
    let row = |points: &acurate_shared::analytics::grade_points::GradePoints| {
        (
            text(points.average),
            points.counted_courses,
            points.counted_credits,
            text(points.average_to_date),
            points.courses_to_date,
            points.credits_to_date,
        )
    };
    let term = |term: &acurate_shared::analytics::grade_points::TermGradePoints| {
        let place = SEMESTERS.iter().position(|word| *word == term.semester.as_str()).unwrap();
        (Some((term.academic_year.first(), place)), row(&term.points))
    };
    let shown: Points = std::iter::once((None, row(&found.points)))
        .chain(found.terms.iter().map(term))
        .collect();
    prop_assert_eq!(shown, points(&own));
    Ok(())
}

async fn compare(room: &Classroom, base: i64, courses: &[Course]) -> Result<usize, TestCaseError> {
    let mut compared = 0;
    for (c, expected) in courses.iter().enumerate() {
        let found = course::of(room.db(), &room.admin, CourseId(base + c as i64)).await.unwrap();
        compare_course(expected, &found)?;
        let filter = Filter {
            department_id: Some(acurate_shared::ids::DepartmentId(base + c as i64)),
            ..Filter::default()
        };
        let spread = grade_distribution::of(room.db(), &room.admin, &filter).await.unwrap();
        prop_assert_eq!(&spread.grades, &found.figures.grades);
        let mut letters: BTreeMap<&str, i64> = BTreeMap::new();
        for (_, result) in active_results(expected) {
            *letters.entry(result.step.map_or("", |step| step.1)).or_default() += i64::from(result.grade.is_some());
        }
        let without = letters.remove("").unwrap_or_default();
        let shown: BTreeMap<&str, i64> = spread.letters.iter().map(|row| (row.letter.as_str(), row.count)).collect();
        prop_assert_eq!((shown, spread.without_letter), (letters, without));
        compared += active_results(expected).len();
    }
    for s in 0..STUDENTS {
        let found = student::of_student(room.db(), &room.admin, UserId(base + s as i64)).await.unwrap();
        compare_student(courses, s, base, &found)?;
    }
    Ok(compared)
}

#[test]
fn sql_agrees_with_plain_rust_on_random_courses() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let room = runtime.block_on(Classroom::open());
    let prepare = format!(
        "SELECT ensure_grades_partition(y::smallint) FROM generate_series({}, {}) y;
         UPDATE grading_schemes SET valid_until = {LAST_YEAR}",
        LAST_YEAR - 1,
        LAST_YEAR + 1
    );
    runtime.block_on(room.db().execute_unprepared(&prepare)).unwrap();
    let (base, results) = (AtomicI64::new(1_000_000), AtomicUsize::new(0));
    let mut runner = TestRunner::new(Config {
        cases: 12,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    });
    let case = |courses: Vec<Course>| {
        let base = base.fetch_add(1_000, Ordering::Relaxed);
        let compared = runtime.block_on(async {
            room.db().execute_unprepared(&script(&room, base, &courses)).await.unwrap();
            compare(&room, base, &courses).await
        })?;
        results.fetch_add(compared, Ordering::Relaxed);
        Ok(())
    };
    runner.run(&prop::collection::vec(any_course(), COURSES), case).unwrap();
    let results = results.into_inner();
    assert!(results > 150, "only {results} results were compared");
    drop(room);
}
