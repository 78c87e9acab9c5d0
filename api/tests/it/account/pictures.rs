//! `/api/users/me/picture` and `/api/users/{id}/picture`.

use super::student;
use crate::server::{Answer, Server};
use image::{DynamicImage, ImageFormat, RgbImage};
use poem::http::Method;
use serde_json::Value;
use std::io::Cursor;

const MINE: &str = "/api/users/me/picture";

/// A picture of one colour.
fn file(width: u32, height: u32, format: ImageFormat, red: u8) -> Vec<u8> {
    let pixels = RgbImage::from_pixel(width, height, image::Rgb([red, 10, 10]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(pixels).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

async fn put(server: &Server, token: &str, file: Vec<u8>) -> Answer {
    server.send_file(Method::PUT, MINE, token, file).await
}

async fn look(server: &Server, token: &str, path: &str, known: &str) -> Answer {
    let headers = [("if-none-match", known)];
    server.ask_with(Method::GET, path, Some(token), &headers, None).await
}

#[tokio::test]
async fn each_format_becomes_a_square_jpeg_that_the_institution_sees() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let own = server.settle(&student(&server, &admin, "1").await).await;
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let set = put(&server, &own, file(700, 600, format, 200)).await;
        let tag = set.header("etag").to_owned();
        let stored = set.expect(200);
        assert_eq!((&stored["content_type"], &stored["side"]), (&"image/jpeg".into(), &512.into()));
        let url = stored["url"].as_str().unwrap();
        assert_eq!(server.get("/api/auth/me", &own).await.body["picture_url"], url);

        for (token, path) in [(&own, MINE), (&own, url), (&admin, url)] {
            let shown = server.get(path, token).await;
            assert_eq!(shown.status, 200, "{path}: {}", shown.body);
            assert_eq!(shown.header("content-type"), "image/jpeg");
            assert_eq!(shown.header("etag"), tag);
            assert_eq!(shown.header("cache-control"), "private, no-cache");
            assert_eq!(shown.header("x-content-type-options"), "nosniff");
            assert_eq!(shown.bytes.len() as u64, stored["size_bytes"]);
            let pixels = image::load_from_memory_with_format(&shown.bytes, ImageFormat::Jpeg).unwrap();
            assert_eq!((pixels.width(), pixels.height()), (512, 512), "{format:?}");
        }
    }
}

#[tokio::test]
async fn a_picture_that_the_client_has_is_not_sent_again() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let tag = put(&server, &admin, file(64, 64, ImageFormat::Png, 200))
        .await
        .header("etag")
        .to_owned();

    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let answer = look(&server, &admin, MINE, &known).await;
        assert_eq!(answer.status, 304, "{known}");
        assert_eq!(
            (answer.header("etag"), answer.header("cache-control")),
            (tag.as_str(), "private, no-cache")
        );
        assert!(answer.bytes.is_empty());
    }
    assert_eq!(look(&server, &admin, MINE, "\"other\"").await.status, 200);

    put(&server, &admin, file(64, 64, ImageFormat::Png, 90)).await.expect(200);
    let newer = look(&server, &admin, MINE, &tag).await;
    assert_eq!(newer.status, 200);
    assert_ne!(newer.header("etag"), tag);
}

#[tokio::test]
async fn a_picture_that_is_replaced_or_removed_is_gone() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let uploads = "SELECT count(*) AS id FROM uploads";
    for red in [10, 200] {
        put(&server, &admin, file(64, 64, ImageFormat::Png, red)).await.expect(200);
        assert_eq!(server.number(uploads, []).await, 1);
    }
    for _ in 0..2 {
        server.ask(Method::DELETE, MINE, Some(&admin), None).await.expect(204);
        assert_eq!(server.number(uploads, []).await, 0);
    }
    assert_eq!(server.get(MINE, &admin).await.problem(), (404, "not_found".into()));
    assert_eq!(server.get("/api/auth/me", &admin).await.body["picture_url"], Value::Null);
}

#[tokio::test]
async fn a_picture_is_hidden_from_other_institutions_and_from_who_is_not_signed_in() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let rival = server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    let stored = put(&server, &admin, file(64, 64, ImageFormat::Png, 200)).await.expect(200);
    let url = stored["url"].as_str().unwrap();
    for token in [&rival, &server.owner().await] {
        assert_eq!(server.get(url, token).await.problem(), (404, "not_found".into()));
        assert_eq!(look(&server, token, url, "*").await.problem(), (404, "not_found".into()));
    }
    let bare = server.ask(Method::GET, url, None, None).await;
    assert_eq!(bare.problem(), (401, "not_signed_in".into()));
    let nobody = server.get("/api/users/987654/picture", &admin).await;
    assert_eq!(nobody.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn what_is_no_picture_is_refused_and_the_old_one_stays() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let png = file(64, 64, ImageFormat::Png, 200);
    put(&server, &admin, png.clone()).await.expect(200);
    for (file, expected) in [
        (Vec::new(), "invalid file=required"),
        (b"<html><script>alert(1)</script>".to_vec(), "invalid file=unknown_picture_format"),
        (b"GIF89a".to_vec(), "invalid file=unknown_picture_format"),
        (png[..png.len() / 2].to_vec(), "invalid file=broken_picture"),
        (file(13_000, 1, ImageFormat::Png, 1), "invalid file=picture_too_many_pixels"),
    ] {
        assert_eq!(put(&server, &admin, file).await.problem(), (422, expected.to_owned()));
    }
    let too_large = put(&server, &admin, vec![0; 2_097_153]).await;
    assert_eq!(too_large.problem(), (413, "picture_too_large".into()));
    let no_form = server.ask(Method::PUT, MINE, Some(&admin), Some(Value::Null)).await;
    assert_eq!(no_form.problem().0, 415);
    assert_eq!(server.get(MINE, &admin).await.status, 200);
}
