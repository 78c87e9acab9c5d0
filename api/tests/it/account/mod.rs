//! What a user does with the own account.

mod passwords;
mod pictures;
mod profile;
mod sign_ins;
mod welcome_again;

use crate::server::Server;
use serde_json::{Value, json};

/// A student of an administrator's institution, who has not signed in yet.
async fn student(server: &Server, admin: &str, number: &str) -> Value {
    let order = json!({
        "student_number": number, "email": format!("s{number}@ata.edu.tr"), "first_name": "Ece", "last_name": "Ak", "year_of_study": 2
    });
    server.post("/api/students", admin, order).await.expect(201)
}
