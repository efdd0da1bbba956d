//! A signing key: always generated, never loaded, and visible by its public half only.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::algorithm::Alg;
use super::seed::{Draw, KeySeed};
use crate::jose::{KeyType, SigningPair};

pub(in crate::testing) struct SigningKey {
    kid: String,
    pair: SigningPair,
}

impl SigningKey {
    /// Generates a key from the seed, or a random one. Its `kid` is readable and unique, so that an
    /// issuer restarted on the same port is not mistaken for the previous one.
    pub(in crate::testing) fn generate(kind: KeyType, generation: u32, seed: KeySeed) -> Self {
        let name = kind.label();
        let mut draw = match kind {
            KeyType::Rsa => Draw::at_random(),
            _ => seed.draw(&format!("{name}-{generation}")),
        };
        let mut id = [0; 4];
        draw.fill(&mut id);
        Self {
            kid: format!("{name}-{generation}-{:08x}", u32::from_be_bytes(id)),
            pair: SigningPair::generate(kind, &mut |bytes| draw.fill(bytes)),
        }
    }

    pub(in crate::testing) fn kid(&self) -> &str {
        &self.kid
    }

    pub(in crate::testing) fn kind(&self) -> KeyType {
        self.pair.key_type()
    }

    /// Signs `message`.
    pub(in crate::testing) fn sign(&self, alg: Alg, message: &[u8]) -> Vec<u8> {
        self.pair.sign(alg.algorithm(), message)
    }

    /// Returns the public key (RFC 7517). It has `alg` only if its type has one algorithm.
    pub(in crate::testing) fn jwk(&self) -> Value {
        let mut jwk = self.pair.jwk();
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk
    }

    /// Returns the public key as PEM: the HMAC secret of the classic algorithm confusion.
    pub(in crate::testing) fn pem(&self) -> String {
        let text = STANDARD.encode(self.pair.public_der());
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for line in text.as_bytes().chunks(64) {
            pem.extend(line.iter().map(|&byte| char::from(byte)));
            pem.push('\n');
        }
        pem + "-----END PUBLIC KEY-----\n"
    }
}

pub(in crate::testing) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{
        ECDSA_P521_SHA512_FIXED, ML_DSA_44, ML_DSA_65, ML_DSA_87, UnparsedPublicKey,
        VerificationAlgorithm,
    };
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::jwk::Jwk;
    use jsonwebtoken::{Algorithm, DecodingKey};
    use serde_json::Value;

    use super::SigningKey;
    use crate::testing::Alg;
    use crate::testing::issuer::keys::Seed;

    const SEEDED: [Alg; 6] = [
        Alg::Es256,
        Alg::Es384,
        Alg::Es512,
        Alg::EdDsa,
        Alg::MlDsa44,
        Alg::MlDsa87,
    ];

    fn generate(alg: Alg, generation: u32) -> SigningKey {
        SigningKey::generate(alg.kind(), generation, Seed::new(None).keys())
    }

    /// The algorithm in jsonwebtoken, which did not sign; it has no ES512 and no ML-DSA.
    fn in_jsonwebtoken(alg: Alg) -> Option<Algorithm> {
        match alg {
            Alg::Es512 | Alg::MlDsa44 | Alg::MlDsa65 | Alg::MlDsa87 => None,
            Alg::Ed25519 => Some(Algorithm::EdDSA),
            alg => Some(alg.name().parse().expect("a known algorithm")),
        }
    }

    fn verifies(alg: Alg, jwk: &Value, message: &[u8], signature: &[u8]) -> bool {
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        if let Some(algorithm) = in_jsonwebtoken(alg) {
            let jwk: Jwk = serde_json::from_value(jwk.clone()).expect("a JWK");
            let key = DecodingKey::from_jwk(&jwk).expect("a key");
            let signature = URL_SAFE_NO_PAD.encode(signature);
            return jsonwebtoken::crypto::verify(&signature, message, &key, algorithm)
                .expect("a check");
        }
        let bytes = |name: &str| {
            let text = jwk[name].as_str().expect("text");
            URL_SAFE_NO_PAD.decode(text).expect("base64url")
        };
        let (algorithm, key): (&'static dyn VerificationAlgorithm, _) = match alg {
            Alg::MlDsa44 => (&ML_DSA_44, bytes("pub")),
            Alg::MlDsa65 => (&ML_DSA_65, bytes("pub")),
            Alg::MlDsa87 => (&ML_DSA_87, bytes("pub")),
            _ => {
                let point = [vec![4], bytes("x"), bytes("y")].concat();
                (&ECDSA_P521_SHA512_FIXED, point)
            }
        };
        UnparsedPublicKey::new(algorithm, key)
            .verify(message, signature)
            .is_ok()
    }

    #[test]
    fn every_algorithm_signs_and_its_jwk_verifies() {
        for &alg in Alg::ALL {
            let key = generate(alg, 1);
            let signature = key.sign(alg, b"message");
            assert!(
                verifies(alg, &key.jwk(), b"message", &signature),
                "{alg}: the right message"
            );
            assert!(
                !verifies(alg, &key.jwk(), b"massage", &signature),
                "{alg}: another message"
            );
        }
    }

    #[test]
    fn a_jwk_names_its_kid_and_its_use_and_nothing_private() {
        for &alg in Alg::ALL {
            let key = generate(alg, 1);
            let jwk = key.jwk();
            assert_eq!(jwk["kid"], key.kid());
            assert_eq!(jwk["use"], "sig");
            for private in ["d", "p", "q", "dp", "dq", "qi", "k", "priv"] {
                assert_eq!(jwk.get(private), None, "{alg}: {private}");
            }
        }
    }

    #[test]
    fn coordinates_have_the_full_width_of_their_curve() {
        for (alg, width) in [(Alg::Es256, 32), (Alg::Es384, 48), (Alg::Es512, 66)] {
            let jwk = generate(alg, 1).jwk();
            for coordinate in ["x", "y"] {
                let bytes = URL_SAFE_NO_PAD
                    .decode(jwk[coordinate].as_str().expect("text"))
                    .expect("base64url");
                assert_eq!(bytes.len(), width, "{alg}: {coordinate}");
            }
        }
    }

    #[test]
    fn an_rsa_key_has_2048_bits_and_the_usual_exponent() {
        let jwk = generate(Alg::Rs256, 1).jwk();
        let modulus = URL_SAFE_NO_PAD
            .decode(jwk["n"].as_str().expect("text"))
            .expect("base64url");
        assert_eq!((modulus.len(), jwk["e"].as_str()), (256, Some("AQAB")));
        assert!(modulus[0] >= 0x80, "no leading zero");
    }

    #[test]
    fn no_two_keys_share_a_kid() {
        let kids = [1, 1, 2].map(|generation| generate(Alg::Es256, generation).kid().to_owned());
        assert!(
            kids[0] != kids[1] && kids[1] != kids[2] && kids[0] != kids[2],
            "{kids:?}"
        );
    }

    #[test]
    fn a_seed_gives_one_key_for_each_type_and_generation() {
        let jwk = |alg: Alg, generation, seed| {
            SigningKey::generate(alg.kind(), generation, Seed::new(Some(seed)).keys())
                .jwk()
                .to_string()
        };
        for alg in SEEDED {
            assert_eq!(jwk(alg, 1, 7), jwk(alg, 1, 7), "{alg}");
            assert_ne!(jwk(alg, 1, 7), jwk(alg, 2, 7), "{alg}: generation");
            assert_ne!(jwk(alg, 1, 7), jwk(alg, 1, 8), "{alg}: seed");
        }
        assert_ne!(
            jwk(Alg::Rs256, 1, 7),
            jwk(Alg::Rs256, 1, 7),
            "RSA is the exception, kid and all"
        );
    }

    #[test]
    fn a_seeded_key_signs_and_its_jwk_verifies() {
        for alg in SEEDED {
            for seed in 0..20 {
                let key = SigningKey::generate(alg.kind(), 1, Seed::new(Some(seed)).keys());
                assert!(
                    verifies(alg, &key.jwk(), b"message", &key.sign(alg, b"message")),
                    "{alg}, {seed}"
                );
            }
        }
    }
}
