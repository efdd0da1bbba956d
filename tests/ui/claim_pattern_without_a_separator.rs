axioms_rocket::claims! { pub Repository = "sub": starts "repo:acme"; }

axioms_rocket::claims! { pub Dash = "sub": "robot" | starts "repo:acme-"; }

axioms_rocket::claims! { pub Mail = "email": ends "acme.com"; }

axioms_rocket::claims! { pub Accent = "name": starts "caf\u{e9}"; }

axioms_rocket::claims! { pub Nothing = "sub": starts ""; }

axioms_rocket::claims! { pub Both = "sub": starts "repo:" ends "/api"; }

axioms_rocket::claims! { pub Contains = "sub": contains "/acme/"; }

fn main() {}
