//! The probe: managed state of a scratch launch that asks a route's guards what they require.

use std::any::TypeId;
use std::sync::{Mutex, PoisonError};

use rocket::http::Method;
use rocket::request::Outcome;
use rocket::{Ignite, Rocket};

use crate::policy::{Decision, Requirement};
use crate::token::ValidToken;

/// Managed by a scratch launch. A guard's sentinel that finds it records its declaration, and
/// answers as the probe says.
pub(crate) struct Probe {
    aborts: bool,
    recorded: Mutex<Vec<Declaration>>,
}

impl Probe {
    /// Returns a probe whose launch aborts: Rocket then names each guard's type, file and line.
    pub(crate) fn aborting() -> Probe {
        Probe {
            aborts: true,
            recorded: Mutex::default(),
        }
    }

    /// Returns a probe that lets a sentinel ask all guards that it stands before.
    pub(crate) fn asking() -> Probe {
        Probe {
            aborts: false,
            recorded: Mutex::default(),
        }
    }

    /// Returns the declarations since the last call.
    pub(crate) fn take(&self) -> Vec<Declaration> {
        std::mem::take(&mut *self.recorded.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Records `declaration` if `rocket` is a scratch launch, and returns the sentinel's answer then.
pub(crate) fn probed(
    rocket: &Rocket<Ignite>,
    declaration: impl FnOnce() -> Declaration,
) -> Option<bool> {
    let probe = rocket.state::<Probe>()?;
    let mut recorded = probe
        .recorded
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    recorded.push(declaration());
    Some(probe.aborts)
}

/// The declaration of a guard's type.
#[derive(Debug, Clone)]
pub(crate) struct Declaration {
    pub(crate) requirement: fn() -> Requirement,
    pub(crate) for_method: ForMethod,
    /// The decision of the guard on a valid token; `None` if it depends on more than that.
    pub(crate) decide: Option<fn(&ValidToken) -> Decision>,
    /// Types around the guard whose handler gets its error. Rocket tells the type id of such a
    /// parent, but not its name.
    pub(crate) handled: Vec<TypeId>,
}

/// The requirement for a method; the flag says that `safe_methods` has it. `None`: nothing is
/// required.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ForMethod {
    Same,
    /// The guard is asked by some requests of its route only: no part of the route's requirement.
    Sometimes,
    Depends(fn(Method, bool) -> Option<Requirement>),
}

impl Declaration {
    /// Returns the declaration of a guard with one requirement for all methods.
    pub(crate) fn of_requirement(requirement: fn() -> Requirement) -> Declaration {
        Declaration {
            requirement,
            for_method: ForMethod::Same,
            decide: None,
            handled: Vec::new(),
        }
    }

    /// Returns true for a guard that some requests of its route ask.
    pub(crate) fn is_conditional(&self) -> bool {
        matches!(self.for_method, ForMethod::Sometimes)
    }

    /// Returns true for a guard that every request passes.
    pub(crate) fn is_public(&self) -> bool {
        (self.requirement)() == Requirement::Anybody
    }

    pub(crate) fn for_method(&self, method: Method, is_safe: bool) -> Option<Requirement> {
        match self.for_method {
            ForMethod::Same => Some((self.requirement)()),
            ForMethod::Sometimes => None,
            ForMethod::Depends(for_method) => for_method(method, is_safe),
        }
    }
}

/// Returns `Result<G, E>` and `Outcome<G, E>`, which are guards if `G` is one that fails with `E`.
pub(crate) fn handled<G: 'static, E: 'static>() -> Vec<TypeId> {
    vec![TypeId::of::<Result<G, E>>(), TypeId::of::<Outcome<G, E>>()]
}
