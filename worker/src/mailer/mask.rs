//! Addresses made unreadable for logs and error texts, yet still useful to whoever knows whom they look for.

/// `ayse@example.edu` as `a***@example.edu`; text without an `@` as `***`.
pub fn address(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}***@{domain}", local.chars().take(1).collect::<String>()),
        None => "***".to_owned(),
    }
}

/// `text` with every address in it masked.
pub fn addresses_in(text: &str) -> String {
    text.split_inclusive(ends_address)
        .map(|piece| {
            let end = piece.trim_end_matches(ends_address);
            let rest = piece.get(end.len()..).unwrap_or_default();
            if end.contains('@') { address(end) + rest } else { piece.to_owned() }
        })
        .collect()
}

fn ends_address(character: char) -> bool {
    character.is_whitespace() || matches!(character, '<' | '>' | '(' | ')' | '[' | ']' | ',' | ';' | ':' | '"' | '\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_first_letter_and_its_domain() {
        assert_eq!(address("ayse.yilmaz@example.edu"), "a***@example.edu");
        assert_eq!(address("ş@example.edu"), "ş***@example.edu");
        assert_eq!(address("@example.edu"), "***@example.edu");
        assert_eq!(address("no address"), "***");
    }

    #[test]
    fn every_address_in_a_reply_is_masked_and_the_rest_is_kept() {
        assert_eq!(
            addresses_in("5.1.1 <ayse@example.edu>: unknown (not ali@b.org), see mailto:help@c.net"),
            "5.1.1 <a***@example.edu>: unknown (not a***@b.org), see mailto:h***@c.net"
        );
        assert_eq!(addresses_in("2.0.0 Ok: queued as 4FXy"), "2.0.0 Ok: queued as 4FXy");
        assert_eq!(addresses_in(""), "");
    }
}
