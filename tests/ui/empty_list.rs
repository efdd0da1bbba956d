axioms_rocket::scopes! { pub Nothing = ; }

axioms_rocket::roles! {
    pub Editor = "editor";
    pub Empty = ;
}

fn main() {}
