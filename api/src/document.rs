//! The OpenAPI document: what the framework derives from the routes, completed by what it cannot know.
//!
//! Limits are read from the descriptions ("1 to 20 characters"), so that what people read and what programs read is one
//! thing. Not for describing operations; they describe themselves where they are.

use crate::{permissions, routes};
use serde_json::{Map, Value, json};

/// The document as served and committed, JSON with sorted keys.
#[must_use]
pub fn document() -> String {
    let text = routes::service().spec();
    let Ok(mut document) = serde_json::from_str::<Value>(&text) else {
        return text;
    };
    complete(&mut document);
    serde_json::to_string_pretty(&document).unwrap_or(text)
}

/// A page that shows the document and tries its operations.
#[must_use]
pub fn page() -> String {
    let service = routes::service();
    // In a script element, `</` would end it.
    let document = document().replace("</", "<\\/");
    service.swagger_ui_html().replace(&service.spec(), &document)
}

fn complete(document: &mut Value) {
    if let Some(version) = document.get_mut("openapi") {
        // The first version with `null` among the types.
        *version = json!("3.1.0");
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (method, operation) in paths
        .into_iter()
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
        .flatten()
    {
        say_who_may(operation);
        show_permissions(operation);
        if method == "post" {
            offer_idempotency(operation);
        }
        describe_retry_after(operation);
        describe_body_limit(operation);
        describe_events(operation);
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            let description = text(parameter, "description");
            if let Some(schema) = parameter.get_mut("schema") {
                limit(schema, &description);
            }
        }
    }
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    if let Some(schemas) = schemas {
        complete_schemas(schemas);
    }
}

/// Examples of bodies that are better read as JSON than as code.
const EXAMPLES: &str = include_str!("examples.json");

fn complete_schemas(schemas: &mut Map<String, Value>) {
    for (name, example) in serde_json::from_str::<Map<String, Value>>(EXAMPLES).unwrap_or_default() {
        if let Some(schema) = schemas.get_mut(&name).and_then(Value::as_object_mut) {
            schema.entry("example").or_insert(example);
        }
    }
    for schema in schemas.values_mut() {
        let required = schema.get("required").cloned().unwrap_or_default();
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            let description = text(property, "description");
            limit(property, &description);
            if !required
                .as_array()
                .is_some_and(|names| names.iter().any(|required| required == name))
            {
                allow_null(property);
            }
        }
    }
    for (change, made) in changes(schemas) {
        if let (Some(limits), Some(properties)) = (
            made.as_object(),
            schemas.get_mut(&change).and_then(|schema| schema.get_mut("properties")),
        ) {
            copy_limits(limits, properties);
        }
    }
}

/// Names of partial changes with the properties of what is made: `CourseChange` and those of `NewCourse`.
fn changes(schemas: &Map<String, Value>) -> Vec<(String, Value)> {
    let made = |name: &String| {
        schemas
            .get(&format!("New{}", name.strip_suffix("Change")?))?
            .get("properties")
            .cloned()
    };
    schemas.keys().filter_map(|name| Some((name.clone(), made(name)?))).collect()
}

/// A changed field has the limits of the field that was made.
fn copy_limits(made: &Map<String, Value>, changed: &mut Value) {
    for (name, property) in changed.as_object_mut().into_iter().flatten() {
        for key in ["minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"] {
            let limit = made.get(name).and_then(|made| made.get(key)).cloned();
            if let (Some(limit), Some(property)) = (limit, property.as_object_mut()) {
                property.entry(key).or_insert(limit);
            }
        }
    }
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// That an operation needs no sign-in is said, not left out.
fn say_who_may(operation: &mut Value) {
    if let Some(operation) = operation.as_object_mut() {
        operation.entry("security").or_insert_with(|| json!([]));
    }
}

/// The row of the permission table, for clients that show only what a user can do.
fn show_permissions(operation: &mut Value) {
    let row = operation.get("operationId").and_then(Value::as_str).and_then(permissions::told);
    if let (Some(row), Some(operation)) = (row, operation.as_object_mut()) {
        operation.insert("x-permissions".to_owned(), row);
    }
}

/// What makes something for somebody signed in can be sent again.
fn offer_idempotency(operation: &mut Value) {
    let makes = ["201", "202"]
        .iter()
        .any(|status| operation.pointer(&format!("/responses/{status}")).is_some());
    let is_private = operation
        .get("security")
        .and_then(Value::as_array)
        .is_some_and(|all| !all.is_empty());
    if !makes || !is_private {
        return;
    }
    let header = json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": false,
        "description": "A name for this request, for example a UUID, 1 to 255 characters. Within a day, the same request with the same key does nothing and gets the first answer again, with `Idempotency-Replayed: true`.",
        "schema": { "type": "string" },
        "example": "7b1f2c1e-0f7e-4f0e-9a55-0c8f6f1c2d3e"
    });
    if let Some(operation) = operation.as_object_mut()
        && let Some(parameters) = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut()
    {
        parameters.push(header);
    }
}

fn describe_retry_after(operation: &mut Value) {
    if let Some(answer) = operation.pointer_mut("/responses/503").and_then(Value::as_object_mut) {
        let header = json!({ "description": "Seconds to wait before the next try.", "schema": { "type": "integer", "minimum": 0 } });
        answer.insert("headers".to_owned(), json!({ "Retry-After": header }));
    }
}

/// The limit holds for every request, whether its operation wants a body or not.
fn describe_body_limit(operation: &mut Value) {
    if let Some(answers) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        let problem = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
        let answer = json!({ "description": "The request body is larger than the limit.", "content": problem });
        answers.entry("413").or_insert(answer);
    }
}

/// The framework calls a stream of server-sent events an array; what is sent is one event after the other.
fn describe_events(operation: &mut Value) {
    let stream = operation.pointer_mut("/responses/200/content/text~1event-stream");
    let Some(schema) = stream.and_then(|stream| stream.get_mut("schema")) else {
        return;
    };
    let items = schema.get("items").cloned().unwrap_or_default();
    *schema = json!({
        "type": "object",
        "description": "One event. Its data is JSON.",
        "required": ["event", "data"],
        "properties": {
            "event": { "type": "string", "description": "What the event tells of." },
            "data": { "type": "string", "description": "The thing as it is now.", "contentMediaType": "application/json", "contentSchema": items },
        }
    });
}

/// What may be left out may also be `null`, and is `null` in answers.
fn allow_null(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Value::Array(words)) = object.get_mut("enum") {
        words.push(Value::Null);
    }
    if let Some(kind @ Value::String(_)) = object.get_mut("type") {
        *kind = json!([kind, "null"]);
        return;
    }
    let reference = object.remove("$ref").map(|reference| json!({ "$ref": reference }));
    let named = reference.or_else(|| object.remove("allOf")?.as_array()?.first().cloned());
    if let Some(named) = named {
        object.insert("anyOf".to_owned(), json!([named, { "type": "null" }]));
    }
}

/// Adds the limits that the description tells to a text or a number.
fn limit(schema: &mut Value, description: &str) {
    let kind = text(schema, "type");
    let Some(schema) = schema.as_object_mut() else { return };
    let Some((low, high, unit)) = bounds(description) else { return };
    let (low_key, high_key) = match (kind.as_str(), unit) {
        ("string", Unit::Characters) => ("minLength", "maxLength"),
        ("integer" | "number", Unit::None) => ("minimum", "maximum"),
        ("array", Unit::Items) => ("minItems", "maxItems"),
        _ => return,
    };
    if let Some(low) = low {
        schema.insert(low_key.to_owned(), low.into());
    }
    schema.insert(high_key.to_owned(), high.into());
}

/// What a description counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Characters,
    Items,
    None,
}

/// The first "a to b" or "at most b" of a description.
fn bounds(description: &str) -> Option<(Option<u64>, u64, Unit)> {
    let words: Vec<&str> = description.split_whitespace().collect();
    (0..words.len()).find_map(|index| {
        let word = |offset: usize| words.get(index + offset).copied().unwrap_or_default();
        let (low, high, next) = if word(1) == "to" {
            (Some(number(word(0))?), number(word(2))?, word(3))
        } else if word(0).eq_ignore_ascii_case("at") && word(1) == "most" {
            (None, number(word(2))?, word(3))
        } else {
            return None;
        };
        let unit = match next.trim_end_matches(['.', ',', ';', ':']) {
            "characters" => Unit::Characters,
            "items" => Unit::Items,
            _ => Unit::None,
        };
        Some((low, high, unit))
    })
}

fn number(word: &str) -> Option<u64> {
    word.trim_end_matches(['.', ',', ';', ':', ')']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_belongs_to_a_schema() {
        let document: Value = serde_json::from_str(&document()).unwrap();
        let examples: Map<String, Value> = serde_json::from_str(EXAMPLES).unwrap();
        for (name, example) in examples {
            assert_eq!(document["components"]["schemas"][&name]["example"], example, "{name}");
        }
    }

    #[test]
    fn limits_are_read_from_what_people_read() {
        assert_eq!(bounds("1 to 20 characters; unique."), Some((Some(1), 20, Unit::Characters)));
        assert_eq!(bounds("At most 5000 characters."), Some((None, 5000, Unit::Characters)));
        assert_eq!(bounds("1 to 100; default 20."), Some((Some(1), 100, Unit::None)));
        assert_eq!(bounds("What leads to success, at most."), None);
        assert_eq!(bounds(""), None);
    }

    #[test]
    fn what_may_be_left_out_may_be_null() {
        let allowed = |mut schema: Value| {
            allow_null(&mut schema);
            schema
        };
        assert_eq!(allowed(json!({ "type": "string" })), json!({ "type": ["string", "null"] }));
        let word = json!({ "type": "string", "enum": ["a"] });
        assert_eq!(allowed(word), json!({ "type": ["string", "null"], "enum": ["a", null] }));
        let named = json!({ "anyOf": [{ "$ref": "#/x" }, { "type": "null" }] });
        assert_eq!(allowed(json!({ "$ref": "#/x" })), named);
        assert_eq!(allowed(json!({ "allOf": [{ "$ref": "#/x" }] })), named);
    }

    #[test]
    fn a_limit_of_characters_is_none_of_a_number() {
        let mut schema = json!({ "type": "integer" });
        limit(&mut schema, "1 to 20 characters");
        assert_eq!(schema, json!({ "type": "integer" }));
        let mut schema = json!({ "type": "string" });
        limit(&mut schema, "1 to 20 characters");
        assert_eq!(schema, json!({ "type": "string", "minLength": 1, "maxLength": 20 }));
    }
}
