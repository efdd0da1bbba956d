axioms_rocket::scopes! { pub Read = "read" | ""; }

axioms_rocket::roles! { pub Editor = ""; }

axioms_rocket::permissions! { pub Create = "sample:create" | "" | "sample:update"; }

fn main() {}
