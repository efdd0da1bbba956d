//! The access table of the application of sixty routes for eight personas: dispatched, computed,
//! and with each route changed.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::catch_unwind;

use axioms_rocket::testing::{AccessTable, AccessTableBuilder, Persona, TestIssuer};
use axioms_rocket::{Always, Permissions, permissions, protect};
use rocket::Route;
use rocket::local::blocking::Client;
use rocket::serde::json::{Value, json};

use crate::sixty_routes::{Mutant, config, fairing, fairing_with, mounted, mutants, routes};
use crate::support::{offline, rocket};

permissions! { Never = "granted to no one"; }

fn personas(issuer: &TestIssuer) -> AccessTableBuilder<'_> {
    let token = || issuer.token();
    let alice = Persona::alice(issuer).claim("groups", json!(["staff"]));
    AccessTable::builder([
        Persona::guest(),
        Persona::expired(issuer),
        Persona::bob(issuer).roles([""; 0]),
        Persona::new(
            "reader",
            token().scopes(["notes:read"]).claim("tenant", "acme"),
        ),
        Persona::new(
            "writer",
            token()
                .scopes(["notes:write", "files:*"])
                .roles(["editor"])
                .permissions(["notes:create"]),
        ),
        alice.scopes(["notes:list"]),
        Persona::new(
            "suspended",
            token()
                .scopes(["files:read"])
                .roles(["editor", "suspended"]),
        ),
        Persona::new(
            "root",
            token()
                .scopes(["notes:read", "notes:write"])
                .roles(["admin"]),
        ),
    ])
    .parameter("_id", "7")
    .parameter("path", "cors.md")
}

fn launch(issuer: &TestIssuer, routes: Vec<(&'static str, Route)>) -> Client {
    let app = mounted(rocket(fairing(issuer)), routes);
    Client::untracked(app).expect("the application starts")
}

/// Returns the rows of a table, without its head.
fn rows(table: &AccessTable) -> Vec<String> {
    let table = table.to_string();
    table.lines().skip(2).map(str::to_owned).collect()
}

#[test]
fn row_20_11_both_tables_agree_on_sixty_routes_and_eight_personas() {
    let issuer = offline();
    let client = launch(&issuer, routes());
    let access = personas(&issuer);
    let dispatched = access.dispatched(&client);
    let computed = access.computed(client.rocket());
    assert_eq!(rows(&dispatched).len(), 60);
    let compared = catch_unwind(|| dispatched.assert_agrees_with(&computed));
    let message = compared.expect_err("two routes cannot agree");
    let message = message.downcast_ref::<String>().expect("a text");
    let routes: BTreeSet<&str> = message
        .lines()
        .skip(1)
        .map(|line| line.split(": ").next().unwrap_or_default().trim())
        .collect();
    // A route that another one hides, and a guard that Rocket does not show: the comparison is what
    // finds them. All cells of the 58 others agree.
    let expected = ["GET /free/ranked (second)", "GET /free/unseen"];
    assert_eq!(
        routes.into_iter().collect::<Vec<_>>(),
        expected,
        "{message}"
    );
}

/// Each route once behind one more guard, which no persona passes.
#[test]
fn row_20_11_a_changed_guard_changes_exactly_its_cells() {
    let issuer = offline();
    let access = personas(&issuer);
    let client = launch(&issuer, routes());
    let before = rows(&access.computed(client.rocket()));
    let answered = rows(&access.dispatched(&client));
    let mut seen = BTreeSet::new();
    for index in 0..routes().len() {
        let mut mutant = routes();
        let (_, route) = &mut mutant[index];
        *route = protect::<Always<Permissions<Never>>>([route.clone()]).remove(0);
        let client = launch(&issuer, mutant);
        let changed = changes(&before, &rows(&access.computed(client.rocket())));
        let [changed] = changed[..] else {
            panic!("{index}: {changed:?}");
        };
        assert!(seen.insert(changed), "{index}: {}", before[changed]);
        let answers = changes(&answered, &rows(&access.dispatched(&client)));
        // The first of the two routes that share a path answers for both.
        let shares = |row: &usize| answered[*row].contains("/free/ranked");
        match answers[..] {
            [answer] => assert_eq!(answer, changed, "{}", answered[answer]),
            _ => assert!(
                shares(&changed) && answers.iter().all(shares),
                "{answers:?}"
            ),
        }
    }
    assert_eq!(seen.len(), 60);
}

/// Each guard once removed, and once another one: in the table, and in `scopes_supported`.
#[test]
fn row_20_11_a_removed_guard_changes_no_cells_but_its_own() {
    let issuer = offline();
    let access = personas(&issuer);
    let seen = |routes| {
        let mut config = config(&issuer);
        config.resource.identifier = Some("https://api.example.test".into());
        let app = mounted(rocket(fairing_with(config, &issuer)), routes);
        let client = Client::untracked(app).expect("the application starts");
        let mut rows = rows(&access.computed(client.rocket()));
        rows.retain(|row| !row.contains("/.well-known/"));
        let document = client.get("/.well-known/oauth-protected-resource");
        let document: Value = document.dispatch().into_json().expect("JSON");
        (rows, document["scopes_supported"].clone())
    };
    let (before, scopes) = seen(routes());
    assert_eq!(scopes, json!(["files:read", "notes:read", "notes:write"]));
    let (mut changed, mut narrower) = (BTreeMap::new(), BTreeSet::new());
    for Mutant { index, route } in mutants() {
        let mut mutant = routes();
        let name = mutant[index].1.name.clone().unwrap_or_default();
        mutant[index].1 = route;
        let (rows, left) = seen(mutant);
        let rows = changes(&before, &rows);
        assert!(rows.len() <= 1, "{name}: {rows:?}");
        changed.extend(rows.first().map(|row| (*row, name.clone())));
        if left != scopes {
            assert_eq!(left, json!(["notes:read", "notes:write"]), "{name}");
            narrower.insert(name);
        }
    }
    // The only route that asks for `files:read`.
    assert_eq!(narrower, BTreeSet::from(["implied".into()]));
    // Guards of a safe method pass unasked, so that these two have no other cells.
    let unchanged = routes().into_iter().map(|(_, route)| route.name);
    let unchanged = unchanged.filter(|name| {
        !changed
            .values()
            .any(|known| Some(&**known) == name.as_deref())
    });
    let unchanged: Vec<_> = unchanged.flatten().collect();
    assert_eq!(unchanged, ["safe", "ruled_preflight"]);
    assert_eq!(changed.len(), 58);
}

/// Returns the numbers of the rows that differ.
fn changes(before: &[String], after: &[String]) -> Vec<usize> {
    assert_eq!(before.len(), after.len());
    let rows = before.iter().zip(after).enumerate();
    let changed = rows.filter(|(_, (before, after))| before != after);
    changed.map(|(row, _)| row).collect()
}
