//! The example `quickstart`: each printed command has the printed result.

use std::collections::BTreeMap;

use crate::program::{Quickstart, Stream, http_client};

/// `curl -i -X METHOD[ -H "Authorization: Bearer $WHO"] URL -w '\nexpected STATUS, got
/// %{http_code}\n'`
struct CurlCommand<'a> {
    method: &'a str,
    who: Option<&'a str>,
    url: &'a str,
    status: u16,
}

impl CurlCommand<'_> {
    fn parse(line: &str) -> Option<CurlCommand<'_>> {
        let rest = line.strip_prefix("curl -i -X ")?;
        let (method, rest) = rest.split_once(' ')?;
        let (who, rest) = match rest.strip_prefix("-H \"Authorization: Bearer $") {
            Some(rest) => rest
                .split_once("\" ")
                .map(|(who, rest)| (Some(who), rest))?,
            None => (None, rest),
        };
        let (url, rest) = rest.split_once(" -w '\\nexpected ")?;
        let status = rest.strip_suffix(", got %{http_code}\\n'")?.parse().ok()?;
        Some(CurlCommand {
            method,
            who,
            url,
            status,
        })
    }
}

#[tokio::test]
async fn every_printed_curl_command_has_its_expected_status() {
    let quickstart = Quickstart::start(&[]);
    let printed: Vec<&str> = quickstart
        .program
        .output
        .iter()
        .filter(|(stream, _)| *stream == Stream::Out)
        .map(|(_, line)| &**line)
        .collect();
    let variables: BTreeMap<&str, &str> = printed
        .iter()
        .filter_map(|line| line.split_once("=ey"))
        .collect();
    assert_eq!(
        variables.keys().copied().collect::<Vec<_>>(),
        ["ALICE", "BOB", "CAROL"]
    );

    let client = http_client(None);
    let mut answers = BTreeMap::new();
    for line in printed.iter().filter(|line| line.contains("curl")) {
        let CurlCommand {
            method,
            who,
            url,
            status,
        } = CurlCommand::parse(line).unwrap_or_else(|| panic!("cannot parse: {line}"));
        assert!(url.starts_with(&format!("{}/", quickstart.url)), "{line}");
        let mut request = client.request(method.parse().expect("a method"), url);
        if let Some(who) = who {
            request = request.header("Authorization", format!("Bearer ey{}", variables[who]));
        }
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), status, "{line}");
        assert_eq!(
            response.headers()["content-type"],
            "application/json",
            "{line}"
        );
        answers
            .entry((who.unwrap_or("none"), status))
            .and_modify(|count| *count += 1)
            .or_insert(1);
    }
    let expected = [
        (("ALICE", 200), 5),
        (("BOB", 200), 2),
        (("BOB", 403), 2),
        (("CAROL", 200), 1),
        (("CAROL", 401), 1),
        (("none", 200), 1),
        (("none", 401), 2),
    ];
    assert_eq!(answers, BTreeMap::from(expected));
}

#[test]
fn it_warns_that_its_issuer_is_for_development_only() {
    let quickstart = Quickstart::start(&[]);
    let printed = |text: &str| {
        quickstart
            .program
            .output
            .iter()
            .any(|(_, line)| line.contains(text))
    };
    assert!(printed(
        "*** FOR DEVELOPMENT ONLY: tokens come from an embedded issuer, http://127.0.0.1:"
    ));
    assert!(printed(
        "Set AXIOMS_ISS_URL and AXIOMS_AUDIENCE to trust a real server."
    ));
}

#[tokio::test]
async fn with_a_configured_issuer_it_embeds_none() {
    let issuer = axioms_rocket::testing::TestIssuer::start();
    let variables = [
        ("AXIOMS_ISS_URL", issuer.url()),
        ("AXIOMS_AUDIENCE", issuer.audience()),
    ];
    let quickstart = Quickstart::start(&variables);
    assert!(
        !quickstart
            .program
            .output
            .iter()
            .any(|(_, line)| line.contains("DEVELOPMENT") || line.contains("curl"))
    );
    let client = http_client(None);
    let token = issuer.token().scope("profile").sign();
    let private = format!("{}/private", quickstart.url);
    let response = client
        .get(&private)
        .header("Authorization", format!("Bearer {token}"))
        .send()
        .await;
    assert_eq!(response.expect("a response").status(), 200);
    assert_eq!(
        client
            .get(&private)
            .send()
            .await
            .expect("a response")
            .status(),
        401
    );
}

#[tokio::test]
async fn an_issuer_in_a_settings_file_is_used() {
    let issuer = axioms_rocket::testing::TestIssuer::start();
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("Rocket.toml");
    let settings = format!(
        "[default.axioms]\naudience = {:?}\niss_url = {:?}\n",
        issuer.audience(),
        issuer.url()
    );
    std::fs::write(&file, settings).expect("a file");
    let quickstart = Quickstart::start(&[("ROCKET_CONFIG", file.to_str().expect("UTF-8"))]);
    let client = http_client(None);
    let request = client.get(format!("{}/private", quickstart.url));
    let token = issuer.token().scope("profile").sign();
    let response = request
        .header("Authorization", format!("Bearer {token}"))
        .send()
        .await;
    assert_eq!(response.expect("a response").status(), 200);
}
