mod jwk;
mod key;
mod life;
mod rfc;
mod set;
mod source;
mod waiting;
mod wycheproof;
