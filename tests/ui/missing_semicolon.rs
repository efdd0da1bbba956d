axioms_rocket::scopes! { pub Read = "read" | "read:all" }

axioms_rocket::roles! { pub Editor = "editor" }

axioms_rocket::permissions! { pub Create = "sample:create" }

axioms_rocket::methods! { pub Reads = Get | Head }

axioms_rocket::issuers! { pub Staff = "staff" }

fn main() {}
