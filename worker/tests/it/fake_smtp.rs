//! An SMTP server that answers what a test tells it to, and remembers what it was told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What the server does in place of the usual answer.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Replies with these lines.
    Say(String),
    /// Says nothing and keeps the connection open.
    Hang,
    /// Closes the connection.
    Close,
    /// Answers as usual, once the test says so.
    When(Arc<Notify>),
}

/// How a conversation goes on after an answer.
#[derive(PartialEq)]
enum Next {
    Command,
    Message,
    End,
}

impl Answer {
    pub(crate) fn say(reply: &str) -> Option<Self> {
        Some(Self::Say(reply.to_owned()))
    }
}

/// What the server is asked: `CONNECT`, a command line, or `MESSAGE` followed by the content.
pub(crate) type Script = dyn Fn(&str) -> Option<Answer> + Send + Sync;

/// How the server encrypts.
#[derive(Clone)]
pub(crate) enum Tls {
    Never,
    FromTheStart(TlsAcceptor),
    OnDemand(TlsAcceptor),
}

struct Shared {
    script: Box<Script>,
    tls: Tls,
    log: Mutex<Vec<String>>,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

/// A running server; it stops when dropped.
pub(crate) struct FakeSmtp {
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl FakeSmtp {
    /// Starts a server without TLS that answers as usual where `script` gives no answer.
    pub(crate) async fn start(script: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static) -> Self {
        Self::start_with(Tls::Never, script).await
    }

    pub(crate) async fn start_with(tls: Tls, script: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            tls,
            log: Mutex::default(),
            open: AtomicUsize::new(0),
            most_open: AtomicUsize::new(0),
        });
        let accepting = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(Arc::clone(&shared).serve(stream));
                }
            }
        });
        Self { port, shared, accepting }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Everything asked so far, in order: `CONNECT`, command lines, `MESSAGE` with content. `TLS` where it began.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.shared.log.lock().unwrap().clone()
    }

    /// How often something beginning with `start` was asked.
    pub(crate) fn count(&self, start: &str) -> usize {
        self.asked().iter().filter(|line| line.starts_with(start)).count()
    }

    /// The most connections that were open at the same time.
    pub(crate) fn most_open(&self) -> usize {
        self.shared.most_open.load(Ordering::SeqCst)
    }
}

impl Drop for FakeSmtp {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    async fn serve(self: Arc<Self>, stream: TcpStream) {
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_open.fetch_max(open, Ordering::SeqCst);
        // How a client goes away is not this server's concern.
        let _ = match self.tls.clone() {
            Tls::FromTheStart(acceptor) => self.secure(acceptor, stream, true).await,
            _ => self.talk(BufStream::new(stream), true).await,
        };
        self.open.fetch_sub(1, Ordering::SeqCst);
    }

    async fn secure(&self, acceptor: TlsAcceptor, stream: TcpStream, greet: bool) -> std::io::Result<()> {
        let stream = acceptor.accept(stream).await?;
        self.log.lock().unwrap().push("TLS".to_owned());
        self.talk(BufStream::new(stream), greet).await
    }

    async fn talk<S>(&self, mut stream: BufStream<S>, greet: bool) -> std::io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + IntoTcp,
    {
        if greet && self.answer(&mut stream, "CONNECT").await? == Next::End {
            return Ok(());
        }
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim_end();
            let next = match self.answer(&mut stream, line).await? {
                Next::Message => self.answer_message(&mut stream).await?,
                next => next,
            };
            if next == Next::End {
                return Ok(());
            }
            if let ("STARTTLS", Tls::OnDemand(acceptor), true) = (line, &self.tls, S::PLAIN) {
                let plain = stream.into_inner().into_tcp();
                return Box::pin(self.secure(acceptor.clone(), plain, false)).await;
            }
        }
    }

    async fn answer_message<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: &mut BufStream<S>) -> std::io::Result<Next> {
        let mut asked = "MESSAGE\r\n".to_owned();
        loop {
            let start = asked.len();
            if stream.read_line(&mut asked).await? == 0 {
                return Ok(Next::End);
            }
            if &asked[start..] == ".\r\n" {
                asked.truncate(start);
                return self.answer(stream, &asked).await;
            }
        }
    }

    /// Answers what was asked.
    async fn answer<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: &mut BufStream<S>, asked: &str) -> std::io::Result<Next> {
        self.log.lock().unwrap().push(asked.to_owned());
        let mut answer = (self.script)(asked).unwrap_or_else(|| Answer::Say(self.usual(asked)));
        if let Answer::When(told) = answer {
            told.notified().await;
            answer = Answer::Say(self.usual(asked));
        }
        match answer {
            Answer::Say(reply) => {
                stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
                stream.flush().await?;
                Ok(match asked {
                    "QUIT" => Next::End,
                    "DATA" if reply.starts_with("354") => Next::Message,
                    _ => Next::Command,
                })
            }
            Answer::Close | Answer::When(_) => Ok(Next::End),
            Answer::Hang => {
                let mut rest = Vec::new();
                // Ends when the client gives up.
                tokio::io::AsyncReadExt::read_to_end(stream, &mut rest).await?;
                Ok(Next::End)
            }
        }
    }

    fn usual(&self, asked: &str) -> String {
        let word = asked.split_whitespace().next().unwrap_or_default();
        match word {
            "CONNECT" | "STARTTLS" => "220 fake.example ready",
            "EHLO" if matches!(self.tls, Tls::OnDemand(_)) => "250-fake.example\r\n250-STARTTLS\r\n250 AUTH PLAIN",
            "EHLO" => "250-fake.example\r\n250 AUTH PLAIN",
            "AUTH" => "235 2.7.0 signed in",
            "DATA" => "354 go ahead",
            "MESSAGE" => "250 2.0.0 Ok: queued as FAKE1",
            "QUIT" => "221 bye",
            _ => "250 Ok",
        }
        .to_owned()
    }
}

/// The TCP connection below a stream, for STARTTLS.
pub(crate) trait IntoTcp: Sized {
    const PLAIN: bool;
    fn into_tcp(self) -> TcpStream;
}

impl IntoTcp for TcpStream {
    const PLAIN: bool = true;
    fn into_tcp(self) -> TcpStream {
        self
    }
}

impl IntoTcp for tokio_rustls::server::TlsStream<TcpStream> {
    const PLAIN: bool = false;
    fn into_tcp(self) -> TcpStream {
        self.into_inner().0
    }
}
