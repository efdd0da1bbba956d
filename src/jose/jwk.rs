//! One JSON Web Key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2, RFC 9964 §3).

use std::fmt;

use base64_simd::URL_SAFE_NO_PAD;

use super::key_type::KeyType;
use super::skipped::SkipReason;
use crate::base::redact::Excerpt;
use crate::base::segment::SegmentPattern;
use crate::jose::signature::{BadSignature, PublicKey};
use crate::jose::{Algorithm, Algorithms, Header, Member};
use crate::json::{LazyMembers, Value};

/// The longest `kid` in bytes: tokens with a longer one are refused.
const MAX_KID: usize = 1024;

/// The values of `use` with which a key verifies tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyUse {
    /// `sig`, or none (RFC 7517 §4.2).
    Signatures,
    /// `jwt-svid`: in a bundle of SPIFFE each key says for what it is (SPIFFE Trust Domain and
    /// Bundle §4.2.2).
    Svids,
    /// All of these.
    Both,
}

/// A key that may verify signatures of its issuer.
pub(crate) struct Key {
    kid: Option<Box<str>>,
    public: PublicKey,
    /// `x5t` and `x5t#S256` (RFC 7517 §4.8, §4.9): they decide which key is tried first, never
    /// whether one is trusted.
    thumbprints: [Option<Box<str>>; 2],
    /// The issuers that it serves; `None`: all whose key set has it.
    issuer: Option<KeyIssuer>,
}

/// The member `issuer` of a key: sets of Microsoft Entra, which the issuers of all tenants share.
#[derive(Debug, PartialEq, Eq)]
struct KeyIssuer {
    text: Box<str>,
    /// With `{tenantid}` in it: one of each tenant.
    pattern: Option<SegmentPattern>,
}

impl KeyIssuer {
    fn parse(text: &str) -> KeyIssuer {
        KeyIssuer {
            pattern: SegmentPattern::parse(text, "{tenantid}"),
            text: text.into(),
        }
    }

    fn matches(&self, iss: &str) -> bool {
        match &self.pattern {
            None => *self.text == *iss,
            Some(pattern) => pattern.segment(iss).is_some(),
        }
    }
}

impl Key {
    pub(crate) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Checks whether `header` names this key by a thumbprint of its certificate.
    pub(crate) fn has_thumbprint_of(&self, header: &Header<'_>) -> bool {
        let named = [&header.x5t, &header.x5t_s256].into_iter();
        named
            .zip(&self.thumbprints)
            .any(|(named, own)| match (named, own) {
                (Member::Text(named), Some(own)) => **named == **own,
                _ => false,
            })
    }

    /// Returns a value that orders keys, whatever the order of publication.
    pub(crate) fn sort_key(&self) -> impl Ord + '_ {
        let issuer = self.issuer.as_ref().map(|issuer| &*issuer.text);
        (self.kid(), self.public.as_bytes(), issuer)
    }

    /// Checks that the key may sign tokens of `iss`: its member `issuer`, if it has one, is that
    /// issuer, with `{tenantid}` for one segment.
    ///
    /// Entra's tokens of version 1 name another host than its keys, which name the issuer of
    /// version 2 of the same tenant.
    pub(crate) fn serves(&self, iss: &str) -> bool {
        let Some(issuer) = &self.issuer else {
            return true;
        };
        let version_1 = || {
            iss.strip_prefix("https://sts.windows.net/")?
                .strip_suffix('/')
        };
        issuer.matches(iss)
            || version_1().is_some_and(|tenant| {
                ["com", "us"].iter().any(|cloud| {
                    issuer.matches(&format!(
                        "https://login.microsoftonline.{cloud}/{tenant}/v2.0"
                    ))
                })
            })
    }

    /// Checks that the key's type, its `alg` and the issuer's `algorithms` all agree with
    /// `algorithm`.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.public.fits(algorithm)
    }

    pub(crate) fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        self.public.verify(algorithm, message, signature)
    }

    /// Parses one element of `keys`, for the `allowed` algorithms and uses.
    pub(crate) fn parse(jwk: &str, allowed: Algorithms, uses: KeyUse) -> Result<Self, SkipReason> {
        let members = LazyMembers::parse(jwk.as_bytes())?;
        let key_type = KeyType::of(&members)?;
        check_purpose(&members, uses)?;
        let algorithms = usable(&members, key_type, allowed)?;
        let kid = members.string("kid")?;
        if kid.as_ref().is_some_and(|kid| kid.len() > MAX_KID) {
            return Err(SkipReason::KidTooLong);
        }
        if key_type
            .private_members()
            .iter()
            .any(|name| members.contains(name))
        {
            return Err(SkipReason::Private);
        }
        let public = match key_type {
            KeyType::Rsa => {
                PublicKey::rsa(&bytes(&members, "n")?, &bytes(&members, "e")?, algorithms)?
            }
            KeyType::Ec(curve) => {
                PublicKey::ec(curve, &bytes(&members, "x")?, &bytes(&members, "y")?)?
            }
            KeyType::Ed25519 => PublicKey::ed25519(&bytes(&members, "x")?)?,
            KeyType::Akp(algorithm) => PublicKey::akp(algorithm, &bytes(&members, "pub")?)?,
        };
        // Of another type than a string: ignored.
        let thumbprint = |name| members.string(name).ok().flatten().map(Box::from);
        Ok(Self {
            kid: kid.map(Box::from),
            public,
            thumbprints: [thumbprint("x5t"), thumbprint("x5t#S256")],
            issuer: members.string("issuer")?.as_deref().map(KeyIssuer::parse),
        })
    }
}

/// Compares `kid`, key and issuer, not the thumbprints.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.kid == other.kid && self.public == other.public && self.issuer == other.issuer
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("kid", &self.kid)
            .field("public", &self.public)
            .finish()
    }
}

/// Checks that `use` and `key_ops` allow verification (RFC 7517 §4.2, §4.3).
fn check_purpose(members: &LazyMembers<'_>, uses: KeyUse) -> Result<(), SkipReason> {
    let purpose = members.string("use")?;
    let is_accepted = match purpose.as_deref() {
        None | Some("sig") => uses != KeyUse::Svids,
        Some("jwt-svid") => uses != KeyUse::Signatures,
        Some(_) => false,
    };
    match purpose {
        _ if is_accepted => {}
        Some(purpose) => return Err(SkipReason::Use(Excerpt(&purpose).to_string())),
        None => return Err(SkipReason::NoUse),
    }
    let mut verifies = false;
    match members.value("key_ops") {
        Ok(None | Some(Value::Null)) => return Ok(()),
        Ok(Some(Value::Array(operations)))
            if operations.each_string(|operation| verifies |= operation == "verify") => {}
        _ => return Err(SkipReason::KeyOpsType),
    }
    if verifies {
        Ok(())
    } else {
        Err(SkipReason::KeyOps)
    }
}

/// Returns the key's `alg`, or all algorithms of its type, as far as they are allowed.
fn usable(
    members: &LazyMembers<'_>,
    key_type: KeyType,
    allowed: Algorithms,
) -> Result<Algorithms, SkipReason> {
    let only = match members.string("alg")? {
        None => None,
        Some(name) => {
            let algorithm = Algorithm::of_jwk(&name)?;
            if algorithm.key_type() != key_type {
                return Err(SkipReason::AlgorithmOfOtherType(algorithm));
            }
            Some(algorithm)
        }
    };
    let of_key = |algorithm: &Algorithm| {
        algorithm.key_type() == key_type && only.is_none_or(|only| only == *algorithm)
    };
    let usable: Algorithms = allowed.iter().filter(of_key).collect();
    if usable == Algorithms::default() {
        Err(SkipReason::NotAllowed)
    } else {
        Ok(usable)
    }
}

fn bytes(members: &LazyMembers<'_>, name: &'static str) -> Result<Vec<u8>, SkipReason> {
    URL_SAFE_NO_PAD
        .decode_to_vec(members.required_string(name)?.as_bytes())
        .map_err(|_| SkipReason::Base64(name))
}
