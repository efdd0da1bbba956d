//! The representation of claims in `ValidToken<C>`.

use serde::de::DeserializeOwned;
use std::sync::Arc;

use super::typed::{Misfit, read_claims};
use super::view::Claims;

/// A type that `ValidToken<C>` can hold the claims in: [`Claims`], and every type that is
/// `serde::Deserialize` without borrowing.
///
/// It is sealed: derive `Deserialize`, and the type has it.
///
/// ```
/// use axioms_rocket::{TokenClaims, ValidToken};
///
/// fn issuer<C: TokenClaims>(token: &ValidToken<C>) -> Option<&str> {
///     token.issuer()
/// }
/// # let claims = serde_json::json!({ "iss": "https://a.test" });
/// # let token = axioms_rocket::testing::token_with(claims);
/// # assert_eq!(issuer(&token), Some("https://a.test"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the claims of a token",
    label = "not `serde::Deserialize`, or it borrows",
    note = "derive it: `#[derive(serde::Deserialize)]`, with owned fields (`String`, not `&str`)"
)]
pub trait TokenClaims: sealed::Hold {}

impl TokenClaims for Claims {}

impl<C: DeserializeOwned + Send + Sync + 'static> TokenClaims for C {}

mod sealed {
    use super::{Claims, Misfit};

    pub trait Hold: Sized + Send + Sync + 'static {
        type Held: Clone + Send + Sync + 'static;
        fn hold(view: &Claims) -> Result<Self::Held, Misfit>;
        fn view(held: &Self::Held) -> &Claims;
        fn held(held: &Self::Held) -> &Self;
    }
}

impl sealed::Hold for Claims {
    type Held = Claims;

    fn hold(view: &Claims) -> Result<Claims, Misfit> {
        Ok(view.clone())
    }
    fn view(held: &Claims) -> &Claims {
        held
    }
    fn held(held: &Claims) -> &Claims {
        held
    }
}

impl<C: DeserializeOwned + Send + Sync + 'static> sealed::Hold for C {
    /// The view is kept beside the typed claims: all methods but `claims()` read it.
    type Held = (Claims, Arc<C>);

    fn hold(view: &Claims) -> Result<Self::Held, Misfit> {
        Ok((view.clone(), Arc::new(read_claims(view.raw())?)))
    }
    fn view((view, _): &Self::Held) -> &Claims {
        view
    }
    fn held((_, claims): &Self::Held) -> &C {
        claims
    }
}
