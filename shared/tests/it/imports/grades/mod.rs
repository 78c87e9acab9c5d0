//! Imports and exports of grades: what becomes of records, and that a file that was exported changes nothing.

mod any_grade_book;
mod applying;
mod controlling;
mod exporting;
mod seeing;

use crate::classroom::Classroom;
use acurate_shared::actor::Actor;
use acurate_shared::error::Result;
use acurate_shared::exports::CsvFormat;
use acurate_shared::exports::grades::{Content, GradeTable};
use acurate_shared::ids::{AssessmentId, CourseId, UserId};
use acurate_shared::imports::grade_batch::GradeBatch;
use acurate_shared::imports::request::{self, Accepted, File, GradeImportOrder};
use acurate_shared::imports::student_batch::Applied;
use acurate_shared::imports::{EncodingProbe, GradeReading, GradeRow, Limits};
use acurate_shared::kinds::{GradeLayout, ImportMode};
use std::sync::Arc;

/// A course with the exams `Vize` (of 100) and `Final` (of 60) and a `Quiz` that is not active, the students `01` to `04`, of whom
/// `03` has left, and `05`, who is enrolled in nothing.
struct Exams {
    room: Classroom,
    course: CourseId,
    midterm: AssessmentId,
    last: AssessmentId,
    quiz: AssessmentId,
    students: Vec<UserId>,
}

impl Exams {
    async fn open() -> Self {
        let room = Classroom::open().await;
        let course = room.course(2024).await;
        let mut students = Vec::new();
        for number in ["01", "02", "03", "04", "05"] {
            let student = room.student(number).await;
            if number != "05" {
                room.enroll(student, course).await;
            }
            students.push(student);
        }
        let left = "UPDATE enrollments SET is_active = false WHERE student_id = $1";
        room.execute(left, [students[2].into()]).await;
        let midterm = assessment(&room, course, "Vize", "100").await;
        let last = assessment(&room, course, "Final", "60").await;
        let quiz = assessment(&room, course, "Quiz", "10").await;
        room.execute("UPDATE assessments SET is_active = false WHERE id = $1", [quiz.into()])
            .await;
        Self {
            room,
            course,
            midterm,
            last,
            quiz,
            students,
        }
    }

    fn by(&self, actor: &Actor) -> GradeBatch {
        GradeBatch {
            actor: actor.clone(),
            course_id: self.course,
        }
    }

    /// Applies a file as the teacher.
    async fn apply(&self, file: &str) -> Applied {
        apply(&self.room, &self.by(&self.room.teacher), file.as_bytes(), true)
            .await
            .unwrap()
    }

    /// Puts what no import puts: marks on an inactive assessment and of a student who has left.
    async fn mark(&self, student: usize, assessment: AssessmentId, status: &str, score: Option<&str>, feedback: Option<&str>) {
        let insert = "
            INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score, feedback)
            VALUES ($1, 2024, $2, $3, $4, $5, $6::text::numeric, $7)";
        let values = [
            self.room.institution.into(),
            self.course.into(),
            self.students[student].into(),
            assessment.into(),
            status.into(),
            score.into(),
            feedback.into(),
        ];
        self.room.execute(insert, values).await;
    }

    /// Every cell as `student assessment status score feedback version`.
    async fn book(&self) -> Vec<String> {
        let select = "
            SELECT COALESCE(string_agg(concat_ws(' ', u.student_number, a.title, g.status, g.score, g.feedback, 'v' || g.version), '|'
                ORDER BY u.student_number, a.id), '')
            FROM grades g JOIN users u ON u.id = g.student_id JOIN assessments a ON a.id = g.assessment_id";
        let book: String = self.room.value(select, []).await;
        book.split('|').filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    }

    async fn ask(&self, actor: &Actor, mode: ImportMode, file: &[u8]) -> Result<Accepted> {
        let order = GradeImportOrder {
            course_id: self.course,
            mode,
            layout: GradeLayout::Auto,
        };
        let file = File {
            name: Some("notlar.csv".to_owned()),
            content_type: None,
            reader: file,
        };
        let mut work = self.room.work().await;
        let accepted = request::grades(&mut work, actor, order, file).await?;
        let _ = work.commit().await?;
        Ok(accepted)
    }

    async fn export(&self, content: Content) -> String {
        export(&self.room, self.course, content, None).await
    }
}

async fn assessment(room: &Classroom, course: CourseId, title: &str, max_score: &str) -> AssessmentId {
    let insert = "
        INSERT INTO assessments (institution_id, course_id, academic_year, title, assessment_type, weight, max_score)
        SELECT institution_id, id, academic_year, $2, 'midterm', 10, $3::text::numeric FROM courses WHERE id = $1 RETURNING id";
    room.value(insert, [course.into(), title.into(), max_score.into()]).await
}

/// Applies a file in one batch and keeps it or not.
async fn apply(room: &Classroom, batch: &GradeBatch, file: &[u8], keep: bool) -> Result<Applied> {
    let reading = GradeReading {
        catalogue: Arc::new(batch.catalogue(room.test.database().orm()).await?),
        layout: GradeLayout::Auto,
        limits: Limits::default(),
    };
    let mut probe = EncodingProbe::new();
    probe.feed(file);
    let (mut rows, mut rejected): (Vec<(u64, GradeRow)>, _) = (Vec::new(), Applied::default());
    for parsed in reading.open(file, probe.finish().unwrap()).unwrap() {
        let parsed = parsed.unwrap();
        match parsed.row {
            Ok(row) => rows.push((parsed.record, row)),
            Err(errors) => {
                rejected.rejected += 1;
                rejected.errors.extend(errors);
            }
        }
    }
    let mut work = room.work().await;
    let mut applied = batch.apply(&mut work, &rows).await?;
    if keep {
        let _ = work.commit().await?;
    } else {
        work.rollback().await?;
    }
    applied.rejected += rejected.rejected;
    applied.errors.extend(rejected.errors);
    Ok(applied)
}

/// The whole CSV file.
async fn export(room: &Classroom, course: CourseId, content: Content, delimiter: Option<acurate_shared::imports::Delimiter>) -> String {
    let db = room.test.database().orm();
    let mut table = GradeTable::open(db, &room.teacher, course, content).await.unwrap();
    let format = CsvFormat::new(table.locale(), delimiter);
    let mut text = String::from(CsvFormat::BYTE_ORDER_MARK);
    format.line(&table.header(), &mut text);
    while let Some(rows) = table.portion(db).await.unwrap() {
        rows.iter().for_each(|row| format.line(row, &mut text));
    }
    text
}
