//! Departments, programs, courses and what belongs to them, over HTTP.

mod assessments;
mod copies;
mod courses;
mod deletions;
mod enrollments;
mod lists;
mod locks;
mod mappings;
mod matrices;
mod outcomes;
mod programs;

use crate::server::{Answer, Server};
use poem::http::Method;
use serde_json::{Value, json};

/// An institution with a department, a program and a teacher with a course, and another institution.
struct Faculty {
    server: Server,
    admin: String,
    rival: String,
    teacher: String,
    teacher_id: i64,
    department: i64,
    program: i64,
    course: i64,
}

impl Faculty {
    async fn open() -> Self {
        let server = Server::start().await;
        let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
        let rival = server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
        let order = json!({ "code": "CENG", "name": "Computer Engineering" });
        let department = id(&server.post("/api/departments", &admin, order).await.expect(201));
        let order = json!({ "department_id": department, "code": "BSC", "name": "BSc" });
        let program = id(&server.post("/api/programs", &admin, order).await.expect(201));
        let order = json!({ "email": "t@ata.edu.tr", "first_name": "Tuna", "last_name": "Er" });
        let hired = server.post("/api/teachers", &admin, order).await.expect(201);
        let mut faculty = Self {
            teacher: server.settle(&hired).await,
            teacher_id: id(&hired),
            course: 0,
            server,
            admin,
            rival,
            department,
            program,
        };
        let made = faculty
            .server
            .post("/api/courses", &faculty.teacher, faculty.new_course("CENG101"))
            .await;
        faculty.course = id(&made.expect(201));
        faculty
    }

    fn new_course(&self, code: &str) -> Value {
        json!({
            "code": code, "title": "Programming", "department_id": self.department, "credits": 5,
            "academic_year": "2024-2025", "semester": "fall",
        })
    }

    async fn put(&self, path: &str, token: &str, body: Value) -> Answer {
        self.server.ask(Method::PUT, path, Some(token), Some(body)).await
    }

    /// A student of the program.
    async fn student(&self, number: &str) -> Value {
        let order = json!({
            "student_number": number, "email": format!("s{number}@ata.edu.tr"), "first_name": "İrem", "last_name": "Işık",
            "program_id": self.program,
        });
        self.server.post("/api/students", &self.admin, order).await.expect(201)
    }

    /// What a post to a path of the course makes.
    async fn make(&self, below: &str, body: Value) -> Value {
        let path = format!("/api/courses/{}/{below}", self.course);
        self.server.post(&path, &self.teacher, body).await.expect(201)
    }

    /// Makes something at `path`, and reads it where `Location` says.
    async fn made_at(&self, path: &str, token: &str, body: Value, resource: &str) -> Value {
        let answer = self.server.post(path, token, body).await;
        let location = answer.headers["location"].to_str().unwrap().to_owned();
        let made = answer.expect(201);
        assert_eq!(location, format!("/api/{resource}/{}", made["id"]));
        assert_eq!(self.server.get(&location, token).await.expect(200), made);
        made
    }
}

fn id(body: &Value) -> i64 {
    body["id"].as_i64().unwrap()
}

fn problem(status: u16, text: &str) -> (u16, String) {
    (status, text.to_owned())
}
