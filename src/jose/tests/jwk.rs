//! Keys as issuers publish them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::jose::Algorithm;
use crate::jose::signature::vectors::*;

pub(crate) fn rsa() -> Value {
    json!({"kty": "RSA", "n": RSA_N, "e": "AQAB"})
}

pub(crate) fn p256() -> Value {
    json!({"kty": "EC", "crv": "P-256", "x": P256_X, "y": P256_Y})
}

/// Another key of P-256.
pub(crate) fn p256_twin() -> Value {
    json!({"kty": "EC", "crv": "P-256", "x": P256_TWIN_X, "y": P256_TWIN_Y})
}

pub(crate) fn p384() -> Value {
    json!({"kty": "EC", "crv": "P-384", "x": P384_X, "y": P384_Y})
}

pub(crate) fn p521() -> Value {
    json!({"kty": "EC", "crv": "P-521", "x": P521_X, "y": P521_Y})
}

pub(crate) fn ed25519() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": ED25519_X})
}

/// A key of ML-DSA, every number of which is 0.
pub(crate) fn akp(algorithm: Algorithm) -> Value {
    let length = match algorithm {
        Algorithm::MlDsa44 => 1312,
        Algorithm::MlDsa65 => 1952,
        _ => 2592,
    };
    let public = URL_SAFE_NO_PAD.encode(vec![0; length]);
    json!({"kty": "AKP", "alg": algorithm.name(), "pub": public})
}

/// The key with further members; null removes one.
pub(crate) fn with(mut key: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        match value {
            Value::Null => drop(key.as_object_mut().unwrap().remove(name)),
            value => key[name] = value.clone(),
        }
    }
    key
}

pub(crate) fn named(kid: &str, key: Value) -> Value {
    with(key, json!({"kid": kid}))
}

pub(crate) fn set(keys: &[Value]) -> Vec<u8> {
    json!({"keys": keys}).to_string().into_bytes()
}

/// A set of P-256 keys with these `kid`s; all are one key.
pub(crate) fn kids(kids: &[&str]) -> Vec<u8> {
    set(&kids
        .iter()
        .map(|kid| named(kid, p256()))
        .collect::<Vec<_>>())
}
