"""PyJWT and jwcrypto as judges: reads JSON lines, the first with the settings, then one token a line; writes one verdict a line."""

import json
import sys

import jwt
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jwt as jwcrypto_jwt


def pyjwt(token, settings, keys):
    header = jwt.get_unverified_header(token)
    algorithm = header.get("alg")
    if algorithm not in settings["algorithms"]:
        raise jwt.InvalidAlgorithmError("not allowed")
    kid = header.get("kid")
    key = keys[kid] if kid is not None else keys[settings["kids"][algorithm]]
    jwt.decode(
        token,
        key,
        algorithms=[algorithm],
        audience=settings["audience"],
        issuer=settings["issuer"],
        leeway=30,
        options={"require": ["exp", "iss", "aud"]},
    )


def jwcrypto(token, settings, keys):
    judge = jwcrypto_jwt.JWT(
        algs=settings["algorithms"],
        check_claims={"iss": settings["issuer"], "aud": settings["audience"], "exp": None},
        expected_type="JWS",
    )
    judge.leeway = 30
    judge.deserialize(token, keys)


def verdict(judge, *arguments):
    try:
        judge(*arguments)
    except Exception as error:  # every exception is a refusal
        return f"{type(error).__name__}: {error}"
    return None


def main():
    lines = iter(sys.stdin)
    settings = json.loads(next(lines))
    set_text = json.dumps(settings["jwks"])
    pyjwt_keys = {key.key_id: key.key for key in jwt.PyJWKSet.from_json(set_text).keys}
    jwcrypto_keys = jwcrypto_jwk.JWKSet.from_json(set_text)
    for line in lines:
        token = json.loads(line)
        answer = {
            "PyJWT": verdict(pyjwt, token, settings, pyjwt_keys),
            "jwcrypto": verdict(jwcrypto, token, settings, jwcrypto_keys),
        }
        print(json.dumps(answer))


main()
