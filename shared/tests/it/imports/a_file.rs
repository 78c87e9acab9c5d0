//! Uploaded files in the database.

use crate::campus::Campus;
use acurate_shared::entity::upload;
use acurate_shared::ids::UploadId;
use acurate_shared::imports::upload::{FileInfo, piece, store};
use acurate_shared::kinds::UploadPurpose;
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

const PIECE: usize = 256 * 1024;

fn info(name: Option<&str>, content_type: Option<&str>) -> FileInfo {
    FileInfo {
        name: name.map(str::to_owned),
        content_type: content_type.map(str::to_owned),
        purpose: UploadPurpose::StudentImport,
    }
}

async fn stored(campus: &Campus, info: FileInfo, reader: impl AsyncRead + Unpin) -> upload::Model {
    let work = campus.begin().await;
    let id = store(&work, &campus.admin, info, reader).await.unwrap();
    let _ = work.commit().await.unwrap();
    upload::Entity::find_by_id(id).one(campus.db()).await.unwrap().unwrap()
}

async fn read_back(campus: &Campus, id: UploadId) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    for seq in 0.. {
        match piece(campus.database(), id, seq).await.unwrap() {
            Some(piece) => pieces.push(piece),
            None => break,
        }
    }
    pieces
}

#[tokio::test]
async fn comes_back_byte_for_byte_whatever_its_size() {
    let campus = Campus::create().await;
    for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 17] {
        let bytes: Vec<u8> = (0..size).map(|n| (n * 31 % 251) as u8).collect();
        let upload = stored(&campus, info(Some("students.csv"), Some("text/csv")), bytes.as_slice()).await;

        assert_eq!(upload.size_bytes, size as i64);
        assert_eq!(upload.sha256, Sha256::digest(&bytes).to_vec());
        assert_eq!(
            (upload.institution_id, upload.created_by),
            (campus.admin.institution_id, Some(campus.admin.user_id))
        );
        let pieces = read_back(&campus, upload.id).await;
        assert_eq!(pieces.len(), size.div_ceil(PIECE));
        assert_eq!(pieces.concat(), bytes);
    }
}

/// Hands out one byte at a time, and an error at the end if there is to be one.
struct Trickle {
    left: usize,
    fails: bool,
}

impl AsyncRead for Trickle {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.left == 0 {
            return Poll::Ready(if self.fails { Err(io::Error::other("gone")) } else { Ok(()) });
        }
        self.left -= 1;
        buffer.put_slice(b"x");
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn that_arrives_in_crumbs_is_kept_in_full_pieces() {
    let campus = Campus::create().await;
    let reader = Trickle {
        left: PIECE + 5,
        fails: false,
    };
    let upload = stored(&campus, info(None, None), reader).await;
    let lengths: Vec<usize> = read_back(&campus, upload.id).await.iter().map(Vec::len).collect();
    assert_eq!(lengths, [PIECE, 5]);
}

#[tokio::test]
async fn that_cannot_be_read_to_its_end_is_refused() {
    let campus = Campus::create().await;
    let work = campus.begin().await;
    let reader = Trickle { left: 10, fails: true };
    let refused = store(&work, &campus.admin, info(None, None), reader).await;
    assert!(refused.unwrap_err().to_string().contains("cannot be read"));
}

#[tokio::test]
async fn has_a_plain_name_and_a_type_that_can_be_stored() {
    let campus = Campus::create().await;
    let long = "t".repeat(300);
    for (name, content_type, expected) in [
        (
            Some("C:\\fakepath\\öğrenciler.csv"),
            Some("text/csv\0"),
            ("öğrenciler.csv", Some("text/csv")),
        ),
        (Some("../../etc/passwd"), None, ("passwd", None)),
        (Some("o\u{308}g\u{306}renci.csv"), Some(""), ("öğrenci.csv", Some(""))),
        (Some(" \u{0}\t"), Some(long.as_str()), ("file", Some(&long[..255]))),
        (None, None, ("file", None)),
    ] {
        let upload = stored(&campus, info(name, content_type), b"x".as_slice()).await;
        assert_eq!((upload.file_name.as_str(), upload.content_type.as_deref()), expected);
    }
}
