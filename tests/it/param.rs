//! `param`: a guard takes its segment by the name that the route gives it.

use std::borrow::Cow;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{HasOwner, Owned, param, protect};
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::{Request, Route, get, put, routes};

use crate::support::{App, config, offline, rocket};

/// Article n belongs to user n.
struct Article(u32);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Article {
    type Error = String;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, String> {
        match param::<u32>(request, "article") {
            Ok(number) => Outcome::Success(Article(number)),
            Err(error) if error.is_mistake() => {
                Outcome::Error((Status::NotImplemented, error.to_string()))
            }
            Err(error) => Outcome::Error((Status::NotFound, error.to_string())),
        }
    }
}

impl HasOwner for Article {
    fn owner(&self) -> Option<Cow<'_, str>> {
        Some(self.0.to_string().into())
    }
}

#[put("/users/<_>/articles/<_article>")]
fn update(article: Owned<Article>, _article: &str) -> String {
    format!("updated {}", article.0)
}

#[get("/articles/<article>/comments/<_comment>?<_page>")]
fn comments(owned: Owned<Article>, article: u32, _comment: &str, _page: Option<u8>) -> String {
    format!("{} {article}", owned.0)
}

fn launch(issuer: &TestIssuer, base: &str, routes: Vec<Route>) -> App {
    let fairing =
        axioms_rocket::AxiomsFairing::from_config(config(issuer)).with_keys(issuer.jwks());
    App::launch(rocket(fairing).mount(base, routes))
}

fn put_as(issuer: &TestIssuer, app: &App, subject: &str, path: &str) -> crate::support::Answer {
    let bearer = format!("Bearer {}", issuer.token().subject(subject).sign());
    app.call(rocket::http::Method::Put, path, &[&bearer])
}

#[test]
fn the_object_that_is_checked_is_the_one_that_is_changed() {
    let issuer = offline();
    for (base, protected) in [("/", false), ("/api/v1", false), ("/api/", true)] {
        let mut routes = routes![update];
        if protected {
            routes = protect::<Owned<Article>>(routes);
        }
        let app = launch(&issuer, base, routes);
        let base = base.trim_end_matches('/');
        // User 7 requests article 8 below their own number, and below its owner's.
        for user in [7, 8] {
            let path = format!("{base}/users/{user}/articles/8");
            put_as(&issuer, &app, "8", &path).passes("updated 8");
            put_as(&issuer, &app, "7", &path).refused(
                403,
                "insufficient_scope",
                "You do not own this resource",
            );
        }
        let path = format!("{base}/users/7/articles/%38");
        put_as(&issuer, &app, "8", &path).passes("updated 8");
        for path in ["articles/x", "articles/-8", "articles/4294967296"] {
            let path = format!("{base}/users/7/{path}");
            assert_eq!(put_as(&issuer, &app, "8", &path).status, 404, "{path}");
        }
    }
}

#[test]
fn a_named_segment_is_found_among_others_and_beside_a_query() {
    let issuer = offline();
    let app = launch(&issuer, "/api", routes![comments]);
    let token = issuer.token().subject("3").sign();
    app.get("/api/articles/3/comments/4?_page=5", &token)
        .passes("3 3");
    app.get("/api/articles/4/comments/3", &token).refused(
        403,
        "insufficient_scope",
        "You do not own this resource",
    );
}

#[get("/a/<_>")]
fn unnamed(_article: Article) {}

#[get("/b/<articles>")]
fn misnamed(_article: Article, articles: &str) -> String {
    articles.to_owned()
}

#[get("/c/<_article..>")]
fn trailing(article: Article, _article: std::path::PathBuf) -> String {
    article.0.to_string()
}

#[get("/d/<article>/<_article>")]
fn twice(loaded: Article, article: &str, _article: &str) -> String {
    format!("{} {article}", loaded.0)
}

#[get("/e?<article>")]
fn in_the_query(loaded: Article, article: &str) -> String {
    format!("{} {article}", loaded.0)
}

#[get("/article/static")]
fn static_segment(loaded: Article) -> String {
    loaded.0.to_string()
}

#[get("/f/<article>")]
fn not_a_number(loaded: Result<Article, String>, article: &str) -> String {
    format!("{:?} {article}", loaded.err())
}

#[test]
fn a_route_without_exactly_one_such_segment_is_an_error_that_names_both() {
    let issuer = offline();
    let app = launch(
        &issuer,
        "/base",
        routes![
            unnamed,
            misnamed,
            trailing,
            twice,
            in_the_query,
            static_segment,
            not_a_number
        ],
    );
    for (path, message) in [
        (
            "/base/a/7",
            "route /base/a/<_>: there is no segment <article>",
        ),
        (
            "/base/b/7",
            "route /base/b/<articles>: there is no segment <article>",
        ),
        (
            "/base/c/7",
            "route /base/c/<_article..>: <article..> is trailing, so it is not one segment",
        ),
        (
            "/base/d/7/7",
            "route /base/d/<article>/<_article>: there is more than one segment <article>",
        ),
        (
            "/base/e?article=7",
            "route /base/e?<article>: there is no segment <article>",
        ),
        (
            "/base/article/static",
            "route /base/article/static: there is no segment <article>",
        ),
    ] {
        let (answer, log) = crate::recorder::record(|| app.anonymous(path));
        assert_eq!(answer.status, 501, "{path}: {answer:?}");
        assert_eq!(log.line("route /base"), ("ERROR", message));
    }
    let answer = app.anonymous("/base/f/seven");
    let message = "route /base/f/<article>: segment <article> is not of the wanted type";
    answer.passes(&format!("{:?} seven", Some(message)));
}
