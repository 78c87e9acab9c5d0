//! The decoded text of a file as a window that moves forward: what is read is dropped, what is next can be looked at.

use std::io::{self, Read};

use super::encoding::{Encoding, StreamDecoder};

/// Bytes asked of the reader at a time.
const CHUNK: usize = 32 * 1024;

/// Decoded text of a reader, of which only the part that is not consumed yet is kept.
#[derive(Debug)]
pub(super) struct TextSource<R> {
    reader: R,
    /// None once the reader has ended and the decoder has given its last text.
    decoder: Option<StreamDecoder>,
    chunk: Box<[u8]>,
    text: String,
    consumed: usize,
}

impl<R: Read> TextSource<R> {
    pub(super) fn new(reader: R, encoding: Encoding) -> Self {
        Self {
            reader,
            decoder: Some(StreamDecoder::new(encoding)),
            chunk: vec![0; CHUNK].into_boxed_slice(),
            text: String::new(),
            consumed: 0,
        }
    }

    /// The text that is decoded and not consumed.
    pub(super) fn window(&self) -> &str {
        self.text.get(self.consumed..).unwrap_or_default()
    }

    /// The next bytes of text, at least one unless the file has ended.
    pub(super) fn peek(&mut self) -> io::Result<&[u8]> {
        while self.consumed >= self.text.len() && self.extend()? {}
        Ok(self.text.as_bytes().get(self.consumed..).unwrap_or_default())
    }

    /// Drops `bytes` bytes from the start of the window.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.consumed = self.consumed.saturating_add(bytes).min(self.text.len());
    }

    /// Reads and decodes one more chunk behind the window; false at the end of the file.
    pub(super) fn extend(&mut self) -> io::Result<bool> {
        self.drop_consumed();
        let Some(decoder) = self.decoder.as_mut() else {
            return Ok(false);
        };
        let read = loop {
            match self.reader.read(&mut self.chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        match self.chunk.get(..read) {
            Some(bytes) if !bytes.is_empty() => decoder.feed(bytes, &mut self.text),
            _ => {
                if let Some(decoder) = self.decoder.take() {
                    decoder.finish(&mut self.text);
                }
            }
        }
        Ok(true)
    }

    /// Moves to the first record of the file and returns its text, at most the first `limit` bytes of it.
    ///
    /// Blank lines and blanks before it are consumed. Looking for its end keeps no more text than `limit` and one chunk.
    pub(super) fn first_record(&mut self, limit: usize) -> io::Result<&str> {
        loop {
            let window = self.window();
            let text = window.trim_start_matches([' ', '\r', '\n', '\u{FEFF}']);
            let leading = window.len() - text.len();
            let complete = end_of_record(text).is_some() || text.len() > limit;
            self.consume(leading);
            if complete || !self.extend()? {
                break;
            }
        }
        let window = self.window();
        let end = end_of_record(window).unwrap_or(window.len()).min(limit);
        Ok(window.get(..window.floor_char_boundary(end)).unwrap_or_default())
    }

    /// Consumes the line at the start of the window, without the line break behind it.
    pub(super) fn consume_first_line(&mut self) {
        let window = self.window();
        let end = window.find(['\r', '\n']).unwrap_or(window.len());
        self.consume(end);
    }

    fn drop_consumed(&mut self) {
        if self.consumed >= self.text.len() {
            self.text.clear();
        } else {
            self.text.drain(..self.consumed);
        }
        self.consumed = 0;
    }
}

/// Where the first line break outside quotes is.
fn end_of_record(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        !quoted && matches!(byte, b'\r' | b'\n')
    })
}
