axioms_rocket::scopes! { pub Quoted = "openid" | "\"profile\""; }

axioms_rocket::scopes! { pub Backslash = "read\\all"; }

fn main() {}
