//! Row 20.7 of docs/behaviour.md: the scopes of random formulas, against a plain reading of it.

use std::collections::BTreeSet;

use axioms_rocket::testing::token_with;
use axioms_rocket::{ClaimKind, ClaimValue, Decision, Requirement};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_assert, prop_assert_eq, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::{Config as Runs, TestRunner};
use rocket::serde::json::json;

type Names = &'static [&'static str];

/// No name is a part of another: `Lacks` finds a name anywhere in a string.
const LISTS: [Names; 7] = [
    &["a"],
    &["b", "a"],
    &["c", "d", "e"],
    &["d"],
    &["e", "c"],
    &["f", "g"],
    &["g", "b"],
];

fn lists(kind: impl Strategy<Value = ClaimKind>) -> impl Strategy<Value = Requirement> {
    let implied_by = prop_oneof![3 => Just(&[][..]), 1 => Just(&["x", "y"][..])];
    (kind, select(&LISTS[..]), implied_by).prop_map(|(kind, names, implied_by): (_, _, Names)| {
        match implied_by {
            [] => Requirement::AnyOf(kind, names),
            implied_by => Requirement::Implied {
                kind,
                names,
                implied_by,
            },
        }
    })
}

fn scope_lists() -> impl Strategy<Value = Requirement> {
    lists(Just(ClaimKind::Scope))
}

fn kinds() -> impl Strategy<Value = ClaimKind> {
    prop_oneof![
        3 => Just(ClaimKind::Scope),
        1 => Just(ClaimKind::Role),
        1 => Just(ClaimKind::Permission),
    ]
}

/// Formulas of each kind of part, five deep.
fn formulas() -> impl Strategy<Value = Requirement> {
    let leaf = prop_oneof![
        6 => lists(kinds()),
        2 => lists(kinds()).prop_map(|list| Requirement::Lacks(Box::new(list))),
        1 => Just(Requirement::All(Vec::new())),
        1 => Just(Requirement::Custom("weekdays")),
        1 => Just(Requirement::Owner(None)),
        1 => Just(Requirement::Claim("tenant", &[ClaimValue::Integer(7)])),
        1 => Just(Requirement::Anybody),
    ];
    leaf.prop_recursive(5, 48, 4, |inner| {
        prop_oneof![
            3 => vec(inner.clone(), 1..4).prop_map(Requirement::All),
            3 => vec(inner.clone(), 1..4).prop_map(Requirement::Any),
            1 => inner
                .clone()
                .prop_map(|part| Requirement::IssuedBy("staff", Box::new(part))),
            1 => inner.clone().prop_map(|part| Requirement::Optional(Box::new(part))),
            1 => inner.prop_map(|part| Requirement::Unless(vec!["GET"], Box::new(part))),
        ]
    })
}

/// Formulas of nothing but lists of scopes.
fn formulas_of_scopes() -> impl Strategy<Value = Requirement> {
    scope_lists().prop_recursive(5, 48, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Requirement::All),
            vec(inner, 1..4).prop_map(Requirement::Any),
        ]
    })
}

/// Calls `visit` for each part, and whether it is inside of `Lacks`.
fn walk(requirement: &Requirement, lacked: bool, visit: &mut dyn FnMut(&Requirement, bool)) {
    visit(requirement, lacked);
    match requirement {
        Requirement::All(parts) | Requirement::Any(parts) => {
            parts.iter().for_each(|part| walk(part, lacked, visit));
        }
        Requirement::Lacks(part) => walk(part, true, visit),
        Requirement::IssuedBy(_, part)
        | Requirement::Optional(part)
        | Requirement::Unless(_, part) => walk(part, lacked, visit),
        _ => {}
    }
}

/// The scopes of lists that are `lacked`, or that are not.
fn names(requirement: &Requirement, lacked: bool) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    walk(requirement, false, &mut |part, is_lacked| {
        if let Requirement::AnyOf(ClaimKind::Scope, names)
        | Requirement::Implied {
            kind: ClaimKind::Scope,
            names,
            ..
        } = part
            && is_lacked == lacked
        {
            found.extend(names.iter().copied());
        }
    });
    found
}

/// Runs `test` over random values, and asserts that it was no test of nothing but empty answers.
fn check<T: std::fmt::Debug>(
    values: impl Strategy<Value = T>,
    test: impl Fn(T) -> Result<bool, proptest::test_runner::TestCaseError>,
) {
    let mut runner = TestRunner::new(Runs {
        cases: 4000,
        failure_persistence: None,
        ..Runs::default()
    });
    let told = std::cell::Cell::new(0);
    let outcome = runner.run(&values, |value| {
        told.set(told.get() + u32::from(test(value)?));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(
        told.get() > 400,
        "only {} of 4000 told something",
        told.get()
    );
}

#[test]
fn row_20_7_scopes_of_any_formula_are_names_of_its_lists_each_once() {
    check(formulas(), |formula| {
        let scopes = formula.scopes();
        let distinct: BTreeSet<_> = scopes.iter().copied().collect();
        prop_assert_eq!(distinct.len(), scopes.len(), "{}", formula);
        prop_assert!(distinct.is_subset(&names(&formula, false)), "{}", formula);
        Ok(!scopes.is_empty())
    });
}

#[test]
fn row_20_7_no_name_under_lacks_is_asked_for_beside_it() {
    // At the top of a formula, where it holds for all that is beside it.
    let values = (vec(formulas(), 1..4), vec(scope_lists(), 1..3));
    check(values, |(parts, lacking)| {
        let lacks = |part: &Requirement| Requirement::Lacks(Box::new(part.clone()));
        let all = lacking.iter().map(lacks).chain(parts).collect();
        let formula = Requirement::All(all);
        let lacked = names(&Requirement::All(lacking), false);
        let scopes = formula.scopes();
        prop_assert!(
            !scopes.iter().any(|scope| lacked.contains(scope)),
            "{:?} of {}",
            scopes,
            formula
        );
        Ok(!scopes.is_empty())
    });
}

#[test]
fn row_20_7_a_token_with_just_these_scopes_opens_a_formula_of_scopes() {
    check(formulas_of_scopes(), |formula| {
        let scopes = formula.scopes();
        let token = token_with(json!({ "scope": scopes.join(" ") }));
        prop_assert_eq!(
            formula.decide(Some(&token)),
            Some(Decision::Allow),
            "{:?} of {}",
            scopes,
            formula
        );
        // Each of them is needed where all parts must hold.
        if let Requirement::All(parts) = &formula
            && parts
                .iter()
                .all(|part| matches!(part, Requirement::AnyOf(..)))
            && scopes.len() == parts.len()
        {
            for left_out in &scopes {
                let others = scopes.iter().filter(|scope| *scope != left_out);
                let others: Vec<&str> = others.copied().collect();
                let token = token_with(json!({ "scope": others.join(" ") }));
                let held = |names: &Names| names.iter().any(|name| others.contains(name));
                let passes = parts.iter().all(|part| match part {
                    Requirement::AnyOf(_, names) => held(names),
                    _ => false,
                });
                prop_assert_eq!(
                    formula.decide(Some(&token)),
                    Some(passes.into()),
                    "without {}: {}",
                    left_out,
                    formula
                );
            }
        }
        Ok(!scopes.is_empty())
    });
}

#[test]
fn row_20_7_scopes_do_not_change_when_a_formula_is_wrapped() {
    check(formulas(), |formula| {
        let scopes = formula.scopes();
        let boxed = || Box::new(formula.clone());
        for wrapped in [
            Requirement::All(vec![formula.clone()]),
            Requirement::All(vec![formula.clone(), formula.clone()]),
            Requirement::All(vec![Requirement::All(vec![]), formula.clone()]),
            Requirement::IssuedBy("staff", boxed()),
            Requirement::Optional(boxed()),
            Requirement::Unless(vec!["GET"], boxed()),
        ] {
            prop_assert_eq!(wrapped.scopes(), scopes.clone(), "{}", wrapped);
        }
        Ok(!scopes.is_empty())
    });
}
