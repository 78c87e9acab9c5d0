//! What is promised and taught, and whose results a change marks.

mod assessments;
mod changes_at_once;
mod copying;
mod courses;
mod deleting;
mod deleting_at_once;
mod enrollments;
mod feedback;
mod finding;
mod learning_outcomes;
mod mappings;
mod matrices;
mod offerings;
mod outdated;
mod programs;

use crate::campus::{Campus, person, record};
use acurate_shared::actor::Actor;
use acurate_shared::curriculum::assessments::{self as assessment, NewAssessment};
use acurate_shared::curriculum::courses::{self as course, NewCourse};
use acurate_shared::curriculum::mappings::{NewWeight, of_assessment, of_learning_outcome};
use acurate_shared::curriculum::{
    NewOutcome, enrollments as enrollment, learning_outcomes as learning_outcome, program_outcomes as program_outcome,
};
use acurate_shared::db::{Expected, PageRequest, Work, sql};
use acurate_shared::entity::grade;
use acurate_shared::error::Result;
use acurate_shared::grading::{Entry, single};
use acurate_shared::ids::{
    AssessmentId, CourseId, DepartmentId, EnrollmentId, InstitutionId, LearningOutcomeId, ProgramId, ProgramOutcomeId, UserId,
};
use acurate_shared::kinds::{AssessmentType, Role, Semester};
use acurate_shared::people::teachers::{self, NewTeacher};
use sea_orm::{ConnectionTrait, FromQueryResult};

const PAGE: PageRequest = PageRequest { page: 1, page_size: 20 };

/// A campus with a department, a program, two teachers and a course of the first one.
struct School {
    campus: Campus,
    department: DepartmentId,
    program: ProgramId,
    teacher: Actor,
    colleague: Actor,
    course: CourseId,
}

impl School {
    async fn open() -> Self {
        let campus = Campus::create().await;
        let (department, program) = campus.department(home(&campus.admin), "CENG").await;
        let mut school = Self {
            teacher: campus.admin.clone(),
            colleague: campus.admin.clone(),
            course: CourseId(0),
            campus,
            department,
            program,
        };
        school.teacher = school.hire("teacher@ata.edu.tr").await;
        school.colleague = school.hire("colleague@ata.edu.tr").await;
        school.course = school.teach("CENG101").await;
        school
    }

    fn admin(&self) -> &Actor {
        &self.campus.admin
    }

    /// What a unit of work does, committed.
    async fn write<T>(&self, act: impl AsyncFnOnce(&mut Work) -> Result<T>) -> Result<T> {
        let mut work = self.campus.begin().await;
        let done = act(&mut work).await?;
        let _ = work.commit().await?;
        Ok(done)
    }

    async fn hire(&self, email: &str) -> Actor {
        let order = NewTeacher {
            person: person(email),
            department_id: None,
        };
        let hired = self.write(async |work| teachers::create(work, self.admin(), &self.campus.settings, order).await);
        Actor {
            user_id: hired.await.unwrap().id,
            role: Role::Teacher,
            institution_id: self.admin().institution_id,
        }
    }

    fn new_course(&self, code: &str) -> NewCourse {
        NewCourse {
            code: code.into(),
            title: format!("Course {code}"),
            description: None,
            department_id: self.department,
            teacher_id: None,
            credits: 5,
            academic_year: "2024-2025".into(),
            semester: Semester::Fall,
            section: None,
        }
    }

    /// A course of the first teacher.
    async fn teach(&self, code: &str) -> CourseId {
        self.make_course(&self.teacher, self.new_course(code)).await.unwrap().id
    }

    async fn make_course(&self, actor: &Actor, order: NewCourse) -> Result<acurate_shared::entity::course::Model> {
        course::prepare(self.campus.db(), actor, &order.academic_year).await?;
        self.write(async |work| course::create(work, actor, order).await).await
    }

    /// A student of the program, enrolled nowhere.
    async fn student(&self, number: &str) -> UserId {
        let mut order = record(number);
        order.program_id = Some(self.program);
        self.campus.enrol(order).await.unwrap().id
    }

    fn as_student(&self, user_id: UserId) -> Actor {
        Actor {
            user_id,
            role: Role::Student,
            institution_id: self.admin().institution_id,
        }
    }

    async fn enroll(&self, student: UserId, course: CourseId) -> EnrollmentId {
        let enrolled = self
            .write(async |work| enrollment::enroll(work, self.admin(), course, student).await)
            .await;
        enrolled.unwrap().id
    }

    /// A student in the course, and nobody marked.
    async fn enrolled(&self, number: &str) -> UserId {
        let student = self.student(number).await;
        self.enroll(student, self.course).await;
        self.marked().await;
        student
    }

    async fn outcome(&self, course: CourseId, code: &str) -> LearningOutcomeId {
        let made = self.write(async |work| learning_outcome::create(work, self.admin(), course, outcome(code)).await);
        made.await.unwrap().id
    }

    async fn assessment(&self, course: CourseId, title: &str) -> AssessmentId {
        let made = self.write(async |work| assessment::create(work, self.admin(), course, exam(title)).await);
        made.await.unwrap().id
    }

    async fn promise(&self, code: &str) -> ProgramOutcomeId {
        let made = self.write(async |work| program_outcome::create(work, self.admin(), self.program, outcome(code)).await);
        made.await.unwrap().id
    }

    async fn measure(&self, assessment: AssessmentId, outcome_id: LearningOutcomeId, weight: f64) {
        let items = [NewWeight { outcome_id, weight }];
        let mapped = self.write(async |work| of_assessment::replace(work, self.admin(), assessment, &Expected::Any, &items).await);
        mapped.await.unwrap();
    }

    async fn serve(&self, learning_outcome: LearningOutcomeId, outcome_id: ProgramOutcomeId, weight: f64) {
        let items = [NewWeight { outcome_id, weight }];
        let mapped =
            self.write(async |work| of_learning_outcome::replace(work, self.admin(), learning_outcome, &Expected::Any, &items).await);
        mapped.await.unwrap();
    }

    /// Puts a score into a cell, with or without words.
    async fn grade(&self, assessment: AssessmentId, student: UserId, score: f64, feedback: Option<&str>) -> grade::Model {
        let entry = Entry {
            score: Some(score),
            feedback: feedback.map(str::to_owned),
            ..Entry::default()
        };
        let graded = self.write(async |work| single::put(work, self.admin(), assessment, student, entry).await);
        graded.await.unwrap()
    }

    /// How many rows of a table are the course's.
    async fn rows(&self, table: &str, course: CourseId) -> i64 {
        let count = format!("SELECT count(*) AS id FROM {table} WHERE course_id = $1");
        self.campus.value(&count, [course.into()]).await
    }

    /// Who was marked since the last time, in order; a job waits for exactly those.
    async fn marked(&self) -> Vec<UserId> {
        #[derive(FromQueryResult)]
        struct Row {
            id: UserId,
        }
        let ids = async |text: &str| -> Vec<UserId> {
            let rows = Row::find_by_statement(sql(text, [])).all(self.campus.db()).await.unwrap();
            rows.into_iter().map(|row| row.id).collect()
        };
        let marked = ids("SELECT DISTINCT student_id AS id FROM achievement_marks ORDER BY id").await;
        let awaited = "
            SELECT DISTINCT jsonb_array_elements_text(payload -> 'student_ids')::bigint AS id FROM jobs
            WHERE kind IN ('achievement', 'recalculation') AND state = 'queued' ORDER BY id";
        assert_eq!(marked, ids(awaited).await, "marks and jobs name the same students");
        let forget = "DELETE FROM achievement_marks; DELETE FROM jobs WHERE kind IN ('achievement', 'recalculation')";
        self.campus.db().execute_unprepared(forget).await.unwrap();
        marked
    }

    /// Actions in the activity log on a thing, in order.
    async fn deeds(&self, object_type: &str, id: i64) -> Vec<String> {
        #[derive(FromQueryResult)]
        struct Row {
            action: String,
        }
        let select = "SELECT action FROM activity_log WHERE object_type = $1 AND object_id = $2 ORDER BY id";
        let rows = Row::find_by_statement(sql(select, [object_type.into(), id.into()]));
        rows.all(self.campus.db())
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.action)
            .collect()
    }
}

fn home(actor: &Actor) -> InstitutionId {
    actor.institution_id.unwrap()
}

fn outcome(code: &str) -> NewOutcome {
    NewOutcome {
        code: code.into(),
        title: format!("Outcome {code}"),
        ..NewOutcome::default()
    }
}

fn exam(title: &str) -> NewAssessment {
    NewAssessment {
        title: title.into(),
        description: None,
        assessment_type: AssessmentType::Midterm,
        weight: 40.0,
        max_score: None,
        due_date: None,
        feedback_ranges: Vec::new(),
        feedback_complete: false,
    }
}
