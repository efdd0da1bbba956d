axioms_rocket::scopes! { pub Lire = "lire:données"; }

fn main() {}
