//! Lists of names: audiences, algorithms, claims. Each issuer has its own, or the top level's.

use std::collections::BTreeMap;

use serde_json::Value;

use super::report::Report;
use crate::base::redact::one_line;
use crate::claims::ClaimShape;
use crate::config::fields::IssuerConfig;
use crate::config::hints::nearest;
use crate::jose::{Algorithm, Algorithms};

#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) audience: Vec<String>,
    pub(super) algorithms: Algorithms,
    /// In lower case and without `application/`.
    pub(super) token_typs: Vec<String>,
    pub(super) require_typ: bool,
    pub(super) audience_claims: Vec<String>,
    pub(super) scope_claims: Vec<String>,
    pub(super) roles_claims: Vec<String>,
    pub(super) permissions_claims: Vec<String>,
    pub(super) roles_shape: ClaimShape,
    pub(super) permissions_shape: ClaimShape,
    pub(super) required_claims: Vec<String>,
    pub(super) expected_claims: Vec<(String, Vec<Value>)>,
}

impl Names {
    /// Returns the names of `issuer`, and those of `base` for the rest. Only its own are checked,
    /// so that a problem is reported once. `place` is prepended to each key.
    pub(super) fn check(
        issuer: &IssuerConfig,
        base: &Names,
        place: &str,
        report: &mut Report<'_>,
    ) -> Names {
        let mut claims = |key: &str, own: &Option<Vec<String>>, base: &Vec<String>| match own {
            None => base.clone(),
            Some(names) => {
                claim_names(&format!("{place}{key}"), names, report);
                names.clone()
            }
        };
        let audience_claims = claims(
            "audience_claims",
            &issuer.audience_claims,
            &base.audience_claims,
        );
        let scope_claims = claims("scope_claims", &issuer.scope_claims, &base.scope_claims);
        let roles_claims = claims("roles_claims", &issuer.roles_claims, &base.roles_claims);
        let permissions_claims = claims(
            "permissions_claims",
            &issuer.permissions_claims,
            &base.permissions_claims,
        );
        let required_claims = claims(
            "required_claims",
            &issuer.required_claims,
            &base.required_claims,
        );

        if issuer.audience_claims.as_ref().is_some_and(Vec::is_empty) {
            report.problem(
                &format!("{place}audience_claims"),
                "must not be empty: no token could be for this API",
            );
        }
        let audience = match &issuer.audience {
            None => base.audience.clone(),
            Some(audience) => {
                report.texts(&format!("{place}audience"), audience);
                audience.clone()
            }
        };
        let algorithms = match &issuer.algorithms {
            None => base.algorithms,
            Some(names) => algorithms(&format!("{place}algorithms"), names, report),
        };
        let token_typs = match &issuer.token_typs {
            None => base.token_typs.clone(),
            Some(typs) => token_typs(&format!("{place}token_typs"), typs, report),
        };
        let expected_claims = match &issuer.expected_claims {
            None => base.expected_claims.clone(),
            Some(expected) => expected_claims(&format!("{place}expected_claims"), expected, report),
        };
        Names {
            audience,
            algorithms,
            token_typs,
            require_typ: issuer.require_typ.unwrap_or(base.require_typ),
            audience_claims,
            scope_claims,
            roles_claims,
            permissions_claims,
            roles_shape: issuer.roles_shape.unwrap_or(base.roles_shape),
            permissions_shape: issuer.permissions_shape.unwrap_or(base.permissions_shape),
            required_claims,
            expected_claims,
        }
    }

    /// Adds the expected claims of `other` that these do not name.
    pub(super) fn expect_too(&mut self, other: &Names) {
        for (name, values) in &other.expected_claims {
            if !self.expected_claims.iter().any(|(known, _)| known == name) {
                self.expected_claims.push((name.clone(), values.clone()));
            }
        }
    }
}

/// Returns them in lower case and without `application/` (RFC 7515 §4.1.9).
fn token_typs(key: &str, given: &[String], report: &mut Report<'_>) -> Vec<String> {
    report.texts(key, given);
    if given.is_empty() {
        report.problem(
            key,
            "must not be empty: no token that says its type would be accepted",
        );
    }
    let short = |typ: &String| {
        let typ = typ.to_ascii_lowercase();
        typ.strip_prefix("application/")
            .map(str::to_owned)
            .unwrap_or(typ)
    };
    let typs: Vec<_> = given.iter().map(short).collect();
    if typs
        .iter()
        .zip(given)
        .any(|(typ, given)| typ.is_empty() && !given.is_empty())
    {
        report.problem(key, "`application/` alone is not a type");
    }
    typs
}

fn algorithms(key: &str, names: &[String], report: &mut Report<'_>) -> Algorithms {
    if names.is_empty() {
        report.problem(key, "must not be empty: no token could be accepted");
    }
    let mut allowed = Vec::new();
    for name in names {
        match Algorithm::parse(name) {
            Some(algorithm) => allowed.push(algorithm),
            None => report.problem(key, not_an_algorithm(name)),
        }
    }
    allowed.into_iter().collect()
}

fn not_an_algorithm(name: &str) -> String {
    let upper = name.to_ascii_uppercase();
    let shown = one_line(name);
    if upper == "NONE" {
        format!("`{shown}` means tokens without a signature: anybody could make one")
    } else if upper.starts_with("HS") {
        format!(
            "`{shown}` is symmetric: a key that checks such tokens can also make them; allow \
             asymmetric ones only"
        )
    } else {
        let nearest = nearest(Algorithm::ALL.map(Algorithm::name), &upper);
        format!("`{shown}` is not an algorithm of ours; the nearest one is `{nearest}`")
    }
}

pub(super) fn claim_names(key: &str, names: &[String], report: &mut Report<'_>) {
    report.texts(key, names);
    for name in names.iter().filter(|name| is_bad_pointer(name)) {
        report.problem(key, bad_pointer(name));
    }
}

fn expected_claims(
    key: &str,
    expected: &BTreeMap<String, Value>,
    report: &mut Report<'_>,
) -> Vec<(String, Vec<Value>)> {
    let mut claims = Vec::new();
    for (name, value) in expected {
        if name.is_empty() {
            report.problem(key, "a claim's name must not be empty");
        }
        if is_bad_pointer(name) {
            report.problem(key, bad_pointer(name));
        }
        let values = match value {
            Value::Array(values) => values.clone(),
            value => vec![value.clone()],
        };
        if values.is_empty() {
            report.problem(
                key,
                format!(
                    "`{}` has an empty list: no value could be the expected one",
                    one_line(name)
                ),
            );
        }
        if values.iter().any(|value| value.as_str() == Some("")) {
            let message = format!(
                "`{}` has an empty text: no value was written",
                one_line(name)
            );
            report.problem(key, message);
        }
        if values
            .iter()
            .any(|value| value.is_null() || value.is_object() || value.is_array())
        {
            let message = format!(
                "`{}` must be text, a number, true or false, or a list of such values",
                one_line(name)
            );
            report.problem(key, message);
        }
        claims.push((name.clone(), values));
    }
    claims
}

/// A name that begins with `/` is a JSON Pointer, in which `~` is always `~0` or `~1` (RFC 6901
/// §3).
fn is_bad_pointer(name: &str) -> bool {
    name.starts_with('/')
        && name
            .split('~')
            .skip(1)
            .any(|after| !after.starts_with(['0', '1']))
}

fn bad_pointer(name: &str) -> String {
    format!(
        "`{}` is not a JSON Pointer: `~` is written `~0`, and a `/` within a name `~1`",
        one_line(name)
    )
}
