"""A peer: FastAPI with axioms-fastapi."""

from os import environ

from axioms_fastapi import init_axioms, register_axioms_exception_handler, require_auth, require_scopes
from fastapi import Depends, FastAPI

app = FastAPI()
init_axioms(
    app,
    AXIOMS_AUDIENCE=environ["AUDIENCE"],
    AXIOMS_ISS_URL=environ["ISSUER"],
    AXIOMS_JWKS_URL=environ["JWKS_URL"],
)
register_axioms_exception_handler(app)


@app.get("/guarded")
async def guarded(_token=Depends(require_auth), _scope=Depends(require_scopes(["read:item:00"]))):
    return "ok"


@app.get("/open")
async def open_route():
    return "ok"
