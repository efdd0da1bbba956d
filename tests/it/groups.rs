//! Chapter 6 of docs/behaviour.md: groups of routes with one guard.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

use axioms_rocket::{
    All, Always, Any, Authenticated, AxiomsFairing, Guard, HasOwner, Optional, Owned, Requirement,
    Roles, Scopes, ValidToken, protect, roles,
};
use rocket::data::{self, Data, FromData, ToByteUnit};
use rocket::http::{Method, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::{Request, Route, delete, get, options, post, put, routes};

use crate::authorization::guarded;
use crate::support::{App, Editor, Profile, config, offline, rocket};

roles! { Admin = "admin"; }

/// How far requests got: to the routes' own guards, and to their data.
#[derive(Default)]
struct Reached {
    guards: AtomicUsize,
    data: AtomicUsize,
}

struct Own;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Own {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        if let Some(reached) = request.rocket().state::<Reached>() {
            reached.guards.fetch_add(1, Ordering::SeqCst);
        }
        Outcome::Success(Own)
    }
}

struct Text(String);

#[rocket::async_trait]
impl<'r> FromData<'r> for Text {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> data::Outcome<'r, Self> {
        if let Some(reached) = request.rocket().state::<Reached>() {
            reached.data.fetch_add(1, Ordering::SeqCst);
        }
        match data.open(1.kibibytes()).into_string().await {
            Ok(text) => data::Outcome::Success(Text(text.into_inner())),
            Err(_) => data::Outcome::Error((Status::BadRequest, ())),
        }
    }
}

#[get("/stats")]
fn stats() -> &'static str {
    "stats"
}

#[get("/users/<name>?<page>")]
fn user(name: &str, page: Option<u8>) -> String {
    format!("{name} {}", page.unwrap_or(1))
}

#[post("/users", data = "<text>")]
fn create(_own: Own, text: Text) -> String {
    format!("created {}", text.0)
}

#[put("/users", data = "<text>")]
fn replace(text: Text) -> String {
    format!("replaced {}", text.0)
}

#[delete("/users")]
fn remove(token: ValidToken) -> String {
    format!("removed by {}", token.subject().unwrap_or("none"))
}

#[options("/users")]
fn ask() -> &'static str {
    "asked"
}

#[get("/public")]
fn public() -> &'static str {
    "public"
}

fn users() -> Vec<Route> {
    routes![stats, user, create, replace, remove, ask]
}

#[test]
fn every_route_of_a_group_asks_its_guard_and_no_other_does() {
    let issuer = offline();
    let rocket = rocket(AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks()))
        .mount("/admin", protect::<Roles<Admin>>(users()))
        .mount("/", routes![public]);
    let app = App::launch(rocket);
    let admin = issuer.token().subject("root").roles(["admin"]).sign();
    let user = issuer.token().roles(["user"]).sign();
    let requests = [
        (Method::Get, "/admin/stats", "stats"),
        (Method::Get, "/admin/users/alice?page=3", "alice 3"),
        (Method::Delete, "/admin/users", "removed by root"),
        (Method::Post, "/admin/users", "created "),
        (Method::Put, "/admin/users", "replaced "),
    ];
    for (method, path, body) in requests {
        app.call(method, path, &[]).missing();
        app.call(method, path, &["Bearer x.y.z"])
            .invalid("Malformed token");
        app.call(method, path, &[&format!("Bearer {user}")])
            .insufficient();
        app.call(method, path, &[&format!("Bearer {admin}")])
            .passes(body);
    }
    assert_eq!(app.call(Method::Head, "/admin/stats", &[]).status, 401);
    app.call(Method::Options, "/admin/users", &[])
        .passes("asked");
    app.anonymous("/public").passes("public");
    // A group is not deny by default: other paths are as before.
    assert_eq!(app.anonymous("/admin/unknown").status, 404);
}

#[test]
fn the_groups_guard_comes_before_the_routes_own_guards_and_the_data() {
    let issuer = offline();
    let rocket = rocket(AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks()))
        .manage(Reached::default())
        .mount("/", protect::<Scopes<Profile>>(users()));
    let app = App::launch(rocket);
    let reached = || {
        let reached: &Reached = app.0.rocket().state().unwrap();
        (
            reached.guards.load(Ordering::SeqCst),
            reached.data.load(Ordering::SeqCst),
        )
    };
    let good = format!("Bearer {}", issuer.token().scope("openid").sign());
    for credentials in [
        "",
        "Bearer x.y.z",
        &format!("Bearer {}", issuer.token().sign()),
    ] {
        for method in [Method::Post, Method::Put] {
            let request = app.0.req(method, "/users").body("alice");
            let request = request.header(rocket::http::Header::new(
                "Authorization",
                credentials.to_owned(),
            ));
            assert!(matches!(request.dispatch().status().code, 401 | 403));
        }
    }
    assert_eq!(reached(), (0, 0));
    let header = rocket::http::Header::new("Authorization", good);
    let answer = app
        .0
        .post("/users")
        .header(header.clone())
        .body("alice")
        .dispatch();
    assert_eq!(
        (answer.status().code, answer.into_string().as_deref()),
        (200, Some("created alice"))
    );
    assert_eq!(reached(), (1, 1));
    let answer = app.0.put("/users").header(header).body("bob").dispatch();
    assert_eq!(
        (answer.status().code, answer.into_string().as_deref()),
        (200, Some("replaced bob"))
    );
    assert_eq!(reached(), (1, 2));
}

#[test]
fn groups_nest_and_every_guard_on_the_way_must_pass() {
    let issuer = offline();
    let inner = protect::<Roles<Admin>>(routes![stats]);
    let outer = inner.into_iter().chain(routes![public]).collect::<Vec<_>>();
    let app = guarded(&issuer, protect::<Scopes<Profile>>(outer));
    let member = issuer.token().scope("openid").sign();
    let admin = issuer.token().roles(["admin"]).sign();
    let both = issuer.token().scope("openid").roles(["admin"]).sign();
    for (token, inside, outside) in [(&member, 403, 200), (&admin, 403, 403), (&both, 200, 200)] {
        assert_eq!(
            (
                app.get("/stats", token).status,
                app.get("/public", token).status
            ),
            (inside, outside)
        );
    }
    // The scope of the outer group is in the challenge, whichever group refused.
    let scope = |answer: crate::support::Answer| {
        answer
            .challenge
            .is_some_and(|c| c.contains("scope=\"openid\""))
    };
    assert!(scope(app.anonymous("/stats")));
    assert!(scope(app.get("/stats", &admin)));
    assert!(scope(app.get("/stats", &member)));
}

#[get("/detail")]
fn detail(_role: Roles<Editor>, token: ValidToken) -> String {
    token.subject().unwrap_or("none").to_owned()
}

#[test]
fn the_group_and_the_route_add_up() {
    let issuer = offline();
    let app = guarded(&issuer, protect::<Scopes<Profile>>(routes![detail]));
    let token = || issuer.token().subject("alice");
    app.get("/detail", &token().scope("openid").roles(["editor"]).sign())
        .passes("alice");
    app.get("/detail", &token().scope("openid").sign())
        .insufficient();
    app.get("/detail", &token().roles(["editor"]).sign())
        .insufficient();
    app.anonymous("/detail").missing();
}

#[get("/formula")]
fn formula() -> &'static str {
    "formula"
}

#[get("/standing")]
fn standing() -> &'static str {
    "standing"
}

#[get("/typed")]
fn typed() -> &'static str {
    "typed"
}

#[get("/guest")]
fn guest() -> &'static str {
    "guest"
}

#[get("/badge")]
fn badge(
    _staff: Always<ValidToken<Staff>>,
    _formula: Any<(Roles<Admin>, ValidToken<Staff>)>,
) -> &'static str {
    "badge"
}

#[derive(rocket::serde::Deserialize)]
#[serde(crate = "rocket::serde")]
struct Staff {
    #[allow(dead_code, reason = "that it is there is what counts")]
    badge: u32,
}

#[test]
fn every_kind_of_guard_can_stand_before_a_group() {
    let issuer = offline();
    let mut all =
        protect::<All<(Scopes<Profile>, Any<(Roles<Admin>, Roles<Editor>)>)>>(routes![formula]);
    all.extend(protect::<Always<Authenticated>>(routes![standing]));
    all.extend(protect::<ValidToken<Staff>>(routes![typed]));
    all.extend(protect::<Optional<Scopes<Profile>>>(routes![guest]));
    all.extend(protect::<Always<ValidToken<Staff>>>(routes![badge]));
    let app = guarded(&issuer, all);

    // A token is a policy too: that it is valid, and that its claims fit.
    app.get("/badge", &issuer.token().claim("badge", 7).sign())
        .passes("badge");
    app.get("/badge", &issuer.token().roles(["admin"]).sign())
        .insufficient();
    app.anonymous("/badge").missing();

    app.get(
        "/formula",
        &issuer.token().scope("openid").roles(["editor"]).sign(),
    )
    .passes("formula");
    app.get("/formula", &issuer.token().scope("openid").sign())
        .insufficient();
    app.get("/standing", &issuer.token().sign())
        .passes("standing");
    app.anonymous("/standing").missing();
    app.get("/typed", &issuer.token().claim("badge", 7).sign())
        .passes("typed");
    assert_eq!(
        app.get("/typed", &issuer.token().claim("badge", "seven").sign())
            .status,
        401
    );
    assert_eq!(app.get("/typed", &issuer.token().sign()).status, 401);
    app.anonymous("/guest").passes("guest");
    app.get("/guest", &issuer.token().scope("openid").sign())
        .passes("guest");
    app.get("/guest", &issuer.token().sign()).insufficient();
    app.get("/guest", "x.y.z").invalid("Malformed token");
}

/// An album, of the owner that the path names.
struct Album(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Album {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match request.param::<String>(0) {
            Some(Ok(owner)) if owner != "gone" => Outcome::Success(Album(owner)),
            _ => Outcome::Error((Status::NotFound, ())),
        }
    }
}

impl HasOwner for Album {
    fn owner(&self) -> Option<Cow<'_, str>> {
        Some(Cow::from(&self.0))
    }
}

#[get("/<_>/cover")]
fn cover() -> &'static str {
    "cover"
}

#[test]
fn a_group_may_belong_to_the_owner_of_what_its_path_names() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let app =
        App::launch(rocket(fairing).mount("/albums", protect::<Owned<Album>>(routes![cover])));
    let alice = issuer.token().subject("alice").sign();
    app.get("/albums/alice/cover", &alice).passes("cover");
    app.get("/albums/bob/cover", &alice).refused(
        403,
        "insufficient_scope",
        "You do not own this resource",
    );
    assert_eq!(app.get("/albums/gone/cover", &alice).status, 404);
    app.anonymous("/albums/gone/cover").missing();
}

/// A guard of one's own that is not always about this route.
struct FromTheOffice;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for FromTheOffice {
    type Error = &'static str;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        match request.headers().get_one("X-Place") {
            Some("office") => Outcome::Success(FromTheOffice),
            Some("jail") => Outcome::Error((Status::ImATeapot, "no coffee")),
            Some("train") => Outcome::Forward(Status::Ok),
            Some("ship") => Outcome::Forward(Status::Unauthorized),
            _ => Outcome::Forward(Status::NotFound),
        }
    }
}

impl Guard for FromTheOffice {
    fn requirement() -> Requirement {
        Requirement::Custom("from the office")
    }
}

#[post("/coffee", data = "<text>")]
fn coffee(text: Text) -> String {
    format!("coffee {}", text.0)
}

#[post("/coffee", data = "<text>", rank = 2)]
fn water(text: Text) -> String {
    format!("water {}", text.0)
}

#[test]
fn a_guard_that_forwards_in_a_group_refuses_the_request() {
    let issuer = offline();
    let app = guarded(
        &issuer,
        protect::<FromTheOffice>(routes![coffee])
            .into_iter()
            .chain(routes![water])
            .collect(),
    );
    let order = |place: &'static str| {
        let answer = app
            .0
            .post("/coffee")
            .header(rocket::http::Header::new("X-Place", place))
            .body("black")
            .dispatch();
        (
            answer.status().code,
            answer.into_string().unwrap_or_default(),
        )
    };
    assert_eq!(order("office"), (200, "coffee black".into()));
    // Its status, and nothing of the route that would match next.
    assert_eq!(order("home").0, 404);
    assert!(!order("home").1.contains("water"));
    assert_eq!(order("jail").0, 418);
    // A forward never looks like success.
    assert_eq!(order("train").0, 404);
    assert_eq!(order("ship").0, 401);
}

#[get("/fallback")]
fn narrow() -> &'static str {
    "narrow"
}

#[get("/<_..>", rank = 20)]
fn wide() -> &'static str {
    "wide"
}

#[test]
fn a_refused_request_never_falls_through_to_a_wider_route() {
    let issuer = offline();
    let app = guarded(
        &issuer,
        protect::<Scopes<Profile>>(routes![narrow])
            .into_iter()
            .chain(routes![wide])
            .collect(),
    );
    app.anonymous("/fallback").missing();
    app.get("/fallback", "x.y.z").invalid("Malformed token");
    app.get("/fallback", &issuer.token().sign()).insufficient();
    app.anonymous("/elsewhere").passes("wide");
}

#[test]
fn a_group_keeps_what_it_did_not_make() {
    let before = users();
    let after = protect::<Authenticated>(users());
    let shape = |routes: &[Route]| -> Vec<String> {
        routes
            .iter()
            .map(|r| format!("{:?} {} {} {:?}", r.method, r.uri, r.rank, r.format))
            .collect()
    };
    assert_eq!(shape(&before), shape(&after));
}
