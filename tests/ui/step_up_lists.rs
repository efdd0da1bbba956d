axioms_rocket::acrs! { pub Nothing = ; }

axioms_rocket::acrs! { pub Empty = "phr" | ""; }

axioms_rocket::acrs! { pub TwoInOne = "phr mfa"; }

axioms_rocket::acrs! { pub Accent = "\u{e9}"; }

axioms_rocket::acrs! { pub Quoted = "a\"b"; }

axioms_rocket::acrs! { pub Implied = "mfa" implied by "phr"; }

axioms_rocket::amrs! { pub Empty2 = ""; }

axioms_rocket::amrs! { Commas = "otp", "hwk"; }

axioms_rocket::actors! { pub Empty3 = ""; }

axioms_rocket::actors! {}

fn main() {}
