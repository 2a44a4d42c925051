"""The state table, driven by chance: no way leads around it."""

from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from supervise.cases.rules import AUDIENCES, KINDS, TABLE, Change, next_state, scopes_needed
from supervise.core.errors import Refused

STATES = ("draft", "proposed", "confirmed", "open", "decided", "closed", "withdrawn")


class Supervision(RuleBasedStateMachine):
    """Any change, at any time, in a case of one kind; the history must make sense afterwards."""

    kind = "supervision"

    def __init__(self) -> None:
        super().__init__()
        self.state = "draft"
        self.history: list[tuple[Change, str]] = []

    @rule(change=st.sampled_from(Change))
    def attempt(self, change: Change) -> None:
        try:
            self.state = next_state(self.state, change, self.kind)
        except Refused:
            return
        self.history.append((change, self.state))

    @invariant()
    def known(self) -> None:
        assert self.state in STATES

    @invariant()
    def open_only_after_confirmation_of_the_last_words(self) -> None:
        if self.state in {"open", "decided", "closed", "withdrawn"}:
            changes = [change for change, _ in self.history]
            first = changes.index(Change.RELEASE)
            assert changes[first - 2 : first] == [Change.SCREEN, Change.CONFIRM]

    @invariant()
    def closed_only_through_decided(self) -> None:
        states = [state for _, state in self.history]
        for before, after in pairwise(states):
            if after == "closed":
                assert before == "decided"
            if after == "decided":
                assert before == "open"

    @invariant()
    def withdrawn_for_good(self) -> None:
        states = [state for _, state in self.history]
        assert "withdrawn" not in states[:-1]


class Consultation(Supervision):
    kind = "consultation"


TestSupervision = Supervision.TestCase
TestConsultation = Consultation.TestCase
TestSupervision.settings = TestConsultation.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("change", [*Change])
def test_every_pair_is_in_the_table_or_refused_with_a_sentence(state: str, change: Change) -> None:
    for kind in KINDS:
        only = {Change.SIGN_OFF: "supervision", Change.SEND_BACK: "supervision", Change.CLOSE: "consultation"}
        if (state, change) in TABLE and only.get(change, kind) == kind:
            assert next_state(state, change, kind) == TABLE[state, change]
        else:
            with pytest.raises(Refused, match=r"^[A-Z].*\.$"):
                next_state(state, change, kind)


def test_nobody_signs_off_a_consultation_and_no_author_closes_supervision() -> None:
    for change, kind in ((Change.SIGN_OFF, "consultation"), (Change.SEND_BACK, "consultation")):
        with pytest.raises(Refused, match="author closes"):
            next_state("decided", change, kind)
    with pytest.raises(Refused, match="supervisor of record"):
        next_state("decided", Change.CLOSE, "supervision")
    assert next_state("decided", Change.CLOSE, "consultation") == "closed"
    assert next_state("decided", Change.SIGN_OFF, "supervision") == "closed"


def test_the_only_way_to_open_for_the_first_time_is_release_of_what_was_confirmed() -> None:
    ways = {(state, change) for (state, change), after in TABLE.items() if after == "open"}
    assert ways == {
        ("confirmed", Change.RELEASE),
        ("open", Change.REVISE),
        ("decided", Change.SEND_BACK),
        ("closed", Change.REOPEN),
    }


def test_each_audience_asks_for_its_consent() -> None:
    assert scopes_needed("supervision", "supervisor") == ("supervisor",)
    assert scopes_needed("supervision", "group") == ("supervisor", "group")
    assert scopes_needed("consultation", "group") == ("group",)
    assert scopes_needed("consultation", "peers") == ("peers",)
    assert set(AUDIENCES) == set(KINDS)
