//! Refuses JSON bodies in which an object has a key twice: of two values one would be dropped in silence.
//!
//! Everything else about a body is the handler's own reading.

use crate::problem::{Problem, ProblemField};
use poem::http::StatusCode;
use poem::{Body, Endpoint, IntoResponse, Middleware, Request, Response, Result};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// The middleware.
#[derive(Clone, Copy, Debug)]
pub struct StrictJson;

/// The endpoint of [`StrictJson`].
#[derive(Debug)]
pub struct StrictJsonEndpoint<E>(E);

impl<E: Endpoint> Middleware<E> for StrictJson {
    type Output = StrictJsonEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        StrictJsonEndpoint(inner)
    }
}

impl<E: Endpoint> Endpoint for StrictJsonEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        if request.content_type().is_some_and(|kind| kind.starts_with("application/json")) {
            let body = request.take_body().into_bytes().await?;
            if let Some(key) = repeated_key(&body) {
                return Err(repeated(&key).into());
            }
            request.set_body(Body::from_bytes(body));
        }
        self.0.call(request).await.map(IntoResponse::into_response)
    }
}

/// Longest key that is told back, in characters.
const KEY_LIMIT: usize = 60;

fn repeated(key: &str) -> Problem {
    let key: String = key.chars().take(KEY_LIMIT).collect();
    let message = format!("the key \"{key}\" stands twice in one object");
    let detail = format!("The request cannot be read: {message}.");
    Problem {
        errors: vec![ProblemField {
            field: key,
            code: "duplicate_key".to_owned(),
            message,
        }],
        ..Problem::new(StatusCode::BAD_REQUEST, "unreadable_request", detail)
    }
}

/// The first key that an object of the text has twice; nothing for a text that is no JSON.
fn repeated_key(text: &[u8]) -> Option<String> {
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_slice(text);
    // The error only ends the reading.
    let _ = Keys(&mut found).deserialize(&mut reader);
    found
}

/// Reads a value of any kind, and stops at the first repeated key.
struct Keys<'a>(&'a mut Option<String>);

impl<'de> DeserializeSeed<'de> for Keys<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut keys = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if let Some(key) = keys.replace(key.clone()) {
                *self.0 = Some(key);
                return Err(A::Error::custom("a repeated key"));
            }
            map.next_value_seed(Keys(&mut *self.0))?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Keys(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_key_is_found_at_any_depth() {
        assert_eq!(repeated_key(br#"{"a": 1, "b": 2, "a": 3}"#).as_deref(), Some("a"));
        assert_eq!(
            repeated_key(br#"{"cells": [{}, {"score": 1, "score": 2}]}"#).as_deref(),
            Some("score")
        );
        assert_eq!(repeated_key(br#"{"a": 1, "\u0061": 2}"#).as_deref(), Some("a"));
    }

    #[test]
    fn equal_keys_of_different_objects_are_fine_and_what_is_no_json_is_the_handlers_affair() {
        assert_eq!(repeated_key(br#"[{"a": 1}, {"a": {"a": null}}, -1, 1.5, "a", true]"#), None);
        assert_eq!(repeated_key(br#"{"a": 1, "#), None);
        assert_eq!(repeated_key("[".repeat(100_000).as_bytes()), None);
    }
}
