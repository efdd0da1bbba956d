//! A whole application that denies by default.
//!
//! `cargo run --example whole_app` starts it with an embedded development issuer and prints `curl`
//! lines to paste. If the configuration names an issuer, say with `AXIOMS_ISS_URL` and
//! `AXIOMS_AUDIENCE`, it trusts that authorization server instead.
//!
//! | path | access |
//! | --- | --- |
//! | `/health` | everyone: an exception |
//! | `/feed` | everyone, members by their name: an exception with an optional token |
//! | `/notes` | everyone reads, the scope `notes:write` writes, the role `admin` as well deletes |
//! | `/profile` | members: the rule for everything protects it |
//! | `/admin/…` | administrators: a group |
//! | any other | 401 without a token, before any 404 |

use std::sync::Mutex;
use std::time::Duration;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    Authenticated, AxiomsFairing, Config, Optional, Roles, Scopes, Unless, ValidToken, protect,
};
use rocket::fairing::AdHoc;
use rocket::figment::Figment;
use rocket::http::Status;
use rocket::serde::json::Json;
use rocket::{Build, Orbit, Rocket, State, delete, get, launch, post, routes};

axioms_rocket::scopes! {
    /// Write on the board.
    pub Write = "notes:write";
}

axioms_rocket::roles! {
    pub Admin = "admin";
}

axioms_rocket::methods! {
    pub Reads = Get | Head | Options;
}

/// The rule for the notes, named once: reading is open, everything else needs the scope.
type ReadOrMayWrite = Unless<Reads, Scopes<Write>>;

/// A board of notes.
#[derive(Default)]
struct Board(Mutex<Vec<String>>);

impl Board {
    fn notes(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[get("/health")]
fn health() -> &'static str {
    "up"
}

/// Guests are welcome. A bad token is refused, never taken for a guest.
#[get("/feed")]
fn feed(token: Optional<ValidToken>) -> String {
    match token.as_ref() {
        Some(token) => format!("Welcome {}", token.subject().unwrap_or("guest")),
        None => "Welcome guest".into(),
    }
}

#[get("/notes")]
fn notes(board: &State<Board>) -> Json<Vec<String>> {
    Json(board.notes().clone())
}

#[post("/notes", data = "<note>")]
fn write(note: String, board: &State<Board>) -> Status {
    board.notes().push(note);
    Status::Created
}

/// In addition to the group's rule.
#[delete("/notes")]
fn wipe(_admin: Roles<Admin>, board: &State<Board>) -> Status {
    board.notes().clear();
    Status::NoContent
}

/// It has no guard of its own: the rule for everything protects it.
#[get("/profile")]
fn profile() -> &'static str {
    "for members"
}

#[get("/stats")]
fn stats(board: &State<Board>) -> String {
    format!("{} notes", board.notes().len())
}

/// The application; `protection` names the issuers that it trusts.
pub fn api(figment: Figment, protection: AxiomsFairing) -> Rocket<Build> {
    let protection = protection
        .require_everywhere::<Authenticated>()
        .deny_unguarded()
        .except(["/health", "/feed", "/notes"]);
    rocket::custom(figment)
        .attach(protection)
        .manage(Board::default())
        .mount("/", routes![health, feed, profile])
        .mount("/", protect::<ReadOrMayWrite>(routes![notes, write, wipe]))
        .mount("/admin", protect::<Roles<Admin>>(routes![stats]))
}

#[launch]
fn rocket() -> _ {
    let figment = rocket::Config::figment();
    match Config::from_figment(&figment) {
        Ok(config) if names_no_issuer(&config) => with_embedded_issuer(figment, config),
        // The fairing reports a wrong configuration, too.
        _ => api(figment, AxiomsFairing::default()),
    }
}

fn names_no_issuer(config: &Config) -> bool {
    config.domain.is_none()
        && config.iss_url.is_none()
        && config.jwks_url.is_none()
        && config.issuers.is_empty()
}

fn with_embedded_issuer(figment: Figment, config: Config) -> Rocket<Build> {
    let audience = config
        .audience
        .first()
        .map_or("https://api.example.com", String::as_str);
    let issuer = TestIssuer::builder().audience(audience).start();
    let protection = AxiomsFairing::from_config(Config {
        audience: vec![issuer.audience().to_owned()],
        iss_url: Some(issuer.url().to_owned()),
        ..config
    });
    // Managed, the issuer serves its keys for as long as the application runs.
    api(figment, protection)
        .manage(issuer)
        .attach(AdHoc::on_liftoff("Lines to paste", |rocket| {
            Box::pin(async move {
                if let Some(issuer) = rocket.state::<TestIssuer>() {
                    print_lines(issuer, rocket);
                }
            })
        }))
}

/// Prints `curl` lines, each with the status to expect.
fn print_lines(issuer: &TestIssuer, rocket: &Rocket<Orbit>) {
    let config = rocket.config();
    let api = format!(
        "http://{}",
        std::net::SocketAddr::new(config.address, config.port)
    );
    let person = |name: &str| {
        issuer
            .token()
            .subject(name)
            .expires_in(Duration::from_secs(3600))
    };

    println!();
    println!(
        "*** FOR DEVELOPMENT ONLY: tokens come from an embedded issuer, {} ***",
        issuer.url()
    );
    println!(
        "*** Anyone on this machine can have one. \
         Set AXIOMS_ISS_URL and AXIOMS_AUDIENCE to trust a real server. ***"
    );
    println!();
    println!("ALICE={}", person("alice").scope("notes:write").sign());
    println!("BOB={}", person("bob").sign());
    println!(
        "ROOT={}",
        person("root").scope("notes:write").roles(["admin"]).sign()
    );
    for (title, requests) in [
        (
            "Without a token: the open paths alone",
            &[
                ("", "GET", "/health", 200),
                ("", "GET", "/feed", 200),
                ("", "GET", "/notes", 200),
                ("", "POST", "/notes", 401),
                ("", "GET", "/profile", 401),
                ("", "GET", "/no/such/path", 401),
            ][..],
        ),
        (
            "Members are known by name",
            &[
                ("BOB", "GET", "/feed", 200),
                ("BOB", "GET", "/profile", 200),
                ("BOB", "GET", "/no/such/path", 404),
                ("BOB", "POST", "/notes", 403),
                ("BOB", "GET", "/admin/stats", 403),
                ("ALICE", "POST", "/notes", 201),
                ("ALICE", "DELETE", "/notes", 403),
            ],
        ),
        (
            "Administrators",
            &[
                ("ROOT", "GET", "/admin/stats", 200),
                ("ROOT", "DELETE", "/notes", 204),
            ],
        ),
    ] {
        println!();
        println!("# {title}");
        for (who, method, path, status) in requests {
            let bearer = if who.is_empty() {
                String::new()
            } else {
                format!(" -H \"Authorization: Bearer ${who}\"")
            };
            let body = if *method == "POST" {
                " -d 'a note'"
            } else {
                ""
            };
            println!(
                "curl -i -X {method}{bearer}{body} {api}{path} \
                 -w '\\nexpected {status}, got %{{http_code}}\\n'"
            );
        }
    }
    println!();
}
