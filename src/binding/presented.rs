//! The credentials of a request, before any check.

/// The credentials of one request.
pub(crate) struct Presented<'r> {
    pub(crate) credential: Credential<'r>,
}

/// A credential, by the scheme under which it came.
#[derive(Clone, Copy)]
pub(crate) enum Credential<'r> {
    /// An access token under the scheme `Bearer` (RFC 6750 §2.1).
    Bearer(&'r str),
}

impl<'r> Presented<'r> {
    /// Returns the credentials of a request with this bearer token.
    pub(crate) fn bearer(token: &'r str) -> Presented<'r> {
        Presented {
            credential: Credential::Bearer(token),
        }
    }

    /// Returns the access token.
    pub(crate) fn token(&self) -> &'r str {
        match self.credential {
            Credential::Bearer(token) => token,
        }
    }
}
