"""Stand-ins keep the story and tell nothing of what they replace: who somebody is to the client, how long after."""

from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervise.deid.engine import LABELS, Choice, Group, Proposal
from supervise.deid.engine.calendar import Moment, read_moment, read_range
from supervise.deid.engine.standins import Before, with_stand_ins
from supervise.deid.engine.timeline import timeline
from tests.deid.marking import marked

READ = [
    ("March 3rd, 2024", Moment(3, 3, 2024)),
    ("3 March 2024", Moment(3, 3, 2024)),
    ("the 14th of August", Moment(14, 8, None)),
    ("June third", Moment(3, 6, None)),
    ("4/12/2024", Moment(12, 4, 2024)),
    ("4/12/24", Moment(12, 4, 2024)),
    ("14.8.1996", Moment(14, 8, 1996)),
    ("2025-02-11", Moment(11, 2, 2025)),
    ("11/6", Moment(6, 11, None)),
    ("June 2023", Moment(None, 6, 2023)),
    ("5/2019", Moment(None, 5, 2019)),
    ("late September", Moment(None, 9, None)),
    ("fall of 2022", Moment(None, 10, 2022)),
    ("Thanksgiving", None),
    ("13/45/2020", None),
]
RANGES = [
    ("March 3-7, 2024", (Moment(3, 3, 2024), Moment(7, 3, 2024))),
    ("March 3rd to 7th", (Moment(3, 3, None), Moment(7, 3, None))),
    ("3–7 March 2024", (Moment(3, 3, 2024), Moment(7, 3, 2024))),
    ("March third through seventh", (Moment(3, 3, None), Moment(7, 3, None))),
    ("3/4 to 3/8", (Moment(4, 3, None), Moment(8, 3, None))),
    ("3/4-3/8", (Moment(4, 3, None), Moment(8, 3, None))),
    ("March 3, 2024", None),
    ("2024-03-07", None),
    ("3-4-2024", None),
    ("June 2023", None),
]


@pytest.mark.parametrize(("words", "moment"), READ)
def test_reads_dates(words: str, moment: Moment | None) -> None:
    assert read_moment(words) == moment


@pytest.mark.parametrize(("words", "ends"), RANGES)
def test_reads_ranges(words: str, ends: tuple[Moment, Moment] | None) -> None:
    assert read_range(words) == ends


def shown(text: str, before: Before | None = None) -> str:
    """Return a text, marked as ``[[LABEL|words]]``, with its stand-ins; equal words under one label are one group."""
    plain, spans = marked(text)
    places: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for start, end, label in spans:
        places.setdefault((label, plain[start:end]), []).append((start, end))
    groups = tuple(
        Group(f"g{n}", label, (form,), tuple(at), 0.9, source(label, form), False, "", None, "")
        for n, ((label, form), at) in enumerate(places.items(), start=1)
    )
    made = Proposal(plain, with_stand_ins(plain, groups, before))
    return made.resolve({g.key: Choice("remove") for g in made.groups}).apply().text


def source(label: str, form: str) -> str:
    return "holiday" if label == "DATE" and form in ("Thanksgiving", "Christmas 2023", "Eid") else "test"


PEOPLE = [
    ("My client [[NAME|Ana]] came. [[NAME|Ana]]'s car died.", "My client [Client] came. [Client]'s car died."),
    ("Client: [[NAME|Ana Lund]]", "Client: [Client]"),
    ("[[NAME|Ana]] (pt) slept.", "[Client] (pt) slept."),
    ("[[NAME|Tavian]], 9, was brought in.", "[Client], 9, was brought in."),
    ("I began treatment with [[NAME|Ana]] then.", "I began treatment with [Client] then."),
    ("her mother, [[NAME|Lucía]], left", "her mother, [Client's mother], left"),
    ("her oldest sister [[NAME|Ana]] left", "her oldest sister [Client's older sister] left"),
    ("a friend named [[NAME|Jo]] left", "a friend named [Client's friend] left"),
    ("her therapist Dr. [[NAME|Cho]] left", "her therapist Dr. [Client's therapist] left"),
    ("the teacher, Ms. [[NAME|Fox]], saw", "the teacher, Ms. [Teacher], saw"),
    ("his ex-wife [[NAME|Bea]] left", "his ex-wife [Client's former wife] left"),
    ("her mother-in-law [[NAME|Rose]] left", "her mother-in-law [Client's mother-in-law] left"),
    ("Abuela [[NAME|Pilar]] drives. Coach [[NAME|Ray]].", "Abuela [Client's grandmother] drives. Coach [Coach]."),
    ("[[NAME|Ana]], her older sister, drove.", "[Client's older sister], her older sister, drove."),
    ("[[NAME|Carl]] is his teacher.", "[Client's teacher] is his teacher."),
    ("her mother's boyfriend [[NAME|Ray]] hit", "her mother's boyfriend [Client's mother's boyfriend] hit"),
    (
        "her sister [[NAME|Ana]] and [[NAME|Ana]]'s husband, [[NAME|Bob]]",
        "her sister [Client's sister] and [Client's sister]'s husband, [Client's sister's husband]",
    ),
    (
        "her husband [[NAME|Bob]] and his mother [[NAME|Rose]]",
        "her husband [Client's husband] and his mother [Client's husband's mother]",
    ),
    (
        "his father [[NAME|Al]] and his aunt [[NAME|Jo]]",
        "his father [Client's father] and his aunt [Client's aunt]",
    ),
    ("her sisters [[NAME|Ana]], [[NAME|Bea]] (7) and [[NAME|Cleo]]",
     "her sisters [Client's sister 1], [Client's sister 2] (7) and [Client's sister 3]"),
    ("My clients [[NAME|Ana]] and [[NAME|Ben]]", "My clients [Client 1] and [Client 2]"),
    ("another client, [[NAME|Maya]], knows", "another client, [Another client], knows"),
    ("My supervisor, [[NAME|Fenn]]. My wife [[NAME|Jo]]", "My supervisor, [Supervisor]. My wife [Author's wife]"),
    ('She said, "my sister [[NAME|Ana]] lies".', 'She said, "my sister [Client\'s sister] lies".'),
    ("Then Father [[NAME|Michael]] prayed with [[NAME|Kim]].", "Then Father [Person 1] prayed with [Person 2]."),
    ("She cried. Her brother [[NAME|Raúl]] too.", "She cried. Her brother [Client's brother] too."),
    ("I told her mother. [[NAME|Ana]] left.", "I told her mother. [Person 1] left."),
    ("[Client's sister] wrote; her sister [[NAME|Bea]] did not.",
     "[Client's sister] wrote; her sister [Client's sister 2] did not."),
    ("[Person 1] wrote to [[NAME|Kim]].", "[Person 1] wrote to [Person 2]."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "result"), PEOPLE)
def test_tells_people_by_what_they_are_to_the_client(text: str, result: str) -> None:
    assert shown(text) == result


def test_one_person_is_one_stand_in_whatever_was_taken_for_what() -> None:
    text = "My client [[NAME|Tavian Lund]] came. [[ORG|Tavian]] slept. [[NAME|Tavian]] woke. [[LOCATION|Lund]] ate."
    assert shown(text) == "My client [Client] came. [Client] slept. [Client] woke. [Client] ate."


def group_of(text: str, form: str) -> Group:
    plain, spans = marked(text)
    forms = dict.fromkeys(plain[start:end] for start, end, _ in spans)
    groups = tuple(
        Group(f"g{n}", "NAME", (one,), tuple(s[:2] for s in spans if plain[s[0] : s[1]] == one), 0.9, "test", False, "",
              None, "")
        for n, one in enumerate(forms)
    )  # fmt: skip
    return next(group for group in with_stand_ins(plain, groups) if form in group.forms)


def test_two_people_of_one_name_are_asked_about() -> None:
    one = group_of("My client [[NAME|Anna]] has a friend, her friend [[NAME|Anna]].", "Anna")
    assert (one.stand_in, one.doubtful) == ("[Person 1]", True)
    assert "one person, or two" in one.why
    text = "My client [[NAME|Anna Lund]] and her sister [[NAME|Anna Cho]] met. [[NAME|Anna]] cried."
    shared = group_of(text, "Anna")
    assert (shared.stand_in, shared.doubtful) == ("[Person 1]", True)
    assert group_of(text, "Anna Lund").stand_in == "[Client]"
    assert not group_of(text, "Anna Lund").doubtful


def test_a_reply_by_somebody_else_takes_nobody_of_its_own_for_the_client() -> None:
    reply = Before(own=False)
    text = "My client [[NAME|Kim]] did so; her sister [[NAME|Bea]] too. The client's mother, [[NAME|Jo]], may not."
    assert shown(text, reply) == (
        "My client [Another client] did so; her sister [Person 1] too. The client's mother, [Client's mother], may not."
    )


def test_what_somebody_was_called_before_they_are_called_again() -> None:
    before = Before({"tavian": "[Client]", "raúl": "[Client's uncle]", "harbor lantern": "[Clinic]"})
    text = "[[NAME|Tavian]] met [[NAME|Raúl]] at [[ORG|Harbor Lantern]]; his uncle [[NAME|Al]] at [[ORG|Sun Clinic]]."
    assert shown(text, before) == (
        "[Client] met [Client's uncle] at [Clinic]; his uncle [Client's uncle 2] at [Clinic 2]."
    )


DATES = [
    ("On [[DATE|9/18/2024]] and [[DATE|9/29/2024]].", "On [day 0] and [11 days later]."),
    ("On [[DATE|9/18/2024]] and [[DATE|9/19]].", "On [day 0] and [1 day later]."),
    ("On [[DATE|9/18/2024]] and [[DATE|9/8/2024]].", "On [day 0] and [10 days earlier]."),
    ("On [[DATE|9/18/2024]], [[DATE|9/29/2024]], [[DATE|11/6]].",
     "On [day 0], [11 days after day 0], [about 7 weeks after day 0]."),
    ("On [[DATE|9/18/2024]] and in [[DATE|December 2024]].", "On [day 0] and in [about 3 months later]."),
    ("On [[DATE|9/18/2024]] and in [[DATE|September 2024]].", "On [day 0] and in [about the same time]."),
    ("On [[DATE|9/18/2024]] and [[DATE|May 1, 2001]].", "On [day 0] and [about 23 years earlier]."),
    ("On [[DATE|9/18/2024]], in [[DATE|May]].", "On [day 0], in [date]."),
    ("On [[DATE|2/27/2024]] and [[DATE|3/1/2024]].", "On [day 0] and [3 days later]."),
    ("On [[DATE|2/27/2023]] and [[DATE|3/1/2023]].", "On [day 0] and [2 days later]."),
    ("On [[DATE|2/27]] and [[DATE|3/1]].", "On [day 0] and [about the same time]."),
    ("On [[DATE|12/28]] and [[DATE|1/5]].", "On [day 0] and [8 days later]."),
    ("On [[DATE|9/18/2024]] and [[DATE|2/29/2023]].", "On [day 0] and [date]."),
    ("Away [[DATE|March 3-7, 2024]], back [[DATE|3/9/2024]].", "Away [day 0 to 4 days later], back [6 days later]."),
    ("Seen [[DATE|3/1/2024]]; away [[DATE|March 3-7, 2024]].", "Seen [day 0]; away [2 to 6 days later]."),
    ("Seen [[DATE|3/1/2024]]; away [[DATE|June 3-7, 2024]].", "Seen [day 0]; away [about 3 months later]."),
    ("In [[DATE|June 2023]] and [[DATE|September 2023]].", "In [month 0] and [about 3 months later]."),
    ("In [[DATE|spring 2023]] only.", "In [date] only."),
    ("On [[DATE|9/18/2024]] and in [[DATE|fall of 2022]].", "On [day 0] and in [about 23 months earlier]."),
    ("At [[DATE|Thanksgiving]] and [[DATE|Christmas 2023]].", "At [holiday] and [holiday]."),
    ("Seen [[DATE|9/18/2024]], before [[DATE|Eid]].", "Seen [date], before [holiday]."),
    ("Every [[DATE|December]] he drinks.", "Every [time of year] he drinks."),
    ("Intake was on [[DATE|9/18/2024]]; [[DATE|9/29/2024]] came next.",
     "Intake was on [start of treatment]; [11 days into treatment] came next."),
    ("She began therapy on [[DATE|9/18/2024]]. [[DATE|October 2024]] helped, [[DATE|May 2024]] not.",
     "She began therapy on [start of treatment]. [early in treatment] helped, [about 4 months before treatment] not."),
    ("[[DATE|11/2/2024]] followed the first session on [[DATE|9/18/2024]].",
     "[about 6 weeks into treatment] followed the first session on [start of treatment]."),
    ("DOB: [[DATE|05/30/1981]]. Turned 9 on [[DATE|3/4/2024]]. [[DATE|June 2]] is her birthday.",
     "DOB: [date of birth]. Turned 9 on [date of birth]. [date of birth] is her birthday."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "result"), DATES)
def test_keeps_the_time_between_dates(text: str, result: str) -> None:
    assert shown(text) == result


def test_a_reply_counts_from_the_day_of_the_case() -> None:
    plain, spans = marked("Seen on [[DATE|9/18/2024]], then [[DATE|9/20/2024]].")
    groups = tuple(
        Group(f"g{n}", "DATE", (plain[a:b],), ((a, b),), 0.9, "date", False, "", None, "")
        for n, (a, b, _) in enumerate(spans)
    )
    before = Before(origin=timeline(plain, groups).origin)
    assert shown("He called on [[DATE|9/29/2024]].", before) == "He called on [11 days after day 0]."


def test_no_second_first_day_is_counted_from() -> None:
    text = "Seen on [day 0]. He called on [[DATE|9/29/2024]] and [[DATE|9/30/2024]]."
    assert shown(text) == "Seen on [day 0]. He called on [date] and [date]."


def test_a_date_marked_later_is_counted_only_where_a_first_day_is_shown(propose: Callable[[str], Proposal]) -> None:
    text = "Seen on September 18, 2024 and 9/29/2024. He left at teatime."
    proposal = propose(text)
    added = proposal.add(text.index("teatime"), len(text) - 1, "DATE")
    assert added.resolve({}).apply().text == "Seen on [day 0] and [11 days later]. He left at [date]."
    again = added.add(0, 4, "NAME")
    assert [g.stand_in for g in again.groups if g.label == "DATE"] == ["[day 0]", "[11 days later]", "[date]"]


def test_kinds_of_places_have_words_of_their_own(propose: Callable[[str], Proposal]) -> None:
    text = (
        "She attends Franklin Elementary and prays at Living Fountain Church. Born in Bakersfield, now in Fresno. "
        "He is 93-year-old; MRN 00482913; see https://a.example/x."
    )
    stand_ins = {g.stand_in for g in propose(text).groups}
    assert stand_ins == {"[School]", "[Place of worship]", "[Town]", "[Town 2]", "[90+]", "[number]", "[link]"}


def test_a_stand_in_tells_neither_length_nor_letters(propose: Callable[[str], Proposal]) -> None:
    results = {
        propose(f"My client {name} came. {name} left.").resolve({}).apply().text
        for name in ("Bo", "Sarah", "Oluwaseun", "Maria Gonzalez-Pratt", "John")
    }
    assert results == {"My client [Client] came. [Client] left."}


WORDS = (
    "Client", "Person", "person 1", "Sister", "her", "sister", "older", "Clinic", "Town", "Will", "Coach Lee", "date",
    "day", "11", "Someone", "mother", "Lee's", "3/4/2024", "link", "a", "first", "responder", "Place", "phone", "my",
    "client", ",", "and", "is", "the",
)  # fmt: skip


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, tuple[Group, ...]]:
    """Any text with any of its words found as anything, the words of stand-ins themselves before all."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14))
    text, groups = "", []
    for number, word in enumerate(words):
        start = len(text)
        text += word + " "
        label = draw(st.sampled_from(("", *LABELS)))
        if label and word != ",":
            suggestion = draw(st.sampled_from(("a first responder", "someone with a public role", None)))
            groups.append(
                Group(
                    f"g{number}", label, (word,), ((start, start + len(word)),), 0.9, "test", False, "", suggestion, ""
                )
            )
    return text, tuple(groups)


@settings(max_examples=400, deadline=None)
@given(texts())
def test_nothing_that_was_found_stands_in_any_suggestion(case: tuple[str, tuple[Group, ...]]) -> None:
    text, groups = case
    made = with_stand_ins(text, groups)
    assert [g.key for g in made] == [g.key for g in groups]
    gone = [plain for group in groups for form in group.forms if len(plain := _plain(form)) > 1]
    for group in made:
        said = f" {_plain(group.stand_in)} "
        assert not [form for form in gone if f" {form} " in said], group
        if group.label == "QUASI":
            said = f" {_plain(group.suggestion or '')} "
            assert not [form for form in gone if f" {form} " in said], group
        assert group.stand_in.startswith("[")
        assert group.stand_in.endswith("]")


def _plain(words: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in words.casefold()).split())


def test_takes_time_in_proportion() -> None:
    def seconds(times: int) -> float:
        text = "his mother Ana and her sister Ana Bo, " * times
        at, groups = 0, []
        while (at := text.find("Ana", at + 1)) >= 0:
            groups.append(Group(f"g{at}", "NAME", (f"Ana{at}",), ((at, at + 3),), 0.9, "test", False, "", None, ""))
        start = process_time()
        with_stand_ins(text, tuple(groups))
        return process_time() - start

    seconds(10)
    assert min(seconds(1600) for _ in range(3)) < 10 * min(seconds(400) for _ in range(3))
