//! A small university to try grades and outcomes on, built by plain SQL so that it depends on no other use case.

use acurate_shared::achievement::compute::{Computed, recompute};
use acurate_shared::achievement::read::{StudentAchievements, of_student};
use acurate_shared::actor::Actor;
use acurate_shared::db::{Work, sql};
use acurate_shared::entity::grade;
use acurate_shared::error::Result;
use acurate_shared::grading::{Entry, single};
use acurate_shared::ids::{AssessmentId, CourseId, InstitutionId, LearningOutcomeId, ProgramId, ProgramOutcomeId, UserId};
use acurate_shared::kinds::Role;
use acurate_shared::testing::{TestDatabase, job_settings, until};
use sea_orm::{ConnectionTrait, TryGetable, Value};

pub(crate) struct Classroom {
    pub(crate) test: TestDatabase,
    pub(crate) institution: InstitutionId,
    pub(crate) program: ProgramId,
    pub(crate) admin: Actor,
    pub(crate) teacher: Actor,
}

impl Classroom {
    pub(crate) async fn open() -> Self {
        let test = TestDatabase::create().await;
        let nobody = Actor {
            user_id: UserId(0),
            role: Role::InstitutionAdmin,
            institution_id: None,
        };
        let mut room = Self {
            test,
            institution: InstitutionId(0),
            program: ProgramId(0),
            admin: nobody.clone(),
            teacher: nobody,
        };
        room.institution = room
            .value(
                "INSERT INTO institutions (name) VALUES ('University of ' || gen_random_uuid()) RETURNING id",
                [],
            )
            .await;
        room.program = room.program().await;
        room.admin = room.person(Role::InstitutionAdmin).await;
        room.teacher = room.person(Role::Teacher).await;
        room
    }

    /// The single value of a statement.
    pub(crate) async fn value<T: TryGetable>(&self, text: &str, values: impl IntoIterator<Item = Value>) -> T {
        let row = self.test.database().orm().query_one_raw(sql(text, values)).await.expect(text);
        row.expect(text).try_get_by_index(0).expect(text)
    }

    pub(crate) async fn execute(&self, text: &str, values: impl IntoIterator<Item = Value>) {
        self.test.database().orm().execute_raw(sql(text, values)).await.expect(text);
    }

    pub(crate) async fn work(&self) -> Work {
        Work::begin(self.test.database(), &job_settings()).await.unwrap()
    }

    pub(crate) async fn program(&self) -> ProgramId {
        let insert = "
            WITH d AS (INSERT INTO departments (institution_id, code, name) VALUES ($1, left(gen_random_uuid()::text, 20), gen_random_uuid()) RETURNING id)
            INSERT INTO programs (institution_id, department_id, code, name) SELECT $1, id, left(gen_random_uuid()::text, 20), 'Program' FROM d RETURNING id";
        self.value(insert, [self.institution.into()]).await
    }

    pub(crate) async fn person(&self, role: Role) -> Actor {
        let insert = "
            INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash)
            VALUES ($1, $2, gen_random_uuid() || '@x.edu', 'Ada', 'Er', 'x') RETURNING id";
        Actor {
            user_id: self.value(insert, [self.institution.into(), role.as_str().into()]).await,
            role,
            institution_id: Some(self.institution),
        }
    }

    pub(crate) async fn student(&self, number: &str) -> UserId {
        let insert = "
            INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number, department_id, program_id)
            SELECT $1, 'student', gen_random_uuid() || '@x.edu', 'İrem', 'Işık', 'x', $2, department_id, id FROM programs WHERE id = $3
            RETURNING id";
        self.value(insert, [self.institution.into(), number.into(), self.program.into()])
            .await
    }

    pub(crate) fn as_student(&self, user_id: UserId) -> Actor {
        Actor {
            user_id,
            role: Role::Student,
            institution_id: Some(self.institution),
        }
    }

    pub(crate) async fn course(&self, year: i16) -> CourseId {
        let insert = "
            WITH p AS (SELECT ensure_grades_partition($3))
            INSERT INTO courses (institution_id, department_id, teacher_id, code, title, credits, academic_year, semester)
            SELECT $1, department_id, $2, left(gen_random_uuid()::text, 20), 'Course', 5, $3, 'fall' FROM programs, p WHERE id = $4 RETURNING id";
        let values = [
            self.institution.into(),
            self.teacher.user_id.into(),
            year.into(),
            self.program.into(),
        ];
        self.value(insert, values).await
    }

    pub(crate) async fn lo(&self, course: CourseId, target: &str) -> LearningOutcomeId {
        let insert = "
            INSERT INTO learning_outcomes (institution_id, course_id, code, title, target_percentage)
            SELECT $1, $2, 'LO' || count(*) + 1, 'Outcome', $3::text::numeric FROM learning_outcomes WHERE course_id = $2 RETURNING id";
        self.value(insert, [self.institution.into(), course.into(), target.into()]).await
    }

    pub(crate) async fn po(&self, target: &str) -> ProgramOutcomeId {
        let insert = "
            INSERT INTO program_outcomes (institution_id, program_id, code, title, target_percentage)
            SELECT $1, $2, 'PO' || count(*) + 1, 'Outcome', $3::text::numeric FROM program_outcomes WHERE program_id = $2 RETURNING id";
        self.value(insert, [self.institution.into(), self.program.into(), target.into()])
            .await
    }

    pub(crate) async fn assessment(&self, course: CourseId, max_score: &str) -> AssessmentId {
        let insert = "
            INSERT INTO assessments (institution_id, course_id, academic_year, title, assessment_type, weight, max_score)
            SELECT institution_id, id, academic_year, gen_random_uuid(), 'quiz', 10, $2::text::numeric FROM courses WHERE id = $1 RETURNING id";
        self.value(insert, [course.into(), max_score.into()]).await
    }

    /// Maps an assessment to a learning outcome.
    pub(crate) async fn measures(&self, assessment: AssessmentId, lo: LearningOutcomeId, weight: &str) {
        let insert = "
            INSERT INTO assessment_lo (course_id, assessment_id, learning_outcome_id, weight)
            SELECT course_id, id, $2, $3::text::numeric FROM assessments WHERE id = $1";
        self.execute(insert, [assessment.into(), lo.into(), weight.into()]).await;
    }

    /// Maps a learning outcome to a program outcome.
    pub(crate) async fn serves(&self, lo: LearningOutcomeId, po: ProgramOutcomeId, weight: &str) {
        let insert =
            "INSERT INTO lo_po (institution_id, learning_outcome_id, program_outcome_id, weight) VALUES ($1, $2, $3, $4::text::numeric)";
        self.execute(insert, [self.institution.into(), lo.into(), po.into(), weight.into()])
            .await;
    }

    pub(crate) async fn enroll(&self, student: UserId, course: CourseId) {
        let insert = "INSERT INTO enrollments (institution_id, student_id, course_id) VALUES ($1, $2, $3)";
        self.execute(insert, [self.institution.into(), student.into(), course.into()]).await;
    }

    /// Grades one cell as the teacher.
    pub(crate) async fn score(&self, assessment: AssessmentId, student: UserId, score: f64) -> Result<grade::Model> {
        let entry = Entry {
            score: Some(score),
            ..Entry::default()
        };
        let mut work = self.work().await;
        let grade = single::put(&mut work, &self.teacher, assessment, student, entry).await?;
        let _ = work.commit().await?;
        Ok(grade)
    }

    pub(crate) async fn recompute(&self, students: &[UserId]) -> Computed {
        let work = self.work().await;
        let computed = recompute(work.tx(), students).await.unwrap();
        let _ = work.commit().await.unwrap();
        computed
    }

    pub(crate) async fn achievements(&self, student: UserId) -> StudentAchievements {
        of_student(self.test.database().orm(), &self.admin, student).await.unwrap()
    }

    /// Percentages of the learning outcomes and of the program outcomes, `-` for none.
    pub(crate) async fn percentages(&self, student: UserId) -> (Vec<String>, Vec<String>) {
        let all = self.achievements(student).await;
        let text = |value: Option<rust_decimal::Decimal>| value.map_or("-".to_owned(), |value| value.to_string());
        (
            all.learning_outcomes.iter().map(|lo| text(lo.reached.percentage)).collect(),
            all.program_outcomes.iter().map(|po| text(po.reached.percentage)).collect(),
        )
    }

    /// Waits until so many connections to this database wait for a lock.
    pub(crate) async fn wait_for_blocked(&self, connections: i64) {
        let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until("a connection that waits for a lock", || async {
            (self.value::<i64>(count, []).await == connections).then_some(())
        })
        .await;
    }
}
