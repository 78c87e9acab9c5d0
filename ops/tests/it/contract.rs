//! The document is a promise: Schemathesis sends what it allows and what it forbids, as every role, and compares the answers.

use crate::client::Client;
use crate::journey::welcomed;
use crate::product::Product;
use reqwest::StatusCode;
use serde_json::json;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Checks of each answer. What a role may do and what an input means is the business of other tests.
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance";

/// Operations that end the sign-in which all others need, or that of a role whose turn comes later.
const ENDING: &[&str] = &[
    "signOut",
    "signOutEverywhere",
    "endSignIn",
    "changePassword",
    "suspendInstitution",
    "updateInstitutionAdmin",
    "resetInstitutionAdminAccess",
    "deleteStudent",
];

/// The program, where `ops/test` has installed it.
fn schemathesis() -> PathBuf {
    let installed = std::env::var("ACURATE_TEST_SCHEMATHESIS").expect("run the tests by ops/test, which installs Schemathesis");
    PathBuf::from(installed)
}

/// Everybody of one institution, and the platform's owner: role and client.
async fn everybody(product: &Product) -> Vec<(&'static str, Client)> {
    let owner = product.owner().await;
    let domain = format!("{}.edu.tr", uuid::Uuid::new_v4().simple());
    let address = |name: &str| format!("{name}@{domain}");
    let institution = json!({
        "name": domain,
        "admin": { "email": address("admin"), "first_name": "Işıl", "last_name": "Yönetici" },
    });
    owner.post("/api/institutions", institution, StatusCode::CREATED).await;
    let admin = welcomed(product, &address("admin")).await;
    let department = admin
        .create("/api/departments", json!({ "code": "BM", "name": "Bilgisayar" }))
        .await;
    let teacher = json!({ "email": address("teacher"), "first_name": "Çağla", "last_name": "Öğretmen" });
    admin.create("/api/teachers", teacher).await;
    let teacher = welcomed(product, &address("teacher")).await;
    let student = json!({ "student_number": "1", "email": address("student"), "first_name": "İrem", "last_name": "Şık" });
    let student_id = admin.create("/api/students", student).await;
    let student = welcomed(product, &address("student")).await;
    let course = json!({
        "code": "BM101", "title": "Programlama", "department_id": department, "credits": 4, "academic_year": "2024-2025", "semester": "fall",
    });
    let course = teacher.create("/api/courses", course).await;
    let enrollment = json!({ "student_id": student_id });
    teacher.create(&format!("/api/courses/{course}/enrollments"), enrollment).await;
    vec![
        // Who can end the sign-ins of others comes after them.
        ("student", student),
        ("teacher", teacher),
        ("administrator", admin),
        ("super admin", owner),
    ]
}

async fn fuzz(product: &Product, role: &str, client: &Client, folder: &Path) {
    let is_full = std::env::var_os("ACURATE_TEST_FULL").is_some();
    let mut command = Command::new(schemathesis());
    command
        .current_dir(folder)
        .arg("run")
        .arg(format!("{}/openapi.json", product.base_url))
        .args(["--url", &format!("{}/api", product.base_url)])
        .args(["--header", &format!("Authorization: Bearer {}", client.token())])
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", if is_full { "60" } else { "2" }])
        .args(["--seed", "20240601", "--workers", "1", "--no-shrink", "--continue-on-failure"])
        .args(["--suppress-health-check", "all", "--warnings", "off", "--no-color"])
        .env("HYPOTHESIS_STORAGE_DIRECTORY", folder)
        .kill_on_drop(true);
    for operation in ENDING {
        command.args(["--exclude-operation-id", operation]);
    }
    let run = command.output().await.expect("schemathesis");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "as {role}:\n{said}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.contains("Test cases:"), "as {role}, nothing was tried:\n{said}");
}

#[tokio::test]
async fn every_answer_to_every_role_is_one_that_the_document_tells_of() {
    let product = Product::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    for (role, client) in everybody(&product).await {
        fuzz(&product, role, &client, folder.path()).await;
    }
}
