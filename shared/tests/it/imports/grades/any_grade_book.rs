//! What holds for every grade book, tried on many: it is exported, imported again, and is the same.

use super::super::counts;
use super::{apply, assessment, export};
use crate::classroom::Classroom;
use acurate_shared::exports::grades::Content;
use acurate_shared::imports::Delimiter;
use acurate_shared::imports::grade_batch::GradeBatch;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Texts in which all is frequent that CSV, spreadsheets and Turkish treat specially; tidy, as the product stores texts.
const TEXT: &str = "['=+@;,\"A-Za-zçğıöşüÇĞİÖŞÜ(#-]([A-Za-zçğıİI ,;'\"=+()#-]{0,10}[A-Za-zı\")])?";

/// The same in several lines.
const WORDS: &str = "['=+@\"A-Za-zİı-]([A-Za-zçİı ;,'\"=\r\n\t-]{0,20}[a-zş.\"])?";

#[derive(Clone, Debug)]
enum Cell {
    Score(i64),
    Without(&'static str),
}

#[derive(Clone, Debug)]
struct Person {
    number: String,
    name: String,
    has_left: bool,
    cells: Vec<Option<(Cell, Option<String>)>>,
}

#[derive(Clone, Debug)]
struct Case {
    titles: Vec<(String, bool)>,
    people: Vec<Person>,
    locale: &'static str,
    delimiter: Option<Delimiter>,
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        3 => (0..=10_000_i64).prop_map(Cell::Score),
        1 => prop_oneof![Just("absent"), Just("excused"), Just("non_attendance")].prop_map(Cell::Without),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let titles = proptest::collection::hash_map(TEXT, any::<bool>(), 1..5).prop_map(Vec::from_iter);
    let delimiter = prop_oneof![Just(Delimiter::Comma), Just(Delimiter::Semicolon), Just(Delimiter::Tab)];
    let style = (prop_oneof![Just("tr"), Just("en")], proptest::option::of(delimiter));
    (titles, style).prop_flat_map(|(titles, (locale, delimiter))| {
        let cells = proptest::collection::vec(proptest::option::weighted(0.7, (cell(), proptest::option::of(WORDS))), titles.len());
        let person = ("[-_0-9A-Zşı]{1,8}", TEXT, any::<bool>(), cells).prop_map(|(number, name, has_left, cells)| Person {
            number,
            name,
            has_left,
            cells,
        });
        proptest::collection::vec(person, 1..7).prop_map(move |people| Case {
            titles: titles.clone(),
            people,
            locale,
            delimiter,
        })
    })
}

/// A course with this grade book, among the courses of the others. Returns the rules to import into it.
async fn write(room: &Classroom, case: &Case) -> GradeBatch {
    room.execute("UPDATE institutions SET locale = $1", [case.locale.into()]).await;
    let course = room.course(2024).await;
    let mut assessments = Vec::new();
    for (title, is_active) in &case.titles {
        let id = assessment(room, course, title, "100").await;
        room.execute(
            "UPDATE assessments SET is_active = $2 WHERE id = $1",
            [id.into(), (*is_active).into()],
        )
        .await;
        assessments.push(id);
    }
    for (index, person) in case.people.iter().enumerate() {
        let student = room.student(&format!("{}/{course}.{index}", person.number)).await;
        room.execute(
            "UPDATE users SET last_name = $2 WHERE id = $1",
            [student.into(), person.name.clone().into()],
        )
        .await;
        room.enroll(student, course).await;
        room.execute(
            "UPDATE enrollments SET is_active = $2 WHERE student_id = $1",
            [student.into(), (!person.has_left).into()],
        )
        .await;
        for (assessment, cell) in assessments.iter().zip(&person.cells) {
            let Some((cell, words)) = cell else { continue };
            let (status, score) = match cell {
                Cell::Score(hundredths) => ("scored", Some(*hundredths)),
                Cell::Without(status) => (*status, None),
            };
            let insert = "
                INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score, feedback)
                VALUES ($1, 2024, $2, $3, $4, $5, $6::bigint / 100.0, $7)";
            let values = [
                room.institution.into(),
                course.into(),
                student.into(),
                (*assessment).into(),
                status.into(),
                score.into(),
                words.clone().into(),
            ];
            room.execute(insert, values).await;
        }
    }
    GradeBatch {
        actor: room.teacher.clone(),
        course_id: course,
    }
}

async fn check(room: &Classroom, case: Case) {
    let batch = write(room, &case).await;
    let print = "SELECT md5(COALESCE(string_agg(g::text, ' ' ORDER BY g::text), '')) FROM grades g";
    let before: String = room.value(print, []).await;
    let cells = case.people.iter().flat_map(|person| &person.cells).flatten().count() as u64;
    for content in [Content::Wide, Content::Long] {
        let records = if content == Content::Wide {
            case.people.len() as u64
        } else {
            cells
        };
        if records == 0 {
            continue;
        }
        let file = export(room, batch.course_id, content, case.delimiter).await;
        let applied = apply(room, &batch, file.as_bytes(), true).await.unwrap();
        assert_eq!(counts(&applied), (0, 0, records, 0), "{file} {:?}", applied.errors);
    }
    assert_eq!(room.value::<String>(print, []).await, before);
    assert_eq!(room.value::<i64>("SELECT count(*) FROM achievement_marks", []).await, 0);
}

#[test]
fn is_the_same_after_it_was_exported_and_imported_again() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let room = runtime.block_on(Classroom::open());
    let config = Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&case(), |case| {
        runtime.block_on(check(&room, case));
        Ok(())
    });
    runtime.block_on(async { drop(room) });
    outcome.unwrap();
}
