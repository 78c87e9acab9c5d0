//! A TCP proxy between two processes, which can cut connections half way, hold them up, or lose them without a word.

use crate::failure::{Failure, Result};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Bytes that are passed on at a time.
const CHUNK: usize = 16 * 1024;

/// What becomes of the traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Pass,
    /// Nothing moves, and nobody is told.
    Hold,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    mode: Mode,
    /// Connections of an earlier number are closed.
    cuts: u32,
    /// On connections of an earlier number the server is never heard again, and who speaks to it is hung up on: as when its
    /// machine loses power and another one takes its address.
    losses: u32,
}

#[derive(Debug)]
struct Shared {
    upstream: SocketAddr,
    state: watch::Sender<State>,
    /// So many more chunks pass, then one is cut half way and its connection closed; 0: never.
    half_way: AtomicUsize,
}

/// A running proxy; it stops when dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free loopback port for connections to `upstream`.
    ///
    /// # Errors
    /// When no port is to be had.
    pub(crate) async fn start(upstream: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.map_err(Failure::file(Path::new("127.0.0.1")))?;
        let port = listener.local_addr().map_err(Failure::file(Path::new("127.0.0.1")))?.port();
        let shared = Arc::new(Shared {
            upstream,
            state: watch::Sender::new(State {
                mode: Mode::Pass,
                cuts: 0,
                losses: 0,
            }),
            half_way: AtomicUsize::new(0),
        });
        let accepting = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    tokio::spawn(Arc::clone(&shared).carry(client));
                }
            }
        });
        Ok(Self { port, shared, accepting })
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Closes every connection.
    pub(crate) fn cut(&self) {
        self.shared.state.send_modify(|state| state.cuts += 1);
    }

    /// Closes a connection half way through the `nth` chunk from now on, from 1.
    pub(crate) fn cut_half_way(&self, nth: usize) {
        self.shared.half_way.store(nth, Ordering::Relaxed);
    }

    /// Moves nothing until [`Self::pass`].
    pub(crate) fn hold(&self) {
        self.shared.state.send_modify(|state| state.mode = Mode::Hold);
    }

    /// Moves on what was held up.
    pub(crate) fn pass(&self) {
        self.shared.state.send_modify(|state| state.mode = Mode::Pass);
    }

    /// The server is never heard again on the connections there are; new ones work.
    pub(crate) fn lose(&self) {
        self.shared.state.send_modify(|state| state.losses += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    async fn carry(self: Arc<Self>, client: TcpStream) {
        let born = *self.state.borrow();
        let mut state = self.state.subscribe();
        // A held connection is taken by the kernel, and then hears nothing.
        if state.wait_for(|state| state.mode == Mode::Pass).await.is_err() {
            return;
        }
        let Ok(server) = TcpStream::connect(self.upstream).await else {
            return;
        };
        let (client_reads, client_writes) = client.into_split();
        let (server_reads, server_writes) = server.into_split();
        let cut = async {
            let _gone = state.wait_for(|state| state.cuts != born.cuts).await;
        };
        // Whoever ends first ends both.
        tokio::select! {
            () = self.pump(client_reads, server_writes, || self.is_lost(born)) => {}
            () = async {
                self.pump(server_reads, client_writes, || self.is_lost(born)).await;
                if self.is_lost(born) {
                    std::future::pending::<()>().await;
                }
            } => {}
            () = cut => {}
        }
    }

    async fn pump(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, is_lost: impl Fn() -> bool) {
        let mut state = self.state.subscribe();
        let mut buffer = vec![0; CHUNK];
        loop {
            let count = match from.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(count) => count,
            };
            if is_lost() {
                return;
            }
            if state.wait_for(|state| state.mode == Mode::Pass).await.is_err() {
                return;
            }
            let half = self.is_cut_half_way();
            let sent = if half { count / 2 } else { count };
            let written = to.write_all(buffer.get(..sent).unwrap_or_default()).await;
            if half || written.is_err() {
                return;
            }
        }
    }

    fn is_lost(&self, born: State) -> bool {
        self.state.borrow().losses != born.losses
    }

    fn is_cut_half_way(&self) -> bool {
        let countdown = |left: usize| left.checked_sub(1);
        self.half_way.fetch_update(Ordering::Relaxed, Ordering::Relaxed, countdown) == Ok(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A server that says back what it hears, and a connection to it through a proxy.
    async fn echo() -> (Proxy, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Proxy::start(listener.local_addr().unwrap()).await.unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut reads, mut writes) = stream.split();
                    tokio::io::copy(&mut reads, &mut writes).await
                });
            }
        });
        let stream = connect(&proxy).await;
        (proxy, stream)
    }

    async fn connect(proxy: &Proxy) -> TcpStream {
        TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap()
    }

    async fn said_back(stream: &mut TcpStream, text: &[u8]) -> bool {
        let mut answer = vec![0; text.len()];
        stream.write_all(text).await.is_ok() && stream.read_exact(&mut answer).await.is_ok() && answer == text
    }

    #[tokio::test]
    async fn it_passes_on_what_is_said() {
        let (_proxy, mut stream) = echo().await;
        assert!(said_back(&mut stream, b"hello").await);
    }

    #[tokio::test]
    async fn a_cut_ends_the_connections_there_are_and_no_later_one() {
        let (proxy, mut stream) = echo().await;
        assert!(said_back(&mut stream, b"hello").await);
        proxy.cut();
        assert!(!said_back(&mut stream, b"hello").await);
        assert!(said_back(&mut connect(&proxy).await, b"hello").await);
    }

    #[tokio::test]
    async fn a_chunk_that_is_cut_half_way_arrives_half() {
        let (proxy, mut stream) = echo().await;
        assert!(said_back(&mut stream, b"hello").await);
        // The question passes, the answer is cut.
        proxy.cut_half_way(2);
        stream.write_all(b"12345678").await.unwrap();
        let mut answer = Vec::new();
        let _reset_or_closed = stream.read_to_end(&mut answer).await;
        assert_eq!(answer, b"1234");
    }

    #[tokio::test]
    async fn what_is_held_up_arrives_later() {
        let (proxy, mut stream) = echo().await;
        assert!(said_back(&mut stream, b"hello").await);
        proxy.hold();
        stream.write_all(b"later").await.unwrap();
        let mut answer = [0; 5];
        let early = tokio::time::timeout(Duration::from_millis(100), stream.read_exact(&mut answer)).await;
        assert!(early.is_err(), "{early:?}");
        proxy.pass();
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"later");
    }

    #[tokio::test]
    async fn a_lost_connection_says_nothing_hangs_up_on_who_speaks_and_a_new_one_works() {
        let (proxy, mut stream) = echo().await;
        assert!(said_back(&mut stream, b"hello").await);
        proxy.lose();
        let nothing = tokio::time::timeout(Duration::from_millis(100), stream.read_u8()).await;
        assert!(nothing.is_err(), "{nothing:?}");
        assert!(!said_back(&mut stream, b"hello").await);
        assert!(said_back(&mut connect(&proxy).await, b"hello").await);
    }
}
