use axioms_rocket::Claim;

axioms_rocket::roles! { Editor = "editor"; }

fn claim(_claim: Claim<Editor>) {}

fn main() {}
