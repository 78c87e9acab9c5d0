//! The load: what people at an institution do at the same time, all of it over HTTP, until the run says stop.
//!
//! Each cell and each student belongs to one of them, so that what must be there in the end is known.

use super::campus::{Campus, Enrolled};
use super::files::{self, File, Known};
use super::promise::{Ledger, Student};
use crate::failure::{Failure, Result};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Records of a file of students.
const FILE: std::ops::Range<usize> = 150..450;

/// Of so many files of students one is small, and its students are welcomed by mail.
const WELCOMED: usize = 3;

/// An import that has not ended after this is stuck.
const PATIENCE: Duration = Duration::from_secs(300);

/// What all of the load share.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    campus: Arc<Campus>,
    ledger: Arc<Ledger>,
    stop: watch::Receiver<bool>,
    seed: u64,
}

/// Starts the load of an institution.
pub(crate) fn start(campus: Campus, ledger: &Arc<Ledger>, seed: u64, stop: watch::Receiver<bool>, tasks: &mut JoinSet<()>) {
    let seed = seed.wrapping_add(campus.number as u64 * 1000);
    let load = Load {
        campus: Arc::new(campus),
        ledger: Arc::clone(ledger),
        stop,
        seed,
    };
    tasks.spawn(
        load.clone()
            .run("imports of students", |load| async move { load.import_students().await }),
    );
    tasks.spawn(
        load.clone()
            .run("imports of grades", |load| async move { load.import_grades().await }),
    );
    tasks.spawn(load.clone().run("grades", |load| async move { load.grade().await }));
    tasks.spawn(load.run("newcomers", |load| async move { load.admit().await }));
}

impl Load {
    /// Runs a part of the load; its failure is one of the run.
    async fn run<F: Future<Output = Result<()>>>(self, part: &'static str, work: impl FnOnce(Self) -> F) {
        let ledger = Arc::clone(&self.ledger);
        let campus = self.campus.number;
        if let Err(failure) = work(self).await {
            ledger
                .lock()
                .failures
                .push(format!("{part} of university {campus} ended: {failure}"));
        }
    }

    /// Whether to go on.
    fn goes_on(&self) -> bool {
        !*self.stop.borrow()
    }

    /// A dice of its own for each part of the load.
    fn dice(&self, part: u64) -> StdRng {
        StdRng::seed_from_u64(self.seed.wrapping_add(part))
    }

    async fn import_students(self) -> Result<()> {
        let mut rng = self.dice(1);
        let mut known: Vec<Known> = Vec::new();
        for sequence in 1.. {
            if !self.goes_on() {
                break;
            }
            let is_welcomed = sequence % WELCOMED == 0;
            // Known students are changed, which would end a mail on its way to them: only those without one.
            let (size, earlier) = if is_welcomed {
                (rng.random_range(5..25), &[][..])
            } else {
                (rng.random_range(FILE), known.as_slice())
            };
            let file = files::students(&self.campus, sequence, size, earlier, &mut rng);
            if !is_welcomed {
                let number = |address: &str| address.split('@').next().unwrap_or_default().to_ascii_uppercase();
                known = file
                    .students
                    .iter()
                    .map(|(address, name)| (number(address), name.clone()))
                    .collect();
            }
            let path = "/imports/students";
            let fields = vec![("on_existing", "update".to_owned()), ("send_welcome", is_welcomed.to_string())];
            self.import(path, file, fields, is_welcomed).await?;
        }
        Ok(())
    }

    async fn import_grades(self) -> Result<()> {
        let mut rng = self.dice(2);
        let (_, students) = self.halves();
        for sequence in 1.. {
            if !self.goes_on() {
                break;
            }
            let before = self.ledger.lock().clone();
            let file = files::grades(&self.campus, sequence, students, &before, &mut rng);
            let fields = vec![("course_id", self.campus.course.to_string())];
            self.import("/imports/grades", file, fields, false).await?;
            think(&mut rng, 500).await;
        }
        Ok(())
    }

    /// Half of the students are graded by hand, the others by file.
    fn halves(&self) -> (&[Enrolled], &[Enrolled]) {
        self.campus.students.split_at(self.campus.students.len() / 2)
    }

    /// Sends a file and waits until it is imported.
    async fn import(&self, path: &str, file: File, fields: Vec<(&'static str, String)>, is_welcomed: bool) -> Result<()> {
        let form = || {
            let part = Part::bytes(file.content.clone().into_bytes()).file_name(file.name.clone());
            let form = Form::new().part("file", part).text("mode", "apply");
            fields.iter().cloned().fold(form, |form, (name, value)| form.text(name, value))
        };
        let accepted: Value = self
            .campus
            .admin
            .send(Method::POST, path, |request| request.multipart(form()))
            .await?;
        let id = accepted.pointer("/import/id").and_then(Value::as_i64).unwrap_or_default();
        let name = file.name.clone();
        file.promise(&mut self.ledger.lock(), is_welcomed);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let import: Value = self.campus.admin.get(&format!("/imports/{id}")).await?;
            match import.get("state").and_then(Value::as_str) {
                Some("queued" | "running") => {}
                Some("completed") => return Ok(()),
                _ => return Err(Failure::Stopped(format!("the import of {name} ended otherwise: {import}"))),
            }
            if Instant::now() > deadline {
                return Err(Failure::Stopped(format!("the import of {name} does not end: {import}")));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// One cell at a time, and now and then all cells of some students at once.
    async fn grade(self) -> Result<()> {
        let mut rng = self.dice(3);
        let (students, _) = self.halves();
        while self.goes_on() {
            let first = rng.random_range(0..students.len());
            let Some(student) = students.get(first) else { continue };
            if rng.random_bool(0.8) {
                let index = rng.random_range(0..self.campus.assessments.len());
                let Some(assessment) = self.campus.assessments.get(index) else {
                    continue;
                };
                let score: i64 = rng.random_range(0..=10_000);
                let path = format!("/assessments/{assessment}/grades/{}", student.id);
                let entry = json!({ "score": points(score) });
                let _grade: Value = self.campus.admin.send(Method::PUT, &path, |request| request.json(&entry)).await?;
                self.ledger.lock().score((*assessment, student.email.clone()), score);
            } else {
                self.grade_many(students.iter().skip(first).take(10), &mut rng).await?;
            }
            think(&mut rng, 150).await;
        }
        Ok(())
    }

    async fn grade_many(&self, students: impl Iterator<Item = &Enrolled>, rng: &mut StdRng) -> Result<()> {
        let (mut cells, mut scores) = (Vec::new(), Vec::new());
        for student in students {
            for assessment in &self.campus.assessments {
                let score: i64 = rng.random_range(0..=10_000);
                cells.push(json!({ "assessment_id": assessment, "student_number": student.student_number, "score": points(score) }));
                scores.push(((*assessment, student.email.clone()), score));
            }
        }
        let (path, order) = (format!("/courses/{}/grades", self.campus.course), json!({ "cells": cells }));
        let _counts: Value = self.campus.admin.send(Method::PUT, &path, |request| request.json(&order)).await?;
        let mut promises = self.ledger.lock();
        for (place, score) in scores {
            promises.score(place, score);
        }
        Ok(())
    }

    /// New students, one by one, who are enrolled, and of whom some ask for a link to choose a password.
    async fn admit(self) -> Result<()> {
        let mut rng = self.dice(4);
        for index in 0.. {
            if !self.goes_on() {
                break;
            }
            let number = format!("N{index:06}");
            let email = self.campus.address(&number);
            let order = json!({
                "student_number": number, "email": email, "first_name": "Nur", "last_name": "Demir",
                "department_id": self.campus.department, "program_id": self.campus.program,
            });
            let made: Value = self
                .campus
                .admin
                .send(Method::POST, "/students", |request| request.json(&order))
                .await?;
            let promise = Student {
                version: 1,
                last_name: "Demir".to_owned(),
                is_welcomed: true,
            };
            self.ledger.lock().students.insert(email.clone(), promise);
            self.enroll(made.get("id").and_then(Value::as_i64).unwrap_or_default(), &number, &email, index)
                .await?;
            if rng.random_bool(0.5) {
                let order = json!({ "email": email });
                let path = "/auth/forgot-password";
                let _notice: Value = self.campus.admin.send(Method::POST, path, |request| request.json(&order)).await?;
                self.ledger.lock().links.insert(email);
            }
            think(&mut rng, 300).await;
        }
        Ok(())
    }

    /// By both ways that there are.
    async fn enroll(&self, id: i64, number: &str, email: &str, index: usize) -> Result<()> {
        let course = self.campus.course;
        let (path, order) = if index.is_multiple_of(2) {
            (format!("/courses/{course}/enrollments"), json!({ "student_id": id }))
        } else {
            let numbers = [number];
            (format!("/courses/{course}/enrollments/bulk"), json!({ "student_numbers": numbers }))
        };
        let _enrolled: Value = self.campus.admin.send(Method::POST, &path, |request| request.json(&order)).await?;
        self.ledger.lock().enrollments.insert((course, email.to_owned()));
        Ok(())
    }
}

/// Hundredths as the API takes them.
fn points(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// Up to so many milliseconds, like people between two things.
async fn think(rng: &mut StdRng, most: u64) {
    tokio::time::sleep(Duration::from_millis(rng.random_range(0..most))).await;
}
