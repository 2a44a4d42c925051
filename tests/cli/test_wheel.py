"""The wheel carries everything: installed in an empty environment, it makes an installation and serves a page."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.wheel, pytest.mark.timeout(600)]


def _run(*command: str | Path, **more: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_wheel_serves_from_an_empty_environment(tmp_path: Path) -> None:
    bin_here = Path(sys.executable).parent
    _run(bin_here / "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist", cwd=ROOT)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv = tmp_path / "venv"
    _run(sys.executable, "-m", "venv", "--without-pip", venv)
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("SUPERVISE_", "PYTHON", "VIRTUAL_ENV", "UV_PYTHON"))
    }
    uv = [bin_here / "uv", "pip", "install", "--quiet", "--python", venv / "bin" / "python"]
    _run(*uv, "--require-hashes", "-r", ROOT / "requirements" / "runtime.txt", env=environment)
    _run(*uv, "--no-deps", wheel, env=environment)

    port = _free_port()
    settings = environment | {
        "SUPERVISE_DATA_DIR": str(tmp_path / "data"),
        "SUPERVISE_BIND": f"127.0.0.1:{port}",
        "SUPERVISE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SUPERVISE_WEB_WORKERS": "1",
    }
    supervise = venv / "bin" / "supervise"
    made = subprocess.run(
        [supervise, "init", "--organisation", "Cedar Street", "--zone", "America/Denver"],
        capture_output=True, text=True, env=settings, cwd=tmp_path,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-2000:]
    link = next(line.strip() for line in made.stdout.splitlines() if "/invitations/" in line)
    with subprocess.Popen([supervise, "serve"], env=settings, cwd=tmp_path) as server:
        try:
            page = _fetch(f"http://127.0.0.1:{port}/sign-in")
            assert "Sign in" in page
            assert "Cedar Street" in _fetch(link)
            assert "--ink" in _fetch(f"http://127.0.0.1:{port}/static/css/tokens.css")
        finally:
            server.terminate()


def _fetch(url: str) -> str:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer")
