//! Personas × routes: the table of who may call what.

mod builder;
mod calls;
mod computed;
mod file;

use std::fmt;

use rocket::{Phase, Rocket};

pub use self::builder::AccessTableBuilder;
use super::persona::Persona;
use crate::request::{ReportedRoute, RouteReport};

/// The answer to each [`Persona`] on each route of an application, as a table for a file that is
/// reviewed with the code.
///
/// The routes are those of [`RouteReport`](crate::RouteReport), in its order, so a new route has a
/// line without a change of the test. A changed guard changes its cells.
///
/// ```
/// use axioms_rocket::testing::{AccessTable, Persona, TestIssuer};
/// # use axioms_rocket::{AxiomsFairing, Config, Public, Scopes};
/// # use rocket::local::blocking::Client;
/// # use rocket::{get, post, routes};
/// # axioms_rocket::scopes! { Write = "notes:write"; }
/// # #[get("/notes/<id>")]
/// # fn note(_anybody: Public, id: u32) -> Option<&'static str> { (id == 1).then_some("a note") }
/// # #[post("/notes")]
/// # fn write(_may: Scopes<Write>) -> rocket::http::Status { rocket::http::Status::Created }
/// # let issuer = TestIssuer::offline("https://issuer.example.test");
/// # let fairing = AxiomsFairing::from_config(Config {
/// #     audience: vec![issuer.audience().to_owned()],
/// #     iss_url: Some(issuer.url().to_owned()),
/// #     ..Config::default()
/// # });
/// # let fairing = fairing.with_keys(issuer.jwks());
/// # let app = rocket::build().attach(fairing).mount("/", routes![note, write]);
/// # let client = Client::untracked(app).expect("the application starts");
/// let access = AccessTable::builder([
///     Persona::guest(),
///     Persona::expired(&issuer),
///     Persona::bob(&issuer),
///     Persona::alice(&issuer).scopes(["notes:write"]),
/// ]);
/// let access = access.parameter("id", "1");
///
/// let table = access.dispatched(&client);
/// assert_eq!(
///     table.to_string(),
///     "| guest | expired | bob | alice | route |\n\
///      | ----- | ------- | --- | ----- | ----- |\n\
///      | 401   | 401     | 403 | 201   | `POST /notes` |\n\
///      | 200   | 200     | 200 | 200   | `GET /notes/<id>` |\n"
/// );
/// // The guards do what they declare.
/// table.assert_agrees_with(&access.computed(client.rocket()));
/// // In a test: table.assert_file("tests/access.md");
/// ```
///
/// | cell | in a table that was | meaning |
/// | --- | --- | --- |
/// | `200`, `401`, any status | dispatched | the status of the response |
/// | `401`, `403`, `503` | computed | a guard refuses with that status |
/// | `pass` | computed | each guard passes, and the handler decides |
/// | `?` | computed | the declaration does not tell |
///
/// It does not tell the owner of a resource, a requirement in words, claims of the handler's type,
/// and a route without a decision.
///
/// The columns have the width of their names and the route is last, so that a new or a longer route
/// changes one line of the file. Of two routes with one method and one path each is shown with its
/// handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessTable {
    personas: Vec<String>,
    rows: Vec<Row>,
    /// The routes that no one decided about, with their handlers and places.
    undeclared: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    /// Method and path, and the handler if that is not enough.
    route: String,
    /// One for each persona.
    cells: Vec<Cell>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Status(u16),
    Passes,
    Unknown,
}

impl AccessTable {
    /// Returns a builder of tables with a column for each of `personas`, in this order.
    ///
    /// # Panics
    ///
    /// If two of them have one name.
    ///
    /// ```
    /// use axioms_rocket::testing::{AccessTable, Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let access = AccessTable::builder([Persona::guest(), Persona::alice(&issuer)]);
    /// # let _ = access;
    /// ```
    #[track_caller]
    pub fn builder<'a>(personas: impl IntoIterator<Item = Persona<'a>>) -> AccessTableBuilder<'a> {
        AccessTableBuilder::new(personas.into_iter().collect())
    }

    /// Asserts that another table of the same personas and routes says the same: the handlers
    /// answer as the guards declare. The order of the two does not matter.
    ///
    /// A `pass` agrees with each status except 401 and 403, a `?` with any. A handler that answers
    /// 401 or 403 itself disagrees: it has a rule that its signature does not show.
    ///
    /// # Panics
    ///
    /// With each cell that differs.
    ///
    /// ```
    /// use axioms_rocket::testing::{AccessTable, Persona};
    /// # use axioms_rocket::{AxiomsFairing, Config};
    /// # use axioms_rocket::testing::TestIssuer;
    /// # use rocket::local::blocking::Client;
    /// # let issuer = TestIssuer::offline("https://issuer.example.test");
    /// # let fairing = AxiomsFairing::from_config(Config {
    /// #     audience: vec![issuer.audience().to_owned()],
    /// #     iss_url: Some(issuer.url().to_owned()),
    /// #     ..Config::default()
    /// # });
    /// # let app = rocket::build().attach(fairing.with_keys(issuer.jwks()));
    /// # let client = Client::untracked(app).expect("the application starts");
    /// let access = AccessTable::builder([Persona::guest()]);
    /// access.dispatched(&client).assert_agrees_with(&access.computed(client.rocket()));
    /// ```
    #[track_caller]
    pub fn assert_agrees_with(&self, other: &AccessTable) {
        let routes = |table: &AccessTable| -> Vec<String> {
            table.rows.iter().map(|row| row.route.clone()).collect()
        };
        assert_eq!(
            self.personas, other.personas,
            "the tables have other personas"
        );
        assert_eq!(routes(self), routes(other), "the tables have other routes");
        let mut differences = String::new();
        for (one, two) in self.rows.iter().zip(&other.rows) {
            for ((a, b), persona) in one.cells.iter().zip(&two.cells).zip(&self.personas) {
                if !a.agrees_with(*b) {
                    differences += &format!("\n  {}: {persona}: {a}, and {b}", one.route);
                }
            }
        }
        assert!(
            differences.is_empty(),
            "the tables do not agree:{differences}"
        );
    }

    /// A table without answers for the routes of `rocket`, and the routes.
    fn of<P: Phase>(personas: &[Persona<'_>], rocket: &Rocket<P>) -> (Self, Vec<ReportedRoute>) {
        let routes = RouteReport::of(rocket).routes().to_vec();
        let rows = routes.iter().map(|route| Row {
            route: label(route, &routes),
            cells: vec![Cell::Unknown; personas.len()],
        });
        let undeclared = routes.iter().filter(|route| !route.is_declared());
        let table = AccessTable {
            personas: personas.iter().map(|p| p.name().to_owned()).collect(),
            rows: rows.collect(),
            undeclared: undeclared.map(place).collect(),
        };
        (table, routes)
    }
}

/// The shortest name that no other of `routes` has.
fn label(route: &ReportedRoute, routes: &[ReportedRoute]) -> String {
    let names: [fn(&ReportedRoute) -> String; 3] = [
        |route| format!("{} {}", route.method(), route.path()),
        |route| format!("{} {} ({})", route.method(), route.path(), handler(route)),
        |route| {
            let (method, path, rank) = (route.method(), route.path(), route.rank());
            format!("{method} {path} ({}, rank {rank})", handler(route))
        },
    ];
    let is_unique = |name: &&fn(&ReportedRoute) -> String| {
        let own = name(route);
        routes.iter().filter(|other| name(other) == own).count() == 1
    };
    let name = names.iter().find(is_unique).unwrap_or(&names[2]);
    name(route)
}

fn handler(route: &ReportedRoute) -> &str {
    route.handler().unwrap_or("route")
}

/// The route with its handler and, if Rocket tells it, the place of its signature.
fn place(route: &ReportedRoute) -> String {
    let at = route
        .location()
        .map(|(file, line)| format!(", {file}:{line}"));
    let (method, path, handler) = (route.method(), route.path(), handler(route));
    format!("{method} {path} ({handler}){}", at.unwrap_or_default())
}

impl Cell {
    fn agrees_with(self, other: Cell) -> bool {
        match (self, other) {
            (Cell::Unknown, _) | (_, Cell::Unknown) => true,
            (Cell::Passes, Cell::Status(status)) | (Cell::Status(status), Cell::Passes) => {
                status != 401 && status != 403
            }
            (one, two) => one == two,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Status(status) => f.pad(&status.to_string()),
            Cell::Passes => f.pad("pass"),
            Cell::Unknown => f.pad("?"),
        }
    }
}

/// A Markdown table.
impl fmt::Display for AccessTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.personas.iter().map(|name| escaped(name)).collect();
        let widths: Vec<usize> = names
            .iter()
            .enumerate()
            .map(|(column, name)| {
                let cells = self
                    .rows
                    .iter()
                    .map(|row| row.cells[column].to_string().len());
                cells.chain([name.chars().count(), 3]).max().unwrap_or(3)
            })
            .collect();
        for (name, width) in names.iter().zip(&widths) {
            write!(f, "| {name:<width$} ")?;
        }
        f.write_str("| route |\n")?;
        for width in &widths {
            write!(f, "| {:-<width$} ", "")?;
        }
        f.write_str("| ----- |\n")?;
        for row in &self.rows {
            for (cell, width) in row.cells.iter().zip(&widths) {
                write!(f, "| {cell:<width$} ")?;
            }
            writeln!(f, "| `{}` |", escaped(&row.route))?;
        }
        Ok(())
    }
}

/// A bar would end the cell, and a line break the table.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
