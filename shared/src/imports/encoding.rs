//! Which encoding a file is in, and its bytes as text, both over chunks of any size.
//!
//! Not for CSV: nothing here knows lines or quotes.

use encoding_rs::{CoderResult, Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1254};

use super::file_error::FileError;

/// Size in bytes of the buffer into which the probe decodes and forgets.
const PROBE_BUFFER: usize = 8 * 1024;

/// A file with more than one NUL byte in this many bytes is no text of one byte per ASCII character.
const NUL_SHARE: u64 = 8;

/// An encoding a student file may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, with or without a byte-order mark. Plain ASCII counts as UTF-8.
    Utf8,
    /// UTF-16, low byte first, announced by a byte-order mark.
    Utf16Le,
    /// UTF-16, high byte first, announced by a byte-order mark.
    Utf16Be,
    /// The single-byte "ANSI" encoding of Turkish Windows.
    Windows1254,
}

impl Encoding {
    /// The registered name in lower case, as shown in the result of an import.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1254 => "windows-1254",
        }
    }
}

/// Decides the encoding of a file from all of its bytes, fed in chunks of any size.
///
/// A byte-order mark decides. Without one, valid UTF-8 is UTF-8, and anything else is Windows-1254. One case lies
/// between: bytes that are UTF-8 but for a few broken sequences (a file cut off, or pasted together from two). Read as
/// Windows-1254, every Turkish name of such a file would be garbled in silence; so where intact multi-byte sequences
/// are no fewer than broken ones the file is UTF-8, and its broken characters become U+FFFD, for which the record is refused.
/// Turkish text in Windows-1254 cannot fall into this case: its letters never form a multi-byte sequence of UTF-8.
#[derive(Debug)]
pub struct EncodingProbe {
    head: Vec<u8>,
    length: u64,
    nul_bytes: u64,
    decoder: Decoder,
    intact_sequences: u64,
    broken_sequences: u64,
    buffer: Box<[u8]>,
}

impl Default for EncodingProbe {
    fn default() -> Self {
        Self::new()
    }
}

impl EncodingProbe {
    /// Bytes at the start of a file that can hold a byte-order mark or a signature.
    const HEAD: usize = 4;

    /// A probe that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            head: Vec::with_capacity(Self::HEAD),
            length: 0,
            nul_bytes: 0,
            decoder: UTF_8.new_decoder_without_bom_handling(),
            intact_sequences: 0,
            broken_sequences: 0,
            buffer: vec![0; PROBE_BUFFER].into_boxed_slice(),
        }
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        let wanted = Self::HEAD.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(wanted));
        self.length += bytes.len() as u64;
        self.nul_bytes += bytes.iter().filter(|byte| **byte == 0).count() as u64;
        self.count_sequences(bytes, false);
    }

    /// The encoding of everything fed so far.
    ///
    /// # Errors
    ///
    /// [`FileError::Empty`] for no bytes at all, [`FileError::Spreadsheet`] for an Excel workbook,
    /// [`FileError::UnsupportedEncoding`] for UTF-32, UTF-16 without a byte-order mark and binary files.
    pub fn finish(mut self) -> Result<Encoding, FileError> {
        self.count_sequences(&[], true);
        match self.head.as_slice() {
            [] => Err(FileError::Empty),
            // These two are UTF-32; the first of them begins like UTF-16.
            [0xFF, 0xFE, 0, 0] | [0, 0, 0xFE, 0xFF] => Err(FileError::UnsupportedEncoding),
            [0xFF, 0xFE, ..] => Ok(Encoding::Utf16Le),
            [0xFE, 0xFF, ..] => Ok(Encoding::Utf16Be),
            [0xEF, 0xBB, 0xBF, ..] => Ok(Encoding::Utf8),
            [b'P', b'K', 3, 4] | [0xD0, 0xCF, 0x11, 0xE0] => Err(FileError::Spreadsheet),
            // A single NUL is a fault of its record; many are a file of two bytes per character, or no text at all.
            _ if self.nul_bytes * NUL_SHARE > self.length => Err(FileError::UnsupportedEncoding),
            _ if self.broken_sequences == 0 || self.intact_sequences >= self.broken_sequences => Ok(Encoding::Utf8),
            _ => Ok(Encoding::Windows1254),
        }
    }

    fn count_sequences(&mut self, mut bytes: &[u8], last: bool) {
        loop {
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(bytes, &mut self.buffer, last);
            let decoded = self.buffer.get(..written).unwrap_or_default();
            self.intact_sequences += decoded.iter().filter(|byte| **byte >= 0xC0).count() as u64;
            bytes = bytes.get(read..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.broken_sequences += 1,
            }
        }
    }
}

/// Turns the bytes of a file into text, chunk by chunk; a character may be cut anywhere between two chunks.
///
/// The byte-order mark is removed. What is no character of the encoding becomes U+FFFD.
#[derive(Debug)]
pub struct StreamDecoder {
    decoder: Decoder,
}

impl StreamDecoder {
    /// A decoder at the start of a file.
    #[must_use]
    pub fn new(encoding: Encoding) -> Self {
        let encoding = match encoding {
            Encoding::Utf8 => UTF_8,
            Encoding::Utf16Le => UTF_16LE,
            Encoding::Utf16Be => UTF_16BE,
            Encoding::Windows1254 => WINDOWS_1254,
        };
        Self {
            decoder: encoding.new_decoder_with_bom_removal(),
        }
    }

    /// Appends the text of the next bytes; a character that is still incomplete waits for the next call.
    pub fn feed(&mut self, bytes: &[u8], text: &mut String) {
        self.decode(bytes, text, false);
    }

    /// Appends what an incomplete last character is worth: U+FFFD, or nothing when there is none. To be called once, after the last bytes.
    pub fn finish(mut self, text: &mut String) {
        self.decode(&[], text, true);
    }

    fn decode(&mut self, mut bytes: &[u8], text: &mut String, last: bool) {
        loop {
            let room = self.decoder.max_utf8_buffer_length(bytes.len());
            text.reserve(room.unwrap_or(bytes.len()));
            let (result, read, _) = self.decoder.decode_to_string(bytes, text, last);
            bytes = bytes.get(read..).unwrap_or_default();
            if result == CoderResult::InputEmpty {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(bytes: &[u8]) -> Result<Encoding, FileError> {
        let mut probe = EncodingProbe::new();
        probe.feed(bytes);
        probe.finish()
    }

    #[test]
    fn a_byte_order_mark_decides() {
        assert_eq!(probe(b"\xEF\xBB\xBFa").unwrap(), Encoding::Utf8);
        assert_eq!(probe(b"\xFF\xFEa\0").unwrap(), Encoding::Utf16Le);
        assert_eq!(probe(b"\xFE\xFF\0a").unwrap(), Encoding::Utf16Be);
    }

    #[test]
    fn a_first_letter_outside_ascii_that_comes_late_still_decides() {
        let ascii = "a,b\n".repeat(100_000);
        let utf8 = format!("{ascii}ş");
        assert_eq!(probe(utf8.as_bytes()).unwrap(), Encoding::Utf8);
        let mut ansi = ascii.into_bytes();
        ansi.push(0xFE);
        assert_eq!(probe(&ansi).unwrap(), Encoding::Windows1254);
    }

    #[test]
    fn a_character_cut_between_two_chunks_is_no_fault() {
        let mut probe = EncodingProbe::new();
        for byte in "Ömer Şahin, İğdır 😀".bytes() {
            probe.feed(&[byte]);
        }
        assert_eq!(probe.finish().unwrap(), Encoding::Utf8);
    }

    #[test]
    fn utf8_with_a_few_broken_characters_is_not_taken_for_windows_1254() {
        let mut bytes = "Ömer,Şule,Gül\n".repeat(10).into_bytes();
        bytes.extend(b"\xD6mer\n");
        assert_eq!(probe(&bytes).unwrap(), Encoding::Utf8);
        let cut_off = "Ömer,Gü".as_bytes().split_last().unwrap().1;
        assert_eq!(probe(cut_off).unwrap(), Encoding::Utf8);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(probe(b"").unwrap_err().code(), "empty_file");
        assert_eq!(probe(b"a\0,\0b\0").unwrap_err().code(), "unsupported_encoding");
        assert_eq!(probe(b"\xFF\xFE\0\0a\0\0\0").unwrap_err().code(), "unsupported_encoding");
        assert_eq!(probe(b"PK\x03\x04rest").unwrap_err().code(), "spreadsheet_not_csv");
    }

    #[test]
    fn one_stray_nul_does_not_condemn_a_file() {
        assert_eq!(probe(b"student_number,email\n1\x002,a@b.tr\n").unwrap(), Encoding::Utf8);
    }

    #[test]
    fn decoding_removes_the_mark_and_replaces_what_is_cut_off() {
        let mut decoder = StreamDecoder::new(Encoding::Utf16Le);
        let mut text = String::new();
        for byte in b"\xFF\xFE\x5E\x01a\0\x31" {
            decoder.feed(&[*byte], &mut text);
        }
        assert_eq!(text, "Şa");
        decoder.finish(&mut text);
        assert_eq!(text, "Şa\u{FFFD}");
    }
}
