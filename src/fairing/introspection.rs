//! The launch of introspection: its client, and the endpoints that metadata name.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::config::{IntrospectionSettings, JwksPrefetch, Settings};
use crate::http::{FormClient, Http};
use crate::verify::Verifier;

/// Returns the verifier that asks the issuers with an `introspection`, if there are any.
///
/// # Errors
///
/// There is no HTTP client; an endpoint is not found, and `jwks_prefetch` is `"require"`.
pub(super) async fn begin(
    verifier: Verifier,
    settings: &Settings,
    http: &Http,
) -> Result<Verifier, Vec<String>> {
    let tables = settings.issuers.iter();
    let tables: Vec<&IntrospectionSettings> = tables
        .filter_map(|issuer| issuer.introspection.as_ref())
        .collect();
    if tables.is_empty() {
        return Ok(verifier);
    }
    let connections = tables.iter().map(|table| table.max_in_flight).sum();
    let forms = FormClient::new(&settings.http, connections)
        .map_err(|error| vec![format!("no HTTP client: {error}")])?;
    let verifier = verifier.with_introspection(settings, http, &forms);
    if tables.iter().all(|table| !table.opaque) {
        tracing::warn!(
            "axioms: several issuers have introspection.when = \"always\", so tokens that are no \
             JWTs are refused; set \"opaque\" for the one that issues them"
        );
    }
    find_endpoints(&verifier, settings.keys.prefetch).await?;
    Ok(verifier)
}

async fn find_endpoints(verifier: &Verifier, prefetch: JwksPrefetch) -> Result<(), Vec<String>> {
    if prefetch == JwksPrefetch::Never {
        return Ok(());
    }
    let mut searches = JoinSet::new();
    for introspection in verifier.introspections() {
        let introspection = Arc::clone(introspection);
        searches.spawn(async move {
            let found = introspection.warm().await;
            (introspection.issuer_name().to_owned(), found)
        });
    }
    let mut errors = Vec::new();
    while let Some(searched) = searches.join_next().await {
        if let Ok((issuer, Err(error))) = searched {
            let found = format!("the introspection endpoint of {issuer} was not found: {error}");
            if prefetch == JwksPrefetch::Require {
                errors.push(format!("{found} (jwks_prefetch is \"require\")"));
            } else {
                tracing::warn!("axioms: {found}; its tokens are answered 503 until it is");
            }
        }
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors),
    }
}
