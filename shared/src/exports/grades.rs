//! The grade book of a course as a table, read a portion of students at a time: to be written as CSV or as a workbook.
//!
//! A table that is exported and imported again, in the wide layout and in the long one, changes nothing: it has everybody who is
//! or was enrolled and every assessment, active or not. The wide layout leaves feedback out, the long one has it.

use super::{Cell, xlsx};
use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::grading::bulk::check_grader;
use crate::ids::{AssessmentId, CourseId, InstitutionId, UserId};
use crate::imports::{grade_columns, grade_mark};
use crate::kinds::{GradeStatus, Locale};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashMap;
use std::fs::File;
use tokio::sync::mpsc;

/// Cells of a portion, about.
const PORTION_CELLS: usize = 20_000;

/// Students of a portion at most.
const PORTION_STUDENTS: usize = 500;

/// Columns in front of the assessments.
const WHO: [&str; 3] = [grade_columns::STUDENT_NUMBER, "first_name", "last_name"];

/// What a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A row for each student, a column for each assessment.
    Wide,
    /// A row for each cell that is not empty.
    Long,
    /// As wide, but with the active enrollments and assessments only, and nothing in the cells: to be filled in.
    Template,
}

#[derive(Clone, Debug, FromQueryResult)]
struct Assessment {
    id: AssessmentId,
    title: String,
}

#[derive(Clone, Debug, FromQueryResult)]
struct Course {
    teacher_id: Option<UserId>,
    academic_year: i16,
    locale: Locale,
}

#[derive(Clone, Debug, FromQueryResult)]
struct Student {
    id: UserId,
    student_number: String,
    first_name: String,
    last_name: String,
}

#[derive(Clone, Debug, FromQueryResult)]
struct Mark {
    student_id: UserId,
    assessment_id: AssessmentId,
    status: GradeStatus,
    score: Option<Decimal>,
    feedback: Option<String>,
}

/// A grade book that can be read from its beginning to its end.
#[derive(Clone, Debug)]
pub struct GradeTable {
    institution_id: InstitutionId,
    course_id: CourseId,
    academic_year: i16,
    locale: Locale,
    content: Content,
    assessments: Vec<Assessment>,
    /// The student behind whom to go on.
    after: (String, UserId),
}

impl GradeTable {
    /// Opens the table of a course at its beginning.
    ///
    /// # Errors
    /// `NotFound` for courses of others; `Forbidden` for everybody but the course's teacher and institution admins.
    pub async fn open(db: &impl ConnectionTrait, actor: &Actor, course_id: CourseId, content: Content) -> Result<Self> {
        let institution_id = actor.require_staff()?;
        let select = "
            SELECT c.teacher_id, c.academic_year, i.locale FROM courses c JOIN institutions i ON i.id = c.institution_id
            WHERE c.id = $1 AND c.institution_id = $2";
        let course = Course::find_by_statement(sql(select, [course_id.into(), institution_id.into()]));
        let course = course.one(db).await?.ok_or(Error::NotFound("course"))?;
        check_grader(actor, course.teacher_id)?;
        let select = "SELECT id, title FROM assessments WHERE course_id = $1 AND (is_active OR NOT $2) ORDER BY id";
        let assessments = Assessment::find_by_statement(sql(select, [course_id.into(), (content == Content::Template).into()]));
        Ok(Self {
            institution_id,
            course_id,
            academic_year: course.academic_year,
            locale: course.locale,
            content,
            assessments: assessments.all(db).await?,
            after: (String::new(), UserId(0)),
        })
    }

    /// Language of the institution.
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// The names of the columns.
    #[must_use]
    pub fn header(&self) -> Vec<Cell> {
        let who = WHO.into_iter().map(Cell::text);
        match self.content {
            Content::Long => who
                .chain([grade_columns::ASSESSMENT, grade_columns::SCORE, grade_columns::FEEDBACK].map(Cell::text))
                .collect(),
            Content::Wide | Content::Template => who.chain(self.assessments.iter().map(Assessment::name)).collect(),
        }
    }

    /// The rows of the next students, in the order of their numbers; `None` after the last. Marks that change while the table is
    /// read are in it as they were when their student's turn came.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn portion(&mut self, db: &impl ConnectionTrait) -> Result<Option<Vec<Vec<Cell>>>> {
        let students = self.students(db).await?;
        let Some(last) = students.last() else { return Ok(None) };
        self.after = (last.student_number.clone(), last.id);
        let mut marks = match self.content {
            Content::Template => HashMap::new(),
            Content::Wide | Content::Long => self.marks(db, &students).await?,
        };
        let rows = students.iter().flat_map(|student| {
            let marks = marks.remove(&student.id).unwrap_or_default();
            match self.content {
                Content::Wide | Content::Template => vec![self.wide_row(student, &marks)],
                Content::Long => self.long_rows(student, marks),
            }
        });
        Ok(Some(rows.collect()))
    }

    /// The whole table as a workbook; see [`xlsx::write`].
    ///
    /// # Errors
    /// `Invalid` when the table has more rows or columns than a sheet; when the database refuses or the disk takes no more.
    pub async fn workbook(mut self, db: &impl ConnectionTrait) -> Result<File> {
        self.check_fits_sheet(db).await?;
        let header = self.header();
        let (sender, mut portions) = mpsc::channel::<Vec<Vec<Cell>>>(1);
        let writer = tokio::task::spawn_blocking(move || {
            let rows = std::iter::from_fn(|| portions.blocking_recv()).flatten();
            xlsx::write(&header, rows)
        });
        while let Some(rows) = self.portion(db).await? {
            // The writer has failed; why is told below.
            if sender.send(rows).await.is_err() {
                break;
            }
        }
        drop(sender);
        let written = writer
            .await
            .map_err(|error| Error::caused("the writer of the workbook ended", error))?;
        written.map_err(|error| Error::caused("the workbook was not written", error))
    }

    async fn check_fits_sheet(&self, db: &impl ConnectionTrait) -> Result<()> {
        let select = match self.content {
            Content::Long => "SELECT count(*) AS count FROM grades WHERE course_id = $1",
            Content::Wide | Content::Template => "SELECT count(*) AS count FROM enrollments WHERE course_id = $1",
        };
        let row = db.query_one_raw(sql(select, [self.course_id.into()])).await?;
        let count: i64 = row.ok_or_else(|| Error::internal("a count gave no row"))?.try_get("", "count")?;
        if u64::try_from(count).unwrap_or_default() < xlsx::MAX_ROWS && self.header().len() <= xlsx::MAX_COLUMNS {
            return Ok(());
        }
        let message = format!(
            "a sheet has at most {} rows and {} columns; export as csv",
            xlsx::MAX_ROWS,
            xlsx::MAX_COLUMNS
        );
        Err(Error::invalid("format", "too_large_for_xlsx", message))
    }

    async fn students(&self, db: &impl ConnectionTrait) -> Result<Vec<Student>> {
        let select = "
            SELECT u.id, u.student_number, u.first_name, u.last_name FROM enrollments e JOIN users u ON u.id = e.student_id
            WHERE e.course_id = $1 AND e.institution_id = $2 AND (u.student_number, u.id) > ($3, $4) AND (e.is_active OR NOT $5)
            ORDER BY u.student_number, u.id LIMIT $6";
        let columns = self.assessments.len() + WHO.len();
        let limit = (PORTION_CELLS / columns).clamp(1, PORTION_STUDENTS);
        let values = [
            self.course_id.into(),
            self.institution_id.into(),
            self.after.0.clone().into(),
            self.after.1.into(),
            (self.content == Content::Template).into(),
            i64::try_from(limit).unwrap_or(1).into(),
        ];
        Ok(Student::find_by_statement(sql(select, values)).all(db).await?)
    }

    async fn marks(&self, db: &impl ConnectionTrait, students: &[Student]) -> Result<HashMap<UserId, HashMap<AssessmentId, Mark>>> {
        let select = "
            SELECT student_id, assessment_id, status, score, feedback FROM grades
            WHERE course_id = $1 AND academic_year = $2 AND student_id = ANY($3)";
        let ids: Vec<i64> = students.iter().map(|student| student.id.0).collect();
        let values = [self.course_id.into(), self.academic_year.into(), ids.into()];
        let mut marks: HashMap<UserId, HashMap<AssessmentId, Mark>> = HashMap::with_capacity(students.len());
        for mark in Mark::find_by_statement(sql(select, values)).all(db).await? {
            marks.entry(mark.student_id).or_default().insert(mark.assessment_id, mark);
        }
        Ok(marks)
    }

    fn wide_row(&self, student: &Student, marks: &HashMap<AssessmentId, Mark>) -> Vec<Cell> {
        let cells = self
            .assessments
            .iter()
            .map(|assessment| marks.get(&assessment.id).map_or(Cell::Empty, |mark| mark.cell(self.locale)));
        student.who().into_iter().chain(cells).collect()
    }

    fn long_rows(&self, student: &Student, mut marks: HashMap<AssessmentId, Mark>) -> Vec<Vec<Cell>> {
        let graded = self
            .assessments
            .iter()
            .filter_map(|assessment| marks.remove(&assessment.id).map(|mark| (assessment, mark)));
        let row = |(assessment, mark): (&Assessment, Mark)| {
            let score = mark.cell(self.locale);
            let feedback = mark.feedback.map_or(Cell::Empty, Cell::Text);
            student.who().into_iter().chain([assessment.name(), score, feedback]).collect()
        };
        graded.map(row).collect()
    }
}

impl Assessment {
    fn name(&self) -> Cell {
        Cell::Text(grade_columns::name(self.id, &self.title))
    }
}

impl Student {
    fn who(&self) -> [Cell; 3] {
        [&self.student_number, &self.first_name, &self.last_name].map(Cell::text)
    }
}

impl Mark {
    fn cell(&self, locale: Locale) -> Cell {
        match self.score {
            Some(score) => Cell::Number(score),
            None => Cell::text(grade_mark::code(self.status, locale)),
        }
    }
}
