use axioms_rocket::{Any, Lacks, Require, Scopes};

axioms_rocket::scopes! { Read = "read"; }
axioms_rocket::roles! { Editor = "editor"; }

fn any(_any: Any<(Scopes<Read>, Editor)>) {}

fn without_a_tuple(_any: Any<Scopes<Read>>) {}

fn lacks(_lacks: Lacks<Editor>) {}

fn require(_require: Require<Read>) {}

fn main() {}
