//! No list asks more of the database the more it shows: every list of the OpenAPI document, with 1 and with 50 items on a page.

mod relay;
mod world;

use crate::server::{Server, token};
use poem::http::Method;
use relay::Relay;
use serde_json::Value;
use std::collections::BTreeMap;
use world::{ITEMS, World};

/// Statements that a list may take: whose it is, how many there are, the items, and what belongs to these.
const LIST_LIMIT: usize = 5;

/// Statements that a document may take which holds all of something.
const WHOLE_LIMIT: usize = 6;

/// The operations that answer with a page, and their paths with the required parameters of the query.
fn lists() -> BTreeMap<String, String> {
    let document: Value = serde_json::from_str(&acurate_api::cli::document()).unwrap();
    let mut lists = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let operation = &methods["get"];
        let Some(answers) = operation["responses"]["200"]["content"].as_object() else {
            continue;
        };
        let is_page = |answer: &Value| {
            let schema = answer["schema"]["$ref"].as_str().unwrap_or_default();
            schema.starts_with("#/components/schemas/PageOf_")
        };
        if !answers.values().any(is_page) {
            assert!(
                answers
                    .get("application/json; charset=utf-8")
                    .is_none_or(|answer| answer["schema"]["type"] != "array"),
                "{path} answers with a bare list: give it pages"
            );
            continue;
        }
        let required = operation["parameters"].as_array().into_iter().flatten();
        let required = required.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
        let query: Vec<&str> = required.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        let path = query.iter().fold(path.clone(), |path, name| format!("{path}&{name}={{{name}}}"));
        lists.insert(operation["operationId"].as_str().unwrap().to_owned(), path);
    }
    lists
}

/// An API whose way to the database is watched, and who asks it.
struct Watched {
    server: Server,
    relay: Relay,
    world: World,
    admin: String,
    owner: String,
}

impl Watched {
    async fn start() -> Self {
        let (server, relay) = Server::start_behind(Relay::start).await;
        let owner = server.owner().await;
        let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
        let world = World::build(&server).await;
        Self {
            server,
            relay,
            world,
            admin,
            owner,
        }
    }

    /// The answer, and the fewest statements of several tries: a cache that runs out meanwhile is none of the list's business.
    async fn count(&self, path: &str, token: &str) -> (Value, usize) {
        let mut fewest = usize::MAX;
        let mut body = Value::Null;
        for _ in 0..3 {
            let before = self.relay.statements();
            body = self.server.get(path, token).await.expect(200);
            fewest = fewest.min(self.relay.statements() - before);
        }
        (body, fewest)
    }

    /// The token of who may read a list: an administrator, or the owner of the platform.
    async fn reader(&self, path: &str) -> &str {
        let asked = self.server.ask(Method::GET, path, Some(&self.admin), None).await;
        if asked.status == 403 { &self.owner } else { &self.admin }
    }

    /// Statements of a list with so many items on the page.
    async fn of_page(&self, name: &str, path: &str, items: usize) -> usize {
        let join = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{join}page_size={items}");
        let (body, statements) = self.count(&path, self.reader(&path).await).await;
        let shown = body["items"].as_array().unwrap().len();
        assert_eq!(
            shown, items,
            "{name} ({path}) shows too few to tell: put more of them into the world of this test"
        );
        statements
    }
}

#[tokio::test]
async fn a_list_takes_the_same_few_statements_however_much_is_on_the_page() {
    let watched = Watched::start().await;
    let lists = lists();
    assert!(lists.contains_key("listCourses"), "{lists:?}");
    let mut faults = Vec::new();
    for (name, path) in &lists {
        let path = watched.world.path(name, path);
        let one = watched.of_page(name, &path, 1).await;
        let many = watched.of_page(name, &path, ITEMS).await;
        if one != many || many > LIST_LIMIT || one == 0 {
            faults.push(format!("{name}: {one} statements for 1 item, {many} for {ITEMS}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn what_is_read_as_a_whole_takes_the_same_few_statements_however_much_it_holds() {
    let watched = Watched::start().await;
    for (name, [small, large]) in watched.world.wholes() {
        let (small_body, one) = watched.count(&small, &watched.admin).await;
        let (large_body, many) = watched.count(&large, &watched.admin).await;
        let sizes = (small_body.to_string().len(), large_body.to_string().len());
        assert!(sizes.1 > 10 * sizes.0, "{name}: {sizes:?} bytes are too equal to tell");
        assert_eq!(one, many, "{name}");
        assert!((1..=WHOLE_LIMIT).contains(&many), "{name}: {many}");
    }
}

#[tokio::test]
async fn the_relay_sees_every_statement() {
    let (server, relay) = Server::start_behind(Relay::start).await;
    let signed_in = server.sign_in("owner@acurate.example", crate::server::PASSWORD).await.expect(200);
    let owner = token(&signed_in);
    server.get("/api/auth/me", &owner).await.expect(200);
    let before = relay.statements();
    for _ in 0..3 {
        server.number("SELECT 1::bigint AS id", []).await;
    }
    assert_eq!(relay.statements() - before, 3);
}
