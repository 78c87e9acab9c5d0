//! `PATCH`: a field that is absent stays, one that is `null` is emptied.

use poem_openapi::types::MaybeUndefined;
use poem_openapi::types::{ParseFromJSON, ToJSON};

/// What a use case calls the same: `None` stays, `Some(None)` is emptied.
pub fn patch<T: ParseFromJSON + ToJSON, U>(field: MaybeUndefined<T>, convert: impl FnOnce(T) -> U) -> Option<Option<U>> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(convert(value))),
    }
}
