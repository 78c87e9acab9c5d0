//! Courses with the distribution of their grades, their pass rate and the achievement of their learning outcomes: the
//! list of course success, and the courses of other views.

use super::access;
use super::reading::{self, page_of};
use super::results::{percentage_of, shown, with_results};
use super::scope::{Filter, Scope};
use super::statistics::{self, Statistics};
use super::suppression::SMALLEST_GROUP;
use crate::academic_year::AcademicYear;
use crate::actor::Actor;
use crate::db::{Page, PageRequest, Sort, sql};
use crate::error::Result;
use crate::ids::{CourseId, DepartmentId, UserId};
use crate::kinds::Semester;
use crate::validation::Checks;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult, Order};

/// Which course.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct CourseLabel {
    /// The course.
    pub course_id: CourseId,
    /// Its code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Its credits.
    pub credits: i16,
    /// Its year.
    pub academic_year: AcademicYear,
    /// Its part of the year.
    pub semester: Semester,
    /// Its section.
    pub section: String,
    /// Its department.
    pub department_id: DepartmentId,
    /// Its teacher.
    pub teacher_id: Option<UserId>,
    /// The teacher's given and family name.
    pub teacher_name: Option<String>,
}

/// A course and what its students reached.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct CourseFigures {
    /// Which.
    #[sea_orm(nested)]
    pub course: CourseLabel,
    /// Active enrollments.
    pub students: i64,
    /// Those of them that are complete; `None` when withheld.
    pub complete: Option<i64>,
    /// Those of them that pass as things stand; `None` when withheld.
    pub passed: Option<i64>,
    /// Passing among those with a grade, 0 to 100; `None` when nobody has a grade, or when withheld.
    pub pass_rate: Option<Decimal>,
    /// The distribution of the grades.
    #[sea_orm(nested)]
    pub grades: Statistics,
    /// Achievements of learning outcomes that have a value, all students and outcomes together; `None` when withheld.
    pub outcomes_assessed: Option<i64>,
    /// Their mean.
    pub outcome_mean: Option<Decimal>,
    /// The share of them that reach their target, 0 to 100.
    pub outcome_met_share: Option<Decimal>,
    /// Students behind these three.
    outcome_students: i64,
}

impl CourseFigures {
    /// As a student may see it: of fewer than [`SMALLEST_GROUP`] grades only how many there are, and of the learning
    /// outcomes of fewer students nothing.
    #[must_use]
    pub fn for_student(self) -> Self {
        let graded = self.grades.is_large_enough();
        let assessed = graded && self.outcome_students >= SMALLEST_GROUP;
        Self {
            complete: self.complete.filter(|_| graded),
            passed: self.passed.filter(|_| graded),
            pass_rate: self.pass_rate.filter(|_| graded),
            grades: self.grades.for_student(),
            outcomes_assessed: self.outcomes_assessed.filter(|_| assessed),
            outcome_mean: self.outcome_mean.filter(|_| assessed),
            outcome_met_share: self.outcome_met_share.filter(|_| assessed),
            ..self
        }
    }
}

/// A column that a list of courses can be sorted by. Courses without a value come last in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field(&'static str);

/// What a list of courses can be sorted by.
const SORTS: &[(&str, Field)] = &[
    ("pass_rate", Field("pass_rate")),
    ("average", Field("mean")),
    ("outcome_mean", Field("outcome_mean")),
    ("students", Field("students")),
    ("academic_year", Field("academic_year")),
    ("code", Field("code")),
    ("title", Field("title")),
];

const BEST_FIRST: &[(Field, Order)] = &[(Field("pass_rate"), Order::Desc)];

/// Courses in the wanted order, see [`Sort`], by default the highest pass rate first: of the institution for administrators,
/// their own for teachers.
///
/// # Errors
/// `Forbidden` for students and the platform's owner; `Invalid` for an impossible year or order.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    filter: &Filter,
    sort: Option<&str>,
    request: PageRequest,
) -> Result<Page<CourseFigures>> {
    let (institution_id, teacher_id) = access::own_courses(actor)?;
    let mut checks = Checks::default();
    let sort = Sort::read(&mut checks, sort, SORTS).or(BEST_FIRST);
    let scope = Scope::checked(checks, institution_id, filter)?.taught_by(teacher_id);
    let select = page_of(&with_figures(), "figures", &order(&sort), request);
    reading::page(db, sql(&select, scope.values()), request).await
}

/// All courses of a scope, by year, code and section.
pub(super) async fn of(db: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<CourseFigures>> {
    let select = format!(
        "{} SELECT * FROM figures ORDER BY academic_year, term, code, section, course_id",
        with_figures()
    );
    reading::all(db, sql(&select, scope.values())).await
}

/// The wish, then what makes the order total.
fn order(sort: &Sort<Field>) -> String {
    let wish = sort.keys().map(|(Field(column), order)| {
        let direction = if *order == Order::Desc { "DESC" } else { "ASC" };
        format!("{column} {direction} NULLS LAST")
    });
    let rest = ["code", "academic_year DESC", "term DESC", "section", "course_id"].map(str::to_owned);
    wish.chain(rest).collect::<Vec<_>>().join(", ")
}

/// The `WITH` part that ends with `figures`, one row a course.
fn with_figures() -> String {
    format!(
        "{results}, achieved AS (
            SELECT o.course_id, count(a.percentage) AS outcomes_assessed, {outcome_mean} AS outcome_mean,
                {met_share} AS outcome_met_share, count(DISTINCT a.student_id) FILTER (WHERE a.percentage IS NOT NULL) AS outcome_students
            FROM scope c
            JOIN learning_outcomes o ON o.course_id = c.course_id AND o.is_active
            JOIN student_lo_achievements a ON a.learning_outcome_id = o.id
            GROUP BY o.course_id
        ), graded AS (
            SELECT course_id, count(*) AS students, count(*) FILTER (WHERE is_complete) AS complete,
                count(*) FILTER (WHERE passed) AS passed, {pass_rate} AS pass_rate, {statistics}
            FROM result GROUP BY course_id
        ), figures AS MATERIALIZED (
            SELECT c.course_id, c.code, c.title, c.credits, c.academic_year, c.semester, c.term, c.section, c.department_id,
                c.teacher_id, t.first_name || ' ' || t.last_name AS teacher_name,
                COALESCE(g.students, 0) AS students, COALESCE(g.complete, 0) AS complete, COALESCE(g.passed, 0) AS passed,
                g.pass_rate, COALESCE(g.n, 0) AS n, g.mean, g.median, g.standard_deviation, g.minimum, g.maximum,
                g.lower_quartile, g.upper_quartile, COALESCE(g.histogram, array_fill(0::bigint, ARRAY[{bins}])) AS histogram,
                COALESCE(a.outcomes_assessed, 0) AS outcomes_assessed, a.outcome_mean, a.outcome_met_share,
                COALESCE(a.outcome_students, 0) AS outcome_students
            FROM scope c
            LEFT JOIN graded g ON g.course_id = c.course_id
            LEFT JOIN achieved a ON a.course_id = c.course_id
            LEFT JOIN users t ON t.id = c.teacher_id
        )",
        results = with_results(),
        outcome_mean = shown("avg(a.percentage)"),
        met_share = percentage_of("count(*) FILTER (WHERE a.is_met)", "count(a.is_met)"),
        pass_rate = percentage_of("count(*) FILTER (WHERE passed)", "count(grade)"),
        statistics = statistics::columns("grade"),
        bins = statistics::BINS,
    )
}
