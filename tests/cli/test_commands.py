"""The command ``supervise``: what an operator types, and what it says when it cannot."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from supervise.cli import main

SUPERVISE = Path(sys.executable).with_name("supervise")


def run(*arguments: str | Path, data: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SUPERVISE_")}
    environment |= {"SUPERVISE_DATA_DIR": str(data), **{f"SUPERVISE_{k}": v for k, v in settings.items()}}
    return subprocess.run(
        [str(part) for part in (SUPERVISE, *arguments)], capture_output=True, text=True, env=environment, timeout=170
    )


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """:func:`run` without a process of its own, whose start takes longer than what most tests here look at."""

    def run_inside(*arguments: str | Path, data: Path, **settings: str) -> subprocess.CompletedProcess[str]:
        for name in [name for name in os.environ if name.startswith("SUPERVISE_")]:
            monkeypatch.delenv(name)
        for name, value in {"DATA_DIR": str(data), **settings}.items():
            monkeypatch.setenv(f"SUPERVISE_{name}", value)
        monkeypatch.setattr(sys, "argv", ["supervise", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said, wrong = capsys.readouterr()
        code = ended.value.code
        return subprocess.CompletedProcess(
            arguments, code if isinstance(code, int) else int(code is not None), said, f"{wrong}{code}"
        )

    return run_inside


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("made") / "data"
    done = run("init", "--organisation", "Cedar Street", data=data)
    assert done.returncode == 0, done.stderr
    assert "/invitations/" in done.stdout
    return data


def test_the_keyring_is_private_and_never_replaced(made: Path) -> None:
    before = (made / "keys" / "keyring.json").read_bytes()
    assert (made / "keys" / "keyring.json").stat().st_mode & 0o077 == 0
    again = run("init", "--organisation", "Other", data=made)
    assert again.returncode != 0
    assert "never replaced" in again.stderr
    assert (made / "keys" / "keyring.json").read_bytes() == before


def test_whoever_runs_the_installation_lets_somebody_in_again(inside: Run, made: Path) -> None:
    unknown = inside("recover", "nobody@test.example", data=made)
    assert unknown.returncode != 0
    assert "Nobody here signs in" in unknown.stderr


def test_without_a_keyring_nothing_starts(tmp_path: Path) -> None:
    done = run("serve", data=tmp_path)
    assert done.returncode != 0
    assert "keyring" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PUBLIC_URL": "http://supervise.example.org"}, "unencrypted"),
        ({"BIND": "0.0.0.0:8000"}, "without TLS"),
        ({"SECOND_FACTOR": "optional"}, "second factor"),
        ({"DEMO": "1", "BIND": "0.0.0.0:8000", "TRUSTED_PROXIES": "1"}, "127.0.0.1 only"),
        ({"DATABASE_URL": "postgres://u:p@db.example.org/x"}, "verify-full"),
        ({"DATABASE_URL": "postgresql:///x?host=10.0.0.7&sslmode=require"}, "verify-full"),
        ({"MAIL_SERVER": "mail.example.org", "MAIL_SECURITY": "none"}, "unencrypted"),
        ({"IDLE_MINUTES": "0"}, "IDLE_MINUTES"),
    ],
)
def test_unsafe_settings_stop_the_start_with_a_sentence(
    inside: Run, made: Path, settings: dict[str, str], said: str
) -> None:
    done = inside("serve", data=made, **settings)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_intact_audit_verifies(inside: Run, made: Path) -> None:
    done = inside("audit", "verify", data=made)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "intact" in done.stdout


def test_a_backup_is_made_tried_and_brought_back(inside: Run, made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for _ in range(2):
        done = run("backup", folder / f"{len([*folder.iterdir()])}.supervise", data=made)
        assert done.returncode == 0, done.stderr
    assert inside("backup", folder, "--keep", "1", data=made).returncode == 0
    (kept,) = folder.iterdir()
    done = inside("drill", kept, data=made)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [*made.glob("drill-*")]
    refused = inside("restore", kept, data=made)
    assert refused.returncode == 1
    assert "holds rows already" in refused.stderr
    lost = inside("restore", kept, data=tmp_path / "lost")
    assert lost.returncode == 1
    assert "No usable keyring" in lost.stderr
    assert not (tmp_path / "lost").exists()
    done = inside("restore", kept, data=tmp_path / "new", KEYS_DIR=str(made / "keys"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert inside("audit", "verify", data=tmp_path / "new", KEYS_DIR=str(made / "keys")).returncode == 0
    for broken in (refused, lost):
        assert "Traceback" not in broken.stderr


def test_annotate_writes_spans_in_code_points(tmp_path: Path) -> None:
    text = "𝒯 My client Sarah Whitfield lives at 418 Alder Lane; call 661-555-0134."
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a", "text": text}) + "\n", encoding="utf-8")
    done = run("deid", "annotate", tmp_path / "in.jsonl", tmp_path / "out.jsonl", data=tmp_path)
    assert done.returncode == 0, done.stderr
    row = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    found = {text[span["start"] : span["end"]]: span["label"] for span in row["spans"]}
    assert found["661-555-0134"] == "PHONE"
    assert any("Whitfield" in words and label == "NAME" for words, label in found.items())


def test_annotate_names_the_bad_line(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": "a", "text": "x"}\n{"id": "b"}\n', encoding="utf-8")
    done = inside("deid", "annotate", tmp_path / "in.jsonl", tmp_path / "out.jsonl", data=tmp_path)
    assert done.returncode != 0
    assert "line 2" in done.stderr


def test_a_report_that_is_none_is_told(inside: Run, made: Path, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7 nothing")
    done = inside("report", "verify", tmp_path / "report.pdf", data=made)
    assert done.returncode == 1
    assert "Not intact" in done.stdout


def test_the_demo_is_refused_beside_real_work(inside: Run, made: Path) -> None:
    done = inside("demo", "load", data=made, DEMO="1", SECOND_FACTOR="optional")
    assert done.returncode != 0
    assert "real organisation" in done.stderr


def test_risk_screen_answers_each_line(inside: Run, tmp_path: Path) -> None:
    texts = ["", "She says she is going to kill herself tonight. 🙂", "Denies SI/HI."]
    lines = [json.dumps({"id": at, "text": text}) for at, text in enumerate(texts)]
    (tmp_path / "in.jsonl").write_text("\ufeff" + "\n\n".join(lines) + "\n", encoding="utf-8")
    done = inside("risk", "screen", tmp_path / "in.jsonl", tmp_path / "out.jsonl", data=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == [0, 1, 2]
    assert rows[0]["hits"] == rows[2]["hits"] == []
    hit = next(hit for hit in rows[1]["hits"] if hit["category"] == "suicide")
    assert texts[1][hit["start"] : hit["end"]] == "She says she is going to kill herself tonight."


@pytest.mark.parametrize("bad", [b"{", b"[]", b'{"id": 1}', b'{"id": 1, "text": 3}', b"\xff\xfe", b"[" * 100_000])
def test_risk_screen_names_the_line_that_cannot_be_read(inside: Run, bad: bytes, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b'{"id": "a", "text": "Slept well."}\n' + bad + b"\n")
    done = inside("risk", "screen", tmp_path / "in.jsonl", tmp_path / "out.jsonl", data=tmp_path)
    assert done.returncode == 1
    assert "line 2" in done.stderr
    assert "Traceback" not in done.stderr
