#!/bin/sh
# Make sure that what only Debian provides is there: a browser, a database server, fonts. Installs when root, else says what to do.
set -eu
missing=""
for want in "$@"; do
  case "$want" in
    chromium)
      [ -x /usr/bin/chromium ] || missing="$missing chromium"
      fc-list 2>/dev/null | grep -q NotoSans-Regular || missing="$missing fontconfig fonts-noto-core" ;;
    postgresql)
      ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql" ;;
    *) echo "unknown: $want" >&2; exit 2 ;;
  esac
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "The tests need these Debian packages:$missing" >&2
  echo "Install them once with: sudo apt-get install$missing" >&2
  exit 1
fi
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
