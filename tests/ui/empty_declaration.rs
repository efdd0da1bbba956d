axioms_rocket::permissions! {}

axioms_rocket::methods! {}

axioms_rocket::issuers! {}

fn main() {}
