//! The personas, and what a request needs besides.

use std::fmt;

use rocket::http::{ContentType, CookieJar, Header};
use rocket::local::{asynchronous, blocking};
use rocket::{Orbit, Phase, Rocket};

use super::calls::{Call, Caller};
use super::{AccessTable, Cell};
use crate::request::ReportedRoute;
use crate::testing::persona::Persona;

type Values<'a> = Box<dyn Fn(&ReportedRoute, &str) -> Option<String> + 'a>;
type Bodies<'a> = Box<dyn Fn(&ReportedRoute) -> Option<(ContentType, Vec<u8>)> + 'a>;

/// Makes [`AccessTable`]s; made by [`AccessTable::builder`].
///
/// ```
/// use axioms_rocket::testing::{AccessTable, Persona, TestIssuer};
/// use rocket::http::ContentType;
///
/// let issuer = TestIssuer::offline("https://issuer.example.test");
/// let access = AccessTable::builder([Persona::guest(), Persona::alice(&issuer)])
///     .parameter("id", "7")
///     .bodies(|route| (route.path() == "/notes").then_some((ContentType::JSON, "{}")));
/// # let _ = access;
/// ```
#[must_use = "`dispatched` and `computed` return a table"]
pub struct AccessTableBuilder<'a> {
    personas: Vec<Persona<'a>>,
    pub(super) values: Vec<Values<'a>>,
    pub(super) bodies: Vec<Bodies<'a>>,
    pub(super) headers: Vec<Header<'static>>,
}

impl<'a> AccessTableBuilder<'a> {
    #[track_caller]
    pub(super) fn new(personas: Vec<Persona<'a>>) -> Self {
        for (index, persona) in personas.iter().enumerate() {
            let name = persona.name();
            let is_new = personas[..index].iter().all(|other| other.name() != name);
            assert!(is_new, "two personas are called `{name}`");
        }
        AccessTableBuilder {
            personas,
            values: Vec::new(),
            bodies: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// Sets the value of the parameter `name` of all routes, as in `/notes/<id>` and
    /// `/notes?<page>`. The last call for a name wins.
    ///
    /// ```
    /// use axioms_rocket::testing::{AccessTable, Persona};
    ///
    /// let access = AccessTable::builder([Persona::guest()]).parameter("id", "7");
    /// # let _ = access;
    /// ```
    pub fn parameter(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.parameters(move |_, wanted| (wanted == name).then(|| value.clone()))
    }

    /// Sets the values of parameters by a function of the route and the name; `None` leaves one to
    /// earlier calls.
    ///
    /// Each `<name>` of a path needs a value. `<name..>` is left empty without one, and a parameter
    /// of the query is left out. Values are percent-encoded.
    ///
    /// ```
    /// use axioms_rocket::testing::{AccessTable, Persona};
    ///
    /// let access = AccessTable::builder([Persona::guest()]).parameters(|route, name| {
    ///     match (route.path(), name) {
    ///         (path, "id") if path.starts_with("/users/") => Some("alice"),
    ///         (_, "id") => Some("7"),
    ///         _ => None,
    ///     }
    /// });
    /// # let _ = access;
    /// ```
    pub fn parameters<V: Into<String>>(
        mut self,
        values: impl Fn(&ReportedRoute, &str) -> Option<V> + 'a,
    ) -> Self {
        let values = move |route: &ReportedRoute, name: &str| values(route, name).map(Into::into);
        self.values.push(Box::new(values));
        self
    }

    /// Sets type and bytes of bodies by a function of the route; `None` leaves one to earlier
    /// calls, and a request without one is empty.
    ///
    /// Guards answer before a body is read, so that most tables need none: a persona that passes
    /// then has the status of a request without a body, such as 422. Without a body the request has
    /// the `format` of its route as `Content-Type`, or `Accept` if its method has no body.
    ///
    /// ```
    /// use axioms_rocket::testing::{AccessTable, Persona};
    /// use rocket::http::ContentType;
    ///
    /// let access = AccessTable::builder([Persona::guest()]).bodies(|route| match route.handler() {
    ///     Some("create" | "update") => Some((ContentType::JSON, r#"{ "title": "A note" }"#)),
    ///     _ => None,
    /// });
    /// # let _ = access;
    /// ```
    pub fn bodies<B: Into<Vec<u8>>>(
        mut self,
        bodies: impl Fn(&ReportedRoute) -> Option<(ContentType, B)> + 'a,
    ) -> Self {
        let bodies = move |route: &ReportedRoute| {
            let (content_type, body) = bodies(route)?;
            Some((content_type, body.into()))
        };
        self.bodies.push(Box::new(bodies));
        self
    }

    /// Adds a header to all requests, such as the tenant or the version of the API.
    ///
    /// ```
    /// use axioms_rocket::testing::{AccessTable, Persona};
    /// use rocket::http::Header;
    ///
    /// let tenant = Header::new("X-Tenant", "acme");
    /// let access = AccessTable::builder([Persona::guest()]).header(tenant);
    /// # let _ = access;
    /// ```
    pub fn header(mut self, header: impl Into<Header<'static>>) -> Self {
        self.headers.push(header.into());
        self
    }

    /// Returns the table of the statuses that the application answers: one request for each persona
    /// and route. The handlers run.
    ///
    /// Routes that read come first and those for DELETE last, the longest paths before the others;
    /// the personas take turns on each. A request may change the answer to the next ones: if that
    /// matters, use [`dispatched_afresh`](Self::dispatched_afresh). The client must be an untracked
    /// one: a cookie for one persona would be sent for the next.
    ///
    /// # Panics
    ///
    /// With each parameter that has no value, and if the client kept a cookie.
    ///
    /// ```
    /// use axioms_rocket::testing::{AccessTable, Persona};
    /// use rocket::local::blocking::Client;
    /// # use rocket::{get, routes};
    ///
    /// #[get("/health")]
    /// fn health() -> &'static str { "up" }
    ///
    /// let client = Client::untracked(rocket::build().mount("/", routes![health])).unwrap();
    /// let table = AccessTable::builder([Persona::guest()]).dispatched(&client);
    /// assert!(table.to_string().ends_with("| 200   | `GET /health` |\n"));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn dispatched(&self, client: &blocking::Client) -> AccessTable {
        let (mut table, calls) = self.calls(client.rocket());
        for (call, caller) in self.each(&calls) {
            table.dispatch(client, call, &caller);
        }
        assert_untracked(&client.cookies());
        table
    }

    /// Returns the table of [`dispatched`](Self::dispatched) from applications that `start` starts:
    /// one, and a new one after each request that may have changed something. That is any but GET,
    /// HEAD and OPTIONS unless it was refused with 401 or 403.
    ///
    /// # Panics
    ///
    /// As `dispatched` does.
    ///
    /// ```
    /// use axioms_rocket::testing::{AccessTable, Persona};
    /// use rocket::local::blocking::Client;
    /// # use std::sync::atomic::{AtomicBool, Ordering};
    /// # use rocket::http::Status;
    /// # use rocket::{State, delete, routes};
    ///
    /// #[delete("/draft")]
    /// fn remove(is_there: &State<AtomicBool>) -> Status {
    ///     match is_there.swap(false, Ordering::SeqCst) {
    ///         true => Status::NoContent,
    ///         false => Status::NotFound,
    ///     }
    /// }
    ///
    /// fn start() -> Client {
    ///     let app = rocket::build().manage(AtomicBool::new(true)).mount("/", routes![remove]);
    ///     Client::untracked(app).expect("the application starts")
    /// }
    ///
    /// # let issuer = axioms_rocket::testing::TestIssuer::offline("https://issuer.example.test");
    /// let access = AccessTable::builder([Persona::guest(), Persona::alice(&issuer)]);
    /// let table = access.dispatched_afresh(start).to_string();
    /// assert!(table.ends_with("| 204   | 204   | `DELETE /draft` |\n"));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn dispatched_afresh(&self, start: impl Fn() -> blocking::Client) -> AccessTable {
        let mut client = start();
        let (mut table, calls) = self.calls(client.rocket());
        for (call, caller) in self.each(&calls) {
            let status = table.dispatch(&client, call, &caller);
            assert_untracked(&client.cookies());
            if !call.is_read() && ![401, 403].contains(&status) {
                client = start();
            }
        }
        table
    }

    /// Returns the table of [`dispatched`](Self::dispatched) over Rocket's async client.
    ///
    /// # Panics
    ///
    /// As `dispatched` does.
    ///
    /// ```
    /// # rocket::async_test(async {
    /// use axioms_rocket::testing::{AccessTable, Persona};
    /// use rocket::local::asynchronous::Client;
    ///
    /// let client = Client::untracked(rocket::build()).await.unwrap();
    /// let table = AccessTable::builder([Persona::guest()]).dispatched_async(&client).await;
    /// assert_eq!(table.to_string().lines().count(), 2);
    /// # })
    /// ```
    pub async fn dispatched_async(&self, client: &asynchronous::Client) -> AccessTable {
        let (mut table, calls) = self.calls(client.rocket());
        for (call, caller) in self.each(&calls) {
            let request = client.req(call.method, &*call.uri);
            let response = call.prepared(request, &caller).dispatch().await;
            table.set(call, &caller, response.status().code);
        }
        assert_untracked(&client.cookies());
        table
    }

    /// Returns the table that follows from the declarations: the tokens are verified, the
    /// requirement of each route decides, and no handler runs.
    ///
    /// It needs no values for parameters. For `pass` and `?` see [`AccessTable`]. `rocket` is
    /// ignited or launched, with the fairing attached.
    ///
    /// ```
    /// use axioms_rocket::testing::{AccessTable, Persona, TestIssuer};
    /// # use axioms_rocket::{AxiomsFairing, Config, Owned, HasOwner, Roles};
    /// # use rocket::local::blocking::Client;
    /// # use rocket::{delete, get, routes};
    /// # axioms_rocket::roles! { Admin = "admin"; }
    /// #[delete("/users/<id>")]
    /// fn remove(id: &str, _admin: Roles<Admin>) { unreachable!("not {id}") }
    ///
    /// # let issuer = TestIssuer::offline("https://issuer.example.test");
    /// # let fairing = AxiomsFairing::from_config(Config {
    /// #     audience: vec![issuer.audience().to_owned()],
    /// #     iss_url: Some(issuer.url().to_owned()),
    /// #     ..Config::default()
    /// # });
    /// # let fairing = fairing.with_keys(issuer.jwks());
    /// # let app = rocket::build().attach(fairing).mount("/", routes![remove]);
    /// # let client = Client::untracked(app).expect("the application starts");
    /// let admin = Persona::new("admin", issuer.token().roles(["admin"]));
    /// let access = AccessTable::builder([Persona::guest(), Persona::bob(&issuer), admin]);
    /// let table = access.computed(client.rocket()).to_string();
    /// assert!(table.ends_with("| 401   | 403 | pass  | `DELETE /users/<id>` |\n"));
    /// ```
    #[must_use]
    pub fn computed<P: Phase>(&self, rocket: &Rocket<P>) -> AccessTable {
        let (mut table, routes) = AccessTable::of(&self.personas, rocket);
        super::computed::fill(&mut table, &routes, &self.personas, rocket);
        table
    }

    #[track_caller]
    fn calls(&self, rocket: &Rocket<Orbit>) -> (AccessTable, Vec<Call>) {
        let (table, routes) = AccessTable::of(&self.personas, rocket);
        let calls = Call::all(self, &routes, rocket);
        (table, calls)
    }

    /// Each call by each persona.
    fn each<'c>(&self, calls: &'c [Call]) -> impl Iterator<Item = (&'c Call, Caller)> + use<'c> {
        let callers = self.personas.iter().enumerate();
        let callers: Vec<Caller> = callers
            .map(|(column, persona)| Caller {
                column,
                token: persona.token(),
            })
            .collect();
        calls.iter().flat_map(move |call| {
            callers
                .clone()
                .into_iter()
                .map(move |caller| (call, caller))
        })
    }
}

impl AccessTable {
    /// Fills the cell of `call` by `caller`; returns its status.
    fn dispatch(&mut self, client: &blocking::Client, call: &Call, caller: &Caller) -> u16 {
        let request = client.req(call.method, &*call.uri);
        let status = call.prepared(request, caller).dispatch().status();
        self.set(call, caller, status.code);
        status.code
    }

    fn set(&mut self, call: &Call, caller: &Caller, status: u16) {
        self.rows[call.row].cells[caller.column] = Cell::Status(status);
    }
}

#[track_caller]
fn assert_untracked(cookies: &CookieJar<'_>) {
    assert!(
        cookies.iter().next().is_none(),
        "the client keeps cookies, which a persona would send for another; use `Client::untracked`"
    );
}

impl fmt::Debug for AccessTableBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTableBuilder")
            .field("personas", &self.personas)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}
