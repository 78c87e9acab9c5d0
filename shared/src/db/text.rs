//! Finding text in text, in SQL.

/// A condition: whether the expression `text` contains the text of the parameter, e.g. `$2`. Case and dots of `i` aside:
/// `İ`, `I`, `ı` and `i` are one letter, so that a Turkish and an English keyboard find the same. Spelled out, not left to
/// the server's locale. Both arguments are ours, never a caller's.
pub(crate) fn contains(text: &str, parameter: &str) -> String {
    let folded = |text: &str| format!(r#"lower(translate({text}, 'İIı', 'iii') COLLATE "und-x-icu")"#);
    format!("strpos({}, {}) > 0", folded(text), folded(parameter))
}
