#!/usr/bin/env python3
"""Run a command with a PostgreSQL cluster of its own: ``with_postgres.py COMMAND …``.

The cluster lives in a temporary folder on a free loopback port and is gone afterwards. Its address is in
``SUPERVISE_TEST_POSTGRES``. initdb refuses root, so as root the cluster belongs to the system user ``postgres``.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path


def binaries() -> Path:
    """Return the folder of the newest installed server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not found:
        sys.exit("No PostgreSQL server is installed: apt-get install postgresql")
    return found[-1].parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(command: list[str]) -> int:
    """Start the cluster, run ``command``, stop the cluster; return the command's exit code."""
    bin_dir, port = binaries(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="supervise-postgres-"))
    prefix: list[str] = []
    if os.getuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        prefix = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "cwd": folder}
    try:
        subprocess.run(
            [
                *prefix,
                bin_dir / "initdb",
                "-D",
                data,
                "-U",
                "supervise",
                "-A",
                "trust",
                "--no-sync",
                "--locale=C.UTF-8",
            ],
            check=True,
            **quiet,
        )
        options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off -c full_page_writes=off -c max_connections=60"
        subprocess.run(
            [*prefix, bin_dir / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"],
            check=True,
            **quiet,
        )
        url = f"postgresql+psycopg://supervise@127.0.0.1:{port}/postgres"
        return subprocess.run(command, env=os.environ | {"SUPERVISE_TEST_POSTGRES": url}).returncode
    finally:
        subprocess.run(
            [*prefix, bin_dir / "pg_ctl", "-D", data, "-m", "immediate", "stop"], stderr=subprocess.DEVNULL, **quiet
        )
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
