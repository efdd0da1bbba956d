//! The order of the checks (behaviour, chapter 3): of several faults the first one decides. A
//! refusal tells the sender, by its words or by its time, only facts that the token itself shows.

use rocket::serde::json::{Value, json};

use crate::harness::{DENIED, Target, Verdict, invalid, run};
use crate::support::{full_token, offline};

type IssuerFault = (&'static str, Verdict, fn(&mut Value, &mut Value));

/// In the order in which they are found. A token with the fault of a row and of all rows below is
/// refused for that row.
const FAULTS: [IssuerFault; 13] = [
    (
        "the first of all faults: shape",
        invalid("Malformed token"),
        |header, _| *header = json!([]),
    ),
    (
        "the first of 12 faults: alg",
        invalid("Unsupported algorithm"),
        |header, _| header["alg"] = json!("HS256"),
    ),
    (
        "the first of 11 faults: typ",
        invalid("Invalid token type"),
        |header, _| header["typ"] = json!("dpop+jwt"),
    ),
    (
        "the first of 10 faults: crit",
        invalid("Malformed token"),
        |header, _| header["crit"] = json!(["exp"]),
    ),
    (
        "the first of 9 faults: issuer",
        invalid("Invalid token issuer"),
        |_, claims| claims["iss"] = json!("x"),
    ),
    (
        "the first of 8 faults: exp",
        invalid("Token has expired"),
        |_, claims| claims["exp"] = json!(1),
    ),
    (
        "the first of 7 faults: nbf",
        invalid("Token is not valid yet"),
        |_, claims| claims["nbf"] = json!(9_000_000_000_u64),
    ),
    (
        "the first of 6 faults: audience",
        invalid("Invalid token audience"),
        |_, claims| claims["aud"] = json!("x"),
    ),
    (
        "the first of 5 faults: key",
        invalid("Unknown signing key"),
        |header, _| header["kid"] = json!("x"),
    ),
    (
        "the first of 4 faults: signature",
        invalid("Invalid token signature"),
        |header, _| header["broken"] = json!(true),
    ),
    (
        "the first of 3 faults: kind",
        invalid("Not an access token"),
        |_, claims| claims["token_use"] = json!("id"),
    ),
    (
        "the first of 2 faults: binding",
        invalid("Invalid token type"),
        |_, claims| claims["cnf"] = json!({ "jkt": "x" }),
    ),
    ("the last fault: role", DENIED, |_, claims| {
        claims["roles"] = json!([])
    }),
];

pub fn names() -> Vec<String> {
    FAULTS.iter().map(|(name, ..)| (*name).to_owned()).collect()
}

#[test]
fn of_several_faults_the_first_check_that_finds_one_answers() {
    run(async |run| {
        let issuer = offline();
        let target = Target::of(&issuer).await;
        let alg = axioms_rocket::testing::Alg::Es256;
        for (first, (case, verdict, _)) in FAULTS.iter().enumerate() {
            let good = full_token(&issuer).sign();
            let mut header = json!({ "alg": alg.name(), "kid": issuer.kid(alg), "typ": "at+jwt" });
            let mut claims = json!({
                "iss": issuer.url(), "aud": issuer.audience(), "sub": "alice",
                "exp": 8_000_000_000_u64, "roles": ["editor"],
            });
            // The last ones first, since the very first leaves no header to change.
            FAULTS[first..]
                .iter()
                .rev()
                .for_each(|(.., spoil)| spoil(&mut header, &mut claims));
            let mut bad = issuer.sign_raw(header.to_string(), claims.to_string(), alg);
            if header.get("broken").is_some() {
                let signature = bad.rfind('.').expect("three parts") + 1;
                let other = if bad.as_bytes()[signature] == b'A' {
                    "B"
                } else {
                    "A"
                };
                bad.replace_range(signature..=signature, other);
            }
            run.refuses(&target, case, "/role", [&good, &bad], (*verdict, None))
                .await;
        }
    });
}
