//! Uploaded files in the database, in pieces: any worker can stream them, and no disk of an API server is needed.

use crate::actor::Actor;
use crate::db::{Database, Work, sql};
use crate::error::{Error, Result};
use crate::ids::UploadId;
use crate::kinds::UploadPurpose;
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt};
use unicode_normalization::UnicodeNormalization;

/// Bytes of a piece.
const PIECE: usize = 256 * 1024;

/// Longest file name and content type, in characters.
const TEXT_LIMIT: usize = 255;

/// What is known of a file before it is read.
#[derive(Clone, Debug)]
pub struct FileInfo {
    /// Its name on the caller's machine.
    pub name: Option<String>,
    /// The type that the caller gave it.
    pub content_type: Option<String>,
    /// What it is for.
    pub purpose: UploadPurpose,
}

/// Stores a file in constant memory.
///
/// # Errors
/// When it cannot be read or the database refuses.
pub async fn store(work: &Work, actor: &Actor, info: FileInfo, mut reader: impl AsyncRead + Unpin) -> Result<UploadId> {
    let id = begin(work, actor, &info).await?;
    let mut digest = Sha256::new();
    let (mut seq, mut size) = (0_i32, 0_i64);
    loop {
        let piece = next_piece(&mut reader)
            .await
            .map_err(|error| Error::caused("the upload cannot be read", error))?;
        if piece.is_empty() {
            break;
        }
        digest.update(&piece);
        size += i64::try_from(piece.len()).unwrap_or(0);
        let insert = "INSERT INTO upload_chunks (upload_id, seq, data) VALUES ($1, $2, $3)";
        work.tx().execute_raw(sql(insert, [id.into(), seq.into(), piece.into()])).await?;
        seq += 1;
    }
    let update = "UPDATE uploads SET size_bytes = $2, sha256 = $3 WHERE id = $1";
    work.tx()
        .execute_raw(sql(update, [id.into(), size.into(), digest.finalize().to_vec().into()]))
        .await?;
    Ok(id)
}

/// One piece of a stored file; `None` after the last.
///
/// # Errors
/// When the database refuses.
pub async fn piece(database: &Database, id: UploadId, seq: i32) -> Result<Option<Vec<u8>>> {
    let select = "SELECT data FROM upload_chunks WHERE upload_id = $1 AND seq = $2";
    let row = database.orm().query_one_raw(sql(select, [id.into(), seq.into()])).await?;
    Ok(row.map(|row| row.try_get("", "data")).transpose()?)
}

async fn begin(work: &Work, actor: &Actor, info: &FileInfo) -> Result<UploadId> {
    let name = info
        .name
        .as_deref()
        .map(file_name)
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "file".to_owned());
    let content_type: Option<String> = info.content_type.as_deref().map(printable);
    let insert = "
        INSERT INTO uploads (institution_id, created_by, purpose, file_name, content_type, size_bytes, sha256)
        VALUES ($1, $2, $3, $4, $5, 0, $6) RETURNING id";
    let values = [
        actor.institution_id.into(),
        actor.user_id.into(),
        info.purpose.as_str().into(),
        name.into(),
        content_type.into(),
        vec![0_u8; 32].into(),
    ];
    let row = work
        .tx()
        .query_one_raw(sql(insert, values))
        .await?
        .ok_or_else(|| Error::internal("an upload has no id"))?;
    Ok(row.try_get("", "id")?)
}

/// The last part of a path of any system, in NFC: macOS takes letters and their marks apart.
fn file_name(path: &str) -> String {
    let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
    printable(&last.nfc().collect::<String>()).trim().to_owned()
}

/// Text without what PostgreSQL cannot store and what would show it in another order than it is written.
fn printable(text: &str) -> String {
    let reorders = |c: char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !c.is_control() && !reorders(*c)).take(TEXT_LIMIT).collect()
}

async fn next_piece(reader: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut piece = Vec::with_capacity(PIECE);
    reader.take(PIECE as u64).read_to_end(&mut piece).await?;
    Ok(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_no_path() {
        assert_eq!(file_name("C:\\temp\\öğrenci.csv"), "öğrenci.csv");
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("C:\\temp\\"), "");
    }

    #[test]
    fn a_file_name_is_one_short_line_that_reads_as_it_is_written() {
        assert_eq!(file_name(" a\u{0}\nb.csv "), "ab.csv");
        assert_eq!(file_name("o\u{308}g\u{306}renci.csv"), "öğrenci.csv");
        assert_eq!(file_name("students\u{202E}vsc.exe"), "studentsvsc.exe");
        assert_eq!(file_name(&"ş".repeat(300)), "ş".repeat(255));
        assert_eq!(file_name(" \t "), "");
    }
}
