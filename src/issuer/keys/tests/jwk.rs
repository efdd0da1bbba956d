//! Keys as issuers publish them.

use serde_json::{Value, json};

use crate::jose::signature::vectors::*;

pub(super) fn rsa() -> Value {
    json!({"kty": "RSA", "n": RSA_N, "e": "AQAB"})
}

pub(super) fn p256() -> Value {
    json!({"kty": "EC", "crv": "P-256", "x": P256_X, "y": P256_Y})
}

/// Another key of P-256.
pub(super) fn p256_twin() -> Value {
    json!({"kty": "EC", "crv": "P-256", "x": P256_TWIN_X, "y": P256_TWIN_Y})
}

pub(super) fn p384() -> Value {
    json!({"kty": "EC", "crv": "P-384", "x": P384_X, "y": P384_Y})
}

pub(super) fn p521() -> Value {
    json!({"kty": "EC", "crv": "P-521", "x": P521_X, "y": P521_Y})
}

pub(super) fn ed25519() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": ED25519_X})
}

/// The key with further members; null removes one.
pub(super) fn with(mut key: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        match value {
            Value::Null => drop(key.as_object_mut().unwrap().remove(name)),
            value => key[name] = value.clone(),
        }
    }
    key
}

pub(super) fn named(kid: &str, key: Value) -> Value {
    with(key, json!({"kid": kid}))
}

pub(super) fn set(keys: &[Value]) -> Vec<u8> {
    json!({"keys": keys}).to_string().into_bytes()
}

/// A set of P-256 keys with these `kid`s; all are one key.
pub(super) fn kids(kids: &[&str]) -> Vec<u8> {
    set(&kids
        .iter()
        .map(|kid| named(kid, p256()))
        .collect::<Vec<_>>())
}
