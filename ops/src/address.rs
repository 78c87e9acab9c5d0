//! The part of a mail address before the `@`, as universities make it from a name.

/// `İrem`, `Çelik` as `irem.celik`: lower case, Turkish letters without their marks, blanks left out.
pub(crate) fn local_part(first_name: &str, last_name: &str) -> String {
    format!("{}.{}", ascii(first_name), ascii(last_name))
}

fn ascii(name: &str) -> String {
    let letter = |letter| match letter {
        'ç' | 'Ç' => Some('c'),
        'ğ' | 'Ğ' => Some('g'),
        'ı' | 'I' | 'İ' => Some('i'),
        'ö' | 'Ö' => Some('o'),
        'ş' | 'Ş' => Some('s'),
        'ü' | 'Ü' => Some('u'),
        other => other.is_ascii_alphanumeric().then(|| other.to_ascii_lowercase()),
    };
    name.chars().filter_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turkish_letters_lose_their_marks() {
        assert_eq!(local_part("Işıl Nur", "Güneş"), "isilnur.gunes");
        assert_eq!(local_part("İBRAHİM", "Öztürk"), "ibrahim.ozturk");
        assert_eq!(local_part("Oğuzhan", "Çağ"), "oguzhan.cag");
    }
}
