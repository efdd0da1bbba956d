axioms_rocket::claims! { pub Nothing = ""; }

axioms_rocket::claims! { pub Empty = "groups": "staff" | ""; }

axioms_rocket::claims! { pub Number = "groups": 7u8; }

axioms_rocket::claims! { pub Comma = "groups": "staff", "admins"; }

axioms_rocket::claims! { pub Open = "groups" }

fn main() {}
