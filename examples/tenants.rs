//! An API for many tenants, which are rows of a table: added and removed while it runs.
//!
//! `cargo run --example tenants` starts it with an empty SQLite database in a temporary directory
//! and three embedded development issuers: that of the operators, who keep the table, and those of
//! two tenants. It prints `curl` lines to paste. With
//! `ROCKET_DATABASES={tenants={url="tenants.db"}}` it keeps what is written.

use std::borrow::Cow;
use std::error::Error;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    Authenticated, Axioms, AxiomsFairing, Config, HasOwner, IssuedBy, IssuerConfig, IssuerSource,
    Owned, Tenant, ValidToken, issuers, param,
};
use rocket::fairing::AdHoc;
use rocket::figment::Figment;
use rocket::http::Status;
use rocket::outcome::try_outcome;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::serde::json::Json;
use rocket::serde::{Deserialize, Serialize};
use rocket::{Build, Orbit, Rocket, State, delete, get, launch, post, put, routes};
use rocket_db_pools::{Connection, Database, sqlx};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqlitePool};

/// The database `tenants` of the configuration.
#[derive(Database)]
#[database("tenants")]
pub struct Store(SqlitePool);

type Result<T> = std::result::Result<T, rocket::response::Debug<sqlx::Error>>;

issuers! {
    /// The issuer of the settings. No tenant can have its name.
    Operators = "operators";
}

/// The table of tenants. The fairing asks it about a token's `iss`.
struct Tenants(Arc<OnceLock<SqlitePool>>);

impl IssuerSource for Tenants {
    async fn issuer(
        &self,
        iss: &str,
    ) -> std::result::Result<Option<IssuerConfig>, Box<dyn Error + Send + Sync>> {
        let pool = self.0.get().ok_or("the database is not open yet")?;
        let name: Option<(String,)> = sqlx::query_as("SELECT name FROM tenants WHERE iss = ?")
            .bind(iss)
            .fetch_optional(pool)
            .await?;
        Ok(name.map(|(name,)| IssuerConfig {
            name: Some(format!("tenant {name}")),
            iss_url: Some(iss.to_owned()),
            ..IssuerConfig::default()
        }))
    }
}

/// A row of the table.
#[derive(Deserialize, Serialize)]
#[serde(crate = "rocket::serde")]
struct TenantRow {
    iss: String,
    name: String,
}

impl FromRow<'_, SqliteRow> for TenantRow {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let (iss, name) = (row.try_get("iss")?, row.try_get("name")?);
        Ok(TenantRow { iss, name })
    }
}

#[get("/tenants")]
async fn list_tenants(
    _operator: IssuedBy<Operators, Authenticated>,
    mut store: Connection<Store>,
) -> Result<Json<Vec<TenantRow>>> {
    let query = sqlx::query_as("SELECT iss, name FROM tenants ORDER BY name");
    Ok(Json(query.fetch_all(&mut **store).await?))
}

#[put("/tenants", data = "<tenant>")]
async fn add_tenant(
    _operator: IssuedBy<Operators, Authenticated>,
    tenant: Json<TenantRow>,
    mut store: Connection<Store>,
    axioms: &State<Axioms>,
) -> Result<Status> {
    sqlx::query("INSERT OR REPLACE INTO tenants (iss, name) VALUES (?, ?)")
        .bind(&tenant.iss)
        .bind(&tenant.name)
        .execute(&mut **store)
        .await?;
    // It may be kept as unknown.
    axioms.forget_issuer(&tenant.iss);
    Ok(Status::NoContent)
}

#[delete("/tenants?<iss>")]
async fn remove_tenant(
    _operator: IssuedBy<Operators, Authenticated>,
    iss: &str,
    mut store: Connection<Store>,
    axioms: &State<Axioms>,
) -> Result<Status> {
    sqlx::query("DELETE FROM tenants WHERE iss = ?")
        .bind(iss)
        .execute(&mut **store)
        .await?;
    // After it has left the table: its tokens end with this line.
    axioms.forget_issuer(iss);
    Ok(Status::NoContent)
}

/// An article belongs to a subject of an issuer.
#[derive(Serialize)]
#[serde(crate = "rocket::serde")]
struct Article {
    id: i64,
    title: String,
    issuer: String,
    subject: String,
}

impl FromRow<'_, SqliteRow> for Article {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let (id, title) = (row.try_get("id")?, row.try_get("title")?);
        let (issuer, subject) = (row.try_get("issuer")?, row.try_get("subject")?);
        Ok(Article {
            id,
            title,
            issuer,
            subject,
        })
    }
}

impl HasOwner for Article {
    fn owner(&self) -> Option<Cow<'_, str>> {
        Some(Cow::from(&self.subject))
    }

    fn owner_issuer(&self) -> Option<Cow<'_, str>> {
        Some(Cow::from(&self.issuer))
    }
}

/// The row whose number is the path segment `<article>`; 404 if there is none.
#[rocket::async_trait]
impl<'r> FromRequest<'r> for Article {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let Ok(id) = param::<i64>(request, "article") else {
            return Outcome::Error((Status::NotFound, ()));
        };
        let mut store = try_outcome!(
            request
                .guard::<Connection<Store>>()
                .await
                .map_error(|(status, _)| (status, ()))
        );
        let query = sqlx::query_as("SELECT * FROM articles WHERE id = ?").bind(id);
        match query.fetch_optional(&mut **store).await {
            Ok(Some(article)) => Outcome::Success(article),
            Ok(None) => Outcome::Error((Status::NotFound, ())),
            Err(error) => {
                rocket::error!("the database failed: {error}");
                Outcome::Error((Status::InternalServerError, ()))
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Draft {
    title: String,
}

/// The name of the caller's tenant.
#[get("/tenant")]
fn tenant(tenant: Tenant) -> String {
    tenant.to_string()
}

/// The articles of the caller's tenant, of all its users.
#[get("/articles")]
async fn list(tenant: Tenant, mut store: Connection<Store>) -> Result<Json<Vec<Article>>> {
    let query = sqlx::query_as("SELECT * FROM articles WHERE issuer = ? ORDER BY id");
    Ok(Json(
        query.bind(tenant.issuer()).fetch_all(&mut **store).await?,
    ))
}

#[post("/articles", data = "<draft>")]
async fn create(
    token: ValidToken,
    tenant: Tenant,
    draft: Json<Draft>,
    mut store: Connection<Store>,
) -> Result<(Status, Json<Article>)> {
    let query = sqlx::query_as(
        "INSERT INTO articles (title, issuer, subject) VALUES (?, ?, ?) RETURNING *",
    );
    let query = query
        .bind(&draft.title)
        .bind(tenant.issuer())
        .bind(token.subject().unwrap_or_default());
    // All rows are read: only then has SQLite committed, and other connections see it.
    let written: Vec<Article> = query.fetch_all(&mut **store).await?;
    let article = written.into_iter().next().ok_or(sqlx::Error::RowNotFound)?;
    Ok((Status::Created, Json(article)))
}

#[get("/articles/<_article>")]
fn read(article: Owned<Article>, _article: &str) -> Json<Article> {
    Json(article.into_inner())
}

#[delete("/articles/<_article>")]
async fn remove(
    article: Owned<Article>,
    _article: &str,
    mut store: Connection<Store>,
) -> Result<Status> {
    sqlx::query("DELETE FROM articles WHERE id = ?")
        .bind(article.id)
        .execute(&mut **store)
        .await?;
    Ok(Status::NoContent)
}

/// Migrates the tables before the first request, and opens the table of tenants to the source.
fn migrations(pool: Arc<OnceLock<SqlitePool>>) -> AdHoc {
    AdHoc::try_on_ignite("Migrations", |rocket| async move {
        let Some(store) = Store::fetch(&rocket) else {
            return Err(rocket);
        };
        let directory = Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/examples/tenants/migrations"
        ));
        let done = match sqlx::migrate::Migrator::new(directory).await {
            Ok(migrator) => migrator.run(&**store).await,
            Err(error) => Err(error),
        };
        match done {
            Ok(()) => {
                let _ = pool.set((**store).clone());
                Ok(rocket)
            }
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
    let url = format!("sqlite://{}", directory.path().join("tenants.db").display());
    // The fairing comes before the database, which is opened on ignition.
    let pool = Arc::new(OnceLock::new());
    rocket::custom(figment.join(("databases.tenants.url", url)))
        .attach(protection.with_issuers(Tenants(Arc::clone(&pool))))
        .attach(Store::init())
        .attach(migrations(pool))
        // The directory is removed when the application is gone.
        .manage(directory)
        .mount("/", routes![list_tenants, add_tenant, remove_tenant])
        .mount("/", routes![tenant, list, create, read, remove])
}

/// The settings: the operators' issuer, and no tenant.
pub fn config(operators: &TestIssuer) -> Config {
    Config {
        audience: vec![operators.audience().to_owned()],
        issuers: vec![IssuerConfig {
            name: Some("operators".into()),
            iss_url: Some(operators.url().to_owned()),
            ..IssuerConfig::default()
        }],
        ..Config::default()
    }
}

/// The embedded issuers, which serve their keys for as long as the application runs.
struct Issuers {
    operators: TestIssuer,
    acme: TestIssuer,
    globex: TestIssuer,
}

#[launch]
fn rocket() -> _ {
    let issuers = Issuers {
        operators: TestIssuer::start(),
        acme: TestIssuer::start(),
        globex: TestIssuer::start(),
    };
    let protection = AxiomsFairing::from_config(config(&issuers.operators));
    api(rocket::Config::figment(), protection)
        .manage(issuers)
        .attach(AdHoc::on_liftoff("Lines to paste", |rocket| {
            Box::pin(async move {
                if let Some(issuers) = rocket.state::<Issuers>() {
                    print_lines(issuers, rocket);
                }
            })
        }))
}

/// Prints a short session of `curl` lines, each with the expected status.
fn print_lines(issuers: &Issuers, rocket: &Rocket<Orbit>) {
    let config = rocket.config();
    let api = format!(
        "http://{}",
        std::net::SocketAddr::new(config.address, config.port)
    );
    let token = |issuer: &TestIssuer, subject: &str| {
        let token = issuer.token().subject(subject);
        token.expires_in(Duration::from_secs(3600)).sign()
    };

    println!();
    println!("*** FOR DEVELOPMENT ONLY: tokens come from three embedded issuers ***");
    println!();
    println!("OPERATOR={}", token(&issuers.operators, "root"));
    println!("ACME_ALICE={}", token(&issuers.acme, "alice"));
    println!("GLOBEX_ALICE={}", token(&issuers.globex, "alice"));
    let row = |issuer: &TestIssuer, name: &str| {
        Some(format!(r#"{{"iss":"{}","name":"{name}"}}"#, issuer.url()))
    };
    let article = || Some(r#"{"title":"One"}"#.to_owned());
    let tenant = format!("/tenants?iss={}", issuers.acme.url());
    let acme = row(&issuers.acme, "acme");
    let globex = row(&issuers.globex, "globex");
    let lines = [
        (
            "",
            "# Before a tenant is in the table, its tokens are refused",
            None,
            0,
        ),
        ("ACME_ALICE", "GET /tenant", None, 401),
        ("", "# The operators add two tenants", None, 0),
        ("OPERATOR", "PUT /tenants", acme, 204),
        ("OPERATOR", "PUT /tenants", globex, 204),
        (
            "ACME_ALICE",
            "PUT /tenants",
            row(&issuers.acme, "acme"),
            403,
        ),
        ("ACME_ALICE", "GET /tenant", None, 200),
        ("", "# Each has an alice, and they are two users", None, 0),
        ("ACME_ALICE", "POST /articles", article(), 201),
        ("ACME_ALICE", "GET /articles/1", None, 200),
        ("GLOBEX_ALICE", "GET /articles/1", None, 403),
        ("GLOBEX_ALICE", "GET /articles", None, 200),
        (
            "",
            "# A tenant is removed, and its tokens end at once",
            None,
            0,
        ),
        ("OPERATOR", &format!("DELETE {tenant}"), None, 204),
        ("ACME_ALICE", "GET /articles/1", None, 401),
        ("GLOBEX_ALICE", "GET /tenant", None, 200),
    ];
    for (who, request, body, status) in lines {
        let Some((method, path)) = request.split_once(" /") else {
            println!("\n{request}");
            continue;
        };
        let body = body.map_or_else(String::new, |body| {
            format!(" -H 'Content-Type: application/json' -d '{body}'")
        });
        println!(
            "curl -i -X {method} -H \"Authorization: Bearer ${who}\"{body} '{api}/{path}' \
             -w '\\nexpected {status}, got %{{http_code}}\\n'"
        );
    }
    println!();
}
