//! The table of bad tokens, one file per part of a token.

mod algorithm;
mod audience;
mod encoding;
mod extension;
mod issuer;
mod json;
mod key_id;
mod kind;
mod members;
mod own_key;
mod signature;
mod times;
mod typ;

use super::good::Good;

/// Name, expected `error_description`, and constructor.
pub(super) type Case = (&'static str, &'static str, fn(&Good<'_>) -> String);

pub(super) const ALL: [&[Case]; 14] = [
    encoding::CASES,
    json::CASES,
    members::CASES,
    algorithm::CASES,
    typ::CASES,
    extension::CASES,
    key_id::CASES,
    own_key::CASES,
    signature::CASES,
    times::CASES,
    issuer::CASES,
    audience::CASES,
    kind::CASES,
    kind::BOUND,
];

const HEADER: &str = "Invalid Authorization header";
const MALFORMED: &str = "Malformed token";
const ALGORITHM: &str = "Unsupported algorithm";
const TYPE: &str = "Invalid token type";
const KEY: &str = "Unknown signing key";
const SIGNATURE: &str = "Invalid token signature";
const EXPIRED: &str = "Token has expired";
const NOT_YET: &str = "Token is not valid yet";
const ISSUER: &str = "Invalid token issuer";
const AUDIENCE: &str = "Invalid token audience";
const MISSING: &str = "Token is missing a required claim";
const NOT_ACCESS: &str = "Not an access token";
