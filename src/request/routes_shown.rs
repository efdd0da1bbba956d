//! The report as text, as Markdown, and for `serde`.

use std::fmt::{self, Write};

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::routes::{ReportedGuard, ReportedRoute, RouteReport};

impl RouteReport {
    /// Returns the report as a Markdown table, for a file that is reviewed with the code.
    ///
    /// ```
    /// # use axioms_rocket::{RouteReport, ValidToken};
    /// # use rocket::{get, routes};
    /// #[get("/me")]
    /// fn me(_token: ValidToken) {}
    ///
    /// let report = RouteReport::of(&rocket::build().mount("/", routes![me]));
    /// assert_eq!(
    ///     report.to_markdown(),
    ///     "| method | path | handler | requires | guards |\n\
    ///      | --- | --- | --- | --- | --- |\n\
    ///      | GET | `/me` | `me` | a valid token | `ValidToken` |\n"
    /// );
    /// ```
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        if let Some(everywhere) = self.everywhere_in_words() {
            text = format!("{}\n\n", cell(&everywhere));
        }
        text += "| method | path | handler | requires | guards |\n";
        text += "| --- | --- | --- | --- | --- |\n";
        for route in &self.routes {
            let guards: Vec<String> = route
                .guards
                .iter()
                .map(|guard| code(&guard.short()))
                .collect();
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                route.method,
                code(&route.place()),
                code(route.name()),
                cell(&route.in_words()),
                guards.join(", ")
            );
        }
        text
    }

    fn everywhere_in_words(&self) -> Option<String> {
        let mut words = format!("everywhere: {}", self.everywhere.as_ref()?);
        if !self.exceptions.is_empty() {
            words += ", except ";
            words += &self.exceptions.join(", ");
        }
        Some(words)
    }
}

/// A character that ends a cell of a table is escaped.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn code(text: &str) -> String {
    format!("`{}`", cell(text))
}

impl ReportedRoute {
    pub(crate) fn name(&self) -> &str {
        self.handler.as_deref().unwrap_or("route")
    }

    /// The path, with the rank of a route that is ranked by hand, as Rocket shows it.
    fn place(&self) -> String {
        match self.rank {
            ..0 => self.path.clone(),
            rank => format!("{} [{rank}]", self.path),
        }
    }

    /// The requirement, or why there is none.
    fn in_words(&self) -> String {
        match &self.requirement {
            Some(requirement) => requirement.to_string(),
            None if self.is_public => "anybody".into(),
            None if self.is_incomplete => "not known: a sentinel panicked".into(),
            None if self.is_exempt => format!("nothing: {} is exempt", self.method),
            None if !self.guards.is_empty() => "nothing: optional".into(),
            None if self.is_excepted => "nothing: excepted".into(),
            None => "no guard of ours".into(),
        }
    }
}

impl ReportedGuard {
    /// The type without paths: `Scopes<Read>`.
    pub(crate) fn short(&self) -> String {
        let mut short = String::new();
        let mut word = String::new();
        for c in self.type_name.chars() {
            match c {
                ':' => word.clear(),
                _ if c.is_alphanumeric() || c == '_' => word.push(c),
                _ => {
                    short.push_str(&word);
                    word.clear();
                    short.push(c);
                }
            }
        }
        short + &word
    }
}

impl fmt::Display for RouteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(everywhere) = self.everywhere_in_words() {
            writeln!(f, "{everywhere}")?;
        }
        let rows: Vec<[String; 5]> = self.routes.iter().map(row).collect();
        let widths = [0, 1, 2, 3].map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        });
        for row in &rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(widths.into_iter().chain([0])) {
                write!(line, "{cell:width$}  ")?;
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Method, path, handler, requirement, and the guards with their place.
fn row(route: &ReportedRoute) -> [String; 5] {
    let guards: Vec<String> = route.guards.iter().map(ReportedGuard::short).collect();
    let mut guards = guards.join(", ");
    if let Some(guard) = route.guards.first() {
        let _ = write!(guards, " ({}:{})", guard.file, guard.line);
    }
    [
        route.method.to_string(),
        route.place(),
        route.name().to_owned(),
        route.in_words(),
        guards,
    ]
}

impl Serialize for RouteReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut report = serializer.serialize_struct("RouteReport", 2)?;
        report.serialize_field("everywhere", &words(self.everywhere.as_ref()))?;
        report.serialize_field("routes", &self.routes)?;
        report.end()
    }
}

impl Serialize for ReportedRoute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut route = serializer.serialize_struct("ReportedRoute", 7)?;
        route.serialize_field("method", self.method.as_str())?;
        route.serialize_field("path", &self.path)?;
        route.serialize_field("handler", &self.handler)?;
        route.serialize_field("rank", &self.rank)?;
        route.serialize_field("guards", &self.guards)?;
        route.serialize_field("requirement", &words(self.requirement.as_ref()))?;
        route.serialize_field("public", &self.is_public)?;
        route.end()
    }
}

impl Serialize for ReportedGuard {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut guard = serializer.serialize_struct("ReportedGuard", 4)?;
        guard.serialize_field("type", &self.type_name)?;
        guard.serialize_field("file", self.file)?;
        guard.serialize_field("line", &self.line)?;
        guard.serialize_field("optional", &self.is_optional)?;
        guard.end()
    }
}

fn words(requirement: Option<&crate::policy::Requirement>) -> Option<String> {
    requirement.map(ToString::to_string)
}
