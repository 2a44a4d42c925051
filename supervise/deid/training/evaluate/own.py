"""Our engine as a system under test: ``python -m supervise.deid.training.evaluate.own``."""

from functools import partial

from supervise.deid.engine import Engine, annotate, canonicalise, load_engine, survivors
from supervise.deid.training.evaluate.worker import serve


def whole(engine: Engine, text: str) -> None:
    """Do all that stands between what is typed and what is shown to be confirmed."""
    survivors(engine.propose(canonicalise(text)).resolve({}).apply().text)


def main() -> None:
    engine = load_engine()
    serve(engine.version, partial(annotate, engine), partial(whole, engine))


if __name__ == "__main__":
    main()
