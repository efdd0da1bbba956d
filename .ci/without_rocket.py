"""Writes a package of the modules that do not use Rocket, without that dependency, into DIRECTORY.

The modules are those of `WITHOUT_ROCKET` in tests/layers.rs. usage: without_rocket.py DIRECTORY
"""
import re
import shutil
import sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent
target = Path(sys.argv[1]).resolve()
shutil.rmtree(target, ignore_errors=True)
(target / "src").mkdir(parents=True)

listed = re.search(r"WITHOUT_ROCKET.*?=\s*\[(.*?)\]", (root / "tests/layers.rs").read_text(), re.S)
layers = [name for name in re.findall(r'"(\w+)"', listed[1]) if (root / "src" / name).is_dir()]
for layer in layers:
    (target / "src" / layer).symlink_to(root / "src" / layer)

# Of lib.rs its modules and re-exports, as far as they are of these layers.
front = re.sub(r"^\s*//.*$", "", (root / "src/lib.rs").read_text(), flags=re.M)
names = "|".join(layers)
items = re.findall(rf"^(?:pub )?(?:mod (?:{names});|use (?:{names})::[^;]*;)", front, re.M)
attributes = "#![allow(warnings, reason = \"what is unused is used above these modules\")]\n"
(target / "src/lib.rs").write_text(attributes + "\n".join(items) + "\n")

manifest = (root / "Cargo.toml").read_text()
part = lambda name: re.search(rf"^\[{name}\]\n(.*?)^\[", manifest, re.M | re.S)[0].rsplit("[", 1)[0]
dependencies = re.sub(r"^rocket\b.*\n", "", part("dependencies"), flags=re.M)
package = '[package]\nname = "without-rocket"\nversion = "0.0.0"\nedition = "2024"\n\n[workspace]\n\n'
(target / "Cargo.toml").write_text(package + part("features") + dependencies)
shutil.copy(root / "Cargo.lock", target)
