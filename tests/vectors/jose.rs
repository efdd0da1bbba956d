//! JSON Web Signature and JSON Web Key of Project Wycheproof.
//!
//! Their payloads are no claims, so no signature of theirs is looked at:
//! `src/issuer/keys/tests/jose` does.

use serde_json::json;
use wycheproof_ng_kdf_jose::json_web::TestName;

use crate::jose_file::{File, Group, Vector};
use crate::support::*;

/// An application with an issuer for each group, which publishes the group's keys after a good one.
fn serve(file: &File, control: &Control) -> Api {
    let set = |(number, group): (usize, &Group)| {
        let keys: Vec<_> = [control.jwk()]
            .into_iter()
            .chain(group.keys().iter().cloned())
            .collect();
        (
            host(number),
            json!({ "keys": keys }).to_string().into_bytes(),
        )
    };
    let documents = Documents::serve(file.groups.iter().enumerate().map(set).collect());
    Api::fetching(&documents, (0..file.groups.len()).map(host), config())
}

fn host(number: usize) -> String {
    format!("group-{number}")
}

/// `b64token` of RFC 6750 §2.1.
fn is_credential(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty()
        && body
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

#[test]
fn every_json_web_signature_is_refused_for_its_form() {
    let file = File::read(TestName::JsonWebSignature);
    let control = Control::new();
    let api = serve(&file, &control);
    let (mut ledger, mut no_credentials) = (Ledger::default(), 0);
    for (number, group) in file.groups.iter().enumerate() {
        assert_eq!(
            api.answer(&control.token(&host(number))),
            "200 control",
            "group {number}"
        );
        for Vector {
            id, comment, jws, ..
        } in &group.tests
        {
            let expected = if is_credential(jws) {
                MALFORMED
            } else {
                NOT_A_BEARER
            };
            no_credentials += usize::from(expected == NOT_A_BEARER);
            ledger.note(format_args!("{id} ({comment})"), expected, &api.answer(jws));
        }
        assert_eq!(
            api.answer(&control.token(&host(number))),
            "200 control",
            "group {number}"
        );
    }
    ledger.close(401);
    assert_eq!(no_credentials, 16);
}

/// The refusal of each vector once claims replace its payload.
fn refusal(id: usize) -> &'static str {
    match id {
        // A good key, and a signature over another payload.
        5 => SIGNATURE,
        // For encryption; ROCA; 1024 bits; e = 1.
        6..=9 => UNKNOWN_KEY,
        // Another `alg`, `use`, point, `crv` or `kty`.
        19..=24 => UNKNOWN_KEY,
        // HMAC.
        _ => ALGORITHM,
    }
}

#[test]
fn no_invalid_json_web_key_is_used() {
    let file = File::read(TestName::JsonWebKey);
    let control = Control::new();
    let api = serve(&file, &control);
    let mut ledger = Ledger::default();
    for (number, group) in file.groups.iter().enumerate() {
        assert_eq!(
            api.answer(&control.token(&host(number))),
            "200 control",
            "group {number}"
        );
        for Vector {
            id, comment, jws, ..
        } in &group.tests
        {
            ledger.note(
                format_args!("{id} ({comment})"),
                MALFORMED,
                &api.answer(jws),
            );
            let (message, signature) = jws.rsplit_once('.').unwrap();
            let (header, _) = message.split_once('.').unwrap();
            let token = format!(
                "{header}.{}.{signature}",
                encoded(claims(&host(number)).to_string())
            );
            ledger.note(
                format_args!("{id} ({comment}) with claims"),
                refusal(*id),
                &api.answer(&token),
            );
        }
    }
    ledger.close(2 * 26);
}
