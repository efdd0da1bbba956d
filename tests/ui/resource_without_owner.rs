use axioms_rocket::{Owned, ValidToken};
use rocket::get;
use rocket::request::{FromRequest, Outcome, Request};

struct Note;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Note {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Note)
    }
}

#[get("/notes/1")]
fn note(_note: Owned<Note>) {}

fn owns(token: &ValidToken) -> bool {
    token.owns(&Note).is_ok()
}

fn main() {}
