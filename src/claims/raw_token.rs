//! The text of a token and of its claims.

/// A token's text, if it is to be known again, and behind it the claims: one allocation, since giving back the memory of tokens that
/// nobody uses is what keeping new ones costs.
#[repr(C)] // What each request looks at first: see `Verified`.
pub(crate) struct RawToken {
    text: Box<str>,
    /// Where the claims begin.
    start: usize,
}

impl RawToken {
    /// `raw` must have been read by [`ClaimSelector::select`](super::ClaimSelector::select), which admits nothing that a tree of it would not. `token`
    /// is its token, or nothing.
    pub(crate) fn new(raw: &str, token: &str) -> RawToken {
        RawToken {
            text: [token, raw].concat().into(),
            start: token.len(),
        }
    }

    /// The token, if it was told. As octets: to look whether a character begins where it ends would wait for memory before anything
    /// is compared.
    pub(crate) fn token(&self) -> &[u8] {
        self.text.as_bytes().get(..self.start).unwrap_or_default()
    }

    /// The claims as the token carried them.
    pub(crate) fn raw(&self) -> &str {
        self.text.get(self.start..).unwrap_or_default()
    }

    /// Bytes on the heap.
    pub(crate) fn weight(&self) -> usize {
        self.text.len()
    }
}
