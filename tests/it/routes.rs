//! Chapter 20 of docs/behaviour.md: the report of every route.

use axioms_rocket::{AuthError, Authenticated, Optional, RouteReport, Scopes, ValidToken, protect};
use rocket::request::Outcome;
use rocket::{State, get, routes};

use crate::support::Profile;

#[get("/plain")]
fn plain(_token: ValidToken, _scope: Scopes<Profile>, _text: &State<String>) {}

type MaybeToken = Result<ValidToken, AuthError>;

#[get("/option")]
fn option(_token: Option<ValidToken>) {}
#[get("/result")]
fn result(_token: Result<ValidToken, AuthError>) {}
#[get("/alias")]
fn alias(_token: MaybeToken) {}
#[get("/outcome")]
fn outcome(_token: Outcome<Scopes<Profile>, AuthError>) {}
#[get("/optional")]
fn optional(_token: Optional<ValidToken>) {}

#[test]
fn every_way_to_name_a_guard_is_in_the_report() {
    let all = || routes![plain, option, result, alias, outcome, optional];
    let rocket = rocket::build()
        .mount("/", all())
        .mount("/group", protect::<Authenticated>(all()));
    let report = RouteReport::of(&rocket);
    let shown = |path: &str| {
        let found = report.routes().iter().find(|route| route.path() == path);
        let route = found.expect(path);
        let optional: Vec<bool> = route.guards().iter().map(|g| g.is_optional()).collect();
        let requirement = route.requirement().map(ToString::to_string);
        (optional, requirement, route.is_declared())
    };
    let words = |text: &str| Some(text.to_owned());
    let scope = "scope openid or scope profile";
    assert_eq!(shown("/plain"), (vec![false, false], words(scope), true));
    assert_eq!(shown("/option"), (vec![true], None, false));
    assert_eq!(shown("/result"), (vec![true], None, true));
    assert_eq!(shown("/alias"), (vec![true], None, true));
    assert_eq!(shown("/outcome"), (vec![true], None, true));
    let optional = words("no credentials or a valid token");
    assert_eq!(shown("/optional"), (vec![false], optional, true));
    for path in ["/group/option", "/group/result"] {
        assert_eq!(shown(path), (vec![true], words("a valid token"), true));
    }
}
