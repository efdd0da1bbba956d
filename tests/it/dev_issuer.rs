//! The development issuer as a developer meets it: its page in a browser, its tokens at an API.
//!
//! The browser is Chromium (`tests/browser/install.sh`). Without it the test says so and passes, unless
//! `AXIOMS_TEST_REQUIRE_BROWSER` is set.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::error::{CmdError, NewSessionError};
use fantoccini::{Client, ClientBuilder, Locator};
use rocket::serde::json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);
const AUDIENCE: &str = "https://api.example.com";

/// A program that ends with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// An example of this package, built if it was not.
fn example(name: &str) -> Command {
    let mut path: PathBuf = std::env::current_exe().expect("this test");
    path.pop();
    path.pop();
    path.push("examples");
    path.push(name);
    if !path.exists() {
        let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--locked", "--example", name]).status();
        assert!(built.is_ok_and(|status| status.success()), "the example {name} builds");
    }
    let mut command = Command::new(path);
    // Nothing of the caller's configures it, and no file of the package does.
    for (variable, _) in std::env::vars().filter(|(name, _)| name.starts_with("AXIOMS_") || name.starts_with("ROCKET_"))
    {
        command.env_remove(variable);
    }
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn start(mut command: Command, port: u16) -> Program {
    let program = Program(command.spawn().expect("it starts"));
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < PATIENCE, "{command:?} listens");
        std::thread::sleep(Duration::from_millis(20));
    }
    program
}

fn start_issuer() -> (Program, String) {
    let port = free_port();
    let mut command = example("dev_issuer");
    command.arg(port.to_string());
    (start(command, port), format!("http://127.0.0.1:{port}"))
}

fn start_quickstart(issuer: &str) -> (Program, String) {
    let port = free_port();
    let mut command = example("quickstart");
    command.env("ROCKET_PORT", port.to_string()).env("ROCKET_LOG_LEVEL", "off");
    command.env("AXIOMS_ISS_URL", issuer).env("AXIOMS_AUDIENCE", AUDIENCE);
    (start(command, port), format!("http://127.0.0.1:{port}"))
}

/// The reason why there is no browser to test with.
fn missing_browser() -> Option<String> {
    ["chromium", "chromedriver"].into_iter().find_map(|tool| {
        let version = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        (!version.is_ok_and(|status| status.success()))
            .then(|| format!("{tool} is not installed (tests/browser/install.sh)"))
    })
}

fn start_driver() -> (Program, String) {
    let mut command = Command::new("chromedriver");
    command.args(["--port=0", "--allowed-ips=127.0.0.1"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut driver = Program(command.spawn().expect("chromedriver starts"));
    let mut output = BufReader::new(driver.0.stdout.take().expect("its output"));
    let mut line = String::new();
    while output.read_line(&mut line).expect("text") > 0 {
        let port = line.trim_end().trim_end_matches('.').rsplit_once("started successfully on port ");
        if let Some((_, port)) = port {
            return (driver, format!("http://127.0.0.1:{port}"));
        }
        line.clear();
    }
    panic!("chromedriver says on which port it listens");
}

async fn open_browser(driver: &str, profile: &std::path::Path) -> Result<Client, NewSessionError> {
    let options = json!({ "args": [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1200,900",
        format!("--user-data-dir={}", profile.display()),
    ] });
    let Value::Object(capabilities) = json!({ "goog:chromeOptions": options }) else { unreachable!("an object") };
    ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(capabilities)
        .connect(driver)
        .await
}

/// Presses the button and waits for the token.
async fn mint(page: &Client) -> Result<String, CmdError> {
    page.find(Locator::Id("mint")).await?.click().await?;
    page.wait().at_most(PATIENCE).for_element(Locator::XPath("//*[@id='token'][contains(., '.')]")).await?.text().await
}

/// Presses the button and waits for what the page then says.
async fn press(page: &Client, button: &str, then: &str) -> Result<(), CmdError> {
    page.find(Locator::Id(button)).await?.click().await?;
    page.wait().at_most(PATIENCE).for_element(Locator::XPath(then)).await.map(drop)
}

async fn call(api: &str, path: &str, token: &str) -> u16 {
    let request = reqwest::Client::new().get(format!("{api}{path}")).bearer_auth(token);
    request.send().await.expect("an answer").status().as_u16()
}

/// What a developer does, from the first look to the outage.
async fn visit(page: &Client, issuer: &str, api: &str) -> Result<(), CmdError> {
    page.goto(&format!("{issuer}/")).await?;
    page.wait().at_most(PATIENCE).for_element(Locator::XPath("//*[@id='state'][text()='up']")).await?;
    let warning = page.find(Locator::Css(".warning")).await?.text().await?;
    assert_eq!(warning, "For development only: anyone on this machine can have any token here.");

    let first = mint(page).await?;
    assert_eq!(call(api, "/private", &first).await, 200);
    assert_eq!(call(api, "/role", &first).await, 200);
    let claims = page.find(Locator::Id("token-claims")).await?.text().await?;
    let claims: Value = rocket::serde::json::from_str(&claims).expect("the claims, decoded");
    assert_eq!((&claims["sub"], &claims["iss"], &claims["aud"]), (&json!("alice"), &json!(issuer), &json!(AUDIENCE)));
    let header = page.find(Locator::Id("token-header")).await?.text().await?;
    assert!(header.contains("\"at+jwt\""), "{header}");
    let curl = page.find(Locator::Id("curl")).await?.text().await?;
    assert!(curl.starts_with("curl -i -H 'Authorization: Bearer ") && curl.contains(&first), "{curl}");

    let old = page.find(Locator::Id("kid")).await?.text().await?;
    press(page, "rotate", &format!("//*[@id='kid'][text()!='{old}']")).await?;
    let second = mint(page).await?;
    assert_ne!(first, second);
    assert_eq!(call(api, "/private", &second).await, 200, "after a rotation");
    assert_eq!(call(api, "/private", &first).await, 200, "the key before is still published");

    press(page, "switch", "//*[@id='switch'][text()='Come up']").await?;
    let documents =
        ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/.well-known/jwks.json"];
    for document in documents {
        assert_eq!(call(issuer, document, "none").await, 503, "{document}");
    }
    let third = mint(page).await?;
    assert_eq!(call(api, "/private", &third).await, 200, "the API has its keys");
    press(page, "switch", "//*[@id='switch'][text()='Go down']").await?;
    for document in documents {
        assert_eq!(call(issuer, document, "none").await, 200, "{document}");
    }

    let problem = page.find(Locator::Id("problem")).await?.text().await?;
    assert_eq!(problem, "");
    if let Some(folder) = std::env::var_os("AXIOMS_TEST_SCREENSHOTS") {
        let picture = page.screenshot().await?;
        std::fs::write(PathBuf::from(folder).join("dev_issuer.png"), picture).expect("the folder is there");
    }
    Ok(())
}

#[rocket::async_test]
async fn a_token_minted_on_the_page_opens_the_quickstart_and_so_does_one_after_a_rotation() {
    if let Some(reason) = missing_browser() {
        assert!(std::env::var_os("AXIOMS_TEST_REQUIRE_BROWSER").is_none(), "{reason}");
        eprintln!("SKIPPED, the page of dev_issuer was not tested: {reason}");
        return;
    }
    let (_issuer, issuer) = start_issuer();
    let (_quickstart, api) = start_quickstart(&issuer);
    let profile = tempfile::tempdir().expect("a folder");
    let (_driver, driver) = start_driver();
    let page = open_browser(&driver, profile.path()).await.expect("the browser opens");
    // The browser is closed whatever happens.
    let visited = rocket::tokio::spawn({
        let (page, issuer, api) = (page.clone(), issuer.clone(), api.clone());
        async move { visit(&page, &issuer, &api).await }
    })
    .await;
    let _ = page.close().await;
    visited.expect("every step ends as it should").expect("the browser does what it is told");
}

#[rocket::async_test]
async fn every_shape_on_the_page_is_minted_and_only_for_this_machine() {
    let (_issuer, issuer) = start_issuer();
    let client = reqwest::Client::new();
    let post = |path: &str, body: &Value| client.post(format!("{issuer}{path}")).body(body.to_string());
    for shape in ["rfc9068", "cognito", "auth0", "okta", "entra-v2", "keycloak"] {
        let request = post("/dev/token", &json!({ "shape": shape, "roles": "a b", "lifetime": -1 }));
        let answer = request.header("Content-Type", "application/json").send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{shape}");
    }
    // What another site could send without asking.
    let form = post("/dev/token", &json!({})).header("Content-Type", "text/plain").send().await.expect("an answer");
    assert_eq!(form.status(), 404);
    let rebound = post("/dev/token", &json!({})).header("Content-Type", "application/json").header("Host", "evil.test");
    assert_eq!(rebound.send().await.expect("an answer").status(), 421);

    let allowed = async |path: &str, origin: &str| {
        let answer = client.get(format!("{issuer}{path}")).header("Origin", origin).send().await.expect("an answer");
        answer.headers().get("Access-Control-Allow-Origin").map(|value| value.to_str().expect("text").to_owned())
    };
    assert_eq!(allowed("/.well-known/jwks.json", "https://app.test").await.as_deref(), Some("*"));
    assert_eq!(allowed("/dev/status", "https://app.test").await, None);
    assert_eq!(allowed("/dev/status", "http://localhost.evil.test").await, None);
    assert_eq!(allowed("/dev/status", "http://localhost:5173").await.as_deref(), Some("http://localhost:5173"));
    assert_eq!(allowed("/dev/status", "http://[::1]:5173").await.as_deref(), Some("http://[::1]:5173"));
}

#[test]
fn it_refuses_to_listen_anywhere_but_on_loopback() {
    for address in ["0.0.0.0:9000", "192.0.2.1:9000", "[::]:9000"] {
        let output = example("dev_issuer").arg(address).stderr(Stdio::piped()).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{address}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("loopback only"), "{said}");
    }
}
