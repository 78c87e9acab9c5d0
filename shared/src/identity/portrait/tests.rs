use super::*;
use image::{ColorType, ImageEncoder, Rgba, RgbaImage};
use proptest::prelude::*;

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Left half red, right half blue.
fn two_halves(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, _| {
        Rgb(if x < width / 2 { [255, 0, 0] } else { [0, 0, 255] })
    }))
}

fn read(portrait: &Portrait) -> RgbImage {
    let image = image::load_from_memory_with_format(&portrait.jpeg, ImageFormat::Jpeg).unwrap();
    assert_eq!(image.dimensions(), (portrait.side, portrait.side));
    image.into_rgb8()
}

fn is_near(pixel: &Rgb<u8>, wanted: [u8; 3]) -> bool {
    pixel.0.iter().zip(wanted).all(|(one, two)| one.abs_diff(two) < 40)
}

fn code(result: Result<Portrait>) -> &'static str {
    match result.unwrap_err() {
        Error::Invalid(faults) => {
            assert_eq!(faults.len(), 1);
            assert_eq!(faults[0].field, "file");
            faults[0].code
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_format_becomes_a_square_jpeg_of_the_middle() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let file = encoded(&two_halves(1200, 600), format);

        let portrait = Portraits::default().make(file).await.unwrap();

        assert_eq!(portrait.side, SIDE);
        let pixels = read(&portrait);
        assert!(is_near(pixels.get_pixel(20, 256), [255, 0, 0]), "{format:?}");
        assert!(is_near(pixels.get_pixel(490, 256), [0, 0, 255]), "{format:?}");
    }
}

#[test]
fn a_small_picture_is_not_enlarged() {
    for (width, height, side) in [(1, 1, 1), (40, 300, 40), (512, 513, 512)] {
        let portrait = make(&encoded(&two_halves(width, height), ImageFormat::Png)).unwrap();
        assert_eq!(portrait.side, side);
        read(&portrait);
    }
}

#[test]
fn what_is_transparent_becomes_white() {
    let glass = RgbaImage::from_pixel(16, 16, Rgba([0, 0, 0, 0]));
    let portrait = make(&encoded(&DynamicImage::ImageRgba8(glass), ImageFormat::Png)).unwrap();
    assert!(read(&portrait).pixels().all(|pixel| is_near(pixel, [255, 255, 255])));

    let half = RgbaImage::from_pixel(16, 16, Rgba([255, 0, 0, 128]));
    let portrait = make(&encoded(&DynamicImage::ImageRgba8(half), ImageFormat::Png)).unwrap();
    assert!(read(&portrait).pixels().all(|pixel| is_near(pixel, [255, 127, 127])));
}

/// A JPEG that says in its Exif data that it is to be turned by 90 degrees, and carries a secret there.
fn taken_upright() -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(b"41.0082 N, 28.9784 E");
    let pixels = two_halves(64, 64).into_rgb8();
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 95);
    encoder.set_exif_metadata(exif).unwrap();
    encoder.encode(pixels.as_raw(), 64, 64, ColorType::Rgb8.into()).unwrap();
    jpeg
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn the_picture_is_upright_and_nothing_tells_where_it_was_taken() {
    let file = taken_upright();
    assert!(holds(&file, b"28.9784 E"));

    let portrait = make(&file).unwrap();

    assert!(!holds(&portrait.jpeg, b"28.9784 E") && !holds(&portrait.jpeg, b"Exif"));
    let pixels = read(&portrait);
    assert!(is_near(pixels.get_pixel(32, 8), [255, 0, 0]), "left has become top");
    assert!(is_near(pixels.get_pixel(32, 56), [0, 0, 255]));
}

#[test]
fn what_is_no_picture_is_refused_whatever_it_calls_itself() {
    let mut page = b"<html><script>alert(1)</script></html>".to_vec();
    assert_eq!(code(make(&page)), "unknown_picture_format");
    page.splice(0..0, *b"GIF89a");
    assert_eq!(code(make(&page)), "unknown_picture_format");
    assert_eq!(code(make(b"%PDF-1.7")), "unknown_picture_format");
    assert_eq!(code(make(b"<svg xmlns='http://www.w3.org/2000/svg'/>")), "unknown_picture_format");
    assert_eq!(code(make(b"")), "required");
}

#[test]
fn content_behind_a_picture_does_not_survive() {
    let mut file = encoded(&two_halves(32, 32), ImageFormat::Png);
    file.extend_from_slice(b"<script>alert(1)</script>");
    assert!(!holds(&make(&file).unwrap().jpeg, b"<script>"));
}

/// A PNG of some bytes that announces so many pixels.
fn announcing(width: u32, height: u32) -> Vec<u8> {
    let mut png = encoded(&two_halves(4, 4), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    png
}

/// The checksum of PNG chunks, ISO 3309.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| {
                if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
            },
        )
    };
    !bytes.iter().fold(!0, step)
}

#[test]
fn a_bomb_is_refused_before_it_is_decoded() {
    for (width, height) in [(60_000, 60_000), (12_001, 1), (1, 12_001), (12_000, 12_000), (4001, 4000)] {
        assert_eq!(
            code(make(&announcing(width, height))),
            "picture_too_many_pixels",
            "{width}x{height}"
        );
    }
    assert_eq!(
        code(make(&announcing(4000, 4000))),
        "broken_picture",
        "within the limit, but not what it holds"
    );
}

#[test]
fn half_a_picture_is_refused() {
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let file = encoded(&two_halves(300, 300), format);
        assert_eq!(code(make(&file[..file.len() / 2])), "broken_picture", "{format:?}");
    }
    let file = encoded(&two_halves(300, 300), ImageFormat::Jpeg);
    assert_eq!(code(make(&file[..40])), "broken_picture");
}

#[test]
fn deep_and_grey_pictures_are_read_too() {
    let deep = DynamicImage::ImageRgba16(image::ImageBuffer::from_pixel(20, 20, Rgba([0, 0xffff, 0, 0xffff])));
    let pixels = read(&make(&encoded(&deep, ImageFormat::Png)).unwrap());
    assert!(is_near(pixels.get_pixel(10, 10), [0, 255, 0]));
    let grey = DynamicImage::ImageLuma8(image::GrayImage::from_pixel(20, 20, image::Luma([128])));
    let pixels = read(&make(&encoded(&grey, ImageFormat::Jpeg)).unwrap());
    assert!(is_near(pixels.get_pixel(10, 10), [128, 128, 128]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is broken in a file, the answer is a picture or a refusal.
    #[test]
    fn a_damaged_file_is_a_picture_or_refused(
        which in 0_usize..3, place in any::<proptest::sample::Index>(), byte in any::<u8>(), cut in any::<proptest::sample::Index>(),
    ) {
        let format = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP][which];
        let mut file = encoded(&two_halves(24, 24), format);
        let place = place.index(file.len());
        file[place] = byte;
        file.truncate(cut.index(file.len()) + 1);
        match make(&file) {
            Ok(portrait) => { read(&portrait); }
            Err(error) => prop_assert!(matches!(error, Error::Invalid(_)), "{error:?}"),
        }
    }
}
