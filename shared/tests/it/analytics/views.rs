//! Every view by its name, for what holds for all of them.

use acurate_shared::actor::Actor;
use acurate_shared::analytics::alerts::AlertFilter;
use acurate_shared::analytics::{
    Filter, academic_policy, alerts, at_risk, course, course_figures, departments, grade_distribution, grading_schemes, institution,
    outcome_graph, platform, program_outcome_trend, student, teacher,
};
use acurate_shared::db::PageRequest;
use acurate_shared::error::Result;
use acurate_shared::ids::{CourseId, DepartmentId, GradingSchemeId, ProgramId, UserId};
use sea_orm::DatabaseConnection;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject {
    pub(super) student: UserId,
    pub(super) course: CourseId,
    pub(super) department: DepartmentId,
    pub(super) program: ProgramId,
    pub(super) scheme: GradingSchemeId,
}

pub(super) const PAGE: PageRequest = PageRequest { page: 1, page_size: 100 };

/// Looks at a view and says only whether that was possible.
pub(super) async fn look(db: &DatabaseConnection, actor: &Actor, view: &str, subject: &Subject) -> Result<()> {
    let all = Filter::default();
    match view {
        "student::own" => student::own(db, actor).await.map(drop),
        "student::of_student" => student::of_student(db, actor, subject.student).await.map(drop),
        "teacher::own" => teacher::own(db, actor, None).await.map(drop),
        "course::of" => course::of(db, actor, subject.course).await.map(drop),
        "course_figures::list" => course_figures::list(db, actor, &all, None, PAGE).await.map(drop),
        "at_risk::list" => at_risk::list(db, actor, &all, PAGE).await.map(drop),
        "alerts::list" => alerts::list(db, actor, &AlertFilter::default(), PAGE).await.map(drop),
        "departments::list" => departments::list(db, actor, &all, PAGE).await.map(drop),
        "grade_distribution::of" => grade_distribution::of(db, actor, &all).await.map(drop),
        "institution::own" => institution::own(db, actor).await.map(drop),
        "program_outcome_trend::of" => program_outcome_trend::of(db, actor, subject.program).await.map(drop),
        "outcome_graph::of" => outcome_graph::of(db, actor, subject.student, subject.course).await.map(drop),
        "platform::own" => platform::own(db, actor, PAGE).await.map(drop),
        "grading_schemes::list" => grading_schemes::list(db, actor, PAGE).await.map(drop),
        "grading_schemes::find" => grading_schemes::find(db, actor, subject.scheme).await.map(drop),
        "academic_policy::find" => academic_policy::find(db, actor).await.map(drop),
        other => panic!("no view {other}"),
    }
}
