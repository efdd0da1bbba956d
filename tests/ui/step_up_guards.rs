use axioms_rocket::{Acr, ActedBy, Amr, Lacks};

axioms_rocket::acrs! { Strong = "phr"; }
axioms_rocket::amrs! { Otp = "otp"; }

fn methods(_methods: Amr<Strong>) {}

fn level(_level: Acr<Otp>) {}

fn actor(_actor: ActedBy<Strong>) {}

fn lacks(_lacks: Lacks<Acr<Strong>>) {}

fn main() {}
