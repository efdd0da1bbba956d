//! One JSON Web Key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).

use std::fmt;

use base64_simd::URL_SAFE_NO_PAD;

use super::skipped::SkipReason;
use crate::base::redact::Excerpt;
use crate::jose::signature::{BadSignature, Curve, PublicKey};
use crate::jose::{Algorithm, Algorithms, Header, Member};
use crate::json::{LazyMembers, Value};

/// The longest `kid` in bytes: tokens with a longer one are refused.
const MAX_KID: usize = 1024;

/// A key that may verify signatures of its issuer.
pub(crate) struct Key {
    kid: Option<Box<str>>,
    public: PublicKey,
    /// `x5t` and `x5t#S256` (RFC 7517 §4.8, §4.9): they decide which key is tried first, never
    /// whether one is trusted.
    thumbprints: [Option<Box<str>>; 2],
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
        (self.kid(), self.public.as_bytes())
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

    /// Parses one element of `keys`, for the `allowed` algorithms.
    pub(crate) fn parse(jwk: &str, allowed: Algorithms) -> Result<Self, SkipReason> {
        let members = LazyMembers::parse(jwk.as_bytes())?;
        let family = Family::of(&members)?;
        check_purpose(&members)?;
        let algorithms = usable(&members, family, allowed)?;
        let kid = members.string("kid")?;
        if kid.as_ref().is_some_and(|kid| kid.len() > MAX_KID) {
            return Err(SkipReason::KidTooLong);
        }
        if family
            .private_members()
            .iter()
            .any(|name| members.contains(name))
        {
            return Err(SkipReason::Private);
        }
        let public = match family {
            Family::Rsa => {
                PublicKey::rsa(&bytes(&members, "n")?, &bytes(&members, "e")?, algorithms)?
            }
            Family::Ec(curve) => {
                PublicKey::ec(curve, &bytes(&members, "x")?, &bytes(&members, "y")?)?
            }
            Family::Ed25519 => PublicKey::ed25519(&bytes(&members, "x")?)?,
        };
        // Of another type than a string: ignored.
        let thumbprint = |name| members.string(name).ok().flatten().map(Box::from);
        Ok(Self {
            kid: kid.map(Box::from),
            public,
            thumbprints: [thumbprint("x5t"), thumbprint("x5t#S256")],
        })
    }
}

/// Compares `kid` and key, not the thumbprints.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.kid == other.kid && self.public == other.public
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

/// `kty` with `crv`.
#[derive(Clone, Copy)]
enum Family {
    Rsa,
    Ec(Curve),
    Ed25519,
}

impl Family {
    fn of(members: &LazyMembers<'_>) -> Result<Self, SkipReason> {
        let kty = members.required_string("kty")?;
        match &*kty {
            "RSA" => Ok(Family::Rsa),
            "EC" => {
                let crv = members.required_string("crv")?;
                Curve::parse(&crv)
                    .map(Family::Ec)
                    .ok_or_else(|| SkipReason::Curve(Excerpt(&crv).to_string()))
            }
            "OKP" => match &*members.required_string("crv")? {
                "Ed25519" => Ok(Family::Ed25519),
                crv => Err(SkipReason::Curve(Excerpt(crv).to_string())),
            },
            "oct" => Err(SkipReason::Symmetric),
            kty => Err(SkipReason::KeyType(Excerpt(kty).to_string())),
        }
    }

    /// Returns the members of a private key (RFC 7518 §6.2.2, §6.3.2, RFC 8037 §2).
    fn private_members(self) -> &'static [&'static str] {
        match self {
            Family::Rsa => &["d", "p", "q", "dp", "dq", "qi", "oth"],
            Family::Ec(_) | Family::Ed25519 => &["d"],
        }
    }

    fn has(self, algorithm: Algorithm) -> bool {
        use Algorithm::{EdDsa, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        match self {
            Family::Rsa => matches!(algorithm, Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512),
            Family::Ec(curve) => algorithm == curve.algorithm(),
            Family::Ed25519 => algorithm == EdDsa,
        }
    }
}

/// Checks that `use` and `key_ops` allow verification (RFC 7517 §4.2, §4.3).
fn check_purpose(members: &LazyMembers<'_>) -> Result<(), SkipReason> {
    if let Some(purpose) = members.string("use")?.filter(|purpose| purpose != "sig") {
        return Err(SkipReason::Use(Excerpt(&purpose).to_string()));
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
    family: Family,
    allowed: Algorithms,
) -> Result<Algorithms, SkipReason> {
    let only = match members.string("alg")? {
        None => None,
        Some(name) => {
            let unknown = || SkipReason::UnknownAlgorithm(Excerpt(&name).to_string());
            let algorithm = Algorithm::parse(&name).ok_or_else(unknown)?;
            if !family.has(algorithm) {
                return Err(SkipReason::AlgorithmOfOtherType(algorithm));
            }
            Some(algorithm)
        }
    };
    let of_key =
        |algorithm: &Algorithm| only.map_or(family.has(*algorithm), |only| only == *algorithm);
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
