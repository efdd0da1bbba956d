//! The operation of a document and the routes that serve it.

use rocket::http::Method;
use utoipa::openapi::Server;
use utoipa::openapi::path::{Operation, PathItem};

use crate::request::ReportedRoute;

/// A segment of a path, of a document or of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment<'p> {
    Literal(&'p str),
    /// `{name}` or `<name>`.
    Dynamic(&'p str),
    /// `<name..>`: any number of segments.
    Rest(&'p str),
}

/// Returns the segments of a path of a document.
fn of_document(path: &str) -> impl Iterator<Item = Segment<'_>> {
    segments(path).map(|segment| {
        let name = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}'));
        name.map_or(Segment::Literal(segment), Segment::Dynamic)
    })
}

/// Returns the segments of a path of Rocket.
fn of_route(path: &str) -> impl Iterator<Item = Segment<'_>> {
    segments(path).map(|segment| {
        let name = segment.strip_prefix('<').and_then(|s| s.strip_suffix('>'));
        match name.map(|name| (name, name.strip_suffix(".."))) {
            None => Segment::Literal(segment),
            Some((_, Some(name))) => Segment::Rest(name),
            Some((name, None)) => Segment::Dynamic(name),
        }
    })
}

/// Returns the segments of a path without its query.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split('/').filter(|segment| !segment.is_empty())
}

/// How well a route serves a path of a document; the least is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// All segments agree, and the names of parameters.
    Exact,
    /// All segments agree; parameters have other names.
    Shape,
    /// Requests of that path reach the route: `/files/{name}` reaches `/files/<path..>`.
    Reached,
}

/// Compares a path of a document with one of Rocket; `None` if no request of it reaches the route.
fn fit(document: &str, route: &str) -> Option<Fit> {
    let mut fit = Fit::Exact;
    let mut presented = of_document(document);
    for segment in of_route(route) {
        let here = match (segment, presented.next()) {
            (Segment::Literal(route), Some(Segment::Literal(here))) if route == here => Fit::Exact,
            (Segment::Dynamic(route), Some(Segment::Dynamic(here))) => names(route, here),
            (Segment::Dynamic(_), Some(Segment::Literal(_))) => Fit::Reached,
            (Segment::Rest(_), None) => Fit::Reached,
            (Segment::Rest(route), Some(Segment::Dynamic(here))) => match presented.next() {
                None => names(route, here),
                Some(_) => return Some(Fit::Reached),
            },
            (Segment::Rest(_), Some(_)) => return Some(Fit::Reached),
            _ => return None,
        };
        fit = fit.max(here);
    }
    presented.next().is_none().then_some(fit)
}

/// Compares the names of two parameters.
fn names(route: &str, document: &str) -> Fit {
    if route == document {
        Fit::Exact
    } else {
        Fit::Shape
    }
}

/// Returns the routes that serve `method` of `path`: of all whose requests can reach them, those
/// that fit best. Several are of one path with different formats or ranks.
///
/// `bases` are the paths of the document's servers: the routes below each of them serve it, and
/// those of `path` itself if there are none.
pub(super) fn serving<'r>(
    routes: &'r [ReportedRoute],
    method: Method,
    path: &str,
    bases: &[String],
) -> Vec<&'r ReportedRoute> {
    let below = bases
        .iter()
        .map(|base| best(routes, method, &format!("{base}{path}")));
    let mut found: Vec<_> = below.flatten().collect();
    if found.is_empty() {
        found = best(routes, method, path);
    }
    if found.is_empty() && method == Method::Head {
        // Rocket answers HEAD with the route of GET.
        return serving(routes, Method::Get, path, bases);
    }
    found
}

fn best<'r>(routes: &'r [ReportedRoute], method: Method, path: &str) -> Vec<&'r ReportedRoute> {
    let slash = |path: &str| {
        path.split('?')
            .next()
            .is_some_and(|path| path.ends_with('/'))
    };
    let fits: Vec<_> = routes
        .iter()
        .filter(|route| route.method() == method)
        .filter_map(|route| {
            let fit = fit(path, route.path())?;
            // Of routes that are only reached, Rocket takes the one of the lowest rank.
            let rank = if fit == Fit::Reached { route.rank() } else { 0 };
            Some(((fit, slash(path) != slash(route.path()), rank), route))
        })
        .collect();
    let least = fits.iter().map(|(key, _)| *key).min();
    fits.into_iter()
        .filter(|(key, _)| Some(*key) == least)
        .map(|(_, route)| route)
        .collect()
}

/// Returns the operations of `item` that Rocket can route.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    [
        (Method::Get, &mut item.get),
        (Method::Put, &mut item.put),
        (Method::Post, &mut item.post),
        (Method::Delete, &mut item.delete),
        (Method::Options, &mut item.options),
        (Method::Head, &mut item.head),
        (Method::Patch, &mut item.patch),
        (Method::Trace, &mut item.trace),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Returns the paths of `servers`, without a slash at the end; the root is none.
pub(super) fn bases(servers: Option<&[Server]>) -> Vec<String> {
    servers
        .unwrap_or_default()
        .iter()
        .map(|server| {
            let url = server.url.as_str();
            let path = match url.split_once("://") {
                Some((_, rest)) => rest.find('/').map_or("", |slash| &rest[slash..]),
                None => url,
            };
            let path = path.split(['?', '#']).next().unwrap_or_default();
            path.trim_end_matches('/').to_owned()
        })
        .filter(|base| base.starts_with('/'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Fit, fit};

    #[test]
    fn paths_of_documents_fit_those_of_rocket() {
        for (document, route, expected) in [
            ("/", "/", Some(Fit::Exact)),
            ("/a/{id}", "/a/<id>", Some(Fit::Exact)),
            ("/a/{id}", "/a/<id>?<page>&<rest..>", Some(Fit::Exact)),
            ("/a/{id}/", "/a/<id>", Some(Fit::Exact)),
            ("/a/{path}", "/a/<path..>", Some(Fit::Exact)),
            ("/a/{id}", "/a/<_>", Some(Fit::Shape)),
            ("/a/{arg0}", "/a/<_..>", Some(Fit::Shape)),
            ("/a", "/a/<path..>", Some(Fit::Reached)),
            ("/a/b/c", "/a/<path..>", Some(Fit::Reached)),
            ("/a/{b}/{c}", "/a/<path..>", Some(Fit::Reached)),
            ("/a/me", "/a/<id>", Some(Fit::Reached)),
            ("/a/{id}", "/a/me", None),
            ("/a/{id}.json", "/a/<id>", Some(Fit::Reached)),
            ("/a", "/a/b", None),
            ("/a/b", "/a", None),
            ("/a/{id}", "/b/<id>", None),
            ("/A", "/a", None),
        ] {
            assert_eq!(fit(document, route), expected, "{document} {route}");
        }
    }
}
