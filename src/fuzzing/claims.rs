//! The claims of a token.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::json::{self, Json};
use crate::base::clock::LenientClock;
use crate::binding::assume_bound;
use crate::claims::{ClaimName, ClaimSelector, ClaimShape, LazyItems, List, Names, Registered};
use crate::policy::has_acr;
use crate::token::{Actor, ValidToken};
use crate::verify::assume_verified;

const NOW: Duration = Duration::from_secs(1_900_000_000);

/// 9999-12-31T23:59:59Z.
const LATEST: f64 = 253_402_300_799.0;

const REGISTERED: [(&str, Registered); 18] = [
    ("iss", Registered::Iss),
    ("sub", Registered::Sub),
    ("aud", Registered::Aud),
    ("exp", Registered::Exp),
    ("nbf", Registered::Nbf),
    ("iat", Registered::Iat),
    ("jti", Registered::Jti),
    ("client_id", Registered::ClientId),
    ("azp", Registered::Azp),
    ("cid", Registered::Cid),
    ("appid", Registered::AppId),
    ("token_use", Registered::TokenUse),
    ("typ", Registered::Typ),
    ("at_hash", Registered::AtHash),
    ("c_hash", Registered::CHash),
    ("s_hash", Registered::SHash),
    ("events", Registered::Events),
    ("cnf", Registered::Cnf),
];

/// The default claim names.
const CONFIGURED: [&str; 4] = ["scope", "scp", "roles", "permissions"];

/// The claims whose nested objects are checked for duplicate members.
pub(super) fn checked_within() -> Vec<&'static str> {
    REGISTERED
        .iter()
        .map(|(name, _)| *name)
        .chain(CONFIGURED)
        .collect()
}

/// Input: claims as JSON. Accepted claims are one object with unique members and equal those of the
/// reference: registered claims, names in lists, times. The reference refuses the same inputs.
pub fn claims(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        check(text);
    }
}

pub(super) fn check(text: &str) {
    static NAMES: LazyLock<[ClaimName; 4]> = LazyLock::new(|| CONFIGURED.map(ClaimName::parse));
    static SELECTOR: LazyLock<ClaimSelector> = LazyLock::new(|| ClaimSelector::new(&*NAMES));
    let read = SELECTOR
        .select(text)
        .ok()
        .filter(|selected| selected.check_within().is_ok());
    let expected = json::strict_object(text, &checked_within());
    let (Some(selected), Some(claims)) = (&read, &expected) else {
        assert_eq!(read.is_some(), expected.is_some(), "{text:?}");
        return assert!(assume_verified(text.to_owned(), NOW).is_err(), "{text:?}");
    };
    for (name, claim) in REGISTERED {
        let same = match (selected.registered(claim), claims.get(name)) {
            (None, None) => true,
            (Some(read), Some(value)) => value.is_what(read),
            _ => false,
        };
        assert!(same, "{name} of {text:?}");
    }
    let list = List::first(&NAMES[..2], ClaimShape::List, selected, text);
    let scopes = Names {
        list: &list,
        items: &LazyItems::new(),
        raw: text,
    };
    let expected = names(claims, &["scope", "scp"]);
    assert_eq!(scopes.iter().collect::<Vec<_>>(), expected);
    for name in &expected {
        assert!(scopes.has(name) && scopes.has_any(&["", "no such name", name]));
    }
    assert!(!scopes.has("") && !scopes.has_any(&[]));
    check_proof(text, claims);
}

/// Checks a token with these claims.
fn check_proof(text: &str, claims: &Json) {
    let times = ["exp", "nbf", "iat"].map(|name| claims.get(name));
    // So close to a limit or to zero, rounding of the last digit decides.
    let near =
        |seconds: f64| (seconds - LATEST).abs() < 1.0 || (seconds != 0.0 && seconds.abs() < 1e-300);
    if times
        .iter()
        .any(|time| time.and_then(Json::number).is_some_and(near))
    {
        return;
    }
    let is_time = |time: &Json| {
        time.number()
            .is_some_and(|seconds| (0.0..=LATEST).contains(&seconds))
    };
    let [exp, nbf, iat] = times;
    let texts = ["iss", "sub", "jti"].map(|name| claims.get(name));
    let good = exp.is_some_and(is_time)
        && [nbf, iat].into_iter().flatten().all(is_time)
        && texts
            .into_iter()
            .flatten()
            .all(|text| text.text().is_some())
        && claims
            .get("cnf")
            .is_none_or(|cnf| matches!(cnf, Json::Object(_)));
    let verified = assume_verified(text.to_owned(), NOW);
    let Ok(verified) = verified else {
        return assert!(!good, "{text:?}");
    };
    assert!(good, "{text:?}");

    let read = [verified.issuer(), verified.subject(), verified.id()];
    assert_eq!(read, texts.map(|text| text.and_then(Json::text)));
    let client = ["client_id", "azp", "cid", "appid"]
        .into_iter()
        .find_map(|name| claims.get(name)?.text());
    assert_eq!(verified.client_id(), client);
    let same = |time: Duration, claim: Option<&Json>| {
        claim
            .and_then(Json::number)
            .is_some_and(|seconds| (time.as_secs_f64() - seconds).abs() < 1e-3)
    };
    assert!(
        verified.expires_at().is_some_and(|at| same(at, exp))
            && verified
                .issued_at()
                .is_none_or(|issued_at| same(issued_at, iat))
    );
    assert_eq!(verified.issued_at().is_some(), iat.is_some());

    let raw = verified.claims();
    assert_eq!(raw, text);
    for (list, claim) in [
        (verified.scopes(), &["scope", "scp"][..]),
        (verified.roles(), &["roles"]),
        (verified.permissions(), &["permissions"]),
    ] {
        assert_eq!(
            list.iter().collect::<Vec<_>>(),
            names(claims, claim),
            "{claim:?}"
        );
    }
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Json::Text(Some(one))) => [one.as_str()]
            .into_iter()
            .filter(|one| !one.is_empty())
            .collect(),
        _ => names(claims, &["aud"]),
    };
    assert_eq!(verified.audiences().iter().collect::<Vec<_>>(), audiences);

    let clock = LenientClock::system(Duration::ZERO);
    let token = ValidToken::of(assume_bound(Arc::clone(&verified)), clock);
    let has_actor = token.acting_party() != Actor::Absent;
    assert_eq!(has_actor, claims.get("act").is_some(), "{text:?}");
    if let Some(Json::Text(Some(acr))) = claims.get("acr") {
        let names = [acr.as_str()];
        assert!(has_acr(&token, &names), "{text:?}");
    }
    let tree = token
        .claims()
        .iter()
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
    assert!(claims.is(&serde_json::Value::Object(tree)), "{text:?}");
}

/// Returns the names in the first of `claims` that is present and not null.
fn names<'a>(object: &'a Json, claims: &[&str]) -> Vec<&'a str> {
    let mut present = claims
        .iter()
        .filter_map(|name| object.get(name))
        .filter(|value| **value != Json::Null);
    present.next().map(Json::names).unwrap_or_default()
}
