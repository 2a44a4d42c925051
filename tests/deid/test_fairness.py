"""A name is found whatever people it comes from, in sentences that say nothing else about it."""

from collections.abc import Callable

import pytest

from supervise.deid.engine import Proposal

NAMES = {
    "anglo": ["Harriet Caldbeck", "Wade Post", "Dot Sealy", "Grady Thornbury"],
    "black-american": ["Tyrell Gaines", "Shaquita Boone", "Deja Mayfield", "Ivory Pleasant"],
    "hispanic": ["Yaretzi Quiñones", "Rigo Zaldívar", "Socorro Ibáñez", "Beto Arriaga"],
    "african": ["Abena Sarpong", "Chukwuemeka Eze", "Ifeoma Okwuosa", "Thandeka Mokoena"],
    "arab-persian": ["Dunya al-Jabiri", "Behrouz Daneshmand", "Shirin Tehranchi", "Khaled Barghouti"],
    "south-asian": ["Hitesh Mehrotra", "Anindita Roychowdhury", "Farhana Mollah", "Gurpreet Sodhi"],
    "east-asian": ["Ouyang Wenli", "Ji-hoon Bae", "Hsiu-mei Tseng", "Haruto Kisaragi"],
    "southeast-asian": ["Thuy Trieu", "Bao Lam", "Mai See Vang", "Rizal Dimaculangan"],
    "slavic": ["Wojciech Zaremba", "Halyna Prokopchuk", "Bohdan Kravets", "Zlatan Hadžić"],
    "jewish": ["Shoshi Feldstein", "Dovid Halberstam", "Mendel Wertzberger", "Chaya Lipschutz"],
    "native-american": ["Delphine Walks Along", "Wassillie Nick", "Kaya Whitebird", "Darrell Yellowhair"],
    "pacific-islander": ["Tavita Leiataua", "Sione Taufahema", "Kealoha Kanahele", "Losa Faumuina"],
    "mixed": ["Oisín Park-Castellanos", "Beatrix von Hagen", "Rosalind Achterberg", "Tomasz Oyelaran"],
}
SENTENCES = ("I met {} last week.", "{} came late and left early.", "It was hard to sit with {}, and I said so.")


@pytest.mark.parametrize("origin", NAMES)
def test_finds_names_of_every_origin(origin: str, propose: Callable[[str], Proposal]) -> None:
    left = []
    for name in NAMES[origin]:
        for sentence in SENTENCES:
            result = propose(sentence.format(name)).resolve({}).apply().text
            if any(part in result for part in name.replace("-", " ").split() if part not in ("al", "von")):
                left.append(result)
    assert left == []
