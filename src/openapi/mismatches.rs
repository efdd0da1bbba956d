//! Operations without a route, and routes without an operation.

use std::fmt;

use rocket::http::Method;
use utoipa::openapi::OpenApi;

use super::paths::{bases, operations, serving};
use crate::groups::EVERYWHERE_RANK;
use crate::request::RouteReport;

/// A difference between a document and the routes of an application.
///
/// ```
/// use axioms_rocket::openapi::Mismatch;
/// use rocket::http::Method;
///
/// let operation = Mismatch::NotMounted { method: Method::Get, path: "/a/{id}".into() };
/// assert_eq!(operation.to_string(), "GET /a/{id} is in the document, and no route serves it");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// An operation of the document that no route serves.
    NotMounted {
        /// Its method.
        method: Method,
        /// Its path in the document.
        path: String,
    },
    /// A route that no operation of the document describes.
    NotDocumented {
        /// Its method.
        method: Method,
        /// Its whole URI in Rocket.
        path: String,
        /// Its name: that of the handler.
        handler: Option<String>,
    },
}

impl Mismatch {
    /// Returns the path, of the document or of Rocket: to leave out what a test does not mean.
    ///
    /// ```
    /// use axioms_rocket::openapi::Mismatch;
    /// use rocket::http::Method;
    ///
    /// let page = Mismatch::NotMounted { method: Method::Get, path: "/docs".into() };
    /// assert!(page.path().starts_with("/docs"));
    /// ```
    pub fn path(&self) -> &str {
        match self {
            Mismatch::NotMounted { path, .. } | Mismatch::NotDocumented { path, .. } => path,
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mismatch::NotMounted { method, path } => {
                write!(
                    f,
                    "{method} {path} is in the document, and no route serves it"
                )
            }
            Mismatch::NotDocumented {
                method,
                path,
                handler,
            } => {
                write!(f, "{method} {path}")?;
                if let Some(handler) = handler {
                    write!(f, " ({handler})")?;
                }
                f.write_str(" is mounted, and no operation of the document describes it")
            }
        }
    }
}

/// Returns each operation of `document` that no route of `report` serves, then each route that no
/// operation describes: for a test that the document is complete. Routes that the fairing mounts
/// itself are not among them.
///
/// ```
/// use axioms_rocket::{RouteReport, openapi};
/// use rocket::{delete, get, routes};
/// use utoipa::OpenApi;
///
/// #[utoipa::path]
/// #[get("/orders/<id>")]
/// fn order(id: u32) {}
///
/// #[delete("/orders/<id>")]
/// fn cancel(id: u32) {}
///
/// #[derive(OpenApi)]
/// #[openapi(paths(order))]
/// struct Api;
///
/// let rocket = rocket::build().mount("/", routes![order, cancel]);
/// let mismatches = openapi::mismatches(&Api::openapi(), &RouteReport::of(&rocket));
/// assert_eq!(
///     mismatches.iter().map(|mismatch| mismatch.to_string()).collect::<Vec<_>>(),
///     ["DELETE /orders/<id> (cancel) is mounted, and no operation of the document describes it"]
/// );
/// ```
pub fn mismatches(document: &OpenApi, report: &RouteReport) -> Vec<Mismatch> {
    let bases = bases(document.servers.as_deref());
    let mut mismatches = Vec::new();
    let mut described = vec![false; report.routes().len()];
    for (path, item) in &document.paths.paths {
        for (method, _) in operations(&mut item.clone()) {
            let routes = serving(report.routes(), method, path, &bases);
            if routes.is_empty() {
                mismatches.push(Mismatch::NotMounted {
                    method,
                    path: path.clone(),
                });
            }
            for (described, route) in described.iter_mut().zip(report.routes()) {
                *described |= routes.iter().any(|found| std::ptr::eq(*found, route));
            }
        }
    }
    let undescribed = report.routes().iter().zip(described);
    let undescribed = undescribed.filter(|(route, _)| route.rank() > EVERYWHERE_RANK);
    mismatches.extend(
        undescribed
            .filter(|(_, described)| !described)
            .map(|(route, _)| Mismatch::NotDocumented {
                method: route.method(),
                path: route.path().to_owned(),
                handler: route.handler().map(str::to_owned),
            }),
    );
    mismatches
}
