//! Which student numbers and addresses a file has used so far.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sha2::{Digest, Sha256};

/// 128 bits of SHA-256: no two texts of a file, however chosen, share them, and a key takes 16 bytes whatever its text takes.
type Key = [u8; 16];

/// The keys of the records read so far, each with the first record that has it.
///
/// About 50 bytes per record, so the limit on records bounds the memory: some 50 MB at 500 000.
#[derive(Debug, Default)]
pub(super) struct UsedKeys {
    numbers: HashMap<Key, u64>,
    emails: HashMap<Key, u64>,
}

impl UsedKeys {
    /// Notes that `record` carries a student number; returns the earlier record that carries the same one.
    pub(super) fn number(&mut self, number: &str, record: u64) -> Option<u64> {
        register(&mut self.numbers, number, record)
    }

    /// Notes that `record` carries an address, in lower case; returns the earlier record that carries the same one.
    pub(super) fn email(&mut self, email: &str, record: u64) -> Option<u64> {
        register(&mut self.emails, email, record)
    }
}

fn register(used: &mut HashMap<Key, u64>, text: &str, record: u64) -> Option<u64> {
    match used.entry(key(text)) {
        Entry::Occupied(first) => Some(*first.get()),
        Entry::Vacant(free) => {
            free.insert(record);
            None
        }
    }
}

fn key(text: &str) -> Key {
    let digest = Sha256::digest(text.as_bytes());
    let mut key = Key::default();
    key.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    key
}

#[cfg(test)]
mod tests {
    use super::UsedKeys;

    #[test]
    fn the_first_record_with_a_value_is_remembered() {
        let mut keys = UsedKeys::default();
        assert_eq!(keys.number("001", 2), None);
        assert_eq!(keys.number("1", 3), None);
        assert_eq!(keys.number("001", 4), Some(2));
        assert_eq!(keys.number("001", 5), Some(2));
    }

    #[test]
    fn a_number_and_an_address_of_the_same_text_are_two_things() {
        let mut keys = UsedKeys::default();
        assert_eq!(keys.number("a", 2), None);
        assert_eq!(keys.email("a", 3), None);
    }
}
