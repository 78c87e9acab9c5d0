//! Profile pictures as plain data: any PNG, JPEG or WebP becomes a square JPEG of at most 512 pixels a side.
//!
//! What a file is, its bytes say, not its name. It is decoded, turned upright, cut to its middle and written anew, so that
//! nothing of the file itself is kept: no metadata (a telephone writes where it was), no second content for a browser to find.
//! Works off the async threads and a few at a time, because a picture takes memory. Storing is `picture`.

use crate::error::{Error, Result};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, GenericImageView, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use std::io::Cursor;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Longest side of a portrait, in pixels; smaller pictures are not enlarged.
pub const SIDE: u32 = 512;

/// Media type of a portrait.
pub const CONTENT_TYPE: &str = "image/jpeg";

/// Most pixels of a file: a telephone's 12 million and some more. With 8 bytes a pixel, the most that a format has, it
/// takes 128 MB to decode.
const MAX_PIXELS: u64 = 16_000_000;

/// Longest side of a file, in pixels.
const MAX_SIDE: u32 = 12_000;

/// Memory that a decoder may ask for, in bytes: the pixels and as much again for itself.
const MAX_MEMORY: u64 = 256 << 20;

/// JPEG quality, 1 to 100.
const QUALITY: u8 = 85;

/// Pictures that are worked on at the same time.
const CONCURRENCY: usize = 2;

/// A finished picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Portrait {
    /// The JPEG.
    pub jpeg: Vec<u8>,
    /// Pixels of each side, 1 to [`SIDE`].
    pub side: u32,
}

impl std::fmt::Debug for Portrait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Portrait")
            .field("bytes", &self.jpeg.len())
            .field("side", &self.side)
            .finish()
    }
}

/// Makes portraits. Cheap to clone; the clones share the limit.
#[derive(Clone, Debug)]
pub struct Portraits {
    permits: Arc<Semaphore>,
}

impl Default for Portraits {
    fn default() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(CONCURRENCY)),
        }
    }
}

impl Portraits {
    /// Makes the portrait of a file, on the blocking pool. The permit goes with the work: a caller that gives up lets nobody
    /// in while its own picture is still worked on.
    ///
    /// # Errors
    /// `Invalid` of `file`: `required` when it is empty, `unknown_picture_format`, `picture_too_many_pixels`, `broken_picture`.
    pub async fn make(&self, file: Vec<u8>) -> Result<Portrait> {
        let stopped = || Error::internal("the server stops");
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| stopped())?;
        let worked = tokio::task::spawn_blocking(move || {
            let portrait = make(&file);
            drop(permit);
            portrait
        });
        // A decoder that panics on a file has met a broken file.
        worked
            .await
            .unwrap_or_else(|error| Err(if error.is_panic() { broken() } else { stopped() }))
    }
}

fn make(file: &[u8]) -> Result<Portrait> {
    let upright = decode(file)?;
    let (width, height) = upright.dimensions();
    let cut = width.min(height);
    let square = upright.crop_imm((width - cut) / 2, (height - cut) / 2, cut, cut);
    drop(upright);
    let side = cut.min(SIDE);
    let mut opaque = DynamicImage::ImageRgb8(on_white(square));
    if side < cut {
        opaque = opaque.resize_exact(side, side, FilterType::CatmullRom);
    }
    let mut jpeg = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    let written = opaque.write_with_encoder(encoder);
    written.map_err(|error| Error::caused("a portrait cannot be written", error))?;
    Ok(Portrait { jpeg, side })
}

/// The picture as it is to be looked at. Of a moving one the first frame.
fn decode(file: &[u8]) -> Result<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(file), format(file)?);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refusal)?;
    // Before a pixel is decoded: some hundred bytes can announce more pixels than there is memory for.
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(too_many_pixels());
    }
    if width == 0 || height == 0 {
        return Err(broken());
    }
    let orientation = decoder.orientation().map_err(refusal)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn format(file: &[u8]) -> Result<ImageFormat> {
    if file.is_empty() {
        return Err(Error::invalid("file", "required", "is empty"));
    }
    match image::guess_format(file) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) => Ok(format),
        _ => Err(Error::invalid("file", "unknown_picture_format", "is no PNG, JPEG or WebP picture")),
    }
}

/// JPEG knows no transparency, so what shines through is white. Mixed before the picture is made smaller, or colours of
/// invisible pixels would bleed into visible ones.
fn on_white(image: DynamicImage) -> RgbImage {
    if !image.has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0;
        let mix = |colour: u8| {
            let alpha = u16::from(alpha);
            let sum = u16::from(colour) * alpha + 255 * (255 - alpha);
            u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX)
        };
        Rgb([mix(red), mix(green), mix(blue)])
    })
}

fn refusal(error: ImageError) -> Error {
    match error {
        ImageError::Limits(_) => too_many_pixels(),
        _ => broken(),
    }
}

fn too_many_pixels() -> Error {
    let message = format!(
        "may have at most {MAX_SIDE} pixels a side and {} million in all",
        MAX_PIXELS / 1_000_000
    );
    Error::invalid("file", "picture_too_many_pixels", message)
}

fn broken() -> Error {
    Error::invalid(
        "file",
        "broken_picture",
        "cannot be read to its end; save the picture again and send that",
    )
}

#[cfg(test)]
mod tests;
