"""The pure rules of accounts."""

from datetime import UTC, datetime, timedelta

import pytest

from supervise.accounts.rules import (
    LIMITS,
    SessionState,
    device_name,
    network_of,
    own_path,
    password_problem,
    pause_after,
    roles_problem,
    session_state,
    wait_words,
    worth_keeping,
)

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
KNOWN = frozenset({"password", "qwerty", "summer", "dragon", "welcome", "sunshine"})


@pytest.mark.parametrize(
    "password",
    ["short one", "a" * 257, "aaaaaaaabbbb", "password1234", "P@ssw0rd!!2026", "Summer2026!!!", "qwertyqwerty",
     "dragonsunshine", "JordanLee1987!", "1234567890123456", "lee.jordan@x1"],
)  # fmt: skip
def test_a_password_that_is_guessed_first_is_refused(password: str) -> None:
    assert password_problem(password, KNOWN, ("Jordan Lee", "jordan.lee@place.example"))


@pytest.mark.parametrize(
    "password",
    [
        "gravel teapot lantern moss",
        "тихий океан и чайник",
        "summer gravel teapot",
        "x7#kQ92!mvBd",
        "ふるいけやかわずとびこむみず",
    ],
)
def test_any_characters_make_a_password(password: str) -> None:
    assert password_problem(password, KNOWN, ("Jordan Lee", "jordan.lee@place.example")) is None


def test_256_characters_fit() -> None:
    assert password_problem("gravel teapot lantern moss" + "é" * 230, KNOWN, ()) is None


def test_pauses_double_and_end() -> None:
    limit = LIMITS["account"]
    assert [pause_after(limit, n).total_seconds() for n in (1, 4, 5, 6, 7, 50, 10_000)] == [0, 0, 30, 60, 120, 900, 900]
    assert (wait_words(0.2), wait_words(30), wait_words(601)) == ("1 seconds", "30 seconds", "11 minutes")


@pytest.mark.parametrize(
    ("address", "path"),
    [("/cases/1?x=2", "/cases/1?x=2"), ("https://elsewhere.example/", ""), ("//elsewhere.example/x", ""), ("", ""),
     (None, ""),
     ("/\\elsewhere.example", ""), ("javascript:alert(1)", ""), ("cases", ""), ("/a\nb", ""), ("/" + "x" * 600, ""),
     ("http://[", "")],
)  # fmt: skip
def test_only_own_paths_are_followed(address: str | None, path: str) -> None:
    assert own_path(address) == path


def test_networks() -> None:
    assert network_of("203.0.113.77") == "203.0.113.0/24"
    assert network_of("::ffff:203.0.113.77") == "203.0.113.0/24"
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert network_of(None) == network_of("no address") == "unknown"


def test_devices() -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Mobile Safari/604"
    assert (device_name(firefox), device_name(phone)) == ("Firefox on Linux", "Safari on iPhone")
    assert device_name("") == "A browser"


def test_secrets_are_not_kept() -> None:
    fields = [("body", "words"), ("password", "p"), ("new_password", "p"), ("csrf_token", "t"), ("code", "1"),
              ("signature_path", "M0 0"), ("codes", "ACA A.1"), ("parked", "x"), ("encoded", "y")]  # fmt: skip
    assert [name for name, _ in worth_keeping(fields)] == ["body", "codes", "encoded"]


def test_auditors_do_not_work_with_cases() -> None:
    assert roles_problem(["auditor", "supervisor"])
    assert roles_problem([])
    assert roles_problem(["owner"])
    assert roles_problem(["auditor", "admin"]) is None
    assert roles_problem(["clinician", "supervisor"]) is None


def _state(**change: object) -> SessionState:
    facts: dict[str, object] = {
        "now": NOW, "ended": False, "expires_at": NOW + timedelta(hours=1), "locked": False, "last_seen_at": NOW,
        "idle": timedelta(minutes=15), "second_factor_given": True, "has_second_factor": True,
        "second_factor_required": True, "is_member": True,
    }  # fmt: skip
    return session_state(**{**facts, **change})  # type: ignore[arg-type]


def test_states_of_a_session() -> None:
    assert _state() is SessionState.OPEN
    assert _state(ended=True, locked=True) is SessionState.ENDED
    assert _state(expires_at=NOW) is SessionState.ENDED
    assert _state(second_factor_given=False, locked=True) is SessionState.CODE
    assert _state(second_factor_given=False, has_second_factor=False) is SessionState.ENROL
    optional = _state(second_factor_given=False, has_second_factor=False, second_factor_required=False)
    assert optional is SessionState.OPEN
    assert _state(last_seen_at=NOW - timedelta(minutes=15)) is SessionState.LOCKED
    assert _state(last_seen_at=NOW - timedelta(minutes=14, seconds=59)) is SessionState.OPEN
    assert _state(is_member=False) is SessionState.NO_PLACE
