//! An institution in which there is one of everything that belongs to its people, and one that belongs to their neighbours.

use crate::server::Server;
use poem::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    SuperAdmin,
    Administrator,
    Teacher,
    Student,
}

/// Whose thing is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The asking user's own, or what the operation is about when nobody owns it.
    Own,
    /// Another one's of the same institution.
    Neighbour,
    /// Another institution's.
    Foreign,
}

/// One institution.
pub(super) struct University {
    /// Every text in it begins with this, so that a leak is seen.
    pub(super) mark: String,
    pub(super) admin: String,
    pub(super) teacher: String,
    pub(super) student: String,
    /// Ids by resource: the people's own, and their neighbours'.
    ids: BTreeMap<&'static str, [i64; 2]>,
    /// Jobs that each role has asked for.
    jobs: BTreeMap<Role, i64>,
    /// Who has each role.
    users: BTreeMap<Role, i64>,
    /// Sign-ins of each role.
    sessions: BTreeMap<Role, String>,
}

/// A picture for everybody who has none.
const PICTURES: &str = "
    WITH made AS (
        INSERT INTO uploads (institution_id, created_by, purpose, file_name, content_type, size_bytes, sha256)
        SELECT institution_id, id, 'profile_picture', 'picture.jpg', 'image/jpeg', 1, sha256('x') FROM users WHERE picture_upload_id IS NULL
        RETURNING id, created_by
    ), filled AS (INSERT INTO upload_chunks (upload_id, seq, data) SELECT id, 0, 'x' FROM made)
    UPDATE users SET picture_upload_id = made.id FROM made WHERE users.id = made.created_by";

impl University {
    pub(super) async fn found(server: &Server, mark: &str) -> Self {
        let admin = server.admin(mark, &format!("admin@{}.edu.tr", mark.to_lowercase())).await;
        let mut university = Self {
            mark: mark.to_owned(),
            admin,
            teacher: String::new(),
            student: String::new(),
            ids: BTreeMap::new(),
            jobs: BTreeMap::new(),
            users: BTreeMap::new(),
            sessions: BTreeMap::new(),
        };
        university.hire(server).await;
        university.structure(server).await;
        university.teach(server).await;
        university.work(server).await;
        university
    }

    /// The thing of a kind (a segment of a path) that the role's target is.
    pub(super) fn id(&self, resource: &str, role: Role, target: Target) -> i64 {
        match (resource, target) {
            ("jobs", Target::Own) => return self.jobs[&role],
            ("users", Target::Own) => return self.users[&role],
            _ => {}
        }
        let resource = if resource == "jobs" { "job" } else { resource };
        let pair = self.ids.get(resource).unwrap_or_else(|| panic!("no {resource} in the university"));
        pair[usize::from(target == Target::Neighbour)]
    }

    /// The sign-in that is the role's target.
    pub(super) fn session(&self, role: Role, target: Target) -> &str {
        let other = if role == Role::Student { Role::Teacher } else { Role::Student };
        &self.sessions[&if target == Target::Own { role } else { other }]
    }

    /// A teacher and a colleague, a student and another one.
    async fn hire(&mut self, server: &Server) {
        let (mark, domain) = (self.mark.clone(), self.mark.to_lowercase());
        let person = |name: &str| json!({ "email": format!("{name}@{domain}.edu.tr"), "first_name": mark, "last_name": name });
        let teacher = server.post("/api/teachers", &self.admin, person("teacher")).await.expect(201);
        let colleague = server.post("/api/teachers", &self.admin, person("colleague")).await.expect(201);
        let mut order = person("student");
        order["student_number"] = format!("{mark}1").into();
        let student = server.post("/api/students", &self.admin, order).await.expect(201);
        let mut order = person("classmate");
        order["student_number"] = format!("{mark}2").into();
        let classmate = server.post("/api/students", &self.admin, order).await.expect(201);
        self.teacher = server.settle(&teacher).await;
        self.student = server.settle(&student).await;
        let institution = server.get("/api/auth/me", &self.admin).await.expect(200)["institution_id"]
            .as_i64()
            .unwrap();
        self.ids.insert("institutions", [institution, institution]);
        self.ids.insert("teachers", [id(&teacher), id(&colleague)]);
        self.ids.insert("students", [id(&student), id(&classmate)]);
    }

    async fn structure(&mut self, server: &Server) {
        for (code, at) in [("A", 0), ("B", 1)] {
            let order = json!({ "code": format!("{}{code}", self.mark), "name": format!("{} {code}", self.mark) });
            let department = self.make(server, "departments", at, "/api/departments", order).await;
            let order = json!({ "department_id": department, "code": format!("{}{code}", self.mark), "name": self.mark });
            let program = self.make(server, "programs", at, "/api/programs", order).await;
            let order = json!({ "code": format!("{}PO", self.mark), "title": self.mark });
            self.make(server, "program-outcomes", at, &format!("/api/programs/{program}/outcomes"), order)
                .await;
        }
    }

    /// The teacher's course with the student, the colleague's with the classmate.
    async fn teach(&mut self, server: &Server) {
        for at in [0, 1] {
            let order = json!({
                "code": format!("{}{at}", self.mark), "title": self.mark, "department_id": self.ids["departments"][0],
                "teacher_id": self.ids["teachers"][at], "credits": 5, "academic_year": "2024-2025", "semester": "fall",
            });
            let course = self.make(server, "courses", at, "/api/courses", order).await;
            let below = |what: &str| format!("/api/courses/{course}/{what}");
            let order = json!({ "code": format!("{}LO", self.mark), "title": self.mark });
            let outcome = self.make(server, "learning-outcomes", at, &below("learning-outcomes"), order).await;
            let order = json!({ "title": self.mark, "assessment_type": "final", "weight": 50 });
            let assessment = self.make(server, "assessments", at, &below("assessments"), order).await;
            let order = json!({ "student_id": self.ids["students"][at] });
            self.make(server, "enrollments", at, &below("enrollments"), order).await;
            let outcomes = json!({ "items": [{ "learning_outcome_id": outcome, "weight": 1 }] });
            let path = format!("/api/assessments/{assessment}/learning-outcomes");
            server.ask(Method::PUT, &path, Some(&self.admin), Some(outcomes)).await.expect(200);
            let grade = json!({ "score": 50, "feedback": self.mark });
            let path = format!("/api/assessments/{assessment}/grades/{}", self.ids["students"][at]);
            server.ask(Method::PUT, &path, Some(&self.admin), Some(grade)).await.expect(200);
        }
    }

    /// A finished job of each role and of nobody, and an import.
    async fn work(&mut self, server: &Server) {
        let insert = "
            INSERT INTO jobs (kind, queue, payload, state, max_attempts, finished_at, institution_id, created_by)
            VALUES ('welcome_email', 'email', '{}', 'succeeded', 4, now(), $1, $2) RETURNING id";
        let institution = self.ids["institutions"][0];
        let owner = server.number("SELECT id FROM users WHERE role = 'super_admin'", []).await;
        let admin = "SELECT id FROM users WHERE role = 'institution_admin' AND institution_id = $1";
        let admin = server.number(admin, [institution.into()]).await;
        let people = [
            (Role::SuperAdmin, owner),
            (Role::Administrator, admin),
            (Role::Teacher, self.ids["teachers"][0]),
            (Role::Student, self.ids["students"][0]),
        ];
        self.ids.insert("admins", [admin, admin]);
        let session = "SELECT family::text AS id FROM sessions WHERE user_id = $1 ORDER BY sessions.id DESC LIMIT 1";
        for (role, user) in people {
            let job = server.number(insert, [institution.into(), user.into()]).await;
            self.jobs.insert(role, job);
            self.sessions.insert(role, server.text(session, [user.into()]).await);
            self.users.insert(role, user);
        }
        self.ids.insert("users", self.ids["students"]);
        let colleague = self.ids["teachers"][1];
        let job = server.number(insert, [institution.into(), colleague.into()]).await;
        self.ids.insert("job", [job, job]);
        for at in [0, 1] {
            let job = server.number(insert, [institution.into(), colleague.into()]).await;
            let import = "
                INSERT INTO imports (institution_id, kind, job_id, mode, on_existing, send_welcome, state, records_total, course_id, layout)
                VALUES ($1, 'grades', $2, 'dry_run', 'update', false, 'completed', 0, $3, 'long') RETURNING id";
            let values = [institution.into(), job.into(), self.ids["courses"][at].into()];
            let import = server.number(import, values).await;
            self.ids.entry("imports").or_insert([import, import])[at] = import;
        }
        let request = "
            INSERT INTO contact_requests (institution_name, institution_type, contact_name, contact_email, request_type)
            VALUES ('A school', 'school', 'Ada', 'ada@school.edu', 'demo') RETURNING id";
        let request = server.number(request, []).await;
        self.ids.insert("contact-requests", [request, request]);
        let refused = "
            INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash)
            VALUES ($1, 'teacher', $2 || '-refused@edu.tr', $3, 'Refused', '-') RETURNING id";
        let mark = self.mark.to_lowercase();
        let refused = server
            .number(refused, [institution.into(), mark.into(), self.mark.clone().into()])
            .await;
        let suppress = "INSERT INTO email_suppressions (user_id, address, reason) SELECT id, email, '550' FROM users WHERE id = $1";
        server.execute(suppress, [refused.into()]).await;
        self.ids.insert("suppressions", [refused, refused]);
        let scheme = "SELECT id FROM grading_schemes WHERE institution_id = $1";
        let scheme = server.number(scheme, [institution.into()]).await;
        self.ids.insert("grading-schemes", [scheme, scheme]);
        server.execute(PICTURES, []).await;
    }

    async fn make(&mut self, server: &Server, resource: &'static str, at: usize, path: &str, order: Value) -> i64 {
        let made = id(&server.post(path, &self.admin, order).await.expect(201));
        self.ids.entry(resource).or_insert([made, made])[at] = made;
        made
    }
}

fn id(body: &Value) -> i64 {
    body["id"].as_i64().unwrap()
}
