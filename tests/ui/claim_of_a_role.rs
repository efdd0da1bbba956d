use axioms_rocket::{Claim, Owned, OwnedOr, Roles};

axioms_rocket::roles! { Editor = "editor"; }

fn claim(_claim: Claim<Editor>) {}

fn owned(_owned: OwnedOr<Owned<String>, Editor>) {}

fn main() {}
