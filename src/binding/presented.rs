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
    /// An access token in the header `name` of `token_header`, in lower case.
    Header { name: &'r str, token: &'r str },
}

impl<'r> Presented<'r> {
    /// Returns the credentials of a request with this bearer token.
    pub(crate) fn bearer(token: &'r str) -> Presented<'r> {
        Presented {
            credential: Credential::Bearer(token),
        }
    }

    /// Returns the credentials of a request with this token in the header `name`.
    pub(crate) fn in_header(name: &'r str, token: &'r str) -> Presented<'r> {
        Presented {
            credential: Credential::Header { name, token },
        }
    }

    /// Returns the header that the token came in, if it is not `Authorization`.
    pub(crate) fn header(&self) -> Option<&'r str> {
        match self.credential {
            Credential::Bearer(_) => None,
            Credential::Header { name, .. } => Some(name),
        }
    }

    /// Returns the access token.
    pub(crate) fn token(&self) -> &'r str {
        match self.credential {
            Credential::Bearer(token) | Credential::Header { token, .. } => token,
        }
    }
}
