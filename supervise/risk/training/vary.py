"""Each round sees every sentence written another way: other subjects, neighbours, letters."""

import re
from collections.abc import Sequence
from random import Random
from typing import Final

from supervise.risk.training.written import Sentence

_SUBJECT: Final = re.compile(r"^(?:She|He|They|Client|Ct\.?|Pt\.?|Patient|My client|The client|pt|ct)(?= [a-z])")
_SUBJECTS: Final = (
    "She", "He", "They", "Client", "Ct", "Pt", "Pt.", "Patient", "My client", "The client", "Cl", "This client",
    "Mr. D", "Ms. Okoye", "Rosa", "Jamal", "Wei", "my pt", "The patient", "the 15 y/o", "Student", "Resident",
)  # fmt: skip
_LEADS: Final = (
    "S: ", "Per client, ", "Note: ", "Today ", "During session ", "Yesterday ", "In supervision: ", "Of note, ", "- ",
    "Also: ", "Update: ", "By phone: ", "At the end of the hour, ", "Client reports: ", "She tells me: ",
)  # fmt: skip
_SHORTER: Final = {
    "suicidal ideation": "SI", "homicidal ideation": "HI", "with": "w/", "without": "w/o", "patient": "pt",
    "client": "ct", "history": "hx", "daughter": "dtr", "boyfriend": "bf", "girlfriend": "gf", "and": "&",
    "year": "yr", "because": "bc", "weeks": "wks", "mother": "mom", "father": "dad", "going to": "gonna",
}  # fmt: skip
_JOINS: Final = ("; ", ", but ", ", and ", ". ", " - ", ", though ")


def varied(sentence: Sentence, others: Sequence[Sentence], random: Random) -> Sentence:
    """Return the sentence as another might have put it, at times joined with another sentence or placed after one."""
    text, says, before = _written(sentence.text, random), sentence.says, sentence.before
    if not before and random.random() < 0.2:
        second = random.choice(others)
        if not second.before and len(text) + len(second.text) < 220 and not set(says) & set(second.says):
            pair = [text, _written(second.text, random)]
            if random.random() < 0.5:
                pair.reverse()
            text = random.choice(_JOINS).join(part.rstrip(".") for part in pair)
            says = _first_current({**says, **second.says})
    if not before and random.random() < 0.6:
        before = _written(random.choice(others).text, random)
    return Sentence(text, before, says)


def _first_current(says: dict[str, str]) -> dict[str, str]:
    return dict(sorted(says.items(), key=lambda pair: pair[1] != "current"))


def _written(text: str, random: Random) -> str:
    if random.random() < 0.35:
        text = _SUBJECT.sub(random.choice(_SUBJECTS), text)
    if random.random() < 0.2:
        for long, short in _SHORTER.items():
            if random.random() < 0.6:
                text = re.sub(rf"\b{long}\b", short, text, flags=re.IGNORECASE)
    if random.random() < 0.1:
        text = random.choice(_LEADS) + text
    if random.random() < 0.25:
        text = text.rstrip(".")
    if random.random() < 0.15:
        words = text.split()
        if len(words) > 7:
            del words[random.randrange(len(words))]
            text = " ".join(words)
    return text
