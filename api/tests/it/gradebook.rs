//! A course with an exam of 100 points and a quiz of 3 on one outcome, its teacher, and two students.

use crate::server::Server;
use serde_json::{Value, json};

pub(crate) struct Gradebook {
    pub(crate) server: Server,
    pub(crate) admin: String,
    pub(crate) teacher: String,
    pub(crate) course: i64,
    pub(crate) exam: i64,
    pub(crate) quiz: i64,
    pub(crate) learning_outcome: i64,
    /// Numbers `0001` and `0002`.
    pub(crate) students: [i64; 2],
    people: [Value; 2],
}

/// What is taught, by plain SQL: its own operations are tested elsewhere.
const CURRICULUM: [&str; 8] = [
    "INSERT INTO departments (institution_id, code, name) SELECT id, 'CENG', 'Computers' FROM institutions WHERE name = 'Atatürk'",
    "INSERT INTO programs (institution_id, department_id, code, name) SELECT institution_id, id, 'CENG', 'Computers' FROM departments",
    "INSERT INTO program_outcomes (institution_id, program_id, code, title, target_percentage) SELECT institution_id, id, 'PO1', 'Engineering', 51.67 FROM programs",
    "INSERT INTO courses (institution_id, department_id, teacher_id, code, title, credits, academic_year, semester)
     SELECT d.institution_id, d.id, u.id, 'CENG101', 'Programming', 5, extract(year FROM now()), 'fall' FROM departments d, users u WHERE u.role = 'teacher'",
    "INSERT INTO learning_outcomes (institution_id, course_id, code, title, target_percentage) SELECT institution_id, id, 'LO1', 'Programs', 51.66 FROM courses",
    "INSERT INTO lo_po (institution_id, learning_outcome_id, program_outcome_id, weight) SELECT p.institution_id, l.id, p.id, 1 FROM learning_outcomes l, program_outcomes p",
    "INSERT INTO assessments (institution_id, course_id, academic_year, title, assessment_type, weight, max_score)
     SELECT institution_id, id, academic_year, t.title, t.title, 50, t.max_score FROM courses, (VALUES ('final', 100), ('quiz', 3)) AS t (title, max_score)",
    "INSERT INTO assessment_lo (course_id, assessment_id, learning_outcome_id, weight) SELECT l.course_id, a.id, l.id, 50 FROM learning_outcomes l, assessments a",
];

impl Gradebook {
    pub(crate) async fn open() -> Self {
        let server = Server::start().await;
        let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
        let order = json!({ "email": "t@ata.edu.tr", "first_name": "Tuna", "last_name": "Er" });
        let teacher = server.post("/api/teachers", &admin, order).await.expect(201);
        for statement in CURRICULUM {
            server.execute(statement, []).await;
        }
        let program = server.number("SELECT id FROM programs", []).await;
        let mut people = [Value::Null, Value::Null];
        for (person, number) in people.iter_mut().zip(["0001", "0002"]) {
            let order = json!({
                "student_number": number, "email": format!("s{number}@ata.edu.tr"),
                "first_name": "Ali", "last_name": "Veli", "program_id": program,
            });
            *person = server.post("/api/students", &admin, order).await.expect(201);
        }
        let enroll = "INSERT INTO enrollments (institution_id, student_id, course_id) SELECT u.institution_id, u.id, c.id FROM users u, courses c WHERE u.role = 'student'";
        server.execute(enroll, []).await;
        server.execute("DELETE FROM achievement_marks", []).await;
        let assessment = |title: &'static str| server.number("SELECT id FROM assessments WHERE title = $1", [title.into()]);
        Self {
            teacher: server.settle(&teacher).await,
            course: server.number("SELECT id FROM courses", []).await,
            exam: assessment("final").await,
            quiz: assessment("quiz").await,
            learning_outcome: server.number("SELECT id FROM learning_outcomes", []).await,
            students: [0, 1].map(|i: usize| people[i]["id"].as_i64().unwrap()),
            people,
            admin,
            server,
        }
    }

    /// Access token of one of the students.
    pub(crate) async fn sign_in_student(&self, student: i64) -> String {
        let person = self.people.iter().find(|person| person["id"] == student).unwrap();
        self.server.settle(person).await
    }
}
