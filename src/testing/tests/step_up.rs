//! The outlook of formulas with step-up, compared with a plain reading of them.

use std::time::{SystemTime, UNIX_EPOCH};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::{Config as Runs, TestRunner};
use serde_json::json;

use crate::policy::{ClaimKind, Decision, Requirement};
use crate::testing::token_with;
use crate::token::ValidToken;

const LEVELS: [&str; 4] = ["a", "b", "c", "z"];
const LISTS: [&[&str]; 6] = [
    &["a"],
    &["b", "a"],
    &["c"],
    &["a", "c", "b"],
    &["c", "b"],
    &["x"],
];
const ROLES: [&[&str]; 3] = [&["r"], &["s"], &["r", "s"]];

const HELD: [&[&str]; 3] = [&[], &["r"], &["s"]];

/// A user with an authentication.
#[derive(Debug, Clone, Copy)]
struct User {
    acr: Option<&'static str>,
    has_method: bool,
    age: Option<u64>,
    roles: &'static [&'static str],
}

impl User {
    fn token(self) -> ValidToken {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        token_with(json!({
            "roles": self.roles,
            "acr": self.acr,
            "amr": self.has_method.then_some(["pwd", "m"]),
            "auth_time": self.age.map(|age| now.as_secs() - age),
        }))
    }

    /// The plain reading of a formula.
    fn meets(self, requirement: &Requirement) -> bool {
        match requirement {
            Requirement::Acr(names) => self.acr.is_some_and(|acr| names.contains(&acr)),
            Requirement::Amr(_) => self.has_method,
            // With the leeway of 30 s.
            Requirement::MaxAuthAge(most) => self.age.is_some_and(|age| age < most + 30),
            Requirement::AnyOf(_, names) => names.iter().any(|name| self.roles.contains(name)),
            Requirement::All(parts) => parts.iter().all(|part| self.meets(part)),
            Requirement::Any(parts) => parts.iter().any(|part| self.meets(part)),
            other => unreachable!("{other}"),
        }
    }

    /// Each authentication that the user could have next.
    fn again(self) -> impl Iterator<Item = User> {
        let levels = LEVELS.into_iter().chain(["x"]).map(Some).chain([self.acr]);
        levels.map(move |acr| User {
            acr,
            has_method: true,
            age: Some(0),
            ..self
        })
    }
}

fn users() -> impl Strategy<Value = User> {
    let acr = prop_oneof![1 => Just(None), 4 => select(&LEVELS[..]).prop_map(Some)];
    let age = select(&[None, Some(10), Some(150), Some(1000)][..]);
    let roles = select(&HELD[..]);
    (acr, any::<bool>(), age, roles).prop_map(|(acr, has_method, age, roles)| User {
        acr,
        has_method,
        age,
        roles,
    })
}

fn formulas() -> impl Strategy<Value = Requirement> {
    let leaf = prop_oneof![
        4 => select(&LISTS[..]).prop_map(Requirement::Acr),
        1 => Just(Requirement::Amr(&["m"])),
        2 => select(&[60, 300][..]).prop_map(Requirement::MaxAuthAge),
        2 => select(&ROLES[..]).prop_map(|names| Requirement::AnyOf(ClaimKind::Role, names)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Requirement::All),
            vec(inner, 1..4).prop_map(Requirement::Any),
        ]
    })
}

#[test]
fn a_step_up_is_asked_for_where_one_helps_and_what_is_asked_for_helps() {
    let mut runner = TestRunner::new(Runs {
        cases: 4000,
        failure_persistence: None,
        ..Runs::default()
    });
    let mut seen = std::collections::BTreeMap::new();
    let seen_here = std::cell::RefCell::new(&mut seen);
    let outcome = runner.run(&(formulas(), users()), |(formula, user)| {
        let helps = user.again().any(|user| user.meets(&formula));
        let expected = match user.meets(&formula) {
            true => Decision::Allow,
            false if helps => Decision::StepUp,
            false => Decision::Deny,
        };
        let outlook = formula.outlook(&user.token());
        prop_assert_eq!(outlook.decision(), Some(expected), "{}", formula);
        *seen_here
            .borrow_mut()
            .entry(format!("{expected:?}"))
            .or_insert(0) += 1;
        if expected != Decision::StepUp {
            return Ok(());
        }
        let asked = outlook.step_up().unwrap();
        let levels = match &asked.acr_values {
            Some(levels) => levels.iter().copied().map(Some).collect(),
            None => vec![user.acr],
        };
        for acr in levels {
            let again = User {
                acr,
                has_method: user.has_method || asked.other_methods,
                age: asked.max_age.map(|_| 0).or(user.age),
                ..user
            };
            prop_assert_eq!(
                formula.decide(Some(&again.token())),
                Some(Decision::Allow),
                "{} asked for {:?}",
                formula,
                asked
            );
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(
        seen.len() == 3 && seen.values().all(|times| *times > 300),
        "{seen:?}"
    );
}

#[test]
fn ways_without_end_are_not_known_and_take_no_time() {
    let level = |name: &&'static [&'static str]| Requirement::Acr(name);
    let age = |seconds| Requirement::MaxAuthAge(seconds);
    let any = || Requirement::Any((1..40).map(age).chain(LISTS.iter().map(level)).collect());
    let many = Requirement::All((0..8).map(|_| any()).collect());
    let token = token_with(json!({}));
    assert_eq!(many.decide(Some(&token)), None);
    let denied = Requirement::All(vec![many, Requirement::AnyOf(ClaimKind::Role, &["r"])]);
    assert_eq!(denied.decide(Some(&token)), Some(Decision::Deny));
}
