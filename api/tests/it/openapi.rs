//! The OpenAPI document: committed as served, and complete enough to generate a client from.

use serde_json::Value;
use std::collections::BTreeSet;

fn document() -> Value {
    serde_json::from_str(&acurate_api::cli::document()).unwrap()
}

/// Path, method and operation.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations.push((path.clone(), method.clone(), operation.clone()));
        }
    }
    operations
}

#[test]
fn the_committed_document_is_the_served_one() {
    let committed: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    assert!(
        committed == document(),
        "api/openapi.json is out of date; renew it: cargo run -p acurate-api -- openapi > api/openapi.json"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own_a_tag_and_a_summary() {
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document()) {
        let name = operation["operationId"]
            .as_str()
            .unwrap_or_else(|| panic!("{method} {path} has no operationId"));
        assert!(names.insert(name.to_owned()), "{name} twice");
        assert!(
            operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()),
            "{name} has no summary"
        );
        assert!(
            operation["tags"].as_array().is_some_and(|tags| tags.len() == 1),
            "{name} has not one tag"
        );
    }
}

#[test]
fn every_operation_behind_a_sign_in_says_how_it_refuses() {
    for (path, method, operation) in operations(&document()) {
        if operation["security"] == serde_json::json!([]) {
            continue;
        }
        for status in ["401", "403", "503"] {
            let answer = &operation["responses"][status]["content"]["application/problem+json"];
            assert!(answer.is_object(), "{method} {path} does not document {status}");
        }
    }
}

#[test]
fn every_field_of_every_schema_is_described() {
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let described = ["description", "$ref", "allOf"].iter().any(|key| property.get(key).is_some());
            assert!(described, "{name}.{field} has no description");
        }
    }
}
