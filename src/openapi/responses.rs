//! The answers to a refused request, as components of the document.

use serde_json::json;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Components, HeaderBuilder, Ref, Response};

use crate::error::Reason;
use crate::guards::FITTING_CLAIMS;
use crate::policy::Requirement;

/// The schema of the body that our catchers write.
pub(super) const ERROR: &str = "AxiomsError";

/// The component for 401.
const UNAUTHORIZED: &str = "AxiomsUnauthorized";

/// The component for 401 of routes with a step-up.
const STEP_UP: &str = "AxiomsStepUp";

/// A refusal that a route can answer.
struct Refusal {
    /// Its reasons, of one status; the first is the example.
    reasons: &'static [Reason],
    /// The key in `components.responses`.
    component: &'static str,
    description: &'static str,
    header: (&'static str, &'static str),
}

const CHALLENGE: (&str, &str) = (
    "WWW-Authenticate",
    "The challenge (RFC 6750 §3): realm, error, and the scopes to ask for",
);

const REFUSALS: [Refusal; 5] = [
    Refusal {
        reasons: &[Reason::RepeatedHeader],
        component: "AxiomsBadRequest",
        description: "The request has more than one credential",
        header: CHALLENGE,
    },
    Refusal {
        reasons: &[Reason::MissingToken, Reason::Expired],
        component: UNAUTHORIZED,
        description: "The request has no token, or one that is not valid",
        header: CHALLENGE,
    },
    Refusal {
        reasons: &[
            Reason::AuthenticationLevel,
            Reason::MissingToken,
            Reason::Expired,
        ],
        component: STEP_UP,
        description: "The user has to authenticate again (RFC 9470), or there is no valid token",
        header: (
            "WWW-Authenticate",
            "The challenge (RFC 6750 §3, RFC 9470 §3): realm, error, acr_values, max_age",
        ),
    },
    Refusal {
        reasons: &[Reason::Forbidden],
        component: "AxiomsForbidden",
        description: "The token is valid and does not allow this operation",
        header: CHALLENGE,
    },
    Refusal {
        reasons: &[Reason::KeysUnavailable],
        component: "AxiomsUnavailable",
        description: "No token can be verified at the moment",
        header: (
            "Retry-After",
            "Seconds until a retry can succeed (RFC 9110 §10.2.3)",
        ),
    },
];

/// Adds to `operation` the refusals of a route with `requirement`, except for statuses that it has.
/// They are components; `error` is the schema of their body.
pub(super) fn add_refusals(
    operation: &mut Operation,
    requirement: &Requirement,
    components: &mut Components,
    error: Option<&str>,
) {
    // Of a rule in words alone it is not known what it answers.
    if !requirement.is_about_tokens() {
        return;
    }
    let denies = can_deny(requirement);
    let other_401 = match requirement.asks_to_step_up() {
        true => UNAUTHORIZED,
        false => STEP_UP,
    };
    for refusal in REFUSALS
        .iter()
        .filter(|refusal| refusal.component != other_401)
    {
        let status = refusal.status();
        let responses = &mut operation.responses.responses;
        if responses.contains_key(&status) || (status == "403" && !denies) {
            continue;
        }
        let reference = Ref::from_response_name(refusal.component);
        responses.insert(status, reference.into());
        if !components.responses.contains_key(refusal.component) {
            let response = refusal.response(error.unwrap_or(ERROR));
            let name = refusal.component.to_owned();
            components.responses.insert(name, response.into());
        }
        if error.is_none() && !components.schemas.contains_key(ERROR) {
            components.schemas.insert(ERROR.to_owned(), schema().into());
        }
    }
}

/// Returns true if a valid token can be refused.
fn can_deny(requirement: &Requirement) -> bool {
    match requirement {
        Requirement::All(parts) => parts.iter().any(can_deny),
        Requirement::Any(parts) => parts.iter().all(can_deny),
        Requirement::Optional(part) | Requirement::Unless(_, part) => can_deny(part),
        Requirement::Acr(_) | Requirement::Amr(_) | Requirement::MaxAuthAge(_) => false,
        Requirement::Anybody | Requirement::Custom(FITTING_CLAIMS) => false,
        Requirement::AnyOf(..)
        | Requirement::Implied { .. }
        | Requirement::Lacks(_)
        | Requirement::Claim(..)
        | Requirement::Direct
        | Requirement::ActedBy(_)
        | Requirement::IssuedBy(..)
        | Requirement::Owner(_)
        | Requirement::Custom(_) => true,
    }
}

impl Refusal {
    fn status(&self) -> String {
        let status = self.reasons.first().map(|reason| reason.words().status);
        status.map_or_else(String::new, |status| status.code.to_string())
    }

    fn response(&self, error: &str) -> Response {
        let (name, description) = self.header;
        let kind = match name {
            "Retry-After" => Type::Integer,
            _ => Type::String,
        };
        let header = HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(kind)))
            .description(Some(description));
        let words = || self.reasons.iter().map(|reason| reason.words());
        let codes: Vec<String> = words().map(|words| format!("`{}`", words.code)).collect();
        let example = words().next().filter(|_| error == ERROR);
        let example = example
            .map(|words| json!({ "error": words.code, "error_description": words.description }));
        let body = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(error)))
            .example(example);
        ResponseBuilder::new()
            .description(format!("{}: {}.", self.description, codes.join(" or ")))
            .header(name, header.build())
            .content("application/json", body.build())
            .build()
    }
}

/// The body of our catchers.
fn schema() -> Schema {
    let text = |description: &str| {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(description))
    };
    ObjectBuilder::new()
        .description(Some("The body of a refusal."))
        .property("error", text("The code of the refusal."))
        .property("error_description", text("A text for people."))
        .required("error")
        .required("error_description")
        .into()
}
