//! Deriving secrets from the server secret: one keyed function, HMAC-SHA-256.
//!
//! Each use writes a label of its own first, so that no two uses ever compute the same value.

use hmac::{Hmac, KeyInit};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

/// HMAC-SHA-256 under a key of any length.
pub(super) fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    // HMAC shortens a key longer than one block by hashing it; doing that here keeps the key within what the
    // constructor for a whole block takes, so there is no error to handle.
    let mut block = [0; 64];
    if secret.len() > block.len() {
        let digest = Sha256::digest(secret);
        block.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    } else {
        block.iter_mut().zip(secret).for_each(|(to, from)| *to = *from);
    }
    let mac = Hmac::<Sha256>::new(&block.into());
    block.zeroize();
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use hmac::Mac;

    #[test]
    fn hmac_agrees_with_rfc_4231() {
        let hex = |key: &[u8], data: &[u8]| -> String {
            let mut mac = keyed(key);
            mac.update(data);
            let tag = mac.finalize().into_bytes();
            tag.iter().map(|byte| format!("{byte:02x}")).collect()
        };
        assert_eq!(
            hex(&[0x0b; 20], b"Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            hex(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
