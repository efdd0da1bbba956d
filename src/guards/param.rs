//! A path segment by the name that the route gives it.

use rocket::Request;
use rocket::request::FromParam;

/// Returns the path segment that the request's route names `<name>`, parsed as a `T`.
///
/// A guard that loads a resource takes its segment by name: `request.param(1)` is another segment
/// once the route becomes `/users/<_>/articles/<article>`, and the guard then checks another object
/// than the handler changes. Bases, empty segments and percent-encoding are taken into account as
/// in Rocket's routing.
///
/// A handler has to take each named segment as an argument; one that works with the loaded value
/// alone may write `<_article>`, which this function finds as `article`, too.
///
/// # Errors
///
/// A [`ParamError`](crate::ParamError) that names route and segment: there is no such segment, or
/// more than one, it is trailing (`<name..>`), or it is not a `T`. All but the last are mistakes of
/// the program, and logged as errors.
///
/// ```
/// # use rocket::http::Status;
/// # use rocket::request::{FromRequest, Outcome, Request};
/// use axioms_rocket::param;
///
/// struct Article {
///     id: u32,
/// }
///
/// #[rocket::async_trait]
/// impl<'r> FromRequest<'r> for Article {
///     type Error = ();
///
///     async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
///         match param::<u32>(request, "article") {
///             Ok(id) => Outcome::Success(Article { id }),
///             Err(_) => Outcome::Error((Status::NotFound, ())),
///         }
///     }
/// }
/// ```
pub fn param<'r, T: FromParam<'r>>(request: &'r Request<'_>, name: &str) -> Result<T, ParamError> {
    find(request, name)
        .and_then(|segment| T::from_param(segment).map_err(|_| Fault::Type))
        .map_err(|fault| {
            let error = ParamError {
                route: request.route().map(|route| route.uri.to_string()),
                name: name.to_owned(),
                fault,
            };
            if fault != Fault::Type {
                tracing::error!("{error}");
            }
            error
        })
}

fn find<'r>(request: &'r Request<'_>, name: &str) -> Result<&'r str, Fault> {
    let route = request.route().ok_or(Fault::Absent)?;
    let segments = route.uri.path().split('/').filter(|text| !text.is_empty());
    let dynamic = |text: &str| text.strip_prefix('<')?.strip_suffix('>').map(str::to_owned);
    let mut found = segments.enumerate().filter_map(|(index, text)| {
        let segment = dynamic(text)?;
        let plain = segment.strip_suffix("..").unwrap_or(&segment);
        let is_named = plain == name || plain.strip_prefix('_') == Some(name);
        is_named.then_some((index, plain.len() < segment.len()))
    });
    match (found.next(), found.next()) {
        (Some((index, false)), None) => request
            .uri()
            .path()
            .segments()
            .get(index)
            .ok_or(Fault::Absent),
        (Some((_, true)), None) => Err(Fault::Trailing),
        (Some(_), Some(_)) => Err(Fault::Ambiguous),
        (None, _) => Err(Fault::Absent),
    }
}

/// Why [`param`](crate::param) finds no value.
///
/// ```
/// use axioms_rocket::ParamError;
/// use rocket::http::Status;
///
/// fn status(error: &ParamError) -> Status {
///     if error.is_mistake() { Status::InternalServerError } else { Status::NotFound }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("route {}: {}", .route.as_deref().unwrap_or("(none)"), .fault.describe(.name))]
pub struct ParamError {
    route: Option<String>,
    name: String,
    fault: Fault,
}

impl ParamError {
    /// Returns true if the route has no such segment, so that every request fails; false if the
    /// segment of this request is not of the wanted type.
    ///
    /// ```
    /// # use axioms_rocket::param;
    /// # use rocket::Request;
    /// fn article(request: &Request<'_>) -> Option<u32> {
    ///     match param(request, "article") {
    ///         Ok(article) => Some(article),
    ///         Err(error) if error.is_mistake() => panic!("{error}"),
    ///         Err(_) => None,
    ///     }
    /// }
    /// ```
    pub fn is_mistake(&self) -> bool {
        self.fault != Fault::Type
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Absent,
    Ambiguous,
    Trailing,
    Type,
}

impl Fault {
    fn describe(self, name: &str) -> String {
        match self {
            Fault::Absent => format!("there is no segment <{name}>"),
            Fault::Ambiguous => format!("there is more than one segment <{name}>"),
            Fault::Trailing => format!("<{name}..> is trailing, so it is not one segment"),
            Fault::Type => format!("segment <{name}> is not of the wanted type"),
        }
    }
}
