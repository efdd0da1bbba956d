//! Articles and comments in a database, owned by the users who wrote them.
//!
//! `cargo run --example articles` starts it with an empty SQLite database in a temporary directory
//! and an embedded development issuer, and prints `curl` lines to paste. When the configuration
//! names an issuer, say with `AXIOMS_ISS_URL` and `AXIOMS_AUDIENCE`, it trusts that authorization
//! server instead; with `ROCKET_DATABASES={articles={url="articles.db"}}` it keeps what is written.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    Any, AxiomsFairing, Claim, Config, HasOwner, Owned, OwnedOr, Roles, ValidToken, claims, param,
    roles,
};
use rocket::fairing::AdHoc;
use rocket::figment::Figment;
use rocket::http::Status;
use rocket::outcome::try_outcome;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::serde::json::Json;
use rocket::serde::{Deserialize, Serialize};
use rocket::{Build, Orbit, Rocket, delete, get, launch, post, put, routes};
use rocket_db_pools::{Connection, Database, sqlx};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

/// The database `articles` of the configuration.
#[derive(Database)]
#[database("articles")]
pub struct Store(sqlx::SqlitePool);

type Result<T> = std::result::Result<T, rocket::response::Debug<sqlx::Error>>;

roles! { Admin = "admin"; }
claims! { VerifiedMail = "email_verified": true; }

/// An article belongs to the `sub` that created it.
#[derive(Serialize)]
#[serde(crate = "rocket::serde")]
struct Article {
    id: i64,
    title: String,
    body: String,
    created_by: Option<String>,
}

impl HasOwner for Article {
    fn owner(&self) -> Option<Cow<'_, str>> {
        self.created_by.as_deref().map(Cow::from)
    }
}

/// A comment belongs to the `email` that wrote it.
///
/// Mind that an address is no identifier as `sub` is: many servers let users write any address into
/// their account, and hand an address to the next person. So every route that compares it also
/// requires the claim `email_verified`.
#[derive(Serialize)]
#[serde(crate = "rocket::serde")]
struct Comment {
    id: i64,
    article: i64,
    text: String,
    author: Option<String>,
}

impl HasOwner for Comment {
    const CLAIM: &'static str = "email";

    fn owner(&self) -> Option<Cow<'_, str>> {
        self.author.as_deref().map(Cow::from)
    }
}

impl FromRow<'_, SqliteRow> for Article {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let (id, title, body, created_by) = (
            row.try_get("id")?,
            row.try_get("title")?,
            row.try_get("body")?,
            row.try_get("created_by")?,
        );
        Ok(Article {
            id,
            title,
            body,
            created_by,
        })
    }
}

impl FromRow<'_, SqliteRow> for Comment {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let (id, article, text, author) = (
            row.try_get("id")?,
            row.try_get("article")?,
            row.try_get("text")?,
            row.try_get("author")?,
        );
        Ok(Comment {
            id,
            article,
            text,
            author,
        })
    }
}

/// Loads the row whose number is the path segment `<name>`, as in `/articles/7`; 404 if there is
/// none.
async fn load<T>(request: &Request<'_>, name: &str, query: &str) -> Outcome<T, ()>
where
    T: for<'row> FromRow<'row, SqliteRow> + Send + Unpin,
{
    let Ok(id) = param::<i64>(request, name) else {
        return Outcome::Error((Status::NotFound, ()));
    };
    let mut store = try_outcome!(
        request
            .guard::<Connection<Store>>()
            .await
            .map_error(|(status, _)| (status, ()))
    );
    match sqlx::query_as(query)
        .bind(id)
        .fetch_optional(&mut **store)
        .await
    {
        Ok(Some(row)) => Outcome::Success(row),
        Ok(None) => Outcome::Error((Status::NotFound, ())),
        Err(error) => {
            rocket::error!("the database failed: {error}");
            Outcome::Error((Status::InternalServerError, ()))
        }
    }
}

type Query<'q, T> = sqlx::query::QueryAs<'q, sqlx::Sqlite, T, sqlx::sqlite::SqliteArguments<'q>>;

/// Runs a statement and returns the row that it wrote. All rows are read: only then has SQLite
/// committed, and the next request, on another connection, sees it.
async fn written<T>(query: Query<'_, T>, store: &mut Connection<Store>) -> sqlx::Result<Option<T>>
where
    T: for<'row> FromRow<'row, SqliteRow> + Send + Unpin,
{
    Ok(query.fetch_all(&mut ***store).await?.pop())
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Article {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        load(request, "article", "SELECT * FROM articles WHERE id = ?").await
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Comment {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        load(request, "comment", "SELECT * FROM comments WHERE id = ?").await
    }
}

/// A resource, for its owner **and for administrators**.
type Managed<T> = OwnedOr<T, Roles<Admin>>;

/// Administrators need no address; everyone else has to have verified it before it is compared with
/// an author's.
type VerifiedOrAdmin = Any<(Claim<VerifiedMail>, Roles<Admin>)>;

#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Draft {
    title: String,
    body: String,
}

#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Remark {
    text: String,
}

/// The claims of a user who writes comments; a token without `email` is refused with 401.
#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Commentator {
    email: String,
}

/// One's own articles.
#[get("/articles")]
async fn list(token: ValidToken, mut store: Connection<Store>) -> Result<Json<Vec<Article>>> {
    let query = sqlx::query_as("SELECT * FROM articles WHERE created_by = ? ORDER BY id")
        .bind(token.subject());
    Ok(Json(query.fetch_all(&mut **store).await?))
}

#[post("/articles", data = "<draft>")]
async fn create(
    token: ValidToken,
    draft: Json<Draft>,
    mut store: Connection<Store>,
) -> Result<(Status, Json<Article>)> {
    let query = sqlx::query_as(
        "INSERT INTO articles (title, body, created_by) VALUES (?, ?, ?) RETURNING *",
    );
    let query = query
        .bind(&draft.title)
        .bind(&draft.body)
        .bind(token.subject());
    Ok((
        Status::Created,
        Json(
            written(query, &mut store)
                .await?
                .ok_or(sqlx::Error::RowNotFound)?,
        ),
    ))
}

#[get("/articles/<_article>")]
fn read(article: Managed<Article>, _article: &str) -> Json<Article> {
    Json(article.into_inner())
}

#[put("/articles/<_article>", data = "<draft>")]
async fn update(
    article: Managed<Article>,
    _article: &str,
    draft: Json<Draft>,
    mut store: Connection<Store>,
) -> Result<Option<Json<Article>>> {
    let query = sqlx::query_as("UPDATE articles SET title = ?, body = ? WHERE id = ? RETURNING *");
    let query = query.bind(&draft.title).bind(&draft.body).bind(article.id);
    Ok(written(query, &mut store).await?.map(Json))
}

#[delete("/articles/<_article>")]
async fn remove(
    article: Managed<Article>,
    _article: &str,
    mut store: Connection<Store>,
) -> Result<Status> {
    sqlx::query("DELETE FROM articles WHERE id = ?")
        .bind(article.id)
        .execute(&mut **store)
        .await?;
    Ok(Status::NoContent)
}

/// The comments on one's own article.
#[get("/articles/<_article>/comments")]
async fn comments(
    article: Managed<Article>,
    _article: &str,
    mut store: Connection<Store>,
) -> Result<Json<Vec<Comment>>> {
    let query =
        sqlx::query_as("SELECT * FROM comments WHERE article = ? ORDER BY id").bind(article.id);
    Ok(Json(query.fetch_all(&mut **store).await?))
}

/// Every user with a verified address may comment on every article.
#[post("/articles/<_article>/comments", data = "<remark>")]
async fn comment(
    token: ValidToken<Commentator>,
    _verified: Claim<VerifiedMail>,
    article: Article,
    _article: &str,
    remark: Json<Remark>,
    mut store: Connection<Store>,
) -> Result<(Status, Json<Comment>)> {
    let query =
        sqlx::query_as("INSERT INTO comments (article, text, author) VALUES (?, ?, ?) RETURNING *");
    let query = query
        .bind(article.id)
        .bind(&remark.text)
        .bind(&token.claims().email);
    Ok((
        Status::Created,
        Json(
            written(query, &mut store)
                .await?
                .ok_or(sqlx::Error::RowNotFound)?,
        ),
    ))
}

#[get("/comments/<_comment>")]
fn read_comment(
    _verified: VerifiedOrAdmin,
    comment: Managed<Comment>,
    _comment: &str,
) -> Json<Comment> {
    Json(comment.into_inner())
}

/// Only the author changes a comment, not even an administrator: plain [`Owned`].
#[put("/comments/<_comment>", data = "<remark>")]
async fn update_comment(
    _verified: Claim<VerifiedMail>,
    comment: Owned<Comment>,
    _comment: &str,
    remark: Json<Remark>,
    mut store: Connection<Store>,
) -> Result<Option<Json<Comment>>> {
    let query = sqlx::query_as("UPDATE comments SET text = ? WHERE id = ? RETURNING *");
    let query = query.bind(&remark.text).bind(comment.id);
    Ok(written(query, &mut store).await?.map(Json))
}

#[delete("/comments/<_comment>")]
async fn remove_comment(
    _verified: VerifiedOrAdmin,
    comment: Managed<Comment>,
    _comment: &str,
    mut store: Connection<Store>,
) -> Result<Status> {
    sqlx::query("DELETE FROM comments WHERE id = ?")
        .bind(comment.id)
        .execute(&mut **store)
        .await?;
    Ok(Status::NoContent)
}

/// Migrates the tables before the first request; the application does not start if that fails.
fn migrations() -> AdHoc {
    AdHoc::try_on_ignite("Migrations", |rocket| async {
        let Some(store) = Store::fetch(&rocket) else {
            return Err(rocket);
        };
        let directory = Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/examples/articles/migrations"
        ));
        let done = match sqlx::migrate::Migrator::new(directory).await {
            Ok(migrator) => migrator.run(&**store).await,
            Err(error) => Err(error),
        };
        match done {
            Ok(()) => Ok(rocket),
            Err(error) => {
                rocket::error!("the database cannot be brought up to date: {error}");
                Err(rocket)
            }
        }
    })
}

/// The application, with a new database unless `figment` names one.
#[expect(
    clippy::expect_used,
    reason = "without a directory there is no application"
)]
pub fn api(figment: Figment, protection: AxiomsFairing) -> Rocket<Build> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let url = format!(
        "sqlite://{}",
        directory.path().join("articles.db").display()
    );
    rocket::custom(figment.join(("databases.articles.url", url)))
        .attach(protection)
        .attach(Store::init())
        .attach(migrations())
        // The directory is removed when the application is gone.
        .manage(directory)
        .mount(
            "/",
            routes![
                list,
                create,
                read,
                update,
                remove,
                comments,
                comment,
                read_comment,
                update_comment,
                remove_comment
            ],
        )
}

#[launch]
fn rocket() -> _ {
    let figment = rocket::Config::figment();
    match Config::from_figment(&figment) {
        Ok(config) if names_no_issuer(&config) => with_embedded_issuer(figment, config),
        // It also reports a configuration that does not hold.
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

/// Prints a short session of `curl` lines, each with the expected status.
fn print_lines(issuer: &TestIssuer, rocket: &Rocket<Orbit>) {
    let config = rocket.config();
    let api = format!(
        "http://{}",
        std::net::SocketAddr::new(config.address, config.port)
    );
    let person = |name: &str| {
        let token = issuer
            .token()
            .subject(name)
            .claim("email", format!("{name}@example.com"))
            .claim("email_verified", true);
        token.expires_in(Duration::from_secs(3600))
    };

    println!();
    println!(
        "*** FOR DEVELOPMENT ONLY: tokens come from an embedded issuer, {} ***",
        issuer.url()
    );
    println!(
        "*** Anyone on this machine can get one. \
         Set AXIOMS_ISS_URL and AXIOMS_AUDIENCE to trust a real server. ***"
    );
    println!();
    println!("ALICE={}", person("alice").sign());
    println!("BOB={}", person("bob").sign());
    println!("ROOT={}", person("root").roles(["admin"]).sign());
    let article = Some(r#"{"title":"One","body":"Mine."}"#);
    let remark = Some(r#"{"text":"Well said."}"#);
    for (title, requests) in [
        (
            "Alice writes an article, and it is hers",
            &[
                ("ALICE", "POST", "/articles", article, 201),
                ("ALICE", "GET", "/articles/1", None, 200),
                ("BOB", "GET", "/articles/1", None, 403),
                ("", "GET", "/articles/1", None, 401),
                ("BOB", "GET", "/articles/2", None, 404),
                ("", "GET", "/articles/2", None, 401),
            ][..],
        ),
        (
            "Bob comments on it, and that is his",
            &[
                ("BOB", "POST", "/articles/1/comments", remark, 201),
                ("ALICE", "GET", "/articles/1/comments", None, 200),
                ("BOB", "PUT", "/comments/1", remark, 200),
                ("ALICE", "PUT", "/comments/1", remark, 403),
            ],
        ),
        (
            "An administrator may do all but change another's comment",
            &[
                ("ROOT", "PUT", "/articles/1", article, 200),
                ("ROOT", "PUT", "/comments/1", remark, 403),
                ("ROOT", "DELETE", "/articles/1", None, 204),
            ],
        ),
    ] {
        println!();
        println!("# {title}");
        for (who, method, path, body, status) in requests {
            let bearer = if who.is_empty() {
                String::new()
            } else {
                format!(" -H \"Authorization: Bearer ${who}\"")
            };
            let body = body.map_or_else(String::new, |body| {
                format!(" -H 'Content-Type: application/json' -d '{body}'")
            });
            println!(
                "curl -i -X {method}{bearer}{body} {api}{path} \
                 -w '\\nexpected {status}, got %{{http_code}}\\n'"
            );
        }
    }
    println!();
}
