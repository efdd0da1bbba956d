pub(crate) mod jwk;
mod key;
mod rfc;
mod wycheproof;
