//! Chromium, driven by its own driver (`tests/browser/install.sh`).

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use fantoccini::error::{CmdError, NewSessionError};
use fantoccini::{Client, ClientBuilder};
use rocket::serde::json::{Value, json};

use crate::program::Program;
use crate::skip::skip;

const TIMEOUT: Duration = Duration::from_secs(30);

/// Opens a browser, hands it to `visit`, and closes it however that ends. Without a browser it
/// reports that `test` is skipped, and returns.
pub async fn browse<F>(test: &str, visit: impl FnOnce(Client) -> F)
where
    F: Future<Output = Result<(), CmdError>> + Send + 'static,
{
    if let Some(reason) = missing() {
        return skip(test, &reason);
    }
    let profile = tempfile::tempdir().expect("a folder");
    let (_driver, driver) = start_driver();
    let page = open(&driver, profile.path())
        .await
        .expect("the browser opens");
    let visited = rocket::tokio::spawn(visit(page.clone())).await;
    if let Some(folder) = std::env::var_os("TEST_SCREENSHOTS") {
        let picture = page.screenshot().await.expect("a picture");
        let file = PathBuf::from(folder).join(format!("{}.png", test.replace(' ', "_")));
        std::fs::write(file, picture).expect("the folder is there");
    }
    let _ = page.close().await;
    visited
        .expect("every step ends as it should")
        .expect("the browser does what it is told");
}

/// Returns why there is no browser to test with.
fn missing() -> Option<String> {
    ["chromium", "chromedriver"].into_iter().find_map(|tool| {
        let version = Command::new(tool)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        (!version.is_ok_and(|status| status.success()))
            .then(|| format!("{tool} is not installed (tests/browser/install.sh)"))
    })
}

fn start_driver() -> (Program, String) {
    let mut driver =
        Program::start(Command::new("chromedriver").args(["--port=0", "--allowed-ips=127.0.0.1"]));
    let line = driver.line(TIMEOUT, |_, line| {
        line.contains("started successfully on port ")
    });
    let line = line.unwrap_or_else(|| panic!("it did not start: {:#?}", driver.output));
    let (_, port) = line.rsplit_once(' ').expect("looked for");
    let url = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
    (driver, url)
}

async fn open(driver: &str, profile: &Path) -> Result<Client, NewSessionError> {
    let options = json!({ "args": [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-dev-shm-usage", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--window-size=1200,900",
        format!("--user-data-dir={}", profile.display()),
    ] });
    let Value::Object(capabilities) = json!({ "goog:chromeOptions": options }) else {
        unreachable!("an object")
    };
    ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(capabilities)
        .connect(driver)
        .await
}
