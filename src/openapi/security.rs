//! A requirement in the words of OpenAPI: alternatives of scopes, and the rest in text.

use serde_json::Value;
use utoipa::openapi::SecurityRequirement;
use utoipa::openapi::extensions::{Extensions, ExtensionsBuilder};
use utoipa::openapi::path::Operation;

use super::alternatives::Alternative;
use super::schemes::Scheme;
use crate::guards::Guard;
use crate::policy::{ClaimKind, Requirement};

/// A requirement as an operation of an OpenAPI document states it.
///
/// | of the guard | in the operation |
/// | --- | --- |
/// | scopes that must all be there | one security requirement object with these scopes |
/// | `Any`, and a list of several names | an object for each alternative |
/// | [`Optional`](crate::Optional) | the empty object beside the others: no credentials |
/// | roles and permissions | `x-required-roles` and `x-required-permissions`: each name once |
/// | everything, as a formula in words | `x-requirement`, and a line of the description |
///
/// Only scopes can be values of a security requirement object (OpenAPI 3.1 §4.8.30), so that an
/// alternative without scopes is a token alone. More than 32 alternatives become that one. A guard
/// with a requirement in words alone may read no token: then there is no security requirement.
///
/// ```
/// use axioms_rocket::{All, Any, Roles, Scopes, openapi};
///
/// axioms_rocket::scopes! { Read = "files:read"; Write = "files:write"; }
/// axioms_rocket::roles! { Editor = "editor"; }
///
/// let security = openapi::security::<Any<(All<(Scopes<Read>, Scopes<Write>)>, Roles<Editor>)>>();
/// assert_eq!(
///     serde_json::to_value(security.requirements())?,
///     serde_json::json!([{ "axioms": ["files:read", "files:write"] }, { "axioms": [] }])
/// );
/// assert_eq!(
///     security.description(),
///     "Access: `(scope files:read and scope files:write) or role editor`."
/// );
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Security {
    requirements: Vec<SecurityRequirement>,
    scopes: Vec<&'static str>,
    formula: String,
    roles: Vec<&'static str>,
    permissions: Vec<&'static str>,
}

/// Returns the security of an operation behind the guard `G`, with the scheme `axioms`: for a
/// document that is not completed from a rocket's routes by a
/// [`SecurityAddon`](super::SecurityAddon).
///
/// ```
/// use axioms_rocket::{Optional, Scopes, openapi};
/// use utoipa::openapi::path::Operation;
///
/// axioms_rocket::scopes! { Read = "files:read"; }
///
/// let mut operation = Operation::new();
/// openapi::security::<Optional<Scopes<Read>>>().apply_to(&mut operation);
/// let operation = serde_json::to_value(operation)?;
/// assert_eq!(operation["security"], serde_json::json!([{}, { "axioms": ["files:read"] }]));
/// # Ok::<_, serde_json::Error>(())
/// ```
pub fn security<G: Guard>() -> Security {
    Security::of(&G::requirement(), &[Scheme::default()])
}

impl Security {
    /// Translates `requirement`; each alternative exists once per scheme that can satisfy it.
    pub(super) fn of(requirement: &Requirement, schemes: &[Scheme]) -> Security {
        let mut requirements = Vec::new();
        for alternative in Alternative::all(requirement) {
            for requirement in alternative.under(schemes) {
                if !requirements.contains(&requirement) {
                    requirements.push(requirement);
                }
            }
        }
        Security {
            requirements,
            scopes: names(requirement, ClaimKind::Scope),
            formula: requirement.to_string(),
            roles: names(requirement, ClaimKind::Role),
            permissions: names(requirement, ClaimKind::Permission),
        }
    }

    /// The scopes that any alternative names.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &'static str> {
        self.scopes.iter().copied()
    }

    /// Returns the security requirement objects, one of which a request must satisfy, in the order
    /// of the declaration; none if the declaration does not tell whether a token is needed.
    ///
    /// ```
    /// use axioms_rocket::{Roles, openapi};
    ///
    /// axioms_rocket::roles! { Editor = "editor"; }
    ///
    /// let security = openapi::security::<Roles<Editor>>();
    /// assert_eq!(
    ///     serde_json::to_string(security.requirements())?,
    ///     r#"[{"axioms":[]}]"#
    /// );
    /// # Ok::<_, serde_json::Error>(())
    /// ```
    pub fn requirements(&self) -> &[SecurityRequirement] {
        &self.requirements
    }

    /// Returns a line of Markdown with the whole formula, for the operation's description. Names
    /// are code: no name can add markup.
    ///
    /// ```
    /// use axioms_rocket::{ValidToken, openapi};
    ///
    /// let security = openapi::security::<ValidToken>();
    /// assert_eq!(security.description(), "Access: `a valid token`.");
    /// ```
    pub fn description(&self) -> String {
        // A fence that is longer than every run of backquotes inside (CommonMark 0.31 §6.1).
        let runs = self.formula.split(|c| c != '`').map(str::len);
        let fence = "`".repeat(runs.max().unwrap_or(0) + 1);
        let space = if fence.len() > 1 { " " } else { "" };
        let formula = self.formula.replace(['\n', '\r'], " ");
        format!("Access: {fence}{space}{formula}{space}{fence}.")
    }

    /// Sets `security`, if there are requirements, and the extensions of `operation`, and adds the
    /// line to its description.
    ///
    /// | extension | value |
    /// | --- | --- |
    /// | `x-requirement` | the formula in words, as [`Requirement`](crate::Requirement) shows it |
    /// | `x-required-roles` | the names of roles in it, in order; absent if there are none |
    /// | `x-required-permissions` | the names of permissions, likewise |
    ///
    /// ```
    /// use axioms_rocket::{Permissions, openapi};
    /// use utoipa::openapi::path::Operation;
    ///
    /// axioms_rocket::permissions! { Refund = "orders:refund"; }
    ///
    /// let mut operation = Operation::new();
    /// openapi::security::<Permissions<Refund>>().apply_to(&mut operation);
    /// let operation = serde_json::to_value(operation)?;
    /// assert_eq!(operation["x-required-permissions"], serde_json::json!(["orders:refund"]));
    /// assert_eq!(operation["description"], "Access: `permission orders:refund`.");
    /// # Ok::<_, serde_json::Error>(())
    /// ```
    pub fn apply_to(&self, operation: &mut Operation) {
        operation.security = (!self.requirements.is_empty()).then(|| self.requirements.clone());
        let line = self.description();
        let description = operation.description.get_or_insert_default();
        if !description.contains(&line) {
            if !description.is_empty() {
                description.push_str("\n\n");
            }
            description.push_str(&line);
        }
        let extensions = operation.extensions.get_or_insert_default();
        extensions.merge(self.extensions());
    }

    fn extensions(&self) -> Extensions {
        let mut extensions = ExtensionsBuilder::new().add("x-requirement", self.formula.as_str());
        for (name, names) in [
            ("x-required-roles", &self.roles),
            ("x-required-permissions", &self.permissions),
        ] {
            if !names.is_empty() {
                extensions = extensions.add(name, Value::from(names.clone()));
            }
        }
        extensions.build()
    }
}

impl std::fmt::Debug for Security {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Security({})", self.formula)
    }
}

/// Returns the names of `kind` that a token may have to bring, each once.
fn names(requirement: &Requirement, kind: ClaimKind) -> Vec<&'static str> {
    let mut found = Vec::new();
    collect(requirement, kind, &mut found);
    found
}

fn collect(requirement: &Requirement, kind: ClaimKind, found: &mut Vec<&'static str>) {
    match requirement {
        Requirement::AnyOf(of, names)
        | Requirement::Implied {
            kind: of, names, ..
        } => {
            for name in names.iter().filter(|_| *of == kind) {
                if !found.contains(name) {
                    found.push(name);
                }
            }
        }
        Requirement::All(parts) | Requirement::Any(parts) => {
            parts.iter().for_each(|part| collect(part, kind, found));
        }
        Requirement::IssuedBy(_, part)
        | Requirement::Optional(part)
        | Requirement::Unless(_, part) => collect(part, kind, found),
        Requirement::Lacks(_)
        | Requirement::Claim(..)
        | Requirement::Acr(_)
        | Requirement::Amr(_)
        | Requirement::MaxAuthAge(_)
        | Requirement::Direct
        | Requirement::ActedBy(_)
        | Requirement::Owner(_)
        | Requirement::Anybody
        | Requirement::Custom(_) => {}
    }
}
