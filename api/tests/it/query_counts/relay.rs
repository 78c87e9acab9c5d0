//! A relay between the API and PostgreSQL that counts what is asked on the wire, whatever library asks it.
//!
//! It reads the frontend's messages (PostgreSQL's protocol 3): `Execute` and the simple `Query` are one statement each. To be
//! reached without TLS.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Relay {
    statements: Arc<AtomicUsize>,
}

impl Relay {
    /// Listens in front of the database of a URL; returns the relay and the URL that leads through it.
    pub(crate) async fn start(database: String) -> (Self, String) {
        let mut url = url::Url::parse(&database).unwrap();
        let server = (url.host_str().unwrap().to_owned(), url.port().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.query_pairs_mut().append_pair("sslmode", "disable");
        let statements = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&statements);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(upstream) = TcpStream::connect(server.clone()).await else {
                    return;
                };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = upstream.into_split();
                tokio::spawn(count(from_client, to_server, Arc::clone(&counter)));
                tokio::spawn(pass(from_server, to_client));
            }
        });
        (Self { statements }, url.into())
    }

    /// Statements so far.
    pub(crate) fn statements(&self) -> usize {
        self.statements.load(Ordering::SeqCst)
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let _ = tokio::io::copy(&mut from, &mut to).await;
}

/// Counts before it passes on, so that whoever has the answer finds the statement counted.
async fn count(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, counter: Arc<AtomicUsize>) {
    let mut messages = Messages::default();
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        counter.fetch_add(messages.statements(&bytes[..read]), Ordering::SeqCst);
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}

/// Where in the stream of messages the reader stands.
#[derive(Default)]
struct Messages {
    started: bool,
    header: Vec<u8>,
    /// Bytes of the current message that are still to come.
    rest: usize,
}

impl Messages {
    /// The statements that begin in the next bytes of the stream.
    fn statements(&mut self, bytes: &[u8]) -> usize {
        let mut statements = 0;
        let mut at = 0;
        while at < bytes.len() {
            let skipped = self.rest.min(bytes.len() - at);
            at += skipped;
            self.rest -= skipped;
            // The first message has no type before its length.
            let header = if self.started { 5 } else { 4 };
            while self.rest == 0 && at < bytes.len() {
                self.header.push(bytes[at]);
                at += 1;
                if self.header.len() == header {
                    statements += self.enter();
                    break;
                }
            }
        }
        statements
    }

    /// Reads the header: one statement, or none, and how long the message is.
    fn enter(&mut self) -> usize {
        let length = self.header.split_off(self.header.len() - 4);
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        let is_statement = self.started && matches!(self.header[..], [b'E' | b'Q']);
        self.rest = length - 4;
        self.started = true;
        self.header.clear();
        usize::from(is_statement)
    }
}

#[test]
fn statements_are_counted_however_the_stream_is_cut() {
    let message = |kind: &[u8], body: &[u8]| {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [kind, &length, body].concat()
    };
    let stream = [
        message(b"", b"QQQQ user"),
        message(b"P", b"SELECT 1 E Q"),
        message(b"E", b""),
        message(b"S", b""),
        message(b"Q", b"BEGIN"),
        message(b"X", b""),
    ]
    .concat();
    for size in 1..=stream.len() {
        let mut messages = Messages::default();
        let counted: usize = stream.chunks(size).map(|bytes| messages.statements(bytes)).sum();
        assert_eq!(counted, 2, "in pieces of {size}");
    }
}
