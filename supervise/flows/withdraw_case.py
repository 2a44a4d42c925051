"""Withdrawing a case: everyone but its author and the supervisor of record stops reading at the next request."""

from supervise.cases import service
from supervise.core.actor import Actor
from supervise.core.uow import unit_of_work


def withdraw_case(actor: Actor, case_id: str) -> None:
    """Withdraw an open case. The reason is a ruling, published beside it."""
    with unit_of_work(actor) as work:
        service.withdraw(work, case_id)
