//! A mail server that misbehaves on demand and remembers every mail that it took.

use super::mail::Mail;
use crate::failure::{Failure, Result};
use chrono::{DateTime, Utc};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As it should.
    Takes,
    /// Closes each connection at once.
    Refuses,
    /// 451 to each recipient.
    PutsOff,
    /// 550 to each recipient.
    Rejects,
    /// Takes each mail and closes the connection instead of saying so.
    Drops,
    /// Says nothing to a recipient.
    Hangs,
}

/// A mail that was taken.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// The mail.
    pub(crate) mail: Mail,
    /// Whether the client was told.
    pub(crate) told: bool,
}

#[derive(Debug, Default)]
struct Book {
    taken: Vec<Taken>,
    rejected: Vec<String>,
}

#[derive(Debug)]
struct Shared {
    manner: watch::Sender<Manner>,
    book: Mutex<Book>,
}

/// A running server; it stops when dropped.
#[derive(Debug)]
pub(crate) struct Smtp {
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// How a conversation goes on.
#[derive(PartialEq)]
enum Next {
    Command,
    Message,
    End,
}

impl Smtp {
    /// Listens on a free loopback port.
    ///
    /// # Errors
    /// When no port is to be had.
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.map_err(Failure::file(Path::new("127.0.0.1")))?;
        let port = listener.local_addr().map_err(Failure::file(Path::new("127.0.0.1")))?.port();
        let shared = Arc::new(Shared {
            manner: watch::Sender::new(Manner::Takes),
            book: Mutex::default(),
        });
        let accepting = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let shared = Arc::clone(&shared);
                    // How a client goes away is not this server's concern.
                    tokio::spawn(async move { shared.talk(BufStream::new(stream)).await });
                }
            }
        });
        Ok(Self { port, shared, accepting })
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Answers differently from now on.
    pub(crate) fn behave(&self, manner: Manner) {
        self.shared.manner.send_replace(manner);
    }

    /// What was taken so far, in order.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.shared.book().taken.clone()
    }

    /// Addresses that were answered with 550, in order.
    pub(crate) fn rejected(&self) -> Vec<String> {
        self.shared.book().rejected.clone()
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn talk(&self, mut stream: BufStream<TcpStream>) -> std::io::Result<()> {
        if *self.manner.borrow() == Manner::Refuses {
            return Ok(());
        }
        say(&mut stream, "220 chaos.example ready").await?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let next = match self.command(&mut stream, line.trim_end()).await? {
                Next::Message => self.message(&mut stream).await?,
                next => next,
            };
            if next == Next::End {
                return Ok(());
            }
        }
    }

    async fn command(&self, stream: &mut BufStream<TcpStream>, line: &str) -> std::io::Result<Next> {
        let word = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let reply = match word.as_str() {
            "EHLO" => "250-chaos.example\r\n250 8BITMIME",
            "RCPT" => match self.recipient(line).await {
                Some(reply) => reply,
                None => return Ok(Next::End),
            },
            "DATA" => "354 go ahead",
            "QUIT" => "221 bye",
            _ => "250 Ok",
        };
        say(stream, reply).await?;
        Ok(match word.as_str() {
            "DATA" => Next::Message,
            "QUIT" => Next::End,
            _ => Next::Command,
        })
    }

    async fn recipient(&self, line: &str) -> Option<&'static str> {
        let manner = *self.manner.borrow();
        match manner {
            Manner::Refuses => None,
            Manner::PutsOff => Some("451 4.3.0 try again later"),
            Manner::Rejects => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default();
                self.book().rejected.push(address.to_ascii_lowercase());
                Some("550 5.1.1 there is nobody of this name")
            }
            Manner::Hangs => {
                let mut manner = self.manner.subscribe();
                let _stopped = manner.wait_for(|manner| *manner != Manner::Hangs).await;
                None
            }
            Manner::Takes | Manner::Drops => Some("250 Ok"),
        }
    }

    async fn message(&self, stream: &mut BufStream<TcpStream>) -> std::io::Result<Next> {
        let mut content = String::new();
        loop {
            let start = content.len();
            if stream.read_line(&mut content).await? == 0 {
                return Ok(Next::End);
            }
            if content.get(start..) == Some(".\r\n") {
                content.truncate(start);
                break;
            }
        }
        let told = *self.manner.borrow() != Manner::Drops;
        let place = {
            let mut book = self.book();
            book.taken.push(Taken {
                at: Utc::now(),
                mail: Mail::read(&content),
                told,
            });
            book.taken.len() - 1
        };
        if !told {
            return Ok(Next::End);
        }
        let said = say(stream, "250 2.0.0 Ok: queued").await;
        if said.is_err()
            && let Some(taken) = self.book().taken.get_mut(place)
        {
            taken.told = false;
        }
        said.map(|()| Next::Command)
    }
}

async fn say(stream: &mut BufStream<TcpStream>, reply: &str) -> std::io::Result<()> {
    stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends a mail line by line; what the server said at last, empty when it closed.
    async fn send(smtp: &Smtp) -> String {
        let mut stream = BufStream::new(TcpStream::connect(("127.0.0.1", smtp.port())).await.unwrap());
        let mut reply = String::new();
        let message = "To: a@b.example\r\nMessage-ID: <1@x>\r\n\r\nhello\r\n.";
        for line in ["", "MAIL FROM:<x@y.example>", "RCPT TO:<A@b.example>", "DATA", message] {
            reply.clear();
            if !line.is_empty() && say(&mut stream, line).await.is_err() {
                break;
            }
            if stream.read_line(&mut reply).await.unwrap_or(0) == 0 || reply.starts_with(['4', '5']) {
                break;
            }
        }
        reply
    }

    #[tokio::test]
    async fn a_mail_is_taken_and_remembered() {
        let smtp = Smtp::start().await.unwrap();
        assert!(send(&smtp).await.starts_with("250"));
        let taken = smtp.taken();
        assert_eq!((taken.len(), taken[0].told), (1, true));
        assert_eq!(
            (taken[0].mail.to.as_str(), taken[0].mail.message_id.as_str()),
            ("a@b.example", "1@x")
        );
    }

    #[tokio::test]
    async fn each_fault_is_what_it_says() {
        let smtp = Smtp::start().await.unwrap();
        for (manner, reply) in [(Manner::Refuses, ""), (Manner::PutsOff, "451"), (Manner::Rejects, "550")] {
            smtp.behave(manner);
            let said = send(&smtp).await;
            assert!(said.starts_with(reply) && said.is_empty() == reply.is_empty(), "{manner:?}: {said}");
        }
        assert!(smtp.taken().is_empty());
        assert_eq!(smtp.rejected(), ["a@b.example"]);
        smtp.behave(Manner::Drops);
        assert_eq!(send(&smtp).await, "");
        assert!(!smtp.taken()[0].told);
    }
}
