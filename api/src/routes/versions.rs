//! Optimistic locking on the wire: `ETag` on what is read, `If-Match` on what is changed (RFC 9110).

use crate::problem::Problem;
use acurate_shared::db::Expected;
use poem::http::StatusCode;
use poem_openapi::ApiResponse;
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;

/// Something that has a version.
#[derive(Debug, ApiResponse)]
pub enum Versioned<T: ToJSON> {
    /// As it is now.
    #[oai(status = 200)]
    Current(
        Json<T>,
        /// Its version; send it as `If-Match` with a change, so that nobody else's change is overwritten.
        #[oai(header = "ETag")]
        String,
    ),
}

impl<T: ToJSON> Versioned<T> {
    /// The answer about a row of this version.
    pub fn of(version: i32, body: impl Into<T>) -> Self {
        Self::Current(Json(body.into()), format!("\"{version}\""))
    }
}

/// What `If-Match` demands: nothing when absent or `*`, else one of the listed versions. A weak tag matches nothing.
///
/// # Errors
/// 400 when the header is no list of entity tags.
pub fn expected(if_match: Option<&str>) -> Result<Expected, Problem> {
    let Some(text) = if_match.map(str::trim).filter(|text| *text != "*") else {
        return Ok(Expected::Any);
    };
    let mut versions = Vec::new();
    for tag in text.split(',').map(str::trim) {
        let strong = tag.strip_prefix("W/").unwrap_or(tag);
        let Some(inner) = strong.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
            let detail = "If-Match takes the ETag of an earlier answer, with its quotes: If-Match: \"3\".";
            return Err(Problem::new(StatusCode::BAD_REQUEST, "unreadable_if_match", detail));
        };
        if strong.len() == tag.len() {
            versions.extend(inner.parse::<i32>());
        }
    }
    Ok(Expected::OneOf(versions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_header_and_with_a_star_any_version_will_do() {
        assert_eq!(expected(None).unwrap(), Expected::Any);
        assert_eq!(expected(Some(" * ")).unwrap(), Expected::Any);
    }

    #[test]
    fn strong_tags_name_versions_and_others_match_nothing() {
        assert_eq!(expected(Some("\"3\", \"4\"")).unwrap(), Expected::OneOf(vec![3, 4]));
        assert_eq!(expected(Some("W/\"3\"")).unwrap(), Expected::OneOf(vec![]));
        assert_eq!(expected(Some("\"of another server\"")).unwrap(), Expected::OneOf(vec![]));
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for text in ["3", "\"3", "", "\"3\" \"4\",", "null"] {
            assert!(expected(Some(text)).is_err(), "{text}");
        }
    }
}
