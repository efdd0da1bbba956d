axioms_rocket::methods! { pub Reads = Get | Fetch; }

axioms_rocket::methods! { pub Shouting = GET; }

fn main() {}
