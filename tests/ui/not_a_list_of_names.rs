use axioms_rocket::{Any, Authenticated, Lacks, Roles};

axioms_rocket::roles! { Suspended = "suspended"; }

fn formula(_lacks: Lacks<Any<(Roles<Suspended>,)>>) {}

fn refuse(_lacks: Lacks<Authenticated>) {}

fn main() {}
