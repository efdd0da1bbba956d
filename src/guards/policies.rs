//! The policies of this crate as guards.

use rocket::http::Method;
use rocket::request::FromRequest;
use rocket::{Ignite, Request, Rocket, Sentinel};

use super::authorize::{GuardFuture, authorize};
use super::guard::{Guard, declaration_with_error};
use crate::error::AuthError;
use crate::policy::{
    Acr, AcrList, ActedBy, ActorList, All, Amr, AmrList, Any, Authenticated, Claim, ClaimList,
    Decision, Direct, IssuedBy, IssuerName, Lacks, MaxAuthAge, NameList, PermissionList,
    Permissions, Policies, Policy, Require, Requirement, RoleList, Roles, ScopeList, Scopes,
    decide,
};
use crate::request::{Axioms, abort_without_fairing, probed};
use crate::token::ValidToken;

macro_rules! guards {
    ($(
        $guard:ident $(<$($inner:ident: $bound:ident),+>)? $([$number:ident: $type:ty])?;
    )+) => {$(
        impl<'r, $($($inner: $bound),+)? $(const $number: $type)?> FromRequest<'r>
            for $guard$(<$($inner),+>)? $(<$number>)?
        {
            type Error = AuthError;

            fn from_request<'q, 'a>(request: &'r Request<'q>) -> GuardFuture<'a, Self>
            where
                'r: 'a,
                'q: 'a,
                Self: 'a,
            {
                authorize::<Self, Self>(request, Self::granted)
            }
        }

        impl<$($($inner: $bound),+)? $(const $number: $type)?> Sentinel
            for $guard$(<$($inner),+>)? $(<$number>)?
        {
            fn abort(rocket: &Rocket<Ignite>) -> bool {
                probed(rocket, declaration_with_error::<Self, AuthError>).unwrap_or_else(|| {
                    abort_for(rocket, stringify!($guard), &<Self as Policy>::requirement())
                })
            }
        }

        impl<$($($inner: $bound),+)? $(const $number: $type)?> Guard
            for $guard$(<$($inner),+>)? $(<$number>)?
        {
            fn requirement() -> Requirement {
                <Self as Policy>::requirement().of_token()
            }

            fn skips(_: Method, safe: bool) -> bool {
                safe
            }

            fn decision() -> Option<fn(&ValidToken) -> Decision> {
                Some(decide::<Self>)
            }

            fn aborts(rocket: &Rocket<Ignite>, guard: &str) -> bool {
                abort_for(rocket, guard, &<Self as Policy>::requirement())
            }
        }
    )+};
}

guards! {
    Authenticated;
    Scopes<S: ScopeList>;
    Roles<R: RoleList>;
    Permissions<P: PermissionList>;
    Lacks<P: NameList>;
    Claim<C: ClaimList>;
    Acr<A: AcrList>;
    Amr<A: AmrList>;
    MaxAuthAge[SECONDS: u64];
    Direct;
    ActedBy<C: ActorList>;
    Any<T: Policies>;
    All<T: Policies>;
    Require<P: Policy>;
    IssuedBy<I: IssuerName, P: Policy>;
}

/// Aborts the launch without the fairing, and for an issuer that is not configured.
pub(super) fn abort_for(rocket: &Rocket<Ignite>, guard: &str, requirement: &Requirement) -> bool {
    if abort_without_fairing(rocket, guard) {
        return true;
    }
    let Some(protection) = rocket.state::<Axioms>() else {
        return true;
    };
    let names = || {
        protection
            .verifier
            .issuers()
            .iter()
            .filter_map(|issuer| issuer.name.as_deref())
    };
    // A source may know it later.
    if protection.verifier.run_time().is_some() {
        return false;
    }
    let unknown: Vec<&str> = requirement
        .issuers()
        .into_iter()
        .filter(|name| !names().any(|known| known == *name))
        .collect();
    for name in &unknown {
        let known: Vec<&str> = names().collect();
        tracing::error!(
            "a route is guarded by `{guard}` for tokens of issuer \"{name}\", \
             but no entry of `issuers` has that name; known: {known:?}"
        );
    }
    !unknown.is_empty()
}
