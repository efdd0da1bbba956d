#!/usr/bin/env python3
"""Counts lines of code in src/, by module: without tests, comments and blank lines.

`.ci/lines.py [REVISION ...]`; a revision is formatted as the working tree is before it is counted.
"""

import io
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def code(path):
    """The lines of a file that the library is made of."""
    text = re.sub(r"#\[cfg\(test\)\]\n(?:pub(?:\([a-z]+\))? )?mod \w+ \{\n.*?\n\}\n", "", path.read_text(), flags=re.S)
    lines = (line.strip() for line in text.splitlines())
    return sum(1 for line in lines if line and not line.startswith("//"))


def count(root):
    modules = {}
    for path in sorted((root / "src").rglob("*.rs")):
        parts = path.relative_to(root / "src").parts
        if "tests" in parts or parts[-1] in ("tests.rs", "vectors.rs"):
            continue
        modules[parts[0]] = modules.get(parts[0], 0) + code(path)
    return modules


def report(name, modules):
    parts = ", ".join(f"{module} {lines}" for module, lines in sorted(modules.items()))
    print(f"{name}: {sum(modules.values())} ({parts})")


for revision in sys.argv[1:]:
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(["git", "archive", revision, "src"], cwd=ROOT, capture_output=True, check=True)
        tarfile.open(fileobj=io.BytesIO(archive.stdout)).extractall(folder, filter="data")
        folder = pathlib.Path(folder)
        (folder / "rustfmt.toml").write_text((ROOT / "rustfmt.toml").read_text())
        files = [str(path) for path in (folder / "src").rglob("*.rs")]
        subprocess.run(["rustfmt", "--edition", "2024", *files], cwd=folder, check=False, capture_output=True)
        report(revision, count(folder))
report("now", count(ROOT))
