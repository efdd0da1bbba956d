//! The tools, each with the scopes that it needs.

use std::collections::HashMap;
use std::sync::Mutex;

use axioms_rocket::{All, AuthError, Scopes, ValidToken, scopes};
use rocket::serde::json::{Value, json};

scopes! {
    /// Needed for every request; who may write may also read.
    pub Read = "notes:read" implied by "notes:write";
    pub Write = "notes:write";
    pub Erase = "notes:erase";
}

/// The notes of each user, by issuer and subject.
pub type Notes = Mutex<HashMap<(String, String), Vec<String>>>;

/// A tool: what it needs beyond [`Read`], and what it does with the caller's notes.
pub struct Tool {
    pub name: &'static str,
    description: &'static str,
    /// The name of its one argument, a text.
    argument: Option<&'static str>,
    pub allowed: fn(&ValidToken) -> Result<(), AuthError>,
    run: fn(&mut Vec<String>, &str) -> String,
}

pub const TOOLS: [Tool; 3] = [
    Tool {
        name: "list_notes",
        description: "Lists your notes.",
        argument: None,
        allowed: ValidToken::require::<Scopes<Read>>,
        run: |notes, _| match notes.is_empty() {
            true => "There are no notes.".into(),
            false => notes.join("\n"),
        },
    },
    Tool {
        name: "add_note",
        description: "Adds a note.",
        argument: Some("text"),
        allowed: ValidToken::require::<Scopes<Write>>,
        run: |notes, text| {
            notes.push(text.to_owned());
            format!("There are {} notes.", notes.len())
        },
    },
    Tool {
        name: "erase_notes",
        description: "Erases your notes.",
        argument: None,
        allowed: ValidToken::require::<All<(Scopes<Write>, Scopes<Erase>)>>,
        run: |notes, _| format!("Erased {} notes.", notes.drain(..).count()),
    },
];

impl Tool {
    /// The tool as `tools/list` shows it.
    pub fn describe(&self) -> Value {
        let (name, description) = (self.name, self.description);
        json!({ "name": name, "description": description, "inputSchema": self.schema() })
    }

    fn schema(&self) -> Value {
        match self.argument {
            Some(name) => json!({
                "type": "object",
                "properties": { name: { "type": "string" } },
                "required": [name],
                "additionalProperties": false,
            }),
            None => json!({ "type": "object", "additionalProperties": false }),
        }
    }

    /// Wrong arguments are an error of the tool, which a model can mend.
    pub fn call(&self, token: &ValidToken, arguments: &Value, notes: &Notes) -> Value {
        let given = arguments.as_object().map_or(0, |arguments| arguments.len());
        let argument = match self.argument {
            Some(name) => arguments
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| given == 1 && !text.is_empty()),
            None => Some("").filter(|_| given == 0),
        };
        let (text, is_error) = match argument {
            Some(argument) => {
                let owner = [token.issuer(), token.subject()].map(|it| it.unwrap_or_default());
                let [issuer, subject] = owner.map(str::to_owned);
                let mut notes = notes
                    .lock()
                    .unwrap_or_else(|poisoned| poisoned.into_inner());
                let own = notes.entry((issuer, subject)).or_default();
                ((self.run)(own, argument), false)
            }
            None => (format!("{} takes {}", self.name, self.schema()), true),
        };
        let content = json!([{ "type": "text", "text": text }]);
        json!({ "resultType": "complete", "content": content, "isError": is_error })
    }
}
