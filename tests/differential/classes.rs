//! Why we and others do not agree: every class with its explanation. A disagreement without a class
//! fails.

pub struct Class {
    pub peer: &'static str,
    /// How the words of the one that refuses begin.
    pub reason: &'static str,
    /// The reason for the disagreement.
    pub because: &'static str,
}

impl Class {
    pub fn covers(&self, peer: &str, reason: &str) -> bool {
        (self.peer == peer || self.peer == ANY) && reason.starts_with(self.reason)
    }
}

const ANY: &str = "any";

const fn class(peer: &'static str, reason: &'static str, because: &'static str) -> Class {
    Class {
        peer,
        reason,
        because,
    }
}

/// We refuse and they accept.
pub const STRICTER: &[Class] = &[
    class(
        ANY,
        "Invalid token type (bound to its sender by cnf.",
        "RFC 7800: without a proof of possession it is not a bearer's token; they do not look at \
         cnf",
    ),
    class(
        ANY,
        "Malformed token (cnf is not an object)",
        "RFC 7800 section 3.1: what it is bound to cannot be told; they do not look at cnf",
    ),
    class(
        ANY,
        "Invalid token type (typ ",
        "RFC 8725 section 3.11, RFC 9068 section 4: a token of another kind; they do not look at \
         typ",
    ),
    class(
        ANY,
        "Not an access token (",
        "an ID, refresh or logout token of the same issuer for us; they know one kind of token",
    ),
    class(
        ANY,
        "Malformed token (a time that is not a number of seconds between 1970 and 9999)",
        "RFC 7519 section 2: they take texts, truths or null for times, or do not look at iat \
         and nbf",
    ),
    class(
        "jsonwebtoken",
        "Token is not valid yet (iat lies ",
        "issued in the future; it does not look at iat",
    ),
    class(
        "jwcrypto",
        "Token is not valid yet (iat lies ",
        "issued in the future; it looks only at the claims it is told to",
    ),
    class(
        "jwcrypto",
        "Token is not valid yet (nbf lies ",
        "not to be used yet; it looks only at the claims it is told to",
    ),
    class(
        "jsonwebtoken",
        "Invalid token issuer (iss (not a string)",
        "RFC 7519 section 4.1.1: one text; it takes a list that holds the issuer",
    ),
    class(
        "jsonwebtoken",
        "Malformed token (iss, sub or jti is not a string)",
        "RFC 7519 sections 4.1.2 and 4.1.7: texts; it does not look at them",
    ),
    class(
        "jwcrypto",
        "Malformed token (iss, sub or jti is not a string)",
        "RFC 7519 sections 4.1.2 and 4.1.7: texts; it looks only at the claims it is told to",
    ),
    class(
        "jsonwebtoken",
        "Malformed token (kid is not a string)",
        "RFC 7515 section 4.1.4: a text; it takes null for no key id",
    ),
    class(
        ANY,
        "Malformed token (the claims are not a strict JSON object)",
        "RFC 7519 section 4, RFC 8259: members that come twice, halves of surrogates, NaN, \
         numbers beyond any range",
    ),
    class(
        ANY,
        "Malformed token (the header is not a strict JSON object)",
        "RFC 7515 section 4: the same in the header; jsonwebtoken refuses there only members \
         twice that it knows",
    ),
    class(
        ANY,
        "Malformed token (the header asks for an extension (crit or b64))",
        "RFC 7515 section 4.1.11, RFC 7797: an extension that no library here supports, or crit \
         without one",
    ),
    class(
        "jwcrypto",
        "Malformed token (the header is not base64url of UTF-8)",
        "RFC 7515 section 2: no padding; one token shall have one text",
    ),
    class(
        "jwcrypto",
        "Malformed token (the payload is not base64url of UTF-8)",
        "RFC 7515 section 2: no padding; one token shall have one text",
    ),
    class(
        "PyJWT",
        "Malformed token (the signature is not base64url)",
        "RFC 7515 section 2: no padding, no spare bits; one token shall have one text",
    ),
    class(
        "jwcrypto",
        "Malformed token (the signature is not base64url)",
        "RFC 7515 section 2: no padding, no spare bits; one token shall have one text",
    ),
];

/// We accept and they refuse.
pub const WIDER: &[Class] = &[
    class(
        "jsonwebtoken",
        "header: Json(Error(\"invalid type: ",
        "RFC 7515 section 4: it wants the right type of members that decide nothing (jwk, x5c, \
         cty, zip, enc); we ignore them",
    ),
    class(
        ANY,
        "alg Ed25519: ",
        "RFC 9864: EdDSA with its curve in the name, which they do not know yet",
    ),
];
