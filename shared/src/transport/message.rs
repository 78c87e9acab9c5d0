//! What travels: a message that names a job, and the envelope that carries it.
//!
//! No argument of a job travels, only its id: the row in PostgreSQL is the truth, and Redis holds nothing worth reading.

use crate::ids::JobId;
use apalis_core::backend::codec::Codec;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

/// Version of the envelope's content.
const VERSION: u32 = 1;

/// Asks a worker to look at a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The job; never negative.
    #[serde(rename = "job")]
    pub job_id: JobId,
    /// Number of the message among those about this job; never negative. Each message needs a number of its own: one whose
    /// id is still in Redis is ignored.
    pub dispatch: i32,
    /// W3C `traceparent` of the request that asked for the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

impl Message {
    /// The id under which Redis knows the message, `j-{job}-{dispatch}`. apalis reads bare digits, UUIDs and ULIDs back in a
    /// canonical form and then does not find them again; the letter in front rules that out.
    #[must_use]
    pub fn task_id(&self) -> String {
        format!("j-{}-{}", self.job_id, self.dispatch)
    }
}

#[derive(Serialize, Deserialize)]
struct Content<M> {
    v: u32,
    #[serde(flatten)]
    message: M,
}

/// The bytes under a task id. Taking them out of Redis cannot fail, whatever they are: a payload that apalis cannot decode
/// would end the worker, and after it the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope(Vec<u8>);

impl Envelope {
    /// Packs a message.
    pub(super) fn seal(message: &Message) -> Result<Self, serde_json::Error> {
        serde_json::to_vec(&Content { v: VERSION, message }).map(Self)
    }

    /// Reads the message.
    ///
    /// # Errors
    /// When the bytes are no message, or one of a version that this release does not know. Trying again cannot help; the
    /// job's row is dispatched again by itself.
    pub fn open(&self) -> Result<Message, UnreadableEnvelope> {
        let content: Content<serde_json::Value> =
            serde_json::from_slice(&self.0).map_err(|error| UnreadableEnvelope::NotAMessage(error.to_string()))?;
        if content.v != VERSION {
            return Err(UnreadableEnvelope::Version(content.v));
        }
        serde_json::from_value(content.message).map_err(|error| UnreadableEnvelope::NotAMessage(error.to_string()))
    }
}

/// Why an envelope cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableEnvelope {
    /// Written by a release that this one does not know.
    #[error("version {0} of the envelope is unknown to this release")]
    Version(u32),
    /// Not what this product writes.
    #[error("the envelope holds no message: {0}")]
    NotAMessage(String),
}

/// Hands the bytes through. apalis decodes before a handler runs and has no way to survive a failure there, so reading is
/// left to [`Envelope::open`].
#[derive(Clone, Copy, Debug)]
pub(super) struct EnvelopeCodec;

impl Codec<Envelope> for EnvelopeCodec {
    type Error = Infallible;
    type Compact = Vec<u8>;

    fn encode(&self, envelope: &Envelope) -> Result<Vec<u8>, Infallible> {
        Ok(envelope.0.clone())
    }

    fn decode(&self, bytes: &Vec<u8>) -> Result<Envelope, Infallible> {
        Ok(Envelope(bytes.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        Message {
            job_id: JobId(42),
            dispatch: 3,
            trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
        }
    }

    fn envelope(bytes: &[u8]) -> Envelope {
        Envelope(bytes.to_vec())
    }

    #[test]
    fn a_message_comes_out_of_its_envelope_unchanged() {
        for message in [message(), Message { trace: None, ..message() }] {
            assert_eq!(Envelope::seal(&message).unwrap().open(), Ok(message));
        }
    }

    #[test]
    fn the_envelope_is_the_one_of_version_1() {
        let sealed = Envelope::seal(&Message { trace: None, ..message() }).unwrap();

        assert_eq!(String::from_utf8(sealed.0).unwrap(), r#"{"v":1,"job":42,"dispatch":3}"#);
    }

    #[test]
    fn fields_that_a_later_release_adds_are_passed_over() {
        let newer = envelope(br#"{"v":1,"job":42,"dispatch":3,"priority":"high"}"#);

        assert_eq!(newer.open(), Ok(Message { trace: None, ..message() }));
    }

    #[test]
    fn a_later_version_is_refused_by_its_number_whatever_it_holds() {
        assert_eq!(envelope(br#"{"v":2,"jobs":[1,2]}"#).open(), Err(UnreadableEnvelope::Version(2)));
    }

    #[test]
    fn bytes_that_are_no_message_come_out_of_redis_and_are_refused_on_reading() {
        for bytes in [
            &b""[..],
            b"\xff\xfe\x00",
            b"null",
            b"42",
            b"{}",
            br#"{"v":1}"#,
            br#"{"v":1,"job":"a","dispatch":1}"#,
        ] {
            let envelope = EnvelopeCodec.decode(&bytes.to_vec()).unwrap();

            assert!(matches!(envelope.open(), Err(UnreadableEnvelope::NotAMessage(_))), "{bytes:?}");
        }
    }

    #[test]
    fn a_task_id_begins_with_a_letter() {
        assert_eq!(message().task_id(), "j-42-3");
    }
}
