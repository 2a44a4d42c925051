"""What each recogniser finds and what it leaves, one line each; marks as in the scheme: [[LABEL|words]]."""

from collections.abc import Callable

import pytest

from supervise.deid.engine import Proposal
from tests.deid.marking import marked

FOUND = [
    # telephone
    "Call [[PHONE|(831) 555-0162]] or [[PHONE|831.555.0163]] today.",
    "Her cell is [[PHONE|+1 415 555 0100]], office [[PHONE|555-0134]].",
    "It is [[PHONE|949/555-0188]] (texts OK).",
    "Reviewer at extension [[PHONE|60217]].",
    "He said [[PHONE|three one four, five five five, oh one nine one]] twice.",
    "I am up late, [[PHONE|6 1 9 - 5 5 5 - 0 1 7 3]].",
    "My number is [[PHONE|479 triple five 0105]].",
    "Tel. [[PHONE|+44 20 7946 0958]] in the morning.",
    # mail and web
    "Write to [[EMAIL|s.h96@mail.example]].",
    "Write to [[EMAIL|dana (dot) ruiz (at) proton (dot) me]].",
    "Write to [[EMAIL|dana at gmail dot com]] please.",
    "It was on [[URL|https://blog.example/kidney?x=1]] and [[URL|www.paper.example]].",
    "He posts as [[URL|@jay_lifts_77]] there.",
    "His gamer tag is [[URL|DarkElf2009]] now.",
    "The log shows [[URL|192.168.4.23]].",
    # ids
    "MRN [[ID|00482913]], chart [[ID|TC/2021/0388]].",
    "SSN [[ID|219-09-9999]]; SSN last four: [[ID|4407]].",
    "Docket [[ID|24-CR-01187]] is open.",
    "Policy (member [[ID|VGH-2208841-03]]).",
    "Tracker on her plate [[ID|8KRT204]].",
    "Passport ([[ID|P09441276]]) is gone.",
    "Account ending in [[ID|6619]].",
    # places
    "She lives at [[LOCATION|418 Alder Lane, Apt 6]].",
    "They live in [[LOCATION|Irvine]], CA [[LOCATION|92612]].",
    "P.O. Box: [[LOCATION|PO Box 118]].",
    # ages
    "She is a [[AGE|93]]-year-old widow.",
    "He turned [[AGE|ninety-one]] in the week I saw him.",
    "His grandmother, who is [[AGE|97]], hauls water.",
    # dates
    "Seen on [[DATE|March 3rd]] and [[DATE|4/12/2024]].",
    "Since [[DATE|June 2023]] and until [[DATE|14 Aug 1996]].",
    "DOS: [[DATE|2025-02-11]]. On [[DATE|11/6]] he called.",
    "Away [[DATE|12/20–12/23]], back in [[DATE|late September]].",
    "She fasted on [[DATE|3 Adar]] and came at [[DATE|Thanksgiving]].",
    "The funeral is Sunday [[DATE|the 16th]].",
    # names
    "Dr. [[NAME|Okonkwo]] and Ms. [[NAME|Rivas-Ortega]] agree.",
    "mr. [[NAME|rich]] said so.",
    "my client [[NAME|sarah]] told me",
    "her son [[NAME|Kuba]] is nine.",
    "a man named [[NAME|Dax Okonkwo]] called.",
    "Client: [[NAME|Blessing Oduya]]",
    "Then [[NAME|T. Brandvold]] wrote.",
    "He calls himself [[NAME|Big Stan]].",
    "We saw [[NAME|D.W.]] today.",
    "It is spelled [[NAME|c-h-u-k-w-u]].",
    "10:41 [[NAME|Thuy]]: are you free?",
    "[[NAME|Hope]] 3:02 PM: quick one",
    "The girl, [[NAME|Paek Ok-sun]], left.",
    "We met [[NAME|Lucía Brandvold]]'s aunt.",
    # organisations and places by name
    "She attends [[ORG|Franklin Elementary]].",
    "I work at [[ORG|Harbor Lantern Family Center]].",
    "He moved to [[LOCATION|Crescent City]], California.",
    "They are from [[LOCATION|Bakersfield]].",
]


@pytest.mark.parametrize("text", FOUND)
def test_finds(text: str, propose: Callable[[str], Proposal]) -> None:
    plain, spans = marked(text)
    groups = [group for group in propose(plain).groups if group.label != "QUASI"]
    found = {(start, end, group.label) for group in groups for start, end in group.places}
    assert {(plain[a:b], label) for a, b, label in found} == {(plain[a:b], label) for a, b, label in spans}


LEFT = [
    "Call 988 or 911, or text 741741; 211 and 311 know more.",
    "PHQ-9 was 16, GAD-7 12, BDI-II 31, C-SSRS negative, MoCA 23/30.",
    "Code F33.1, F43.81 and 90837; A.2.c, B.5.b and ACA A.10.f.",
    "He is 41, she is a 16-year-old; 90 minutes, ninety days, 95%.",
    "Pain was 7/10, mood 4 out of 10, oriented x4, 10 mg, 0.5 mg, 24/7.",
    "Since 2019, for three weeks, last Tuesday, two years ago, at 10:45.",
    "Beck would call it a schema; Winnicott and Bowlby wrote of holding.",
    "Johnson's model of attachment and Bowen's theory differ.",
    "We used the Beck Depression Inventory and the Stanley-Brown plan.",
    "She takes Lexapro and Abilify, and sertraline before.",
    "Tarasoff, HIPAA and the Baker Act; a Title IX report.",
    "A Latina, a Hmong elder, Jehovah's Witness, Two-Spirit, Deaf, Black.",
    "She spoke Spanish in Texas and in New York State, and moved to Mexico.",
    "CPS, APS, the VA, AA and Medicaid were told.",
    "I will hope for grace. May I mark it? A rich art, she drew, he rose.",
    "Her mother, her Aunt and Grandma agree. Mom and Dad came. My Supervisor too.",
    "The group meets on Friday. Where I'm stuck: what do I say?",
    "Ramadan is a practice that she values.",
    "The client who came first and the only session that helped.",
    "He fell. Vaping, sex, cutting. Nobody died. She cries a lot.",
    "INTAKE SUMMARY\n\nPLAN: review. SUBJECTIVE: sad.",
    "Section 3.14 of the binder, page 4, 1/3 of it, 2 of 5.",
]


@pytest.mark.parametrize("text", LEFT)
def test_leaves(text: str, propose: Callable[[str], Proposal]) -> None:
    assert [(g.label, g.forms, g.source) for g in propose(text).groups] == []


DOUBTFUL = [
    ("Hope came up a lot, and he left.", "Hope"),
    ("They drove to Route 9 and stopped.", "Route 9"),
    ("Ask about the 93301 thing.", "93301"),
]


@pytest.mark.parametrize(("text", "form"), DOUBTFUL)
def test_asks_about(text: str, form: str, propose: Callable[[str], Proposal]) -> None:
    (group,) = propose(text).groups
    assert group.forms == (form,)
    assert group.doubtful
    assert group.why


RARE = [
    ("She is the only female firefighter in the county.", "the only female firefighter in the county"),
    ("He is the former mayor of the town.", "the former mayor of the town"),
    ("He is the pilot who walked away from the crash.", "the pilot who walked away from the crash"),
    ("She is one of the identical quadruplets.", "one of the identical quadruplets"),
    ("She won the state spelling bee.", "won the state spelling bee"),
]


@pytest.mark.parametrize(("text", "phrase"), RARE)
def test_suggests_other_words_for_what_is_rare(text: str, phrase: str, propose: Callable[[str], Proposal]) -> None:
    (group,) = propose(text).groups
    assert (group.label, group.forms, group.doubtful) == ("QUASI", (phrase,), True)
    assert group.suggestion
    assert group.why


def test_a_client_can_be_called_beck(propose: Callable[[str], Proposal]) -> None:
    text = "Mr. Beck came. Beck was late, and Beck said so. I read Yalom on it."
    groups = propose(text).groups
    assert {group.label for group in groups} == {"NAME"}
    assert {text[a:b] for group in groups for a, b in group.places} == {"Beck"}
    assert sum(len(group.places) for group in groups) == 3


def test_a_state_can_be_a_person_and_then_goes_everywhere(propose: Callable[[str], Proposal]) -> None:
    (group,) = propose("Her sister Georgia called from Georgia.").groups
    assert (group.label, group.places) == ("NAME", ((11, 18), (31, 38)))
    assert propose("She called from Georgia.").groups == ()
