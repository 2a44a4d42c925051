"""The guide's pictures, taken from the demo as it is. They are written with SUPERVISE_WRITE_GUIDE=1."""

import os
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from supervise.cases.models import Case
from supervise.core.db import db
from supervise.deid.models import Screening
from supervise.reports.models import IssuedReport
from supervise.reviews.models import Post
from tests.journeys.conftest import Demo, OpenPage

pytestmark = pytest.mark.browser

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
HEAVIEST = 200_000
DESK, TALL, PHONE = (1280, 620), (1280, 860), (390, 844)


@pytest.fixture
def app(demo: Demo) -> Iterator[Flask]:
    with demo.app.app_context():
        yield demo.app
        db.session.remove()


@pytest.fixture
def places(app: Flask, demo: Demo) -> dict[str, tuple[str, str, tuple[int, int]]]:
    """Return by picture: who looks, at which page, on what."""
    session, author = db.session(), demo.people["supervisee"]
    posts = session.query(Post).filter(Post.state == "published").all()
    mine = session.query(Case).filter_by(author_id=author.person_id, state="open", held=False, red=False)
    talked = max(mine, key=lambda case: sum(post.case_id == case.id for post in posts))
    decided = session.query(Case).filter_by(state="decided", supervisor_id=demo.people["supervisor"].person_id).first()
    waiting = session.query(Screening).filter_by(state="proposed").order_by(Screening.id).first()
    packet = session.query(IssuedReport).first()
    assert decided
    assert waiting
    assert packet
    keys = {actor.person_id: key for key, actor in demo.people.items()}
    return {
        "inbox": ("supervisor", "/inbox", DESK),
        "write": ("supervisee", "/cases/new", TALL),
        "confirm": (keys[waiting.author_id], f"/screenings/{waiting.id}", TALL),
        "case": ("supervisee", f"/cases/{talked.id}", DESK),
        "sign-off": ("supervisor", f"/cases/{decided.id}#decision", TALL),
        "hours": ("supervisee", "/hours", PHONE),
        "sign": ("supervisor", f"/hours/attest/{author.person_id}", DESK),
        "progress": ("supervisee", "/hours/progress", TALL),
        "packet": ("supervisee", f"/reports/{packet.id}", DESK),
        "crisis": ("supervisee", "/crisis", PHONE),
    }


def test_the_pictures_of_the_guide(
    places: dict[str, tuple[str, str, tuple[int, int]]], demo: Demo, browser_page: OpenPage, tmp_path: Path
) -> None:
    folder = GUIDE if os.environ.get("SUPERVISE_WRITE_GUIDE") == "1" else tmp_path
    for name, (who, address, (width, height)) in places.items():
        page = browser_page(demo.people[who], width=width, height=height)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        PREPARED.get(name, lambda _page: None)(page)
        target = folder / f"{name}.png"
        target.write_bytes(smaller(page.screenshot()))
        assert 5_000 < target.stat().st_size < HEAVIEST, name
        page.context.close()
    assert {path.stem for path in folder.glob("*.png")} == places.keys()


def test_the_guide_shows_every_picture_and_no_other(places: dict[str, tuple[str, str, tuple[int, int]]]) -> None:
    text = (GUIDE / "guide.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(([\w-]+)\.png\)", text)) == places.keys()
    assert {path.stem for path in GUIDE.glob("*.png")} == places.keys()
    assert all(path.stat().st_size < HEAVIEST for path in GUIDE.glob("*.png"))


def _typed(page: Page) -> None:
    page.get_by_label("Title").fill("A house in a will")
    page.get_by_label("Your question").fill("May I go on visiting until she has an answer?")
    page.get_by_label("What happened").fill(
        "She has changed her will and the house goes to me. I said at once that I could not accept it. She laughed.\n\n"
        "Her lawyer has already filed it. I believe that she can decide. I am less sure that she is free of fear."
    )
    page.evaluate("scrollTo(0, 0)")


def _to_the_rows(page: Page) -> None:
    page.locator(".signweek").first.scroll_into_view_if_needed()


def _to_the_buttons(page: Page) -> None:
    page.locator(".signoff").evaluate("(form) => form.scrollIntoView({ block: 'end' })")


PREPARED: dict[str, Callable[[Page], None]] = {"write": _typed, "sign": _to_the_rows, "sign-off": _to_the_buttons}


def smaller(png: bytes) -> bytes:
    """Return the same picture with its data packed as tightly as zlib can."""
    kept, data, at = [], b"", 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if kind == b"IDAT":
            data += body
        else:
            kept.append((kind, body))
        at += 12 + length
    kept.insert(-1, (b"IDAT", zlib.compress(zlib.decompress(data), 9)))
    return png[:8] + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in kept
    )
