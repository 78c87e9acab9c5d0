//! The circumstances of a request: its id, its trace, the client's address and program.

use acurate_shared::idempotency::RequestKey;
use poem::{FromRequest, Request, RequestBody, Result};
use std::net::IpAddr;
use uuid::Uuid;

/// Longest user agent that is kept.
const USER_AGENT_LIMIT: usize = 300;

/// The circumstances of a request; the middleware puts them in.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// Id of the request: the caller's, when it sent a usable one.
    pub request_id: String,
    /// W3C trace context that jobs carry on.
    pub trace_parent: String,
    /// Address of the client, as far as the proxies can be trusted.
    pub client: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// Under what its answer is kept, when the client may send the request again.
    pub key: Option<RequestKey>,
}

impl RequestContext {
    /// Reads headers; only the last `trusted_proxies` hops of `X-Forwarded-For` are believed.
    #[must_use]
    pub fn read(request: &Request, trusted_proxies: usize) -> Self {
        let id = Uuid::new_v4().simple().to_string();
        let request_id = request
            .header("x-request-id")
            .filter(|text| is_usable_id(text))
            .map_or_else(|| id.clone(), str::to_owned);
        let trace_parent = request.header("traceparent").filter(|text| is_trace_parent(text)).map_or_else(
            || format!("00-{id}-{}-01", id.get(..16).unwrap_or("0000000000000001")),
            str::to_owned,
        );
        Self {
            request_id,
            trace_parent,
            client: client(request, trusted_proxies),
            user_agent: request
                .header("user-agent")
                .map(|text| text.chars().take(USER_AGENT_LIMIT).collect()),
            key: None,
        }
    }
}

impl<'a> FromRequest<'a> for RequestContext {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        let context = request.extensions().get::<Self>().cloned();
        Ok(Self {
            key: request.extensions().get::<RequestKey>().cloned(),
            ..context.unwrap_or_else(|| Self::read(request, 0))
        })
    }
}

fn is_usable_id(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn is_trace_parent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = [2, 32, 16, 2];
    parts.len() == 4
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, length)| part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()))
}

/// The socket's peer, or the address that the outermost trusted proxy saw.
fn client(request: &Request, trusted_proxies: usize) -> Option<IpAddr> {
    let peer = request.remote_addr().as_socket_addr().map(|address| address.ip());
    if trusted_proxies == 0 {
        return peer;
    }
    let forwarded = request.headers().get_all("x-forwarded-for");
    let hops: Vec<&str> = forwarded
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let index = hops.len().checked_sub(trusted_proxies);
    index.and_then(|index| hops.get(index)).and_then(|hop| hop.parse().ok()).or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_hops_tell_the_client() {
        let request = Request::builder().header("x-forwarded-for", "6.6.6.6, 1.2.3.4").finish();
        assert_eq!(RequestContext::read(&request, 1).client, Some("1.2.3.4".parse().unwrap()));
        assert_eq!(RequestContext::read(&request, 0).client, None);
        assert_eq!(RequestContext::read(&request, 2).client, Some("6.6.6.6".parse().unwrap()));
    }

    #[test]
    fn an_unusable_request_id_is_replaced() {
        let request = Request::builder().header("x-request-id", "a b\"c'; DROP").finish();
        assert_eq!(RequestContext::read(&request, 0).request_id.len(), 32);
        let request = Request::builder().header("x-request-id", "order-12345").finish();
        assert_eq!(RequestContext::read(&request, 0).request_id, "order-12345");
    }

    #[test]
    fn a_trace_is_continued_or_begun() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let request = Request::builder().header("traceparent", parent).finish();
        assert_eq!(RequestContext::read(&request, 0).trace_parent, parent);
        let begun = RequestContext::read(&Request::builder().finish(), 0).trace_parent;
        assert!(is_trace_parent(&begun), "{begun}");
    }
}
