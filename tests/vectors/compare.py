"""Holds every value of `data/rfc.json` against the text of its RFC: `python3 tests/vectors/compare.py FOLDER`.

FOLDER holds `rfc7515.txt`, `rfc7517.txt`, `rfc7520.txt` and `rfc8037.txt` as the RFC Editor publishes them, plain or as `.gz`. An example
must stand in its own section, whole: a token as a paragraph, a key or a JSON Serialization as a JSON object, line breaks aside.
"""

import gzip
import json
import pathlib
import re
import sys

# Where else a part of an example stands than in the section that it is named by.
KEYS = {
    # The key of A.1 has its name in RFC 7517 alone.
    "RFC 7515 A.1": "RFC 7517 A.3",
    # A.5 and E are unsecured; A.6 is signed by the keys of A.2 and A.3, and A.7 by that of A.3.
    "RFC 7515 A.5": "RFC 7515 A.3",
    "RFC 7515 A.6": "RFC 7515 A.3",
    "RFC 7515 A.7": "RFC 7515 A.3",
    "RFC 7515 E": "RFC 7515 A.3",
    "RFC 7520 4.1": "RFC 7520 3.3",
    "RFC 7520 4.2": "RFC 7520 3.3",
    "RFC 7520 4.3": "RFC 7520 3.1",
    "RFC 7520 4.4": "RFC 7520 3.5",
    "RFC 7520 4.5": "RFC 7520 3.5",
    "RFC 7520 4.6": "RFC 7520 3.5",
    "RFC 7520 4.7": "RFC 7520 3.5",
    "RFC 7520 4.8": "RFC 7520 3.3",
    "RFC 7520 4.8 second signature": "RFC 7520 3.1",
    "RFC 7520 4.8 third signature": "RFC 7520 3.5",
    "RFC 8037 A.4": "RFC 8037 A.2",
}
# RFC 7520 shows these as parts, of which we make tokens; the payload is in the section's introduction.
IN_PARTS = {"RFC 7520 4.8 first signature", "RFC 7520 4.8 second signature", "RFC 7520 4.8 third signature"}
PAYLOAD = "RFC 7520 4"


def squeezed(text):
    return re.sub(r"\s+", "", text)


class Rfc:
    """An RFC without its page breaks, by sections."""

    def __init__(self, folder, number):
        path = folder / f"rfc{number}.txt"
        packed = folder / f"rfc{number}.txt.gz"
        octets = path.read_bytes() if path.exists() else gzip.decompress(packed.read_bytes())
        text = octets.decode("utf-8-sig")
        # A paragraph may go on behind a page break, or end there: both readings.
        breaks = r"\n\s*\n[^\n]*\[Page \d+\]\s*\f\s*[^\n]*\n\s*\n"
        self.readings = [self.sections(re.sub(breaks, by, text)) for by in ("\n", "\n\n")]

    @staticmethod
    def sections(text):
        """Each with its subsections."""
        heading = re.compile(r"^(?:Appendix )?((?:[A-Z]|\d+)(?:\.\d+)*)\.  \S", re.MULTILINE)
        found = [(match.group(1), match.start()) for match in heading.finditer(text)]
        ends = [start for _, start in found[1:]] + [len(text)]
        sections = {}
        for (name, start), end in zip(found, ends):
            while name:
                sections[name] = sections.get(name, "") + text[start:end]
                name = name.rpartition(".")[0]
        return sections

    def paragraphs(self, section):
        return {squeezed(part) for reading in self.readings for part in re.split(r"\n\s*\n", reading[section])}

    def objects(self, section):
        """Every JSON object, also within another; blanks are left out of texts too, since lines break there."""
        text, found = squeezed(self.readings[0][section]), []
        for start in (at for at, character in enumerate(text) if character == "{"):
            try:
                found.append(json.JSONDecoder().raw_decode(text[start:])[0])
            except json.JSONDecodeError:
                pass
        return found


def without_blanks(value):
    return json.loads(squeezed(json.dumps(value)))


def section_of(name):
    _, number, section, *_ = name.split()
    return number, section


def compare_token(rfcs, name, token):
    number, section = section_of(name)
    rfc = rfcs[number]
    if token.startswith("{"):
        return "equal to a JSON object" if without_blanks(json.loads(token)) in rfc.objects(section) else None
    if name in IN_PARTS:
        header, payload, signature = token.split(".")
        number, introduction = section_of(PAYLOAD)
        there = (not header or header in rfc.paragraphs(section)) and signature in rfc.paragraphs(section)
        return "each part equal to a paragraph" if there and payload in rfcs[number].paragraphs(introduction) else None
    return "equal to a paragraph" if token in rfc.paragraphs(section) else None


def compare_key(rfcs, place, key):
    number, section = section_of(place)
    key = without_blanks(key)
    for candidate in rfcs[number].objects(section):
        if all(candidate.get(member) == value for member, value in key.items()):
            left_out = [member for member in candidate if member not in key]
            return "equal" + (f", without {' '.join(left_out)}" if left_out else "")
    return None


def main():
    folder = pathlib.Path(sys.argv[1])
    rfcs = {number: Rfc(folder, number) for number in ("7515", "7517", "7520", "8037")}
    examples = json.loads((pathlib.Path(__file__).parent / "data" / "rfc.json").read_text())
    verdicts = []
    for example in examples["tokens"]:
        name = example["name"]
        verdicts.append((f"{name}: token", compare_token(rfcs, name, example["token"])))
        place = KEYS.get(name) or KEYS.get(" ".join(name.split()[:3])) or name
        verdicts.append((f"{name}: key, of {place}", compare_key(rfcs, place, example["key"])))
    for example in examples["keys"]:
        verdicts.append((f"{example['name']}: key", compare_key(rfcs, example["name"], example["key"])))
    for what, verdict in verdicts:
        print(f"{what}: {verdict or 'NOT THERE'}")
    missing = sum(verdict is None for _, verdict in verdicts)
    print(f"{len(verdicts)} compared, {missing} not in the text")
    sys.exit(missing > 0)


main()
