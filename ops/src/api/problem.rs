//! Puts a problem document (RFC 9457) into one line.

use serde::Deserialize;

/// The most faults that are named; the first ones tell what is wrong with the rest.
const MOST_FAULTS: usize = 5;

#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
    #[serde(default)]
    errors: Vec<Fault>,
    request_id: Option<String>,
}

#[derive(Deserialize)]
struct Fault {
    field: String,
    message: String,
}

/// The body of a refusal in words; another body as it is, shortened.
pub(super) fn in_words(body: &str) -> String {
    let Ok(problem) = serde_json::from_str::<Problem>(body) else {
        return body.chars().take(300).collect();
    };
    let mut text = format!("{}: {}", problem.code, problem.detail);
    for fault in problem.errors.iter().take(MOST_FAULTS) {
        text.push_str(&format!("\n    {} {}", fault.field, fault.message));
    }
    if let Some(more) = problem.errors.len().checked_sub(MOST_FAULTS + 1) {
        text.push_str(&format!("\n    and {} more", more + 1));
    }
    if let Some(id) = problem.request_id {
        text.push_str(&format!(" (request {id})"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_problem_names_its_first_faults_and_counts_the_rest() {
        let faults: Vec<_> = (0..7)
            .map(|i| json!({"field": format!("cells[{i}].score"), "code": "x", "message": "is wrong"}))
            .collect();
        let body = json!({"code": "invalid", "detail": "The input breaks 7 rules.", "errors": faults, "request_id": "r1"});
        let text = in_words(&body.to_string());
        assert!(
            text.starts_with("invalid: The input breaks 7 rules.\n    cells[0].score is wrong"),
            "{text}"
        );
        assert!(text.ends_with("cells[4].score is wrong\n    and 2 more (request r1)"), "{text}");
    }

    #[test]
    fn five_faults_are_all_named() {
        let faults: Vec<_> = (0..5)
            .map(|i| json!({"field": format!("f{i}"), "code": "x", "message": "is wrong"}))
            .collect();
        let text = in_words(&json!({"code": "invalid", "detail": "No.", "errors": faults}).to_string());
        assert!(text.ends_with("f4 is wrong"), "{text}");
    }

    #[test]
    fn what_is_no_problem_document_is_shown_as_it_is() {
        assert_eq!(in_words("Bad Gateway"), "Bad Gateway");
        assert_eq!(in_words(&"x".repeat(1000)).len(), 300);
    }
}
