//! Which imports a teacher and an administrator see.

use super::Exams;
use acurate_shared::actor::Actor;
use acurate_shared::db::PageRequest;
use acurate_shared::ids::{CourseId, ImportId};
use acurate_shared::imports::view::{self, Filter};
use acurate_shared::kinds::{ImportKind, ImportMode, ImportState, Role};

const FILE: &[u8] = b"student_number,Vize\n01,90\n";

async fn seen(exams: &Exams, actor: &Actor, filter: Filter) -> Vec<ImportId> {
    let page = view::list(exams.room.test.database().orm(), actor, filter, PageRequest::new(1, 50))
        .await
        .unwrap();
    assert_eq!(page.total as usize, page.items.len());
    page.items.iter().map(|import| import.id).collect()
}

#[tokio::test]
async fn teachers_see_the_imports_of_their_courses_and_those_they_asked_for() {
    let exams = Exams::open().await;
    let by_teacher = exams.ask(&exams.room.teacher, ImportMode::DryRun, FILE).await.unwrap().import_id;
    let by_admin = exams.ask(&exams.room.admin, ImportMode::Apply, FILE).await.unwrap().import_id;
    let colleague = exams.room.person(Role::Teacher).await;
    for actor in [&exams.room.teacher, &exams.room.admin] {
        assert_eq!(seen(&exams, actor, Filter::default()).await, [by_admin, by_teacher]);
    }
    assert_eq!(seen(&exams, &colleague, Filter::default()).await, []);
    let update = "UPDATE courses SET teacher_id = $1";
    exams.room.execute(update, [colleague.user_id.into()]).await;
    assert_eq!(seen(&exams, &colleague, Filter::default()).await, [by_admin, by_teacher]);
    assert_eq!(seen(&exams, &exams.room.teacher, Filter::default()).await, [by_teacher]);
}

#[tokio::test]
async fn a_list_is_narrowed_by_kind_state_and_course() {
    let exams = Exams::open().await;
    let waits = exams.ask(&exams.room.teacher, ImportMode::DryRun, FILE).await.unwrap();
    let dead = exams.ask(&exams.room.teacher, ImportMode::DryRun, FILE).await.unwrap();
    let update = "UPDATE jobs SET state = 'dead', finished_at = now() WHERE id = $1";
    exams.room.execute(update, [dead.job_id.into()]).await;
    let admin = &exams.room.admin;
    let of = |kind, state, course_id| Filter { kind, state, course_id };
    let grades = Some(ImportKind::Grades);
    assert_eq!(seen(&exams, admin, of(grades, None, None)).await, [dead.import_id, waits.import_id]);
    assert_eq!(seen(&exams, admin, of(Some(ImportKind::Students), None, None)).await, []);
    let in_state = |state| of(None, Some(state), Some(exams.course));
    assert_eq!(seen(&exams, admin, in_state(ImportState::Queued)).await, [waits.import_id]);
    assert_eq!(seen(&exams, admin, in_state(ImportState::Failed)).await, [dead.import_id]);
    assert_eq!(seen(&exams, admin, in_state(ImportState::Completed)).await, []);
    assert_eq!(seen(&exams, admin, of(None, None, Some(CourseId(i64::MAX)))).await, []);
}
