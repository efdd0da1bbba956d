//! The writer of `WWW-Authenticate`.

use crate::error::AuthError;
use crate::respond::{challenges, parameter, realm_parameter};
use crate::token::Misfit;

/// Input: the realm, a description and scopes, separated by bytes 255. For any of them, the header
/// is one `Bearer` challenge with these parameters, and characters outside printable ASCII are `?`.
pub fn challenge(data: &[u8]) {
    let texts: Vec<_> = data
        .split(|byte| *byte == 0xff)
        .map(String::from_utf8_lossy)
        .collect();
    let (realm, rest) = (&*texts[0], &texts[1..]);
    let description = rest.first().map(|text| &**text);
    let scopes: Vec<&str> = rest.iter().skip(1).map(|text| &**text).collect();

    let error = description.map(|description| ("invalid_token", description));
    let mut expected = vec![("realm", plain(realm))];
    if let Some(description) = description {
        expected.extend([
            ("error", "invalid_token".to_owned()),
            ("error_description", plain(description)),
        ]);
    }
    if !scopes.is_empty() {
        expected.push(("scope", plain(&scopes.join(" "))));
    }
    let mut header = format!("Bearer {}", realm_parameter(realm));
    if let Some((code, description)) = error {
        parameter(&mut header, "error", code);
        parameter(&mut header, "error_description", description);
    }
    if !scopes.is_empty() {
        parameter(&mut header, "scope", &scopes.join(" "));
    }
    assert_eq!(read(&header), Some(named(expected)));

    // The only description with a part of the token: the name of a claim of the wrong type.
    let error = AuthError::misfit(&Misfit {
        field: description.unwrap_or_default().to_owned(),
    });
    let header = challenges(&error, &realm_parameter(realm), None)
        .next()
        .expect("the refusal of a token has a challenge");
    let parameters = read(&header).expect("a challenge that can be read");
    assert_eq!(parameters.len(), 3);
    assert_eq!(parameters[0], ("realm".to_owned(), plain(realm)));
    let description = &parameters[2].1;
    assert_eq!(description, error.description());
    // RFC 6750 §3.
    assert!(
        description
            .chars()
            .all(|c| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~')),
        "{description:?}"
    );
    assert!(description.len() <= 1024, "{} bytes", description.len());
}

fn named(parameters: Vec<(&str, String)>) -> Vec<(String, String)> {
    parameters
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn plain(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_graphic() || c == ' ' {
                c
            } else {
                '?'
            }
        })
        .collect()
}

/// Parses the parameters of one `Bearer` challenge (RFC 9110 §11.2, §11.6.1), byte by byte.
fn read(header: &str) -> Option<Vec<(String, String)>> {
    let mut bytes = header.bytes().peekable();
    if !header.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return None;
    }
    let scheme: Vec<u8> = std::iter::from_fn(|| bytes.next_if(|byte| *byte != b' ')).collect();
    if scheme != b"Bearer" {
        return None;
    }
    let mut parameters = Vec::new();
    loop {
        let mut spaces = 0;
        while bytes.next_if_eq(&b' ').is_some() {
            spaces += 1;
        }
        let name: Vec<u8> =
            std::iter::from_fn(|| bytes.next_if(|o| o.is_ascii_lowercase() || *o == b'_'))
                .collect();
        if spaces == 0
            || name.is_empty()
            || bytes.next() != Some(b'=')
            || bytes.next() != Some(b'"')
        {
            return None;
        }
        let mut value = Vec::new();
        loop {
            match bytes.next()? {
                b'"' => break,
                b'\\' => value.push(bytes.next()?),
                other => value.push(other),
            }
        }
        parameters.push((
            String::from_utf8(name).ok()?,
            String::from_utf8(value).ok()?,
        ));
        match bytes.next() {
            None => return Some(parameters),
            Some(b',') => {}
            Some(_) => return None,
        }
    }
}
