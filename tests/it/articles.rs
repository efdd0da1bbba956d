//! `examples/articles.rs` over HTTP: three users, their articles and comments, and an
//! administrator.

use axioms_rocket::AxiomsFairing;
use axioms_rocket::testing::{AccessTable, Persona, TestIssuer};
use rocket::figment::Figment;
use rocket::http::{ContentType, Header, Method};
use rocket::serde::json::{Value, json};
use rocket_db_pools::{Database, sqlx};

use crate::support::{AUDIENCE, App, ISSUER, config};

#[path = "../../examples/articles.rs"]
#[allow(dead_code, unreachable_pub, reason = "a program of its own")]
mod example;

const USERS: [&str; 3] = ["alice", "bob", "carol"];

struct Newsroom {
    issuer: TestIssuer,
    app: App,
}

struct Reply {
    status: u16,
    body: Value,
}

/// The issuer of all newsrooms: the same keys each time.
fn issuer() -> TestIssuer {
    let issuer = TestIssuer::builder().audience(AUDIENCE);
    issuer.seed(1).offline(ISSUER)
}

impl Newsroom {
    fn open() -> Newsroom {
        let issuer = issuer();
        let figment: Figment = rocket::Config::figment()
            .merge(("log_level", "off"))
            .merge(("workers", 2));
        let protection = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
        Newsroom {
            app: App::launch(example::api(figment, protection)),
            issuer,
        }
    }

    /// A newsroom where each user has written an article and commented on it; article and comment n
    /// are those of the nth.
    fn busy() -> Newsroom {
        let newsroom = Newsroom::open();
        for user in USERS {
            let article = json!({ "title": user, "body": format!("by {user}") });
            let reply = newsroom.send(user, Method::Post, "/articles", Some(article));
            assert_eq!(reply.status, 201, "{}", reply.body);
            let path = format!("/articles/{}/comments", reply.body["id"]);
            let reply = newsroom.send(
                user,
                Method::Post,
                &path,
                Some(json!({ "text": format!("{user} says") })),
            );
            assert_eq!(reply.status, 201, "{}", reply.body);
        }
        newsroom
    }

    fn token(&self, who: &str) -> String {
        let token = self
            .issuer
            .token()
            .subject(who)
            .claim("email", format!("{who}@example.com"))
            .claim("email_verified", true);
        if who == "root" {
            token.roles(["admin"]).sign()
        } else {
            token.roles(["writer"]).sign()
        }
    }

    fn send(&self, who: &str, method: Method, path: &str, body: Option<Value>) -> Reply {
        self.send_with(Some(self.token(who)), method, path, body)
    }

    fn send_with(
        &self,
        token: Option<String>,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Reply {
        let mut request = self.app.0.req(method, path.to_owned());
        if let Some(token) = token {
            request.add_header(Header::new("Authorization", format!("Bearer {token}")));
        }
        if let Some(body) = body {
            request = request.header(ContentType::JSON).body(body.to_string());
        }
        let response = request.dispatch();
        let status = response.status().code;
        let body = response.into_string().unwrap_or_default();
        Reply {
            status,
            body: rocket::serde::json::from_str(&body).unwrap_or(Value::Null),
        }
    }

    fn execute(&self, statement: &str) {
        let store = example::Store::fetch(self.app.0.rocket()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime
            .block_on(sqlx::query(statement).execute(&**store))
            .unwrap();
    }
}

fn refused() -> Value {
    json!({ "error": "insufficient_scope", "error_description": "You do not own this resource" })
}

#[test]
fn each_user_reaches_their_own_objects_and_no_other() {
    for (owner, name) in USERS
        .into_iter()
        .enumerate()
        .map(|(index, name)| (index + 1, name))
    {
        for actor in USERS.into_iter().chain(["root"]) {
            // Fresh for each actor: deletions are real.
            let newsroom = Newsroom::busy();
            let (article, comment) = (format!("/articles/{owner}"), format!("/comments/{owner}"));
            let (own, admin) = (actor == name, actor == "root");
            let new = || Some(json!({ "title": "new", "body": "new" }));
            let text = || Some(json!({ "text": "new" }));
            let comments = format!("{article}/comments");
            for (method, path, body, may, good) in [
                (Method::Get, &article, None, own || admin, 200),
                (Method::Put, &article, new(), own || admin, 200),
                (Method::Get, &comments, None, own || admin, 200),
                (Method::Get, &comment, None, own || admin, 200),
                (Method::Put, &comment, text(), own, 200),
                (Method::Delete, &comment, None, own || admin, 204),
                (Method::Delete, &article, None, own || admin, 204),
            ] {
                let reply = newsroom.send(actor, method, path, body);
                let expected = if may { good } else { 403 };
                assert_eq!(
                    reply.status, expected,
                    "{actor}: {method} {path}: {}",
                    reply.body
                );
                if !may {
                    assert_eq!(reply.body, refused(), "{actor}: {method} {path}");
                }
            }
            // A refused change did not happen, an allowed one did.
            let left = newsroom.send("root", Method::Get, &article, None);
            if own || admin {
                assert_eq!(left.status, 404, "{actor} deleted {article}");
            } else {
                let untouched = json!({
                    "id": owner, "title": name, "body": format!("by {name}"), "created_by": name
                });
                assert_eq!(left.body, untouched, "{actor} changed {article}");
                let comment = newsroom.send("root", Method::Get, &comment, None);
                assert_eq!(
                    comment.body["text"],
                    json!(format!("{name} says")),
                    "{actor} changed a comment"
                );
            }
        }
    }
}

#[test]
fn a_refusal_carries_its_challenge_from_a_guard_of_ones_own_too() {
    let newsroom = Newsroom::busy();
    for path in ["/articles/1", "/comments/1"] {
        let answer = newsroom.app.get(path, &newsroom.token("bob"));
        answer.refused(403, "insufficient_scope", "You do not own this resource");
    }
    let bob = format!("Bearer {}", newsroom.token("bob"));
    let answer = newsroom.app.call(Method::Put, "/comments/1", &[&bob]);
    answer.refused(403, "insufficient_scope", "You do not own this resource");
}

#[test]
fn without_a_valid_token_no_object_is_revealed() {
    let newsroom = Newsroom::busy();
    for path in [
        "/articles/1",
        "/articles/99",
        "/articles/x",
        "/comments/1",
        "/comments/99",
        "/articles/1/comments",
    ] {
        newsroom.app.anonymous(path).missing();
        newsroom
            .app
            .get(
                path,
                &newsroom.issuer.token().subject("alice").expired().sign(),
            )
            .invalid("Token has expired");
    }
    for (method, path) in [
        (Method::Put, "/articles/1"),
        (Method::Delete, "/articles/1"),
        (Method::Put, "/comments/1"),
        (Method::Delete, "/comments/1"),
        (Method::Post, "/articles"),
        (Method::Post, "/articles/1/comments"),
        (Method::Post, "/articles/99/comments"),
    ] {
        newsroom.app.call(method, path, &[]).missing();
    }
    for path in [
        "/articles/99",
        "/articles/x",
        "/articles/-1",
        "/comments/99",
        "/articles/99/comments",
    ] {
        assert_eq!(
            newsroom.send("alice", Method::Get, path, None).status,
            404,
            "{path}"
        );
    }
}

#[test]
fn the_list_holds_ones_own_alone() {
    let newsroom = Newsroom::busy();
    newsroom.send(
        "alice",
        Method::Post,
        "/articles",
        Some(json!({ "title": "second", "body": "" })),
    );
    let titles = |who: &str| -> Vec<String> {
        let list = newsroom.send(who, Method::Get, "/articles", None).body;
        let titles = list
            .as_array()
            .unwrap()
            .iter()
            .map(|article| article["title"].as_str().unwrap().to_owned());
        titles.collect()
    };
    assert_eq!(titles("alice"), ["alice", "second"]);
    assert_eq!(titles("bob"), ["bob"]);
    assert_eq!(titles("dave"), [""; 0]);
    assert_eq!(titles("' OR '1'='1"), [""; 0]);
}

#[test]
fn a_comment_belongs_to_its_address_and_its_article_sees_it() {
    let newsroom = Newsroom::busy();
    let reply = newsroom.send(
        "bob",
        Method::Post,
        "/articles/1/comments",
        Some(json!({ "text": "well said" })),
    );
    assert_eq!(
        (reply.status, &reply.body["author"]),
        (201, &json!("bob@example.com"))
    );
    let own = format!("/comments/{}", reply.body["id"]);
    assert_eq!(newsroom.send("bob", Method::Get, &own, None).status, 200);
    assert_eq!(newsroom.send("alice", Method::Get, &own, None).status, 403);
    let seen = newsroom
        .send("alice", Method::Get, "/articles/1/comments", None)
        .body;
    assert_eq!(seen.as_array().map(Vec::len), Some(2));
    // With the article its comments go.
    assert_eq!(
        newsroom
            .send("alice", Method::Delete, "/articles/1", None)
            .status,
        204
    );
    assert_eq!(newsroom.send("bob", Method::Get, &own, None).status, 404);
}

#[test]
fn subject_and_email_are_not_interchangeable() {
    let newsroom = Newsroom::busy();
    let with = |subject: &str, email: Option<&str>| {
        let token = newsroom
            .issuer
            .token()
            .subject(subject)
            .claim("email_verified", true);
        Some(email.map_or_else(
            || token.clone().sign(),
            |email| token.clone().claim("email", email).sign(),
        ))
    };
    let get = |token: Option<String>, path: &str| {
        newsroom.send_with(token, Method::Get, path, None).status
    };
    let swapped = || with("alice@example.com", Some("alice"));
    assert_eq!(
        (get(swapped(), "/articles/1"), get(swapped(), "/comments/1")),
        (403, 403)
    );
    let only_subject = || with("alice", None);
    assert_eq!(
        (
            get(only_subject(), "/articles/1"),
            get(only_subject(), "/comments/1")
        ),
        (200, 403)
    );
    let only_email = || with("someone", Some("alice@example.com"));
    assert_eq!(
        (
            get(only_email(), "/articles/1"),
            get(only_email(), "/comments/1")
        ),
        (403, 200)
    );

    // A comment needs an address, and the answer names the missing claim.
    let reply = newsroom.send_with(
        only_subject(),
        Method::Post,
        "/articles/1/comments",
        Some(json!({ "text": "anonymous" })),
    );
    assert_eq!(
        (reply.status, &reply.body["error"]),
        (401, &json!("invalid_token"))
    );
    assert!(
        reply.body["error_description"]
            .as_str()
            .unwrap()
            .contains("email"),
        "{}",
        reply.body
    );
}

#[test]
fn an_address_that_is_not_verified_owns_no_comment() {
    let newsroom = Newsroom::busy();
    let text = || Some(json!({ "text": "taken over" }));
    for verified in [json!(false), json!(null), json!("true"), json!(1)] {
        let mallory = || {
            let token = newsroom.issuer.token().subject("mallory");
            token
                .claim("email", "alice@example.com")
                .claim("email_verified", verified.clone())
        };
        for (method, path, body) in [
            (Method::Get, "/comments/1", None),
            (Method::Put, "/comments/1", text()),
            (Method::Delete, "/comments/1", None),
            (Method::Post, "/articles/1/comments", text()),
        ] {
            let answer = newsroom.send_with(Some(mallory().sign()), method, path, body);
            assert_eq!(answer.status, 403, "{method} {path}: {}", answer.body);
        }
        // An administrator needs no address, but changes no comment either.
        let admin = || Some(mallory().roles(["admin"]).sign());
        let get = newsroom.send_with(admin(), Method::Get, "/comments/1", None);
        assert_eq!((get.status, &get.body["text"]), (200, &json!("alice says")));
        let put = newsroom.send_with(admin(), Method::Put, "/comments/1", text());
        assert_eq!(put.status, 403);
    }
}

#[test]
fn objects_without_owner_are_for_administrators() {
    let newsroom = Newsroom::open();
    newsroom.execute(
        "INSERT INTO articles (title, body, created_by) \
         VALUES ('a', '', NULL), ('b', '', ''), ('c', '', 'None')",
    );
    newsroom.execute(
        "INSERT INTO comments (article, text, author) VALUES (1, 'a', NULL), (1, 'b', '')",
    );
    for path in ["/articles/1", "/articles/2", "/comments/1", "/comments/2"] {
        for token in [
            newsroom.issuer.token().subject("alice"),
            newsroom.issuer.token().subject("").claim("email", ""),
            newsroom
                .issuer
                .token()
                .without("sub")
                .claim("email", Value::Null),
            newsroom
                .issuer
                .token()
                .subject("None")
                .claim("email", "None"),
            newsroom
                .issuer
                .token()
                .subject("null")
                .claim("email", "null"),
        ] {
            let token = token.claim("email_verified", true).sign();
            let reply = newsroom.send_with(Some(token), Method::Get, path, None);
            assert_eq!((reply.status, reply.body), (403, refused()), "{path}");
        }
        assert_eq!(
            newsroom.send("root", Method::Get, path, None).status,
            200,
            "{path}"
        );
    }
    assert_eq!(
        newsroom
            .send("None", Method::Get, "/articles/3", None)
            .status,
        200
    );
}

/// Article and comment 1 are those of alice.
#[test]
fn who_may_call_what_is_in_the_committed_table() {
    let issuer = issuer();
    let user = |name: &str| {
        let email = format!("{name}@example.com");
        let token = issuer.token().subject(name).claim("email", email);
        token.claim("email_verified", true)
    };
    let access = AccessTable::builder([
        Persona::guest(),
        Persona::expired(&issuer),
        Persona::new("alice", user("alice")),
        Persona::new("unverified", user("alice").claim("email_verified", false)),
        Persona::new("bob", user("bob")),
        Persona::new("root", user("root").roles(["admin"])),
    ])
    .parameters(|_, name| ["_article", "_comment"].contains(&name).then_some("1"))
    .bodies(|route| {
        let article = r#"{ "title": "News", "body": "Nothing new." }"#;
        let remark = r#"{ "text": "Indeed." }"#;
        match (route.method(), route.path()) {
            (Method::Post, "/articles") | (Method::Put, "/articles/<_article>") => {
                Some((ContentType::JSON, article))
            }
            (Method::Post | Method::Put, _) => Some((ContentType::JSON, remark)),
            _ => None,
        }
    });
    let table = access.dispatched_afresh(|| Newsroom::busy().app.0);
    let newsroom = Newsroom::open();
    table.assert_agrees_with(&access.computed(newsroom.app.0.rocket()));
    table.assert_file("tests/access/articles.md");
}
