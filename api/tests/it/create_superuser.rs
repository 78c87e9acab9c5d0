//! `acurate-api create-superuser`, the binary itself.

use crate::server::Server;
use std::io::Write;
use std::process::{Command, Output, Stdio};

fn run(server: &Server, arguments: &[&str], password: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_acurate-api"))
        .arg("create-superuser")
        .args(arguments)
        .env_clear()
        .env("ACURATE_DATABASE_URL", server.test.url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The process may refuse its arguments without reading; then the pipe is closed.
    let _ = child.stdin.take().unwrap().write_all(password.as_bytes());
    child.wait_with_output().unwrap()
}

fn refusal(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test]
async fn the_account_is_made_once_and_reset_on_request() {
    let server = Server::start().await;
    let who = ["--email", "Second@acurate.example"];

    let made = run(&server, &who, "correct horse battery\n");
    assert!(made.status.success(), "{made:?}");
    server.sign_in("second@acurate.example", "correct horse battery").await.expect(200);

    let again = refusal(&run(&server, &who, "another horse battery\n"));
    assert!(again.contains("nothing was changed") && again.contains("--reset"), "{again}");
    server.sign_in("second@acurate.example", "correct horse battery").await.expect(200);

    let reset = run(&server, &[&who[..], &["--reset"]].concat(), "another horse battery\r\n");
    assert!(reset.status.success(), "{reset:?}");
    server.sign_in("second@acurate.example", "another horse battery").await.expect(200);
}

#[tokio::test]
async fn the_password_comes_from_a_file() {
    let server = Server::start().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "correct horse battery\n").unwrap();
    let path = file.path().to_str().unwrap();
    let made = run(&server, &["--email", "second@acurate.example", "--password-file", path], "");
    assert!(made.status.success(), "{made:?}");
    server.sign_in("second@acurate.example", "correct horse battery").await.expect(200);

    let missing = refusal(&run(&server, &["--email", "x@acurate.example", "--password-file", "/no/such"], ""));
    assert!(missing.contains("/no/such"), "{missing}");
}

#[tokio::test]
async fn what_is_wrong_is_told_without_the_password() {
    let server = Server::start().await;
    let told = refusal(&run(&server, &["--email", "owner"], "short\n"));
    assert!(
        told.contains("email: is not an e-mail address") && told.contains("at least 10 characters"),
        "{told}"
    );
    assert!(!told.contains("short\n"), "{told}");
    let unknown = refusal(&run(&server, &["--email", "x@acurate.example", "--reset"], "correct horse battery"));
    assert!(unknown.contains("super admin not found"), "{unknown}");
    server.execute("DROP TABLE users CASCADE", []).await;
    let broken = refusal(&run(&server, &["--email", "x@acurate.example"], "correct horse battery"));
    assert!(broken.contains("users"), "{broken}");
    assert!(!broken.contains("correct horse"), "{broken}");
}
