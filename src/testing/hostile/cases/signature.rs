//! Wrong signatures, and right ones of other bytes (RFC 7515 §5.2, RFC 7518 §3.4).

use super::{Case, SIGNATURE};
use crate::testing::issuer::keys::encode;

pub(super) const CASES: &[Case] = &[
    ("tampered", SIGNATURE, |good| {
        good.but(|token| token.tampered())
    }),
    ("tampered header", SIGNATURE, |good| {
        let other = good.header("x-own", 1);
        let [_, payload, signature] = good.parts();
        format!(
            "{}.{payload}.{signature}",
            other.split('.').next().unwrap_or_default()
        )
    }),
    ("tampered by a space in the header", SIGNATURE, |good| {
        good.reworded(|header| header + " ", |payload| payload)
    }),
    ("tampered by a space in the claims", SIGNATURE, |good| {
        good.reworded(|header| header, |payload| payload + " ")
    }),
    ("tampered by an escape in the claims", SIGNATURE, |good| {
        good.reworded(
            |header| header,
            |payload| payload.replacen("\"iss\"", "\"\\u0069ss\"", 1),
        )
    }),
    ("tampered by a leading claim", SIGNATURE, |good| {
        good.reworded(
            |header| header,
            |payload| payload.replacen('{', r#"{"admin":true,"#, 1),
        )
    }),
    ("tampered by a longer life", SIGNATURE, |good| {
        good.reworded(
            |header| header,
            |payload| payload.replacen("\"exp\":", "\"exp\":2.0e9,\"x\":", 1),
        )
    }),
    ("signature of another token", SIGNATURE, |good| {
        let [header, payload, _] = good.parts();
        let other = good.claim("sub", "another-user");
        format!(
            "{header}.{payload}.{}",
            other.rsplit('.').next().unwrap_or_default()
        )
    }),
    ("signature of the header alone", SIGNATURE, |good| {
        good.signed_over(|header, _| header.into())
    }),
    ("signature of the payload alone", SIGNATURE, |good| {
        good.signed_over(|_, payload| payload.into())
    }),
    (
        "signature of the parts without their dot",
        SIGNATURE,
        |good| good.signed_over(|header, payload| format!("{header}{payload}").into()),
    ),
    ("signature of the parts with two dots", SIGNATURE, |good| {
        good.signed_over(|header, payload| format!("{header}..{payload}").into())
    }),
    ("signature of the parts in reverse", SIGNATURE, |good| {
        good.signed_over(|header, payload| format!("{payload}.{header}").into())
    }),
    (
        "signature of the parts and a line break",
        SIGNATURE,
        |good| good.signed_over(|header, payload| format!("{header}.{payload}\n").into()),
    ),
    (
        "signature of the parts in small letters",
        SIGNATURE,
        |good| {
            good.signed_over(|header, payload| {
                format!("{header}.{payload}").to_ascii_lowercase().into()
            })
        },
    ),
    ("signature of an empty message", SIGNATURE, |good| {
        good.signed_over(|_, _| Vec::new())
    }),
    ("signature missing", SIGNATURE, |good| {
        good.sealed_with(|_| Vec::new())
    }),
    ("signature of one byte", SIGNATURE, |good| {
        good.sealed_with(|_| vec![0])
    }),
    ("signature cut short", SIGNATURE, |good| {
        good.sealed_with(|mut signature| {
            signature.pop();
            signature
        })
    }),
    ("signature without its first byte", SIGNATURE, |good| {
        good.sealed_with(|signature| signature[1..].into())
    }),
    ("signature without its second half", SIGNATURE, |good| {
        good.sealed_with(|signature| signature[..signature.len() / 2].into())
    }),
    ("signature with one more byte", SIGNATURE, |good| {
        good.sealed_with(|mut signature| {
            signature.push(0);
            signature
        })
    }),
    ("signature with a leading zero byte", SIGNATURE, |good| {
        good.sealed_with(|signature| [&[0], &*signature].concat())
    }),
    ("signature as long as one of ML-DSA-44", SIGNATURE, |good| {
        good.sealed_with(|_| vec![0xaa; 2420])
    }),
    ("signature twice", SIGNATURE, |good| {
        good.sealed_with(|signature| signature.repeat(2))
    }),
    ("signature in reverse", SIGNATURE, |good| {
        good.sealed_with(|signature| signature.into_iter().rev().collect())
    }),
    ("signature with its halves exchanged", SIGNATURE, |good| {
        good.sealed_with(|signature| {
            let (first, second) = signature.split_at(signature.len() / 2);
            [second, first].concat()
        })
    }),
    ("signature with a bit turned", SIGNATURE, |good| {
        good.sealed_with(|mut signature| {
            signature[0] ^= 1;
            signature
        })
    }),
    ("signature with the last bit turned", SIGNATURE, |good| {
        good.sealed_with(|mut signature| {
            signature.last_mut().into_iter().for_each(|byte| *byte ^= 1);
            signature
        })
    }),
    ("signature of zeros", SIGNATURE, |good| {
        good.sealed_with(|signature| vec![0; signature.len()])
    }),
    ("signature of ones", SIGNATURE, |good| {
        good.sealed_with(|signature| vec![0xff; signature.len()])
    }),
    ("signature of one and zeros", SIGNATURE, |good| {
        good.sealed_with(|signature| {
            let mut one = vec![0; signature.len()];
            one.last_mut().into_iter().for_each(|byte| *byte = 1);
            one
        })
    }),
    ("signature whose halves are one", SIGNATURE, |good| {
        good.sealed_with(|signature| {
            let half = signature.len() / 2;
            [vec![0; half - 1], vec![1], vec![0; half - 1], vec![1]].concat()
        })
    }),
    ("signature with a first half of zeros", SIGNATURE, |good| {
        good.sealed_with(|signature| {
            let half = signature.len() / 2;
            [&vec![0; half], &signature[half..]].concat()
        })
    }),
    ("signature with a second half of zeros", SIGNATURE, |good| {
        good.sealed_with(|signature| {
            let half = signature.len() / 2;
            [&signature[..half], &vec![0; half]].concat()
        })
    }),
    ("signature as a string", SIGNATURE, |good| {
        good.sealed_with(|signature| encode(signature).into_bytes())
    }),
    ("signature as hexadecimal text", SIGNATURE, |good| {
        good.sealed_with(|signature| {
            signature
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
                .into()
        })
    }),
    ("signature in DER", SIGNATURE, |good| {
        good.sealed_with(|signature| {
            let (r, s) = signature.split_at(signature.len() / 2);
            let integer = |bytes: &[u8]| [&[2, bytes.len() as u8 + 1, 0], bytes].concat();
            let body = [integer(r), integer(s)].concat();
            [&[0x30, body.len() as u8], &*body].concat()
        })
    }),
];
