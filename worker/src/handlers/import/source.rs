//! The bytes of an uploaded file as a stream, read by the synchronous parser in a thread of its own.
//!
//! One piece of the file and two batches of rows are in memory at a time, whatever the size of the file.

use super::Rules;
use crate::config::ImportSettings;
use crate::executor::JobError;
use acurate_shared::db::Database;
use acurate_shared::ids::UploadId;
use acurate_shared::imports::{Encoding, EncodingProbe, FileError, Parsed, upload};
use std::io::{self, Read};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// What was found out about a file before its rows are read.
pub(super) enum Examined<S> {
    Readable(Encoding, S),
    Unreadable(FileError),
}

/// Decides the encoding and counts the records.
pub(super) async fn examine<R: Rules>(database: &Database, upload_id: UploadId, rules: &R) -> Result<Examined<R::Survey>, JobError> {
    let mut probe = EncodingProbe::new();
    let mut seq = 0;
    while let Some(piece) = upload::piece(database, upload_id, seq).await? {
        probe.feed(&piece);
        seq += 1;
    }
    let encoding = match probe.finish() {
        Ok(encoding) => encoding,
        Err(error) => return Ok(Examined::Unreadable(error)),
    };
    let reader = Pieces::stream(database, upload_id);
    let rules = rules.clone();
    let surveyed = tokio::task::spawn_blocking(move || rules.survey(reader, encoding))
        .await
        .map_err(thread_died)?;
    match surveyed {
        Ok(survey) => Ok(Examined::Readable(encoding, survey)),
        Err(error) if error.is_transient() => Err(JobError::Retry(error.to_string())),
        Err(error) => Ok(Examined::Unreadable(error)),
    }
}

/// Batches of records as they come out of the parser.
pub(super) struct Reading<Row> {
    batches: mpsc::Receiver<Vec<Parsed<Row>>>,
    parser: Option<JoinHandle<Result<(), FileError>>>,
}

impl<Row: Send + 'static> Reading<Row> {
    /// Starts at the record behind `after`. The parser reads the file from its start all the same, because what counts as a
    /// duplicate depends on all records before.
    pub(super) fn start<R: Rules<Row = Row>>(
        database: &Database,
        upload_id: UploadId,
        encoding: Encoding,
        rules: &R,
        settings: ImportSettings,
        after: u64,
    ) -> Self {
        let reader = Pieces::stream(database, upload_id);
        let (sender, batches) = mpsc::channel(1);
        let rules = rules.clone();
        let parser = tokio::task::spawn_blocking(move || parse(reader, encoding, &rules, settings, after, &sender));
        Self {
            batches,
            parser: Some(parser),
        }
    }

    /// The next batch; `None` after the last record of the file.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Parsed<Row>>>, JobError> {
        if let Some(batch) = self.batches.recv().await {
            return Ok(Some(batch));
        }
        if let Some(parser) = self.parser.take() {
            parser
                .await
                .map_err(thread_died)?
                .map_err(|error| JobError::Retry(error.to_string()))?;
        }
        Ok(None)
    }
}

fn parse<R: Rules>(
    reader: Pieces,
    encoding: Encoding,
    rules: &R,
    settings: ImportSettings,
    after: u64,
    sender: &mpsc::Sender<Vec<Parsed<R::Row>>>,
) -> Result<(), FileError> {
    let mut batch = Vec::new();
    let mut cells = 0;
    for parsed in rules.open(reader, encoding)? {
        let parsed = parsed?;
        if parsed.record <= after {
            continue;
        }
        cells += parsed.row.as_ref().map_or(0, R::cells);
        batch.push(parsed);
        if batch.len() < settings.batch && cells < settings.batch_cells {
            continue;
        }
        cells = 0;
        // Nobody listens any more: the run was stopped.
        if sender.blocking_send(std::mem::take(&mut batch)).is_err() {
            return Ok(());
        }
    }
    if !batch.is_empty() {
        let _ = sender.blocking_send(batch);
    }
    Ok(())
}

/// The pieces of a file as a reader for synchronous code.
pub(super) struct Pieces {
    pieces: mpsc::Receiver<io::Result<Vec<u8>>>,
    current: io::Cursor<Vec<u8>>,
}

impl Pieces {
    /// Fetches pieces ahead of the reader, one at a time, until the file ends or the reader is dropped.
    fn stream(database: &Database, upload_id: UploadId) -> Self {
        let (sender, pieces) = mpsc::channel(1);
        let database = database.clone();
        tokio::spawn(async move {
            for seq in 0.. {
                let piece = match upload::piece(&database, upload_id, seq).await {
                    Ok(Some(piece)) => Ok(piece),
                    Ok(None) => return,
                    Err(error) => Err(io::Error::other(error)),
                };
                let failed = piece.is_err();
                if sender.send(piece).await.is_err() || failed {
                    return;
                }
            }
        });
        Self {
            pieces,
            current: io::Cursor::new(Vec::new()),
        }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.current.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.pieces.blocking_recv() {
                Some(piece) => self.current = io::Cursor::new(piece?),
                None => return Ok(0),
            }
        }
    }
}

fn thread_died(error: tokio::task::JoinError) -> JobError {
    JobError::Retry(format!("the reader of the file ended: {error}"))
}
