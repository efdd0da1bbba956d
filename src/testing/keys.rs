//! One signing key: made on the spot, never read from anywhere, and shown only by its public half.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::alg::{Alg, KeyKind};

pub(super) struct SigningKey {
    kid: String,
    kind: KeyKind,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl SigningKey {
    /// A new key of that kind. Its `kid` is readable and unlike that of any other key, so that an issuer started again
    /// on the same port is not mistaken for the one before.
    pub(super) fn generate(kind: KeyKind, generation: u32) -> Self {
        let (name, pair) = match kind {
            KeyKind::Rsa => ("rsa", RsaKeyPair::generate(KeySize::Rsa2048).map(Box::new).map(Pair::Rsa)),
            KeyKind::P256 => ("p256", EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::Ec)),
            KeyKind::P384 => ("p384", EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).map(Pair::Ec)),
            KeyKind::P521 => ("p521", EcdsaKeyPair::generate(&ECDSA_P521_SHA512_FIXED_SIGNING).map(Pair::Ec)),
            KeyKind::Ed25519 => ("ed25519", Ed25519KeyPair::generate().map(Pair::Ed)),
        };
        let pair = pair.expect("the operating system gives random numbers");
        Self { kid: format!("{name}-{generation}-{:08x}", fastrand::u32(..)), kind, pair }
    }

    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    pub(super) fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The signature of `message`, in the form of RFC 7518 §3.
    pub(super) fn sign(&self, alg: Alg, message: &[u8]) -> Vec<u8> {
        assert_eq!(alg.kind(), self.kind, "{alg} needs a key of another kind");
        let signature = match &self.pair {
            Pair::Rsa(pair) => sign_rsa(pair, alg, message),
            Pair::Ec(pair) => pair.sign(&SystemRandom::new(), message).map(|signature| signature.as_ref().to_vec()),
            Pair::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        };
        signature.expect("a key that was just made can sign")
    }

    /// The public key as RFC 7517 has it. `alg` stands only where the curve leaves one choice.
    pub(super) fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let [n, e] = rsa_components(pair.public_key().as_ref());
                json!({ "kty": "RSA", "n": encode(n), "e": encode(e) })
            }
            Pair::Ec(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let (crv, alg) = match self.kind {
                    KeyKind::P384 => ("P-384", Alg::Es384),
                    KeyKind::P521 => ("P-521", Alg::Es512),
                    _ => ("P-256", Alg::Es256),
                };
                json!({ "kty": "EC", "crv": crv, "alg": alg.name(), "x": encode(x), "y": encode(y) })
            }
            Pair::Ed(pair) => json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref()) }),
        };
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk
    }

    /// The public key as a PEM file, which is what the classic confusion of algorithms takes for an HMAC secret.
    pub(super) fn pem(&self) -> String {
        let der: Result<PublicKeyX509Der<'_>, Unspecified> = match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_der(),
            Pair::Ec(pair) => pair.public_key().as_der(),
            Pair::Ed(pair) => pair.public_key().as_der(),
        };
        let text = STANDARD.encode(der.expect("a key that was just made can be written").as_ref());
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for line in text.as_bytes().chunks(64) {
            pem.extend(line.iter().map(|&octet| char::from(octet)));
            pem.push('\n');
        }
        pem + "-----END PUBLIC KEY-----\n"
    }
}

pub(super) fn encode(octets: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

fn sign_rsa(pair: &RsaKeyPair, alg: Alg, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let encoding: &'static dyn RsaEncoding = match alg {
        Alg::Rs384 => &RSA_PKCS1_SHA384,
        Alg::Rs512 => &RSA_PKCS1_SHA512,
        Alg::Ps256 => &RSA_PSS_SHA256,
        Alg::Ps384 => &RSA_PSS_SHA384,
        Alg::Ps512 => &RSA_PSS_SHA512,
        _ => &RSA_PKCS1_SHA256,
    };
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature)?;
    Ok(signature)
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017 §A.1.1) that the library itself has written.
fn rsa_components(der: &[u8]) -> [&[u8]; 2] {
    let (sequence, _) = der_value(der);
    let (modulus, rest) = der_value(sequence);
    let (exponent, _) = der_value(rest);
    [modulus, exponent].map(|integer| integer.strip_prefix(&[0]).unwrap_or(integer))
}

/// The contents of the first DER value, and what follows it.
fn der_value(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, start) = match usize::from(der[1]) {
        short @ 0..0x80 => (short, 2),
        long => {
            let octets = &der[2..2 + (long & 0x7f)];
            (octets.iter().fold(0, |length, &octet| length << 8 | usize::from(octet)), 2 + octets.len())
        }
    };
    der[start..].split_at(length)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P521_SHA512_FIXED, UnparsedPublicKey};
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::jwk::Jwk;
    use jsonwebtoken::{Algorithm, DecodingKey};
    use serde_json::Value;

    use super::SigningKey;
    use crate::testing::Alg;

    /// The algorithm's name in a library that is not the one that signed; it has no ES512.
    fn judge(alg: Alg) -> Option<Algorithm> {
        match alg {
            Alg::Es512 => None,
            Alg::Ed25519 => Some(Algorithm::EdDSA),
            alg => Some(alg.name().parse().expect("a known algorithm")),
        }
    }

    fn verifies(alg: Alg, jwk: &Value, message: &[u8], signature: &[u8]) -> bool {
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        if let Some(algorithm) = judge(alg) {
            let jwk: Jwk = serde_json::from_value(jwk.clone()).expect("a JWK");
            let key = DecodingKey::from_jwk(&jwk).expect("a key");
            let signature = URL_SAFE_NO_PAD.encode(signature);
            return jsonwebtoken::crypto::verify(&signature, message, &key, algorithm).expect("a check");
        }
        let mut point = vec![4];
        for coordinate in ["x", "y"] {
            point.extend(URL_SAFE_NO_PAD.decode(jwk[coordinate].as_str().expect("text")).expect("base64url"));
        }
        UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, point).verify(message, signature).is_ok()
    }

    #[test]
    fn every_algorithm_signs_what_its_jwk_verifies() {
        for alg in Alg::ALL {
            let key = SigningKey::generate(alg.kind(), 1);
            let signature = key.sign(alg, b"message");
            assert!(verifies(alg, &key.jwk(), b"message", &signature), "{alg}: the right message");
            assert!(!verifies(alg, &key.jwk(), b"massage", &signature), "{alg}: another message");
        }
    }

    #[test]
    fn a_jwk_names_its_kid_and_its_use_and_nothing_private() {
        for alg in [Alg::Rs256, Alg::Es256, Alg::Es384, Alg::Es512, Alg::EdDsa] {
            let key = SigningKey::generate(alg.kind(), 1);
            let jwk = key.jwk();
            assert_eq!(jwk["kid"], key.kid());
            assert_eq!(jwk["use"], "sig");
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert_eq!(jwk.get(private), None, "{alg}: {private}");
            }
        }
    }

    #[test]
    fn coordinates_have_the_full_width_of_their_curve() {
        for (alg, width) in [(Alg::Es256, 32), (Alg::Es384, 48), (Alg::Es512, 66)] {
            let jwk = SigningKey::generate(alg.kind(), 1).jwk();
            for coordinate in ["x", "y"] {
                let octets = URL_SAFE_NO_PAD.decode(jwk[coordinate].as_str().expect("text")).expect("base64url");
                assert_eq!(octets.len(), width, "{alg}: {coordinate}");
            }
        }
    }

    #[test]
    fn an_rsa_key_has_2048_bits_and_the_usual_exponent() {
        let jwk = SigningKey::generate(Alg::Rs256.kind(), 1).jwk();
        let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().expect("text")).expect("base64url");
        assert_eq!((modulus.len(), jwk["e"].as_str()), (256, Some("AQAB")));
        assert!(modulus[0] >= 0x80, "no leading zero");
    }

    #[test]
    fn no_two_keys_share_a_kid() {
        let kids = [1, 1, 2].map(|generation| SigningKey::generate(Alg::Es256.kind(), generation).kid().to_owned());
        assert!(kids[0] != kids[1] && kids[1] != kids[2] && kids[0] != kids[2], "{kids:?}");
    }
}
