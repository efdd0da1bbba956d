//! The requests of a table: an address for each route, and what else it needs.

use std::cmp::Reverse;

use rocket::http::{Accept, ContentType, Header, Method, RawStr};
use rocket::{Orbit, Rocket};

use super::builder::AccessTableBuilder;
use super::place;
use crate::request::ReportedRoute;
use crate::testing::bearer::Bearer;

/// The request for one route.
pub(super) struct Call {
    /// The index of the route.
    pub(super) row: usize,
    pub(super) method: Method,
    pub(super) uri: String,
    headers: Vec<Header<'static>>,
    body: Vec<u8>,
}

/// A persona with its signed token.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) column: usize,
    pub(super) token: Option<String>,
}

/// A local request, blocking or async.
pub(super) trait LocalRequest: Bearer {
    fn with_header(self, header: Header<'static>) -> Self;
    fn with_body(self, body: &[u8]) -> Self;
}

macro_rules! local_request {
    ($($client:ident)+) => {$(
        impl LocalRequest for rocket::local::$client::LocalRequest<'_> {
            fn with_header(self, header: Header<'static>) -> Self {
                self.header(header)
            }

            fn with_body(self, body: &[u8]) -> Self {
                self.body(body)
            }
        }
    )+};
}
local_request!(blocking asynchronous);

impl Call {
    /// Returns the request of each of `routes`, in the order of dispatch.
    ///
    /// # Panics
    ///
    /// With each parameter that has no value.
    #[track_caller]
    pub(super) fn all(
        builder: &AccessTableBuilder<'_>,
        routes: &[ReportedRoute],
        rocket: &Rocket<Orbit>,
    ) -> Vec<Call> {
        let mut missing = String::new();
        let mut calls: Vec<Call> = routes
            .iter()
            .enumerate()
            .map(|(row, route)| {
                let uri = uri(route, &|name| {
                    let values = builder.values.iter().rev();
                    values.filter_map(|value| value(route, name)).next()
                });
                let uri = uri.unwrap_or_else(|name| {
                    missing += &format!("\n  <{name}> of {}", place(route));
                    String::new()
                });
                let bodies = builder.bodies.iter().rev();
                let body = bodies.filter_map(|body| body(route)).next();
                let content_type = body.as_ref().map(|(content_type, _)| content_type.clone());
                let mut headers = builder.headers.clone();
                headers.extend(content_header(route, content_type, rocket));
                Call {
                    row,
                    method: route.method(),
                    uri,
                    headers,
                    body: body.map(|(_, body)| body).unwrap_or_default(),
                }
            })
            .collect();
        assert!(
            missing.is_empty(),
            "these parameters have no value, give them one with `parameter` or `parameters`:\
             {missing}"
        );
        calls.sort_by_key(Call::turn);
        calls
    }

    pub(super) fn is_read(&self) -> bool {
        matches!(self.method, Method::Get | Method::Head | Method::Options)
    }

    /// Reads before writes, and DELETE last, of a resource before that of its parent.
    fn turn(&self) -> (u8, Reverse<usize>) {
        match self.method {
            Method::Delete => (2, Reverse(self.uri.split('/').count())),
            _ => (u8::from(!self.is_read()), Reverse(0)),
        }
    }

    /// Returns `request` with everything that `caller` sends.
    pub(super) fn prepared<R: LocalRequest>(&self, request: R, caller: &Caller) -> R {
        let headers = self.headers.iter().cloned();
        let request = headers.fold(request, R::with_header).with_body(&self.body);
        match &caller.token {
            Some(token) => request.bearer(token),
            None => request,
        }
    }
}

/// Returns the address of `route`, with a value for each parameter of its path and for those of
/// its query that have one.
///
/// # Errors
///
/// The name of a parameter of the path without a value.
fn uri<'r>(
    route: &'r ReportedRoute,
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<String, &'r str> {
    let encoded = |value: &str| RawStr::new(value).percent_encode().to_string();
    let (path, query) = match route.path().split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (route.path(), None),
    };
    let mut segments = Vec::new();
    for segment in path.split('/') {
        segments.push(match parameter(segment) {
            None => segment.to_owned(),
            Some(Parameter::Rest(name)) => {
                let rest = value(name).unwrap_or_default();
                let rest: Vec<String> = rest.split('/').map(encoded).collect();
                rest.join("/")
            }
            // Ignored by the route: any value is as good.
            Some(Parameter::One("_")) => value("_").map_or("_".into(), |value| encoded(&value)),
            Some(Parameter::One(name)) => encoded(&value(name).ok_or(name)?),
        });
    }
    let fields = query.into_iter().flat_map(|query| query.split('&'));
    let fields: Vec<String> = fields
        .filter_map(|field| match parameter(field) {
            None => Some(field.to_owned()),
            Some(Parameter::Rest(name)) => value(name),
            Some(Parameter::One(name)) => {
                value(name).map(|value| format!("{name}={}", encoded(&value)))
            }
        })
        .collect();
    let query = match fields.is_empty() {
        true => String::new(),
        false => format!("?{}", fields.join("&")),
    };
    Ok(segments.join("/") + &query)
}

enum Parameter<'r> {
    One(&'r str),
    Rest(&'r str),
}

/// Reads `<name>` or `<name..>`; `None` for static text.
fn parameter(part: &str) -> Option<Parameter<'_>> {
    let name = part.strip_prefix('<')?.strip_suffix('>')?;
    Some(match name.strip_suffix("..") {
        Some(name) => Parameter::Rest(name),
        None => Parameter::One(name),
    })
}

/// Returns the header that states the type of the body, or without a body the route's `format`.
fn content_header(
    route: &ReportedRoute,
    content_type: Option<ContentType>,
    rocket: &Rocket<Orbit>,
) -> Option<Header<'static>> {
    if let Some(content_type) = content_type {
        return Some(content_type.into());
    }
    let mut mounted = rocket.routes();
    let format = mounted.find_map(|mounted| {
        let is_it = mounted.method == route.method()
            && mounted.rank == route.rank()
            && mounted.name.as_deref() == route.handler()
            && mounted.uri.as_str() == route.path();
        mounted.format.clone().filter(|_| is_it)
    })?;
    Some(match route.method().supports_payload() {
        true => ContentType(format).into(),
        false => Accept::from(format).into(),
    })
}
