//! The algebra of types agrees with a plain evaluator, on random tokens.
//!
//! Types cannot be random at run time, so the formulas are fixed: from each one a macro makes the
//! type and, independently of it, a tree. The tree is evaluated here from the token's JSON alone.

use std::sync::LazyLock;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    All, Any, Authenticated, ClaimKind, Decision, Lacks, Permissions, Policy, Requirement, Roles,
    Scopes, ValidToken, permissions, protect, roles, scopes,
};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::{Config as Runs, TestRunner};
use rocket::route::{Handler, Outcome, Route};
use rocket::serde::json::{Value, json};
use rocket::{Data, Request, get, routes};

use crate::authorization::guarded;
use crate::support::{App, offline};

scopes! { pub S0 = "a"; pub S1 = "b" | "c"; pub S2 = "a" implied by "d"; }
roles! { pub R0 = "a"; pub R1 = "b" | "c"; pub R2 = "c" | "d" implied by "e"; }
permissions! { pub P0 = "a"; pub P1 = "b" implied by "d"; pub P2 = "a" | "c"; }

/// The names in tokens: those of the lists, and some that resemble them.
const NAMES: [&str; 9] = ["a", "b", "c", "d", "e", "A", "ab", "a:b", "z"];

/// A kind, its names, and those that imply them.
type List = (ClaimKind, &'static [&'static str], &'static [&'static str]);

/// A formula as a value.
#[derive(Debug, Clone)]
enum Tree {
    Someone,
    Holds(List),
    Lacks(List),
    Any(Vec<Tree>),
    All(Vec<Tree>),
}

macro_rules! list {
    (S0) => {
        (ClaimKind::Scope, &["a"], &[])
    };
    (S1) => {
        (ClaimKind::Scope, &["b", "c"], &[])
    };
    (S2) => {
        (ClaimKind::Scope, &["a"], &["d"])
    };
    (R0) => {
        (ClaimKind::Role, &["a"], &[])
    };
    (R1) => {
        (ClaimKind::Role, &["b", "c"], &[])
    };
    (R2) => {
        (ClaimKind::Role, &["c", "d"], &["e"])
    };
    (P0) => {
        (ClaimKind::Permission, &["a"], &[])
    };
    (P1) => {
        (ClaimKind::Permission, &["b"], &["d"])
    };
    (P2) => {
        (ClaimKind::Permission, &["a", "c"], &[])
    };
}

macro_rules! guard {
    (any($($part:tt $(($($inner:tt)*))?),+)) => { Any<($(guard!($part $(($($inner)*))?),)+)> };
    (all($($part:tt $(($($inner:tt)*))?),+)) => { All<($(guard!($part $(($($inner)*))?),)+)> };
    (lacks($list:tt)) => { Lacks<guard!($list)> };
    (someone) => { Authenticated };
    (S0) => { Scopes<S0> };
    (S1) => { Scopes<S1> };
    (S2) => { Scopes<S2> };
    (R0) => { Roles<R0> };
    (R1) => { Roles<R1> };
    (R2) => { Roles<R2> };
    (P0) => { Permissions<P0> };
    (P1) => { Permissions<P1> };
    (P2) => { Permissions<P2> };
}

macro_rules! tree {
    (any($($part:tt $(($($inner:tt)*))?),+)) => {
        Tree::Any(vec![$(tree!($part $(($($inner)*))?)),+])
    };
    (all($($part:tt $(($($inner:tt)*))?),+)) => {
        Tree::All(vec![$(tree!($part $(($($inner)*))?)),+])
    };
    (lacks($list:tt)) => { Tree::Lacks(list!($list)) };
    (someone) => { Tree::Someone };
    ($list:tt) => { Tree::Holds(list!($list)) };
}

/// One formula as a type and as a tree.
struct Formula {
    text: &'static str,
    tree: Tree,
    decide: fn(&ValidToken) -> Decision,
    requirement: Requirement,
    protect: fn(Vec<Route>) -> Vec<Route>,
}

macro_rules! formulas {
    ($($head:tt $(($($inner:tt)*))?;)+) => {
        vec![$({
            type Guard = guard!($head $(($($inner)*))?);
            Formula {
                text: stringify!($head $(($($inner)*))?),
                tree: tree!($head $(($($inner)*))?),
                decide: Guard::decide,
                requirement: Guard::requirement(),
                protect: protect::<Guard>,
            }
        }),+]
    };
}

static FORMULAS: LazyLock<Vec<Formula>> = LazyLock::new(|| {
    formulas! {
        S0;
        S1;
        S2;
        R0;
        R1;
        R2;
        P0;
        P1;
        P2;
        lacks(S0);
        lacks(S1);
        lacks(S2);
        lacks(R0);
        lacks(R1);
        lacks(R2);
        lacks(P0);
        lacks(P1);
        lacks(P2);
        any(S0, S1, S2, R0, R1, R2, P0, lacks(P1));
        all(someone, S2, lacks(S1), R2, lacks(R0), P2, lacks(P1), S0);
        all(S2, R2);
        any(S2);
        all(S2);
        any(R1, P1);
        all(lacks(R2), S0, S0);
        any(lacks(P0), lacks(P0));
        any(P2, R1);
        all(S0, S2, P1);
        any(P1, S1);
        any(lacks(S1), P1, P0);
        all(any(R1, P2, R2), all(someone), lacks(P2));
        all(any(lacks(P2), S2), P1);
        any(lacks(R2), any(lacks(S1)), lacks(R2));
        any(any(R0, S1, R0), lacks(P1), all(lacks(R2), P0, lacks(R2)));
        any(any(lacks(R1), R1), any(S1, lacks(S1), S2, R2), R0);
        all(any(lacks(P0), lacks(S1), S0));
        any(all(P0, P2));
        all(all(P2, P0, lacks(R0)), all(P2));
        any(any(P0, P0), lacks(S1));
        any(P0, any(R1));
        any(S1, S1, any(lacks(S0), P1), any(lacks(R0), lacks(P0), S0));
        all(R2, any(R1, P1, P2), R2);
        any(any(S0, lacks(R2), S2, lacks(P1)));
        any(any(P0, S2, P0));
        any(all(P0, S0), all(lacks(P1), lacks(P0), R0, S0), all(S0));
        all(all(S2, S2), any(lacks(S2), S0, S0, R0), S1);
        all(any(any(R1, lacks(S2)), any(S2), all(lacks(R2), P2, R2, P1)), any(lacks(R1), S2, S0),
            any(lacks(S0)));
        all(any(all(S2, lacks(S0), lacks(P0), S1), any(S1, R0, lacks(P0))));
        all(all(S1, P0), any(any(S1, P1, lacks(R1)), P2, all(R0, P0, P1), any(R0, lacks(R1))));
        any(S2, any(any(lacks(R2)), all(P0, lacks(P2))), all(lacks(R2), all(lacks(P1), lacks(P1)),
            all(R2, S1, R2, lacks(P0)), P0));
        any(all(any(R1, someone), all(R2, lacks(S2))), R2);
        all(any(lacks(R0), S1), any(any(lacks(R0), P1, P1, R2)), all(R1, P1));
        all(any(all(R2, P1), S2, any(lacks(P1), lacks(P2), S1)), P2);
        any(lacks(P2), all(any(someone, lacks(P2), R2, P1), S1, P0, any(S0, S0)));
        all(all(any(R1, lacks(P0)), R0, lacks(P1)));
        any(any(P2, lacks(R2)), all(any(P1, lacks(P2), S2)), any(lacks(R2), all(lacks(S1)), S1));
        all(any(any(R2), any(S1, R0), P1, any(lacks(P0), P0, S0, S1)), all(R2, P0),
            any(all(lacks(P1), S1, S0, R0), lacks(S0), R0));
        any(any(S2, R0, S0, P1), all(S2, R2, all(P1, lacks(P2), S0, lacks(S2))));
        any(any(all(S2, P2), any(lacks(P0), P1, lacks(P2))), all(S0, someone, R0, R0));
        all(any(S2, all(P0, S2)));
        any(R2, any(lacks(P0)), all(lacks(R1), any(S1, S0, S2, someone)));
        all(any(R1, R0), any(any(P1, S0, S1), any(S2, S2)), lacks(P2));
        any(any(all(all(lacks(R1)), any(R2, R1), all(lacks(S0), lacks(R2), S0)), P0), R2);
        any(any(lacks(R2), lacks(S2), R2), any(any(any(R0, P0, R1), all(lacks(P1), P2, S0)),
            any(all(S2, P0, P2), S1, R0)));
        any(all(any(S1, all(lacks(P2), P1, P2, R0)), all(any(lacks(R2), lacks(R0), P1),
            any(lacks(P2), lacks(R2), R1))), P1, all(P2, all(S2, all(S1, R0), any(lacks(S2), S2,
            lacks(P1)), lacks(S1))));
        any(all(all(all(S1, R1), all(S1)), lacks(P2)), any(any(P0, any(S1, P1, lacks(R2)),
            lacks(R2), any(S2)), R2, any(P1, any(P0), lacks(P0))));
        any(all(any(any(S1, R0, lacks(S2))), lacks(S2)), any(all(all(P0, lacks(P2), lacks(R2),
            lacks(S2))), P0, any(all(S0, R2), lacks(S1), lacks(S2))));
        all(any(all(all(R2, lacks(R1)), any(lacks(R1), P1)), all(any(S1, lacks(P2)), all(P1))));
        any(any(any(R2, P2), all(R2)), all(any(all(S0)), lacks(P2), all(any(R2, S1, P2), R2, S2),
            any(any(S2), any(S2, P0))), R2);
        all(any(all(R2)), all(any(S1, any(R1, P1, S0, lacks(R2))), any(R0, any(lacks(S0), lacks(R1),
            lacks(S2), R0), any(someone, R1))));
        all(all(any(any(S1, lacks(S2), P0), S2, any(S0, R2, P0, someone)), any(all(lacks(P1)),
            lacks(P0), P1)));
        any(S1, all(all(all(S2, S1), R0), any(all(lacks(S0), S2), all(lacks(S2), S2)),
            any(lacks(P0), S1, lacks(P1))), lacks(P2));
        any(all(lacks(R0), S0), R2, all(all(P0, all(lacks(S1), lacks(S0), P2))));
        any(any(any(any(R2, lacks(P0), P1)), S1, R2), all(any(lacks(S2), R0, P2, S0), all(lacks(R2),
            someone), P0, any(lacks(P0), S2, S1)));
        any(P2, any(all(all(R0, P1, lacks(R2)), any(P0, lacks(P0)))), any(any(lacks(R0)), S2,
            all(lacks(R2), lacks(S1))));
        all(any(all(any(S1, lacks(S0), S2, R0)), any(any(R0, S0, lacks(R1), R1)), lacks(R2)),
            all(any(all(R2, S2), lacks(R1), any(R0, someone)), all(any(P2), R1)));
        any(all(all(S1, S2), any(all(any(R2)), S2, lacks(S0))), lacks(P0));
        all(lacks(R1), all(any(any(P2, all(P0, P0, S0)), S1), any(P2, S2), P0));
        any(any(all(any(all(R1, P0)), lacks(R1), lacks(R0), lacks(P0)), any(P2, S1, lacks(P0), R2),
            all(all(lacks(P2), P1), all(P2, lacks(P0), lacks(P2), R0), P0)));
        all(any(any(any(any(lacks(P2)), all(P0, P0, R2)), all(all(R2, lacks(R1)), R1), all(any(S0,
            lacks(S2), R1, lacks(P0)), any(P2, S2), P1, R1)), any(all(all(S2, P2, lacks(R2)), S1,
            S2))), S0);
        all(any(all(any(S2), lacks(S2)), any(any(all(R1, R0), any(R1, R0)), any(S1, lacks(S2)),
            any(lacks(P0), R1, lacks(S0)))));
        all(R1, all(any(all(R2, any(lacks(S0), someone, P2, lacks(R0)), all(P2, lacks(S1),
            lacks(P1))), S0, any(any(S1), any(lacks(R2), S1, R2, lacks(R0)), any(lacks(S0),
            lacks(R1)), S2)), S2));
        any(any(all(P1, R1, S2), all(lacks(P2), R0, P0), all(any(P2, any(lacks(S1), S1, P1), any(S1,
            lacks(R1), R0), any(lacks(R1), R2, P1)), all(R1))));
        all(any(S2, P1), all(all(all(any(lacks(S1), P1)), any(any(lacks(R1), S0, P2), someone, P1,
            lacks(R1)))));
        all(any(P1, any(all(all(P0, P1, R1, someone), someone))));
        all(all(all(any(all(lacks(S0), P0)), all(P0, P2))), any(any(lacks(P0)), lacks(S1), P2));
        any(any(all(any(all(lacks(R1), P1, P0), S1, all(P0, R1), all(S0, S1, S0, S2)), any(someone,
            P0, R2), P0), P2));
        any(all(any(R1, any(P1, lacks(R2)), all(any(S2, lacks(S1), P0, lacks(P1))), S0),
            all(lacks(R0))), lacks(R1));
        all(all(all(P1), any(R0, any(all(S1, someone), any(lacks(P2)))), any(P0, all(P0, P0),
            any(R2, lacks(R0)))));
        any(all(S0, all(R1, S0, lacks(S2), P1), all(lacks(S2), all(all(R1, R1, lacks(P2)), any(P1,
            P2, S0, P1), any(P1, P0, P2, R2))), all(P0, all(P0, S0))), S0);
    }
});

/// The claims of a token that matter here.
#[derive(Debug, Clone)]
struct Holder {
    scope: Option<Value>,
    scp: Option<Value>,
    roles: Option<Value>,
    permissions: Option<Value>,
}

impl Holder {
    fn sign(&self, issuer: &TestIssuer) -> String {
        let claims = [
            ("scope", &self.scope),
            ("scp", &self.scp),
            ("roles", &self.roles),
            ("permissions", &self.permissions),
        ];
        let token = claims
            .into_iter()
            .fold(issuer.token(), |token, (name, value)| match value {
                Some(value) => token.claim(name, value.clone()),
                None => token,
            });
        token.sign()
    }

    /// The names of one kind; `None` when there is no claim, or one that cannot be read.
    fn names(&self, kind: ClaimKind) -> Option<Vec<&str>> {
        match self.claim(kind)? {
            Value::String(text) => Some(text.split(' ').collect()),
            Value::Array(items) => items.iter().map(Value::as_str).collect(),
            _ => None,
        }
    }

    fn claim(&self, kind: ClaimKind) -> Option<&Value> {
        let present = |claim: &Option<Value>| claim.as_ref().is_some_and(|value| !value.is_null());
        let claim = match kind {
            ClaimKind::Scope if present(&self.scope) => &self.scope,
            ClaimKind::Scope => &self.scp,
            ClaimKind::Role => &self.roles,
            _ => &self.permissions,
        };
        claim.as_ref()
    }

    /// For a negation, one string holds each name that occurs anywhere in it, and an item of an
    /// array each of its parts.
    fn mentions(&self, kind: ClaimKind, asked: &[&str]) -> Option<bool> {
        match self.claim(kind) {
            Some(Value::String(text)) => Some(asked.iter().any(|name| text.contains(name))),
            Some(Value::Array(_)) => {
                let separators = [' ', ',', '\t', ';', '|'];
                let parts = |item: &str| item.split(separators).any(|part| asked.contains(&part));
                let items = self.names(kind)?;
                Some(self.holds(kind, asked)? || items.into_iter().any(parts))
            }
            _ => self.holds(kind, asked),
        }
    }

    fn holds(&self, kind: ClaimKind, asked: &[&str]) -> Option<bool> {
        let held = self.names(kind)?;
        Some(held.iter().any(|name| asked.contains(name)))
    }

    fn satisfies(&self, tree: &Tree) -> bool {
        match tree {
            Tree::Someone => true,
            Tree::Holds(list) => self.holds(list.0, &names(list)) == Some(true),
            Tree::Lacks(list) => self.mentions(list.0, &names(list)) == Some(false),
            Tree::Any(parts) => parts.iter().any(|part| self.satisfies(part)),
            Tree::All(parts) => parts.iter().all(|part| self.satisfies(part)),
        }
    }
}

/// All names of a list, whatever they are for.
fn names((_, names, implied_by): &List) -> Vec<&'static str> {
    [*names, *implied_by].concat()
}

fn holders() -> impl Strategy<Value = Holder> {
    (claim(), claim(), claim(), claim()).prop_map(|(scope, scp, roles, permissions)| Holder {
        scope,
        scp,
        roles,
        permissions,
    })
}

/// A claim: absent, of a type that holds names, or of one that does not.
fn claim() -> impl Strategy<Value = Option<Value>> {
    let names = || vec(select(&NAMES[..]), 0..5);
    prop_oneof![
        2 => Just(None),
        1 => Just(Some(Value::Null)),
        6 => names().prop_map(|names| Some(json!(names))),
        6 => names().prop_map(|names| Some(json!(names.join(" ")))),
        // Unexpected spaces, and names that contain a space.
        1 => names().prop_map(|names| Some(json!(format!("  {} ", names.join("  "))))),
        1 => names().prop_map(|names| Some(json!([names.join(" ")]))),
        1 => names().prop_map(|names| Some(json!(names.join(",")))),
        1 => any::<i32>().prop_map(|number| Some(json!(number))),
        1 => any::<bool>().prop_map(|boolean| Some(json!(boolean))),
        1 => names().prop_map(|names| Some(json!({ "a": names }))),
        1 => names().prop_map(|names| Some(json!([names]))),
        1 => names().prop_map(|names| Some(json!([names, "a", 1]))),
    ]
}

/// The decision of each formula, one letter each; `!` where the value answers otherwise.
#[get("/decisions")]
fn decisions(token: ValidToken) -> String {
    FORMULAS
        .iter()
        .map(|formula| {
            let decision = (formula.decide)(&token);
            if formula.requirement.decide(Some(&token)) != Some(decision)
                || formula.requirement.decide(None) != Some(Decision::Deny)
            {
                '!'
            } else if decision == Decision::Allow {
                'y'
            } else {
                'n'
            }
        })
        .collect()
}

#[derive(Clone)]
struct Passed;

#[rocket::async_trait]
impl Handler for Passed {
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> Outcome<'r> {
        Outcome::from(request, "passed")
    }
}

/// One route per formula, guarded by it, and one that evaluates all of them.
fn app(issuer: &TestIssuer) -> App {
    let mut routes = routes![decisions];
    for (index, formula) in FORMULAS.iter().enumerate() {
        routes.extend((formula.protect)(vec![Route::new(
            rocket::http::Method::Get,
            &format!("/{index}"),
            Passed,
        )]));
    }
    guarded(issuer, routes)
}

#[test]
fn the_types_agree_with_a_plain_evaluator() {
    let issuer = offline();
    let app = app(&issuer);
    let mut runner = TestRunner::new(Runs {
        cases: 400,
        failure_persistence: None,
        ..Runs::default()
    });
    let outcome = runner.run(&(holders(), 0..FORMULAS.len()), |(holder, index)| {
        let token = holder.sign(&issuer);
        let answer = app.get("/decisions", &token);
        prop_assert_eq!(answer.status, 200, "{:?}", answer);
        prop_assert_eq!(answer.body.len(), FORMULAS.len());
        for (formula, decision) in FORMULAS.iter().zip(answer.body.chars()) {
            let expected = holder.satisfies(&formula.tree);
            prop_assert_eq!(
                decision,
                if expected { 'y' } else { 'n' },
                "{} of {:?}",
                formula.text,
                holder
            );
        }
        // The guard of one of them, with a token that is now cached.
        let formula = &FORMULAS[index];
        let answer = app.get(&format!("/{index}"), &token);
        let expected = if holder.satisfies(&formula.tree) {
            200
        } else {
            403
        };
        prop_assert_eq!(answer.status, expected, "{} of {:?}", formula.text, holder);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn each_formula_divides_the_tokens() {
    // The property above would hold of formulas that are always true, too.
    let mut runner = TestRunner::deterministic();
    let mut tokens = Vec::new();
    for _ in 0..2000 {
        tokens.push(proptest::strategy::ValueTree::current(
            &holders().new_tree(&mut runner).unwrap(),
        ));
    }
    for formula in FORMULAS.iter() {
        let allowed = tokens
            .iter()
            .filter(|holder| holder.satisfies(&formula.tree))
            .count();
        assert!(
            (1..tokens.len()).contains(&allowed),
            "{} allows {allowed} of {}",
            formula.text,
            tokens.len()
        );
    }
}

/// The requirement of the tree.
fn requirement(tree: &Tree) -> Requirement {
    match tree {
        Tree::Someone => Requirement::All(Vec::new()),
        Tree::Holds((kind, names, [])) => Requirement::AnyOf(*kind, names),
        Tree::Holds((kind, names, implied_by)) => Requirement::Implied {
            kind: *kind,
            names,
            implied_by,
        },
        Tree::Lacks(list) => Requirement::Lacks(Box::new(requirement(&Tree::Holds(*list)))),
        Tree::Any(parts) => Requirement::Any(parts.iter().map(requirement).collect()),
        Tree::All(parts) => Requirement::All(parts.iter().map(requirement).collect()),
    }
}

#[test]
fn each_formula_says_what_it_asks() {
    for formula in FORMULAS.iter() {
        assert_eq!(
            formula.requirement,
            requirement(&formula.tree),
            "{}",
            formula.text
        );
    }
}

#[test]
fn the_formulas_are_many_and_some_are_deep() {
    fn depth(tree: &Tree) -> usize {
        match tree {
            Tree::Someone | Tree::Holds(_) | Tree::Lacks(_) => 0,
            Tree::Any(parts) | Tree::All(parts) => 1 + parts.iter().map(depth).max().unwrap_or(0),
        }
    }
    let mut depths = [0; 6];
    FORMULAS
        .iter()
        .for_each(|formula| depths[depth(&formula.tree)] += 1);
    assert!(depths.iter().all(|formulas| *formulas >= 5), "{depths:?}");
    assert!(FORMULAS.len() >= 64, "{}", FORMULAS.len());
}
