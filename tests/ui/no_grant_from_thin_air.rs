use axioms_rocket::Scopes;

axioms_rocket::scopes! { Read = "read"; }

fn main() {
    let _: Scopes<Read> = Scopes::granted();
}
