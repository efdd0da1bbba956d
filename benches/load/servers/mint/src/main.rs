//! Mints what the load comparison sends:
//! `mint <folder> <issuer> <audience> <alg> <count of tokens seen once>`.
//!
//! The tokens are those of `benches/verify.rs`: ten scopes, five roles, twenty permissions.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use axioms_rocket::Clock;
use axioms_rocket::testing::{Alg, TestIssuer, TokenBuilder};
use serde_json::Value;

/// A phase of the rotation lasts seven seconds; it may begin before the first of them and end after
/// the last.
const GENERATIONS: usize = 9;

/// Seconds of tokens for its warm-up, which no phase asks for.
const WARM_UP: usize = 3;

/// Fresh tokens per second of the rotation: enough of them that the slowest hundredth of all
/// requests carries one.
const FRESH: usize = 2000;

fn names(count: usize, what: &str) -> Vec<String> {
    (0..count).map(|at| format!("{what}:{at:02}")).collect()
}

fn token<'a>(issuer: &'a TestIssuer, at: usize) -> TokenBuilder<'a> {
    issuer
        .token()
        .subject(format!("0f2a8c1e-user-{at}"))
        .client_id("web-client")
        .claim("jti", format!("{at:032x}"))
        .scope(names(10, "read:item").join(" "))
        .roles(names(5, "role"))
        .permissions(names(20, "orders"))
}

/// A token of the same length with a wrong signature.
fn tampered(token: &str) -> String {
    let (head, signature) = token.rsplit_once('.').unwrap_or_default();
    let (begin, rest) = signature.split_at(10);
    let other = if rest.starts_with('A') { "B" } else { "A" };
    format!("{head}.{begin}{other}{}", &rest[1..])
}

/// The key set with the `alg` of each key, as most issuers write it: jwt-authorizer takes a key of
/// Ed25519 without it for one of HMAC.
fn key_set(issuer: &TestIssuer, alg: Alg) -> serde_json::Result<String> {
    let mut set: Value = serde_json::from_str(&issuer.jwks())?;
    for key in set["keys"].as_array_mut().into_iter().flatten() {
        key["alg"] = alg.name().into();
    }
    Ok(set.to_string())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, url, audience, alg, once] = arguments.as_slice() else {
        return Err("mint <folder> <issuer> <audience> <alg> <count>".into());
    };
    let alg = Alg::ALL
        .iter()
        .copied()
        .find(|known| known.name() == alg)
        .ok_or("no such algorithm")?;
    let day = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)?
        .as_secs()
        + 24 * 3600;
    let issuer = |clock| {
        TestIssuer::builder()
            .clock(clock)
            .audience(audience.as_str())
            .algorithms([alg])
            .offline(url)
    };
    let one = issuer(Clock::manual(SystemTime::now() - Duration::from_secs(60)));
    let long = |at| token(&one, at).claim("exp", day);
    let folder = Path::new(folder);
    let write =
        |name: &str, lines: Vec<String>| fs::write(folder.join(name), lines.join("\n") + "\n");

    fs::create_dir_all(folder)?;
    fs::write(folder.join("jwks.json"), key_set(&one, alg)?)?;
    write("one", vec![long(0).sign()])?;
    write("many", (0..2000).map(|at| long(at).sign()).collect())?;
    let once: Vec<String> = (0..once.parse()?)
        .map(|at| long(10_000 + at).sign())
        .collect();
    write(
        "tampered",
        once.iter().map(|token| tampered(token)).collect(),
    )?;
    write("once", once)?;
    write("expired", vec![long(0).expired().sign()])?;
    write(
        "foreign",
        vec![long(0).claim("aud", "https://other.example.test").sign()],
    )?;
    let other = long(0).claim("iss", "https://other.example.test");
    write("other-issuer", vec![other.sign()])?;
    write("unknown-kid", vec![long(0).kid("unknown").sign()])?;
    write("other-scope", vec![long(0).scope("write:item:00").sign()])?;
    write("two-parts", vec![long(0).sign().replacen('.', "", 1)])?;
    write("hmac", vec![long(0).hmac_confused().sign()])?;

    if alg != Alg::Es256 {
        return Ok(());
    }
    // Tokens for each second: of one key, and of another one each second, with its key set.
    let rotating = issuer(Clock::system());
    let fresh = |name: &str, generation, from| {
        write(
            &format!("{name}-{generation}"),
            (from..from + FRESH)
                .map(|at| token(&rotating, at).claim("exp", day).sign())
                .collect(),
        )
    };
    for second in 0..GENERATIONS + WARM_UP {
        fresh("steady", second, FRESH * second)?;
    }
    for generation in 0..GENERATIONS {
        if generation > 0 {
            rotating.rotate();
        }
        fs::write(
            folder.join(format!("jwks-{generation}.json")),
            key_set(&rotating, alg)?,
        )?;
        fresh("rotating", generation, 0)?;
    }
    Ok(())
}
