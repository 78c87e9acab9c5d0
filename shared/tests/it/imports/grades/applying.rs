//! What becomes of the records of a file of grades.

use super::super::{counts, faults};
use super::{Exams, apply};
use crate::campus::refusal;
use acurate_shared::actor::Actor;
use acurate_shared::ids::InstitutionId;
use acurate_shared::kinds::Role;

#[tokio::test]
async fn records_are_created_updated_unchanged_or_rejected_and_nothing_is_deleted() {
    let exams = Exams::open().await;
    exams.mark(1, exams.midterm, "scored", Some("40"), Some("İyi")).await;
    exams.mark(3, exams.midterm, "absent", None, None).await;
    let file = "student_number;Vize;Final\n01;85,5;GR\n02;50;\n04;GR;\n05;1;1\n99;1;1\n";
    let applied = exams.apply(file).await;
    assert_eq!(counts(&applied), (1, 1, 1, 2));
    assert_eq!(
        faults(&applied),
        ["5 student_number not_enrolled", "6 student_number unknown_student"]
    );
    let expected = [
        "01 Vize scored 85.50 v1",
        "01 Final absent v1",
        "02 Vize scored 50.00 İyi v2",
        "04 Vize absent v1",
    ];
    assert_eq!(exams.book().await, expected, "words stay, and a blank cell deletes nothing");
    let again = exams.apply(file).await;
    assert_eq!(counts(&again), (0, 0, 3, 2));
    assert_eq!(exams.book().await, expected);
}

#[tokio::test]
async fn every_kind_of_absence_is_kept_as_a_fact_and_never_as_zero() {
    let exams = Exams::open().await;
    let applied = exams.apply("student_number,Vize,Final\n01,DZ,MZ\n02,GR,0\n").await;
    assert_eq!(counts(&applied), (2, 0, 0, 0));
    assert_eq!(
        exams.book().await,
        [
            "01 Vize non_attendance v1",
            "01 Final excused v1",
            "02 Vize absent v1",
            "02 Final scored 0.00 v1"
        ]
    );
    let outcome = exams.room.lo(exams.course, "50").await;
    exams.room.measures(exams.midterm, outcome, "1").await;
    exams.room.recompute(&exams.students).await;
    let (reached, _) = exams.room.percentages(exams.students[0]).await;
    assert_eq!(reached, ["-"], "who did not attend is not assessed");
}

#[tokio::test]
async fn a_record_with_one_wrong_cell_is_rejected_whole() {
    let exams = Exams::open().await;
    let applied = exams
        .apply("student_number,Vize,Final\n01,90,60.01\n02,100.01,61\n04,100,60\n")
        .await;
    assert_eq!(counts(&applied), (1, 0, 0, 2));
    assert_eq!(
        faults(&applied),
        ["2 Final out_of_range", "3 Vize out_of_range", "3 Final out_of_range"]
    );
    let error = &applied.errors[0];
    assert_eq!(
        (error.value.as_str(), error.message_en.as_str()),
        ("60.01", "The score must be from 0 to 60.")
    );
    assert_eq!(error.message_tr, "Not 0 ile 60 arasında olmalıdır.");
    assert_eq!(exams.book().await, ["04 Vize scored 100.00 v1", "04 Final scored 60.00 v1"]);
}

#[tokio::test]
async fn what_may_not_change_is_refused_and_what_is_so_already_is_unchanged() {
    let exams = Exams::open().await;
    exams.mark(0, exams.quiz, "scored", Some("7.5"), None).await;
    exams.mark(2, exams.midterm, "excused", None, None).await;
    let applied = exams.apply("student_number,Vize,Quiz\n01,,7.50\n03,excused,\n04,,\n").await;
    assert_eq!(counts(&applied), (0, 0, 3, 0));
    let applied = exams.apply("student_number,Vize,Quiz\n01,50,8\n03,60,\n02,,1\n").await;
    assert_eq!(counts(&applied), (0, 0, 0, 3));
    assert_eq!(
        faults(&applied),
        [
            "2 Quiz assessment_inactive",
            "3 student_number enrollment_inactive",
            "4 Quiz assessment_inactive"
        ]
    );
    assert_eq!(exams.book().await, ["01 Quiz scored 7.50 v1", "03 Vize excused v1"]);
}

#[tokio::test]
async fn words_come_with_the_long_layout_and_blank_ones_leave_those_that_are_there() {
    let exams = Exams::open().await;
    exams.mark(1, exams.midterm, "scored", Some("40"), Some("İyi")).await;
    let file = "student_number,assessment,score,feedback\n01,vize,90,\"Çok\niyi\"\n02,Vize,40,\n02,Final,GR,Rapor getirdi\n";
    assert_eq!(counts(&exams.apply(file).await), (2, 0, 1, 0));
    assert_eq!(
        exams.book().await,
        [
            "01 Vize scored 90.00 Çok\niyi v1",
            "02 Vize scored 40.00 İyi v1",
            "02 Final absent Rapor getirdi v1"
        ]
    );
}

#[tokio::test]
async fn who_got_another_score_is_marked_in_the_same_transaction_and_nobody_else() {
    let exams = Exams::open().await;
    exams.mark(1, exams.midterm, "scored", Some("40"), None).await;
    let marked = "SELECT COALESCE(string_agg(u.student_number, ' ' ORDER BY u.student_number), '') FROM achievement_marks m JOIN users u ON u.id = m.student_id";
    let file = "student_number,Vize\n01,90\n02,40\n04,GR\n";
    let batch = exams.by(&exams.room.teacher);
    let tried = apply(&exams.room, &batch, file.as_bytes(), false).await.unwrap();
    assert_eq!(exams.room.value::<String>(marked, []).await, "");
    assert_eq!(exams.book().await, ["02 Vize scored 40.00 v1"], "a dry run changes nothing");
    assert_eq!(exams.apply(file).await, tried, "a dry run says what applying does");
    assert_eq!(exams.room.value::<String>(marked, []).await, "01");
    let jobs = "SELECT count(*) FROM jobs WHERE kind = 'achievement'";
    assert_eq!(exams.room.value::<i64>(jobs, []).await, 1);
}

#[tokio::test]
async fn a_batch_is_for_the_course_s_teacher_and_administrators() {
    let exams = Exams::open().await;
    let file = b"student_number,Vize\n01,90\n";
    let colleague = exams.room.person(Role::Teacher).await;
    let refused = apply(&exams.room, &exams.by(&colleague), file, true).await;
    assert_eq!(refusal(refused), "not_your_course");
    let foreign = Actor {
        institution_id: Some(InstitutionId(i64::MAX)),
        ..exams.room.admin.clone()
    };
    let mut work = exams.room.work().await;
    assert_eq!(refusal(exams.by(&foreign).apply(&mut work, &[]).await), "no course");
    work.rollback().await.unwrap();
    let by_admin = apply(&exams.room, &exams.by(&exams.room.admin), file, true).await.unwrap();
    assert_eq!(counts(&by_admin), (1, 0, 0, 0));
}
