axioms_rocket::scopes! { pub Read = "files:read" implied by "files write"; }

axioms_rocket::roles! { pub Reader = "reader" implied by ""; }

axioms_rocket::permissions! { pub See = "see" | "list" implied by "all" | "list"; }

axioms_rocket::scopes! { pub Nothing = "files:read" implied by ; }

axioms_rocket::scopes! { pub Joined = "files:read" implied_by "files:*"; }

axioms_rocket::scopes! { pub NoName = implied by "files:*"; }

fn main() {}
