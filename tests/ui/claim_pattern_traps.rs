axioms_rocket::claims! { pub Underscore = "sub": starts "repo:acme_"; }

axioms_rocket::claims! { pub Digit = "sub": starts "repo:acme/api:pr/4"; }

axioms_rocket::claims! { pub Host = "sub": ends "-prod"; }

fn main() {}
