"""Anchors, marks and the arrangement of notes; and what the case page shows of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervise.cases import queries as cases
from supervise.core.db import db
from supervise.core.errors import Invalid
from supervise.core.sanitize import render
from supervise.core.uow import unit_of_work
from supervise.flows.see_identifier import see_identifier
from supervise.reviews.rules import (
    Anchor,
    Entry,
    Mark,
    arrange,
    locate,
    make_anchor,
    mark,
    sentences,
    take_mentions,
    text_of,
)
from tests.rooms.reviews.conftest import BODY, Room

TEXTS = ["I said at once that I could not. She laughed, and I said no.", "He said no twice: no."]


def test_an_anchor_quotes_what_stands_there_and_nothing_else() -> None:
    anchor = make_anchor(TEXTS, 1, "I said at once")
    assert (anchor.quote, anchor.prefix) == ("I said at once", "")
    assert anchor.suffix.startswith(" that I could not")
    for quote in ("I said it at once", "no twice", "x" * 3000):
        with pytest.raises(Invalid):
            make_anchor(TEXTS, 1, quote)
    for paragraph in (0, 3, -1):
        with pytest.raises(Invalid):
            make_anchor(TEXTS, paragraph, "no")


def test_line_breaks_in_a_selection_are_blanks() -> None:
    assert make_anchor(["one two\nthree"], 1, "two  three").quote == "two\nthree"


def test_the_prefix_tells_twins_apart() -> None:
    second = make_anchor(TEXTS, 2, "no", prefix="twice: ")
    place = locate(TEXTS, second)
    assert place is not None
    assert (place.paragraph, place.start) == (2, TEXTS[1].rindex("no"))


def test_an_anchor_is_found_after_a_paragraph_was_put_before_it() -> None:
    anchor = make_anchor(TEXTS, 1, "She laughed")
    place = locate(["Something new.", *TEXTS], anchor)
    assert place is not None
    assert place.paragraph == 2
    assert locate(["Something new.", TEXTS[1]], anchor) is None
    assert locate(["She laughed", "b", "She laughed"], Anchor(2, "She laughed")) is None


@given(st.lists(st.text("ab .", min_size=1, max_size=30), min_size=1, max_size=4), st.data())
def test_every_passage_is_found_where_it_was_chosen(texts: list[str], data: st.DataObject) -> None:
    number = data.draw(st.integers(1, len(texts)))
    text = texts[number - 1]
    start = data.draw(st.integers(0, len(text) - 1))
    quote = text[start : data.draw(st.integers(start + 1, len(text)))]
    anchor = make_anchor(texts, number, quote, prefix=text[:start])
    assert anchor.quote in text
    place = locate(texts, anchor)
    if place is not None and quote.strip() and len({*texts}) == len(texts):
        assert texts[place.paragraph - 1][place.start : place.end] == anchor.quote


def test_marks_lead_to_their_notes_and_keep_every_word() -> None:
    html = str(render("[Client] is a *widow & mother* of <b>two</b>.")).strip()
    text = text_of(html)
    marks = [Mark(text.index("widow"), text.index(" of"), 1), Mark(text.index("mother"), len(text) - 1, 2)]
    shown = mark(html, marks)
    assert '<span class="standin">[Client]</span>' in shown
    assert shown.count('id="a1"') == shown.count('id="a2"') == 1
    assert shown.count('<sup class="ref">') == 2
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown
    assert "<a" not in shown.split('href="#n1"')[1].split("</a>")[0]


@given(st.text("ab*[]&<> \n", min_size=1, max_size=60), st.data())
def test_marking_never_changes_what_is_read(source: str, data: st.DataObject) -> None:
    html = str(render(source)).strip()
    text = text_of(html)
    spans = data.draw(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4))
    marks = [Mark(min(a, b), min(max(a, b), len(text)), n) for n, (a, b) in enumerate(spans, 1) if a != b]
    marks = [m for m in marks if m.start < m.end]
    shown = mark(html, marks)
    read = text_of(shown)
    for m in marks:
        read = read.replace(f" note {m.number}", "", 1)
    assert read == text
    for m in marks:
        assert shown.count(f'id="a{m.number}"') == 1
        assert f'<span class="vh"> note </span>{m.number}</sup>' in shown


def test_notes_are_numbered_in_the_order_of_the_text() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    at = [start + timedelta(minutes=n) for n in range(5)]
    entries = [
        Entry("late", None, Anchor(2, "twice"), at[0]),
        Entry("early", None, Anchor(1, "She laughed"), at[1]),
        Entry("reply", "late", None, at[2]),
        Entry("gone", None, Anchor(1, "wept"), at[3]),
        Entry("whole", None, None, at[4]),
    ]
    thread = arrange(entries, TEXTS)
    assert [(n.id, n.number) for notes in thread.beside.values() for n in notes] == [("early", 1), ("late", 2)]
    assert [note.id for note in thread.beside[2][0].replies] == ["reply"]
    assert [note.id for note in thread.older] == ["gone"]
    assert [note.id for note in thread.whole] == ["whole"]


def test_sentences_for_those_who_choose_from_a_list() -> None:
    assert sentences("She laughed. And asked: who, then? Her nephew said so") == [
        "She laughed.", "And asked: who, then?", "Her nephew said so",
    ]  # fmt: skip
    assert sentences("No. I could not accept it.") == ["No. I could not accept it."]


def test_only_full_names_are_mentions() -> None:
    names = {"1": "Priya Raghunathan", "2": "Priya Shah"}
    assert take_mentions("ask @Priya  shah, please", names) == ("ask Priya  shah, please", ["2"])
    assert take_mentions("ask @Priya, or mail@Priya", names) == ("ask @Priya, or mail@Priya", [])


def test_a_paragraph_is_chosen_by_its_number_alone(thread: Room) -> None:
    page = thread.page(thread.peer)
    assert f'href="/cases/{thread.case_id}?para=2#write"' in page
    form = thread.page(thread.peer, "?para=2")
    assert "Write about paragraph 2" in form
    assert "<option>The lawyer has already filed it.</option>" in form


def test_words_that_are_gone_stand_under_the_vignette(thread: Room) -> None:
    thread.post(thread.peer, "This was quick.", paragraph=1, quote="I said at once")
    thread.post(thread.peer, "Here still.", paragraph=2, quote="she can decide")
    thread.new_version(BODY.replace("I said at once that I could not accept it. ", ""))
    page = thread.page(thread.author)
    assert "version 2" in page
    assert "On version 1: <q>I said at once</q>" in page
    assert page.index("Here still.") < page.index("This was quick.")


def test_a_note_stays_beside_its_passage_while_words_in_it_are_hidden(thread: Room) -> None:
    thread.post(thread.peer, "This was quick.", paragraph=1, quote="I said at once")
    thread.post(thread.peer, "And this was slow.", paragraph=1, quote="at once")
    see_identifier(thread.peer2, thread.case_id, "said at once")
    for reader in (thread.peer, thread.supervisor):
        page = thread.page(reader)
        assert "changed her will" in page
        assert "said at once" not in page
        assert page.index('id="a1"') < page.index("This was quick.") < page.index('data-para="2"')
        assert thread.send(reader, "On this.", para="1").status_code == 403
    assert "[hidden]" not in thread.page(thread.author)


def test_a_lapsed_consent_is_said_to_author_and_supervisor(thread: Room) -> None:
    with unit_of_work(thread.author) as work:
        case = cases.get(work.session, thread.case_id)
        case.consent_lapsed, case.audience = True, "group"
    db.session.expire_all()
    for reader in (thread.author, thread.supervisor):
        assert "A consent has ended" in thread.page(reader)
    assert thread.browser(thread.peer).get(f"/cases/{thread.case_id}").status_code == 404


def test_the_page_says_who_reads(thread: Room) -> None:
    page = thread.page(thread.supervisor)
    assert "De-identified – 4 readers" in page
    assert "You, Annika Solheim, two peers." in page
    assert "I may know this client" not in page
    assert "I may know this client" in thread.page(thread.peer)
