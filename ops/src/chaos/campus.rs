//! The institutions of a run: made in calm through the API, each with a course that is taught and students who take it.

use super::client::Client;
use super::promise::{Ledger, Student};
use super::smtp::Smtp;
use crate::api::Api;
use crate::api::documents::{Created, CreatedInstitution};
use crate::failure::{Failure, Result};
use crate::student_import;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Password of each administrator of a run; its database lives no longer.
const PASSWORD: &str = "a password of a run that ends soon";

/// Code of the department.
pub(crate) const DEPARTMENT: &str = "CE";

/// Code of the program.
pub(crate) const PROGRAM: &str = "CE-BSC";

/// Students who take the course from the start.
pub(crate) const ENROLLED: usize = 60;

/// Longest wait for a mail in calm.
const MAIL: Duration = Duration::from_secs(60);

/// A student who takes the course.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Enrolled {
    /// The user.
    pub(crate) id: i64,
    /// The number.
    pub(crate) student_number: String,
    /// The address.
    pub(crate) email: String,
}

/// An institution.
#[derive(Debug)]
pub(crate) struct Campus {
    /// From 0.
    pub(crate) number: usize,
    /// Its administrator.
    pub(crate) admin: Client,
    /// Of every address.
    pub(crate) domain: String,
    /// The department.
    pub(crate) department: i64,
    /// The program.
    pub(crate) program: i64,
    /// The course.
    pub(crate) course: i64,
    /// Its assessments; the best score of each is 100.
    pub(crate) assessments: Vec<i64>,
    /// Who takes the course, [`ENROLLED`] students.
    pub(crate) students: Vec<Enrolled>,
}

impl Campus {
    /// Makes one.
    ///
    /// # Errors
    /// When the API refuses, or the mail to the administrator does not come.
    pub(crate) async fn found(base_url: &str, owner: &Api, smtp: &Smtp, ledger: &Arc<Ledger>, number: usize) -> Result<Self> {
        let domain = format!("u{number}.example.org");
        let email = format!("admin@{domain}");
        let admin = json!({"email": email, "first_name": "Ada", "last_name": "Admin"});
        let order = json!({"name": format!("University {number}"), "locale": "en", "time_zone": "UTC", "admin": admin});
        let _made: CreatedInstitution = owner.post("/institutions", &order).await?;
        let temporary = temporary_password(smtp, &email).await?;
        let api = Api::sign_in(base_url, &email, &temporary, Some(PASSWORD)).await?;
        let department: Created = api
            .post("/departments", &json!({"code": DEPARTMENT, "name": "Computer Engineering"}))
            .await?;
        let program = json!({"department_id": department.id, "code": PROGRAM, "name": "BSc Computer Engineering"});
        let program: Created = api.post("/programs", &program).await?;
        let (course, assessments) = teach(&api, department.id, program.id).await?;
        let students = enroll(&api, course, &domain, ledger).await?;
        Ok(Self {
            number,
            admin: Client::sign_in(base_url, &email, PASSWORD, Arc::clone(ledger)).await?,
            domain,
            department: department.id,
            program: program.id,
            course,
            assessments,
            students,
        })
    }

    /// The address of a student number.
    pub(crate) fn address(&self, number: &str) -> String {
        format!("{}@{}", number.to_ascii_lowercase(), self.domain)
    }
}

async fn temporary_password(smtp: &Smtp, address: &str) -> Result<String> {
    let deadline = Instant::now() + MAIL;
    loop {
        if let Some(taken) = smtp.taken().into_iter().find(|taken| taken.mail.to == address) {
            return Ok(taken.mail.secret);
        }
        if Instant::now() > deadline {
            return Err(Failure::Stopped(format!(
                "no welcome mail to {address} within {} s",
                MAIL.as_secs()
            )));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A course with two learning outcomes, which serve two program outcomes, and three assessments, each of which measures both.
async fn teach(api: &Api, department: i64, program: i64) -> Result<(i64, Vec<i64>)> {
    let mut served = Vec::new();
    for code in ["PO1", "PO2"] {
        let order = json!({"code": code, "title": format!("Program outcome {code}"), "target_percentage": 60});
        let outcome: Created = api.post(&format!("/programs/{program}/outcomes"), &order).await?;
        served.push(outcome.id);
    }
    let order = json!({
        "code": "CE101", "title": "Programming", "department_id": department, "credits": 5, "academic_year": "2026-2027", "semester": "fall",
    });
    let course: Created = api.post("/courses", &order).await?;
    let mut measured = Vec::new();
    for code in ["LO1", "LO2"] {
        let order = json!({"code": code, "title": format!("Learning outcome {code}"), "target_percentage": 50});
        let outcome: Created = api.post(&format!("/courses/{}/learning-outcomes", course.id), &order).await?;
        measured.push(outcome.id);
        let items: Vec<Value> = served
            .iter()
            .zip([1, 3])
            .map(|(id, weight)| json!({"program_outcome_id": id, "weight": weight}))
            .collect();
        api.put(
            &format!("/learning-outcomes/{}/program-outcomes", outcome.id),
            &json!({"items": items}),
        )
        .await?;
    }
    let mut assessments = Vec::new();
    for (title, weights) in [("Midterm", [30, 70]), ("Project", [50, 10]), ("Final", [20, 20])] {
        let order = json!({"title": title, "assessment_type": "other", "weight": 30, "max_score": 100});
        let assessment: Created = api.post(&format!("/courses/{}/assessments", course.id), &order).await?;
        assessments.push(assessment.id);
        let items: Vec<Value> = measured
            .iter()
            .zip(weights)
            .map(|(id, weight)| json!({"learning_outcome_id": id, "weight": weight}))
            .collect();
        api.put(
            &format!("/assessments/{}/learning-outcomes", assessment.id),
            &json!({"items": items}),
        )
        .await?;
    }
    Ok((course.id, assessments))
}

async fn enroll(api: &Api, course: i64, domain: &str, ledger: &Ledger) -> Result<Vec<Enrolled>> {
    let mut file = "student_number;email;first_name;last_name;department_code;program_code\n".to_owned();
    for index in 0..ENROLLED {
        // Writing into a text does not fail.
        let _ = writeln!(file, "E{index:03};e{index:03}@{domain};Ece;Yıldız;{DEPARTMENT};{PROGRAM}");
    }
    student_import::run(api, file.into_bytes(), ENROLLED).await?;
    let students: Vec<Enrolled> = api.all_pages("/students").await?;
    let numbers: Vec<&str> = students.iter().map(|student| student.student_number.as_str()).collect();
    let order = json!({ "student_numbers": numbers });
    let _counts: Value = api.post(&format!("/courses/{course}/enrollments/bulk"), &order).await?;
    let mut promises = ledger.lock();
    for student in &students {
        let promise = Student {
            version: 1,
            last_name: "Yıldız".to_owned(),
            is_welcomed: false,
        };
        promises.students.insert(student.email.clone(), promise);
        promises.enrollments.insert((course, student.email.clone()));
    }
    Ok(students)
}
