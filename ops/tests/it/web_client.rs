//! The TypeScript client in Node against the running product.

use crate::journey::{PASSWORD, welcomed};
use crate::product::Product;
use reqwest::StatusCode;
use serde_json::json;
use std::path::Path;
use tokio::process::Command;

#[tokio::test]
async fn the_generated_client_signs_in_imports_follows_the_progress_and_reads_achievements() {
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/client");
    assert!(
        client.join("dist/index.js").exists(),
        "build the client first: npm --prefix api/client ci && npm --prefix api/client run build"
    );
    let product = Product::start().await;
    let domain = format!("{}.edu.tr", uuid::Uuid::new_v4().simple());
    let email = format!("yonetici@{domain}");
    let institution = json!({ "name": domain, "admin": { "email": email, "first_name": "Işıl", "last_name": "Yönetici" } });
    product
        .owner()
        .await
        .post("/api/institutions", institution, StatusCode::CREATED)
        .await;
    welcomed(&product, &email).await;

    let run = Command::new("node")
        .args(["--test", "--test-reporter=tap", "test/"])
        .current_dir(client)
        .env("ACURATE_BASE_URL", &product.base_url)
        .env("ACURATE_EMAIL", &email)
        .env("ACURATE_PASSWORD", PASSWORD)
        .kill_on_drop(true)
        .output()
        .await
        .expect("node");

    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.contains("# pass 4") && said.contains("# fail 0"), "{said}");
}
