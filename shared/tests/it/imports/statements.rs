//! How many statements a batch takes, counted on the wire.

use super::{apply, counts, row};
use acurate_shared::config::{DatabaseSettings, Environment};
use acurate_shared::db::{Database, sql};
use acurate_shared::ids::InstitutionId;
use acurate_shared::imports::StudentRow;
use acurate_shared::imports::student_batch::StudentBatch;
use acurate_shared::kinds::OnExisting;
use acurate_shared::testing::TestDatabase;
use sea_orm::ConnectionTrait;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A way to a server on which statements are counted.
struct Wire {
    port: u16,
    statements: Arc<AtomicUsize>,
}

impl Wire {
    async fn to(host: String, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let wire = Self {
            port: listener.local_addr().unwrap().port(),
            statements: Arc::default(),
        };
        let statements = Arc::clone(&wire.statements);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect((host.as_str(), port)).await.unwrap();
                let (from_client, mut to_client) = client.into_split();
                let (mut from_server, to_server) = server.into_split();
                tokio::spawn(pass_on(from_client, to_server, Arc::clone(&statements)));
                tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
            }
        });
        wire
    }

    fn take(&self) -> usize {
        self.statements.swap(0, Ordering::SeqCst)
    }
}

/// Passes messages of the PostgreSQL protocol on: the first has no type, the others have one of one byte. `Execute` and
/// `Query` are what runs a statement.
async fn pass_on(mut client: OwnedReadHalf, mut server: OwnedWriteHalf, statements: Arc<AtomicUsize>) -> io::Result<()> {
    let mut is_first = true;
    loop {
        if !is_first {
            let kind = client.read_u8().await?;
            if matches!(kind, b'E' | b'Q') {
                statements.fetch_add(1, Ordering::SeqCst);
            }
            server.write_u8(kind).await?;
        }
        is_first = false;
        let length = client.read_u32().await?;
        let mut message = vec![0; length as usize - 4];
        client.read_exact(&mut message).await?;
        server.write_u32(length).await?;
        server.write_all(&message).await?;
    }
}

/// New, changed, moved, readdressed, unchanged and refused students, `each` of every kind. The first half of a file made
/// them as they are.
fn file(each: usize, is_second: bool) -> Vec<StudentRow> {
    let kinds = ["new", "changed", "moved", "readdressed", "unchanged", "refused"];
    let numbers = kinds.iter().flat_map(|kind| (0..each).map(move |n| (*kind, format!("{kind}{n}"))));
    let row = |(kind, number): (&str, String)| {
        let mut row = row(&number);
        match kind {
            "changed" if is_second => row.first_name = "Ece".into(),
            "moved" => row.program_code = Some(if is_second { "MATH" } else { "CENG" }.into()),
            "readdressed" if is_second => row.email = format!("re.{}", row.email),
            "refused" => row.department_code = Some("LAW".into()),
            _ => {}
        }
        row
    };
    let wanted = |kind: &str| is_second || !matches!(kind, "new" | "refused");
    numbers.filter(|(kind, _)| wanted(kind)).map(row).collect()
}

/// Statements of a batch with `each` students of every kind.
async fn statements(each: usize) -> usize {
    let test = TestDatabase::create().await;
    let mut url = url::Url::parse(&test.url()).unwrap();
    let wire = Wire::to(url.host_str().unwrap().to_owned(), url.port().unwrap_or(5432)).await;
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(wire.port)).unwrap();
    url.set_query(Some("sslmode=disable"));
    let mut settings = DatabaseSettings::read(&mut Environment::default());
    settings.url = String::from(url).into();
    let database = Database::open(&settings).await.unwrap();

    let insert = sql("INSERT INTO institutions (name) VALUES ('A') RETURNING id", []);
    let institution_id: InstitutionId = database
        .orm()
        .query_one_raw(insert)
        .await
        .unwrap()
        .unwrap()
        .try_get("", "id")
        .unwrap();
    for code in ["CENG", "MATH"] {
        let insert = "
            WITH d AS (INSERT INTO departments (institution_id, code, name) VALUES ($1, $2, $2) RETURNING id)
            INSERT INTO programs (institution_id, department_id, code, name) SELECT $1, id, $2, $2 FROM d";
        database
            .orm()
            .execute_raw(sql(insert, [institution_id.into(), code.into()]))
            .await
            .unwrap();
    }
    let rules = StudentBatch {
        institution_id,
        created_by: None,
        on_existing: OnExisting::Update,
        send_welcome: true,
        credential_life: Duration::from_secs(3600),
    };
    apply(&database, &rules, &file(each, false)).await.unwrap();

    wire.take();
    let applied = apply(&database, &rules, &file(each, true)).await.unwrap();
    let statements = wire.take();

    let each = each as u64;
    assert_eq!(counts(&applied), (each, 3 * each, each, each));
    statements
}

#[tokio::test]
async fn of_a_batch_are_as_many_for_a_thousand_rows_as_for_a_few() {
    let few = statements(2).await;
    assert!((8..20).contains(&few), "{few} statements");
    assert_eq!(statements(200).await, few);
}
