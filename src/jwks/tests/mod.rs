mod jwk;
mod key;
mod life;
mod set;
mod source;
mod waiting;
mod wycheproof;
