//! Every operation × every role × own, neighbour's and foreign things, compared with the table.

mod university;

use crate::server::{Answer, Server};
use acurate_api::permissions::{PERMISSIONS, PUBLIC, Permission, Scope};
use poem::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use university::{Role, Target, University};

const ROLES: [Role; 4] = [Role::SuperAdmin, Role::Administrator, Role::Teacher, Role::Student];
/// Operations after which somebody has to sign in anew, or takes another course.
const CHANGING: [&str; 11] = [
    "changePassword",
    "createEnrollment",
    "endMySession",
    "enrollStudents",
    "resendStudentWelcome",
    "resendTeacherWelcome",
    "resetInstitutionAdminAccess",
    "signOut",
    "signOutEverywhere",
    "suspendInstitution",
    "updateInstitutionAdmin",
];
const TARGETS: [Target; 3] = [Target::Own, Target::Neighbour, Target::Foreign];

/// An operation of the document.
struct Operation {
    id: String,
    method: Method,
    path: String,
    definition: Value,
}

impl Operation {
    /// Whether a path names things that may be somebody's.
    fn has_target(&self) -> bool {
        self.path.contains('{')
    }

    /// Whether the next request meets another world.
    fn is_final(&self) -> bool {
        self.method == Method::DELETE || CHANGING.contains(&self.id.as_str())
    }

    fn row(&self) -> &'static Permission {
        PERMISSIONS.iter().find(|row| row.operation == self.id).unwrap()
    }
}

fn document() -> Value {
    serde_json::from_str(&acurate_api::document::document()).unwrap()
}

/// Operations behind a sign-in.
fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, definition) in methods.as_object().unwrap() {
            let id = definition["operationId"].as_str().unwrap().to_owned();
            if PUBLIC.contains(&id.as_str()) {
                continue;
            }
            operations.push(Operation {
                id,
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                definition: definition.clone(),
            });
        }
    }
    operations
}

#[test]
fn the_table_has_a_row_for_every_operation_and_for_no_other() {
    let document = document();
    let documented: BTreeSet<String> = operations(&document).into_iter().map(|operation| operation.id).collect();
    let rows: BTreeSet<String> = PERMISSIONS.iter().map(|row| row.operation.to_owned()).collect();
    assert_eq!(documented, rows);
    assert_eq!(rows.len(), PERMISSIONS.len(), "a row twice");
    let public: BTreeSet<&str> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|methods| methods.as_object().unwrap().values())
        .filter(|definition| definition["security"] == json!([]))
        .map(|definition| definition["operationId"].as_str().unwrap())
        .collect();
    assert_eq!(public, PUBLIC.iter().copied().collect());
}

/// Two universities and the owner of the platform.
struct World {
    server: Server,
    owner: String,
    ours: University,
    theirs: University,
}

impl World {
    async fn make() -> Self {
        let server = Server::start().await;
        Self {
            owner: server.owner().await,
            ours: University::found(&server, "QOURS").await,
            theirs: University::found(&server, "QTHEIRS").await,
            server,
        }
    }

    fn token(&self, role: Role) -> &str {
        match role {
            Role::SuperAdmin => &self.owner,
            Role::Administrator => &self.ours.admin,
            Role::Teacher => &self.ours.teacher,
            Role::Student => &self.ours.student,
        }
    }

    fn id(&self, resource: &str, role: Role, target: Target) -> i64 {
        match target {
            Target::Foreign => self.theirs.id(resource, role, Target::Neighbour),
            own => self.ours.id(resource, role, own),
        }
    }

    fn session(&self, role: Role, target: Target) -> &str {
        match target {
            Target::Foreign => self.theirs.session(role, Target::Neighbour),
            own => self.ours.session(role, own),
        }
    }

    /// The path with ids in it: each stands behind the name of its resource, or is named by it.
    fn path(&self, operation: &Operation, role: Role, target: Target) -> String {
        let mut path = "/api".to_owned();
        let mut resource = "";
        for segment in operation.path.split('/').skip(1) {
            let id = match segment.strip_prefix('{').map(|name| name.trim_end_matches('}')) {
                Some("student_id") => Some(self.id("students", role, target).to_string()),
                Some(_) if resource == "sessions" => Some(self.session(role, target).to_owned()),
                Some(_) => Some(self.id(resource, role, target).to_string()),
                None => None,
            };
            resource = segment;
            path += &id.map_or_else(|| format!("/{segment}"), |id| format!("/{id}"));
        }
        for parameter in operation.definition["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" && parameter["required"] == true {
                assert_eq!(parameter["name"], "program_id", "{} asks for a value", operation.id);
                path += &format!("?program_id={}", self.id("programs", role, Target::Own));
            }
        }
        path
    }

    /// The example of the document with ids of our university in it.
    fn body(&self, document: &Value, operation: &Operation, role: Role) -> Option<Value> {
        let content = operation.definition.pointer("/requestBody/content")?.as_object()?;
        let schema = content.iter().find(|(kind, _)| kind.starts_with("application/json"))?.1["schema"]["$ref"].as_str()?;
        let name = schema.rsplit('/').next().unwrap();
        let mut body = document["components"]["schemas"][name]["example"].clone();
        if body.is_null() {
            body = json!({});
        }
        self.localise(&mut body, role);
        Some(body)
    }

    fn localise(&self, value: &mut Value, role: Role) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.localise(item, role)),
            Value::Object(fields) => {
                for (name, field) in fields {
                    let resource = match name.as_str() {
                        "department_id" => "departments",
                        "program_id" => "programs",
                        "teacher_id" => "teachers",
                        "student_id" => "students",
                        "assessment_id" => "assessments",
                        "learning_outcome_id" => "learning-outcomes",
                        "program_outcome_id" => "program-outcomes",
                        _ => {
                            self.localise(field, role);
                            continue;
                        }
                    };
                    if field.is_number() {
                        *field = self.ours.id(resource, role, Target::Own).into();
                    }
                }
            }
            _ => {}
        }
    }

    /// A form with a file, and the ids that it asks for.
    fn form(&self, operation: &Operation, role: Role) -> String {
        let schema = operation
            .definition
            .pointer("/requestBody/content/multipart~1form-data/schema")
            .unwrap();
        let mut body = String::new();
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let content = match name {
                "file" => "student_number,email,first_name,last_name\n1,a@b.edu,Ali,Veli\n".to_owned(),
                "course_id" => self.ours.id("courses", role, Target::Own).to_string(),
                other => panic!("a form asks for {other}"),
            };
            let file = if name == "file" {
                "; filename=\"file.csv\"\r\nContent-Type: text/csv"
            } else {
                ""
            };
            body += &format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n");
        }
        body + "--x--\r\n"
    }

    async fn ask(&self, document: &Value, operation: &Operation, role: Role, target: Target) -> Answer {
        let path = self.path(operation, role, target);
        let is_form = operation.definition.pointer("/requestBody/content/multipart~1form-data").is_some();
        if is_form {
            let body = self.form(operation, role).into_bytes();
            let (method, token) = (operation.method.clone(), self.token(role));
            return self
                .server
                .send_raw(method, &path, token, "multipart/form-data; boundary=x", body)
                .await;
        }
        let body = self.body(document, operation, role);
        self.server.ask(operation.method.clone(), &path, Some(self.token(role)), body).await
    }
}

fn scope(row: &Permission, role: Role) -> Scope {
    match role {
        Role::SuperAdmin => row.super_admin,
        Role::Administrator => row.institution_admin,
        Role::Teacher => row.teacher,
        Role::Student => row.student,
    }
}

/// The statuses that a refusal may have; empty where the request must pass.
fn refusals(scope: Scope, target: Target) -> &'static [u16] {
    match (scope, target) {
        (Scope::Nothing, Target::Foreign | Target::Neighbour) => &[403, 404],
        (Scope::Nothing, Target::Own) => &[403],
        // Who is confined to its own gets one answer, whether the other thing exists anywhere or not.
        (Scope::Own, Target::Neighbour | Target::Foreign) => &[403, 404],
        (Scope::Institution, Target::Foreign) => &[404],
        (Scope::Platform, _) | (Scope::Institution, Target::Own | Target::Neighbour) | (Scope::Own, Target::Own) => &[],
    }
}

/// What is wrong with an answer.
fn fault(answer: &Answer, expected: &[u16]) -> Option<String> {
    let status = answer.status.as_u16();
    let is_right = if expected.is_empty() {
        ![400, 401, 403, 404, 405, 415].contains(&status) && status < 500
    } else {
        expected.contains(&status)
    };
    (!is_right).then(|| format!("{status} {}", answer.body))
}

#[tokio::test]
async fn every_operation_lets_every_role_do_what_the_table_says_and_no_more() {
    let document = document();
    let mut world = World::make().await;
    let mut cells = 0;
    let mut faults = Vec::new();
    for operation in operations(&document) {
        for role in ROLES {
            for target in TARGETS
                .into_iter()
                .filter(|target| *target == Target::Own || operation.has_target())
            {
                let what = format!("{} as {role:?} on {target:?}", operation.id);
                let answer = world.ask(&document, &operation, role, target).await;
                let expected = refusals(scope(operation.row(), role), target);
                faults.extend(fault(&answer, expected).map(|fault| format!("{what}: {fault}")));
                if role != Role::SuperAdmin && answer.body.to_string().contains(&world.theirs.mark) {
                    faults.push(format!("{what}: shows another institution"));
                }
                cells += 1;
                if operation.is_final() && answer.status.is_success() {
                    world = World::make().await;
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(cells > 4 * PERMISSIONS.len(), "{cells} cells");
}

#[tokio::test]
async fn no_operation_answers_without_a_sign_in() {
    let document = document();
    let world = World::make().await;
    for operation in operations(&document) {
        let path = world.path(&operation, Role::Administrator, Target::Own);
        let answer = world.server.ask(operation.method.clone(), &path, None, None).await;
        assert_eq!(answer.status.as_u16(), 401, "{}", operation.id);
    }
}
