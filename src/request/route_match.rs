//! The route that a request is for, where Rocket does not tell it: the rule for everything refuses
//! before any route of the application is tried.

use std::collections::HashMap;

use rocket::http::{MediaType, Method};
use rocket::{Request, Route};

use super::routes::address_of;

/// The routes of an application as patterns, by method and first segment.
#[derive(Debug, Default)]
pub(crate) struct RouteMatcher(HashMap<Method, ByStart>);

#[derive(Debug, Default)]
struct ByStart {
    fixed: HashMap<String, Vec<Pattern>>,
    /// The patterns that match any first segment, or none.
    open: Vec<Pattern>,
}

/// Rocket's own `Route::matches` is private: path, then the static part of the query, then format.
#[derive(Debug)]
struct Pattern {
    /// The position in Rocket's order: routes are tried by rank.
    order: usize,
    address: usize,
    segments: Vec<Segment>,
    query: Vec<(String, String)>,
    format: Option<MediaType>,
}

#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Fixed(String),
    Any,
    Trailing,
}

impl RouteMatcher {
    /// `routes` are in Rocket's order, as `Rocket::routes` returns them.
    pub(crate) fn new<'r>(routes: impl Iterator<Item = &'r Route>) -> RouteMatcher {
        let mut matcher = RouteMatcher::default();
        for (order, route) in routes.enumerate() {
            let pattern = Pattern::new(route, order);
            let by_start = matcher.0.entry(route.method).or_default();
            match pattern.segments.first() {
                Some(Segment::Fixed(start)) => {
                    let fixed = by_start.fixed.entry(start.clone()).or_default();
                    fixed.push(pattern);
                }
                _ => by_start.open.push(pattern),
            }
        }
        matcher
    }

    /// Returns the address of the route that Rocket would try first; for HEAD also one of GET.
    pub(super) fn find(&self, request: &Request<'_>) -> Option<usize> {
        let method = request.method();
        let found = self.find_for(method, request);
        match method {
            Method::Head => found.or_else(|| self.find_for(Method::Get, request)),
            _ => found,
        }
    }

    fn find_for(&self, method: Method, request: &Request<'_>) -> Option<usize> {
        let by_start = self.0.get(&method)?;
        let first = request.uri().path().segments().get(0);
        let fixed = first.and_then(|first| by_start.fixed.get(first));
        fixed
            .into_iter()
            .flatten()
            .chain(&by_start.open)
            .filter(|pattern| pattern.matches(method, request))
            .min_by_key(|pattern| pattern.order)
            .map(|pattern| pattern.address)
    }
}

impl Pattern {
    fn new(route: &Route, order: usize) -> Pattern {
        let inner = |segment: &str| {
            let inner = segment.strip_prefix('<')?.strip_suffix('>')?;
            Some(inner.ends_with(".."))
        };
        let segments = route.uri.origin.path().raw_segments();
        let query = route.uri.origin.query();
        let fields = query.into_iter().flat_map(|query| query.raw_segments());
        Pattern {
            order,
            address: address_of(route),
            segments: segments
                .map(|segment| match inner(segment.as_str()) {
                    Some(true) => Segment::Trailing,
                    Some(false) => Segment::Any,
                    None => Segment::Fixed(segment.to_string()),
                })
                .collect(),
            query: fields
                .map(|field| field.as_str())
                .filter(|field| inner(field).is_none())
                .map(|field| field.split_once('=').unwrap_or((field, "")))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            format: route.format.clone(),
        }
    }

    fn matches(&self, method: Method, request: &Request<'_>) -> bool {
        self.matches_path(request)
            && self.query.iter().all(|(name, value)| {
                let fields = request.uri().query();
                let mut fields = fields.into_iter().flat_map(|query| query.segments());
                fields.any(|field| field == (name, value))
            })
            && self.matches_format(method, request)
    }

    fn matches_path(&self, request: &Request<'_>) -> bool {
        let mut presented = request.uri().path().segments();
        for segment in &self.segments {
            match (segment, presented.next()) {
                (Segment::Trailing, _) => return true,
                (Segment::Any, Some(_)) => {}
                (Segment::Fixed(fixed), Some(presented)) if fixed == presented => {}
                _ => return false,
            }
        }
        presented.next().is_none()
    }

    fn matches_format(&self, method: Method, request: &Request<'_>) -> bool {
        let collide = |one: &MediaType, other: &MediaType| {
            let same = |one: &str, other: &str| one == "*" || other == "*" || one == other;
            same(one.top().as_str(), other.top().as_str())
                && same(one.sub().as_str(), other.sub().as_str())
        };
        match (&self.format, request.format()) {
            (None, _) => true,
            (Some(_), None) => !method.supports_payload(),
            (Some(_), Some(format)) if method.supports_payload() && format.specificity() < 2 => {
                false
            }
            (Some(own), Some(format)) => collide(own, format),
        }
    }
}
