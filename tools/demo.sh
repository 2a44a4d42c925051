#!/bin/sh
# Serve the demo: keyring and SQLite database under var/demo, one web server and one worker, until Ctrl-C.
set -eu
cd "$(dirname "$0")/.."
export SUPERVISE_DATA_DIR="${SUPERVISE_DATA_DIR:-var/demo}" SUPERVISE_DEMO=1 SUPERVISE_SECOND_FACTOR=optional
export SUPERVISE_BIND="127.0.0.1:${PORT:-8000}" SUPERVISE_PUBLIC_URL="http://127.0.0.1:${PORT:-8000}"
export SUPERVISE_WEB_WORKERS=1
exec .venv/bin/supervise demo run
