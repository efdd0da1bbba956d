use axioms_rocket::{Any, Scopes};

axioms_rocket::scopes! { Read = "read"; }

type S = Scopes<Read>;

fn nine(_any: Any<(S, S, S, S, S, S, S, S, S)>) {}

fn main() {}
