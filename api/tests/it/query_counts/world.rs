//! An institution with so many of everything that each list fills a page, by plain SQL.

use crate::server::Server;

/// Items on a full page; there is one more of each.
pub(super) const ITEMS: usize = 50;

/// In this order; `n` runs from 1 to 51, and `home` is the institution of the administrator.
const STATEMENTS: &[&str] = &[
    "INSERT INTO institutions (name) SELECT 'Institution ' || n FROM n",
    "INSERT INTO departments (institution_id, code, name) SELECT home.id, 'D' || n, 'Department ' || n FROM n, home",
    "INSERT INTO programs (institution_id, department_id, code, name)
     SELECT home.id, (SELECT min(id) FROM departments), 'P' || n, 'Program ' || n FROM n, home",
    "INSERT INTO program_outcomes (institution_id, program_id, code, title)
     SELECT home.id, (SELECT min(id) FROM programs), 'PO' || n, 'Outcome ' || n FROM n, home",
    "INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash)
     SELECT home.id, 'teacher', 't' || n || '@ata.edu.tr', 'Tuna', 'Er', '-' FROM n, home",
    "INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number, department_id, program_id)
     SELECT home.id, 'student', 's' || n || '@ata.edu.tr', 'Ada', 'Ak', '-', 's' || n, (SELECT min(id) FROM departments),
        (SELECT min(id) FROM programs) FROM n, home",
    // Each in a year of its own, so that the curriculum has as many years.
    "INSERT INTO courses (institution_id, department_id, teacher_id, code, title, credits, academic_year, semester)
     SELECT home.id, (SELECT min(id) FROM departments), (SELECT min(id) FROM users WHERE role = 'teacher'), 'C' || n, 'Course ' || n, 5,
        1960 + n, 'fall' FROM n, home",
    "INSERT INTO learning_outcomes (institution_id, course_id, code, title)
     SELECT home.id, (SELECT min(id) FROM courses), 'LO' || n, 'Outcome ' || n FROM n, home",
    "INSERT INTO assessments (institution_id, course_id, academic_year, title, assessment_type, weight)
     SELECT home.id, c.id, c.academic_year, 'Quiz ' || n, 'quiz', 1 FROM n, home, (SELECT * FROM courses ORDER BY id LIMIT 1) c",
    "INSERT INTO assessment_lo (course_id, assessment_id, learning_outcome_id, weight)
     SELECT o.course_id, (SELECT min(id) FROM assessments), o.id, 1 FROM learning_outcomes o",
    "INSERT INTO lo_po (institution_id, learning_outcome_id, program_outcome_id, weight)
     SELECT p.institution_id, (SELECT min(id) FROM learning_outcomes), p.id, 1 FROM program_outcomes p",
    "INSERT INTO enrollments (institution_id, student_id, course_id)
     SELECT home.id, u.id, (SELECT min(id) FROM courses) FROM users u, home WHERE u.role = 'student'",
    "SELECT ensure_grades_partition(academic_year) FROM courses ORDER BY id LIMIT 1",
    "INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score)
     SELECT a.institution_id, a.academic_year, a.course_id, e.student_id, a.id, 'scored', 50
     FROM assessments a JOIN enrollments e ON e.course_id = a.course_id",
    "INSERT INTO student_lo_achievements (institution_id, student_id, learning_outcome_id, course_id, percentage, is_met, graded_count,
        total_count, computed_at)
     SELECT o.institution_id, (SELECT min(id) FROM users WHERE role = 'student'), o.id, o.course_id, 50, false, 1, 1, now() FROM learning_outcomes o",
    "INSERT INTO jobs (kind, queue, payload, max_attempts, institution_id) SELECT 'student_import', 'import', '{}', 1, home.id FROM n, home",
    "INSERT INTO imports (institution_id, kind, job_id, mode, on_existing, send_welcome)
     SELECT institution_id, 'students', id, 'dry_run', 'skip', false FROM jobs WHERE kind = 'student_import'",
    "INSERT INTO import_errors (import_id, record, seq, code, message_tr, message_en)
     SELECT (SELECT min(id) FROM imports), n, 0, 'required', '-', '-' FROM n",
    "INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash)
     SELECT home.id, 'institution_admin', 'a' || n || '@ata.edu.tr', 'Ada', 'Ak', '-' FROM n, home",
    "INSERT INTO contact_requests (institution_name, institution_type, contact_name, contact_email, request_type)
     SELECT 'School ' || n, 'school', 'Ada Ak', 'ada@school.edu', 'demo' FROM n",
    "INSERT INTO activity_log (institution_id, actor_id, action) SELECT home.id, (SELECT min(id) FROM users), 'course.created' FROM n, home",
    "INSERT INTO email_deliveries (institution_id, user_id, kind, message_id, state)
     SELECT home.id, (SELECT min(id) FROM users WHERE role = 'student'), 'welcome', 'm' || n, 'sending' FROM n, home",
    "INSERT INTO email_suppressions (user_id, address, reason)
     SELECT u.id, u.email, '550' FROM users u, home WHERE u.institution_id = home.id AND u.role = 'student'",
    "INSERT INTO sessions (family, user_id, token_hash, expires_at)
     SELECT gen_random_uuid(), u.id, sha256(n::text::bytea), now() + interval '1 day' FROM n, users u WHERE u.email = 'admin@ata.edu.tr'",
    "INSERT INTO job_attempts (job_id, attempt, worker, started_at, outcome)
     SELECT (SELECT min(id) FROM jobs WHERE institution_id = home.id), n, 'w', now(), 'released' FROM n, home",
    // The scheme that an institution begins with is valid in all years.
    "UPDATE grading_schemes SET valid_until = 1950 FROM home WHERE institution_id = home.id",
    "INSERT INTO grading_schemes (institution_id, name, valid_from, valid_until) SELECT home.id, 'Scheme ' || n, 1950 + n, 1950 + n FROM n, home",
    "INSERT INTO grading_scheme_steps (scheme_id, letter, lower_edge, points, is_passing)
     SELECT s.id, 'P', 0, 4, true FROM grading_schemes s, home WHERE s.institution_id = home.id AND s.name LIKE 'Scheme %'",
    // What is as small as can be, to compare with.
    "INSERT INTO learning_outcomes (institution_id, course_id, code, title)
     SELECT home.id, (SELECT max(id) FROM courses), 'LO', 'Outcome' FROM home",
    "INSERT INTO assessments (institution_id, course_id, academic_year, title, assessment_type, weight)
     SELECT home.id, c.id, c.academic_year, 'Quiz', 'quiz', 1 FROM home, (SELECT * FROM courses ORDER BY id DESC LIMIT 1) c",
    "INSERT INTO program_outcomes (institution_id, program_id, code, title)
     SELECT home.id, (SELECT max(id) FROM programs), 'PO', 'Outcome' FROM home",
];

/// The least and the greatest id of things.
#[derive(Clone, Copy, Debug)]
struct Ids {
    first: i64,
    last: i64,
}

/// What there is, by the resource's name in paths.
pub(super) struct World {
    ids: Vec<(&'static str, Ids)>,
}

impl World {
    pub(super) async fn build(server: &Server) -> Self {
        for statement in STATEMENTS {
            let with = format!(
                "WITH n AS (SELECT generate_series(1, {ITEMS} + 1) AS n), home AS (SELECT id FROM institutions WHERE name = 'Atatürk')"
            );
            server.execute(&format!("{with} {statement}"), []).await;
        }
        let mut ids = Vec::new();
        for (resource, table) in [
            ("institutions", "institutions"),
            ("departments", "departments"),
            ("programs", "programs"),
            ("program-outcomes", "program_outcomes"),
            ("students", "users WHERE role = 'student'"),
            ("teachers", "users WHERE role = 'teacher'"),
            ("courses", "courses"),
            ("learning-outcomes", "learning_outcomes"),
            ("assessments", "assessments"),
            ("imports", "imports"),
            (
                "jobs",
                "jobs WHERE institution_id = (SELECT id FROM institutions WHERE name = 'Atatürk')",
            ),
        ] {
            let first = server.number(&format!("SELECT min(id) AS id FROM {table}"), []).await;
            let last = server.number(&format!("SELECT max(id) AS id FROM {table}"), []).await;
            ids.push((resource, Ids { first, last }));
        }
        Self { ids }
    }

    fn ids(&self, resource: &str) -> Option<Ids> {
        self.ids.iter().find(|(name, _)| *name == resource).map(|(_, ids)| *ids)
    }

    /// The path of a list below the first thing of its kind; parameters of the query, after `&`, are filled likewise.
    pub(super) fn path(&self, operation: &str, template: &str) -> String {
        let unknown = || panic!("a new list, {operation} at {template}: tell this test whose it is");
        let mut parts = template.split('&');
        let mut path = parts.next().unwrap().to_owned();
        if path.contains('{') {
            let resource = path.split('/').nth(1).unwrap();
            let ids = self.ids(resource).unwrap_or_else(unknown);
            path = path.replace("{id}", &ids.first.to_string());
        }
        let query: Vec<String> = parts
            .map(|part| {
                let (name, _) = part.split_once('=').unwrap();
                let resource = format!("{}s", name.trim_end_matches("_id").replace('_', "-"));
                let ids = self.ids(&resource).unwrap_or_else(unknown);
                format!("{name}={}", ids.first)
            })
            .collect();
        if path.contains('{') {
            unknown();
        }
        let query = if query.is_empty() {
            String::new()
        } else {
            format!("?{}", query.join("&"))
        };
        format!("/api{path}{query}")
    }

    /// What is read as a whole: the same with next to nothing in it, and with much.
    pub(super) fn wholes(&self) -> Vec<(&'static str, [String; 2])> {
        let of = |resource, below: &str| {
            let ids = self.ids(resource).unwrap();
            [ids.last, ids.first].map(|id| format!("/api/{resource}/{id}/{below}"))
        };
        let programs = self.ids("programs").unwrap();
        let [small, large] = of("courses", "outcome-program-matrix");
        vec![
            ("what an assessment measures", of("assessments", "learning-outcomes")),
            ("what a learning outcome serves", of("learning-outcomes", "program-outcomes")),
            ("what assessments measure", of("courses", "assessment-outcome-matrix")),
            (
                "what outcomes serve",
                [
                    format!("{small}?program_id={}", programs.last),
                    format!("{large}?program_id={}", programs.first),
                ],
            ),
            ("achievements of a student", of("students", "achievements")),
        ]
    }
}
