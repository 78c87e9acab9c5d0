//! Profile pictures: setting and removing the own one, seeing those of one's institution.

use super::Tag;
use super::answers::NoContent;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{Problem, ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::actor::Actor;
use acurate_shared::error::Error;
use acurate_shared::identity::picture::{self, Picture};
use acurate_shared::ids::UserId;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::{Binary, Json};
use poem_openapi::types::Example;
use poem_openapi::types::multipart::Upload;
use poem_openapi::{ApiResponse, Multipart, Object, OpenApi};

/// Kept by the browser of who asked and by nobody else, and asked for again each time: who loses the right to see a picture,
/// or removes it, need not wait. An unchanged one is not sent again.
const CACHE_CONTROL: &str = "private, no-cache";

/// The operations.
#[derive(Debug)]
pub struct PicturesApi;

/// A new picture.
#[derive(Debug, Multipart)]
struct PictureForm {
    /// A PNG, JPEG or WebP, told by its content; at most 12000 pixels a side and 16 million in all. The largest file is a
    /// setting of the server, 2 MB by default.
    file: Upload,
}

/// A picture as it was stored.
#[derive(Debug, Object)]
#[oai(example)]
struct StoredPicture {
    /// Where it is seen, by everybody of the institution.
    url: String,
    /// Always `image/jpeg`.
    content_type: String,
    /// Length of the file, in bytes.
    size_bytes: i64,
    /// Pixels of each side, 1 to 512.
    side: u32,
}

impl Example for StoredPicture {
    fn example() -> Self {
        Self {
            url: "/api/users/42/picture".to_owned(),
            content_type: "image/jpeg".to_owned(),
            size_bytes: 31_337,
            side: 512,
        }
    }
}

/// The picture was set.
#[derive(ApiResponse)]
enum Set {
    /// Stored.
    #[oai(status = 200)]
    Set(
        Json<StoredPicture>,
        /// Names this picture among all that the user has had.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A picture to look at.
#[derive(ApiResponse)]
enum Shown {
    /// The picture.
    #[oai(status = 200, content_type = "image/jpeg")]
    Picture(
        Binary<Vec<u8>>,
        /// Names the picture; send it as `If-None-Match` the next time.
        #[oai(header = "ETag")]
        String,
        /// That only the browser may keep it, and asks again each time.
        #[oai(header = "Cache-Control")]
        String,
    ),
    /// It is still the picture that `If-None-Match` names.
    #[oai(status = 304)]
    NotModified(
        /// Names the picture.
        #[oai(header = "ETag")]
        String,
        /// As with the picture.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[OpenApi(prefix_path = "/users", tag = "Tag::Auth")]
impl PicturesApi {
    /// Set the own picture
    ///
    /// It is turned upright, cut to the square in its middle, made smaller where it has more than 512 pixels a side, and written
    /// anew as JPEG on white ground; nothing else of the file is kept. The picture of before is deleted.
    #[oai(path = "/me/picture", method = "put", operation_id = "setMyPicture")]
    async fn set(&self, state: Data<&AppState>, context: RequestContext, user: SignedIn, form: PictureForm) -> Result<Set, WriteProblem> {
        let actor = &user.0.actor;
        let limit = state.http.picture_limit;
        if form.file.size() as u64 > limit {
            let detail = format!("A picture may have at most {limit} bytes; save it smaller or with more compression.");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "picture_too_large", detail).into());
        }
        let file = form.file.into_vec().await;
        let file = file.map_err(|error| Error::caused("the upload cannot be read", error))?;
        let portrait = state.portraits.make(file).await?;
        let work = state.begin(&context).await?;
        let stored = picture::set(&work, actor, &portrait).await?;
        state.commit(work).await?;
        let body = StoredPicture {
            url: format!("/api/users/{}/picture", actor.user_id),
            content_type: "image/jpeg".to_owned(),
            size_bytes: stored.size_bytes,
            side: portrait.side,
        };
        Ok(Set::Set(Json(body), tag(&stored)))
    }

    /// Remove the own picture
    ///
    /// Without a picture it does nothing.
    #[oai(path = "/me/picture", method = "delete", operation_id = "removeMyPicture")]
    async fn remove(&self, state: Data<&AppState>, context: RequestContext, user: SignedIn) -> Result<NoContent, ReadProblem> {
        let work = state.begin(&context).await?;
        picture::remove(&work, &user.0.actor).await?;
        state.commit(work).await?;
        Ok(NoContent::Done)
    }

    /// Look at the own picture
    ///
    /// For everybody who is signed in.
    #[oai(path = "/me/picture", method = "get", operation_id = "getMyPicture")]
    async fn mine(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// The `ETag` of the picture that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Shown, ReadProblem> {
        let actor = &user.0.actor;
        show(&state, actor, actor.user_id, if_none_match.0.as_deref()).await
    }

    /// Look at the picture of a user
    ///
    /// For everybody of the same institution.
    #[oai(path = "/:id/picture", method = "get", operation_id = "getUserPicture")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the user.
        id: Path<i64>,
        /// The `ETag` of the picture that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Shown, ReadProblem> {
        show(&state, &user.0.actor, UserId(id.0), if_none_match.0.as_deref()).await
    }
}

async fn show(state: &AppState, actor: &Actor, user_id: UserId, if_none_match: Option<&str>) -> Result<Shown, ReadProblem> {
    let found = picture::find(state.database.orm(), actor, user_id).await?;
    let (tag, cache) = (tag(&found), CACHE_CONTROL.to_owned());
    if if_none_match.is_some_and(|known| names(known, &tag)) {
        return Ok(Shown::NotModified(tag, cache));
    }
    let bytes = picture::bytes(state.database.orm(), &found).await?;
    Ok(Shown::Picture(Binary(bytes), tag, cache))
}

/// A strong entity tag: the first half of the content's SHA-256.
fn tag(picture: &Picture) -> String {
    let hex: String = picture.sha256.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// Whether `If-None-Match` names a tag, by weak comparison as RFC 9110 wants it here. What cannot be read names nothing.
fn names(if_none_match: &str, tag: &str) -> bool {
    if_none_match
        .split(',')
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_a_tag_weakly_or_not_and_a_star_names_all() {
        for known in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", " * "] {
            assert!(names(known, "\"a\""), "{known}");
        }
        for known in ["", "a", "\"b\"", "\"ab\""] {
            assert!(!names(known, "\"a\""), "{known}");
        }
    }
}
