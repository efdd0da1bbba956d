//! The example `openapi`: its page in a browser, from "Authorize" to 200.

use std::time::Duration;

use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use crate::browser::browse;
use crate::program::{Served, http_client};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Waits for the element of `xpath`, and clicks it.
async fn click(page: &Client, xpath: &str) -> Result<(), CmdError> {
    let wait = page.wait().at_most(TIMEOUT);
    let element = wait.for_element(Locator::XPath(xpath)).await?;
    element.click().await
}

/// Executes the operation of `id`, which is open, and returns the status of its answer.
async fn execute(page: &Client, id: &str) -> Result<String, CmdError> {
    let operation = format!("//div[@id='operations-{id}']");
    click(
        page,
        &format!("{operation}//button[contains(@class,'execute')]"),
    )
    .await?;
    let status = format!(
        "{operation}//table[contains(@class,'live-responses-table')]\
         //tbody//td[contains(@class,'response-col_status')]"
    );
    let wait = page.wait().at_most(TIMEOUT);
    let status = wait.for_element(Locator::XPath(&status)).await?;
    status.text().await
}

async fn visit(page: &Client, url: &str) -> Result<(), CmdError> {
    page.goto(&format!("{url}/docs")).await?;
    let orders = "//div[@id='operations-orders-list']";
    click(
        page,
        &format!("{orders}//button[contains(@class,'opblock-summary-control')]"),
    )
    .await?;
    assert_eq!(execute(page, "orders-list").await?, "401");
    click(
        page,
        &format!("{orders}//button[contains(@class,'btn-clear')]"),
    )
    .await?;

    click(
        page,
        "//button[contains(@class,'btn') and contains(@class,'authorize')]",
    )
    .await?;
    for scope in ["orders:read", "orders:write"] {
        let scope = format!("//div[contains(@class,'scopes')]//label[contains(.,'{scope}')]");
        click(page, &scope).await?;
    }
    click(
        page,
        "//button[contains(@class,'modal-btn') and text()='Authorize']",
    )
    .await?;
    // The window of the issuer has closed itself by then.
    let logout = "//button[contains(@class,'modal-btn') and text()='Logout']";
    let wait = page.wait().at_most(TIMEOUT);
    wait.for_element(Locator::XPath(logout)).await?;
    click(page, "//button[contains(@class,'btn-done')]").await?;

    assert_eq!(execute(page, "orders-list").await?, "200");
    let clear = "//div[@id='operations-orders-clear']";
    click(
        page,
        &format!("{clear}//button[contains(@class,'opblock-summary-control')]"),
    )
    .await?;
    let description = format!("{clear}//div[contains(@class,'opblock-description')]");
    let wait = page.wait().at_most(TIMEOUT);
    let description = wait.for_element(Locator::XPath(&description)).await?;
    let description = description.text().await?;
    assert!(description.contains("Access: role admin."), "{description}");
    assert_eq!(execute(page, "orders-clear").await?, "204");

    // Everything came from this program and the issuer.
    let names = "return performance.getEntriesByType('resource').map(entry => entry.name)";
    let names = page.execute(names, Vec::new()).await?;
    let names = names.as_array().expect("an array");
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        let name = name.as_str().expect("a URL");
        assert!(
            name.starts_with("http://127.0.0.1:") || name.starts_with("data:"),
            "{name}"
        );
    }
    Ok(())
}

#[rocket::async_test]
async fn row_15_5_a_reader_logs_in_on_the_page_and_tries_an_operation() {
    let example = Served::of("openapi", &[]);
    let url = example.url.clone();
    browse("the page of the example openapi", async move |page| {
        visit(&page, &url).await
    })
    .await;
}

#[rocket::async_test]
async fn row_15_5_the_page_names_no_other_host() {
    let example = Served::of("openapi", &[]);
    let client = http_client(None);
    let get = async |path: &str| {
        let request = client.get(format!("{}{path}", example.url));
        let answer = request.send().await.expect("a response");
        assert_eq!(answer.status(), 200, "{path}");
        answer
    };
    let page = get("/docs/index.html").await;
    let policy = page.headers()["Content-Security-Policy"].clone();
    let policy = policy.to_str().expect("text");
    assert!(policy.contains("script-src 'self';"), "{policy}");
    let html = page.text().await.expect("text");
    assert!(!html.contains("://") && !html.contains("\"//"), "{html}");
    let script = get("/docs/swagger-initializer.js")
        .await
        .text()
        .await
        .expect("text");
    assert!(script.contains("\"/openapi.json\""), "{script}");
    assert!(
        script.contains("\"usePkceWithAuthorizationCodeGrant\": true"),
        "{script}"
    );

    let document = get("/openapi.json").await.text().await.expect("text");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let operations = [
        ("get", "/orders", json!([{ "axioms": ["orders:read"] }])),
        ("post", "/orders", json!([{ "axioms": ["orders:write"] }])),
        ("delete", "/orders", json!([{ "axioms": [] }])),
        ("get", "/health", json!([])),
    ];
    for (method, path, expected) in operations {
        assert_eq!(
            document["paths"][path][method]["security"], expected,
            "{method} {path}"
        );
    }
    let scheme = &document["components"]["securitySchemes"]["axioms"];
    let scopes = &scheme["flows"]["authorizationCode"]["scopes"];
    assert_eq!(*scopes, json!({ "orders:read": "", "orders:write": "" }));
}
