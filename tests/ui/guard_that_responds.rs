use axioms_rocket::{AuthError, ValidToken};
use rocket::request::{FromRequest, Outcome, Request};

struct CurrentUser;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for CurrentUser {
    type Error = AuthError;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthError> {
        request.guard::<ValidToken>().await.map(|_| CurrentUser)
    }
}

impl<'r> rocket::response::Responder<'r, 'static> for CurrentUser {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        Err(rocket::http::Status::Ok)
    }
}

axioms_rocket::guard! { CurrentUser = ValidToken; }

fn main() {}
