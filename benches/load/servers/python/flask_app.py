"""A peer: Flask with axioms-flask-py."""

from os import environ

from axioms_flask import init_axioms
from axioms_flask.decorators import has_required_scopes, has_valid_access_token
from axioms_flask.error import register_axioms_error_handler
from flask import Flask

app = Flask(__name__)
app.config.update(
    AXIOMS_AUDIENCE=environ["AUDIENCE"],
    AXIOMS_ISS_URL=environ["ISSUER"],
    AXIOMS_JWKS_URL=environ["JWKS_URL"],
)
init_axioms(app)
register_axioms_error_handler(app)


@app.route("/guarded")
@has_valid_access_token
@has_required_scopes("read:item:00")
def guarded():
    return "ok"


@app.route("/open")
def open_route():
    return "ok"
