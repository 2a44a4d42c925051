"""The red path of the demo: who is on call, and one crisis that was answered and closed."""

from datetime import timedelta

from supervise.cli.demo.people import People, at
from supervise.core.clock import local_day, now, replaying
from supervise.core.uow import unit_of_work
from supervise.flows import page_crisis
from supervise.safety import service

ROTA = {"on_call": "supervisor", "backup": "supervisor2", "lead": "admin"}


def load_crises(people: People) -> None:
    """Put people on call for the last month, and let a supervisee have asked for help nine days ago."""
    supervisee, admin = people.actors["supervisee"], people.actors["admin"]
    on_call = people.actors[ROTA["on_call"]]
    today = local_day(now(), supervisee.zone)
    with replaying(at(today - timedelta(days=30), "09:00", admin.zone)), unit_of_work(admin) as work:
        for rung, key in ROTA.items():
            service.take_rung(work, rung, people.actors[key].person_id)
    day = today - timedelta(days=9)
    with replaying(at(day, "15:12", supervisee.zone)):
        crisis_id = page_crisis.ask_for_help(supervisee, "red")
    with replaying(at(day, "15:15", supervisee.zone)), unit_of_work(on_call) as work:
        service.call_now(work, crisis_id)
    with replaying(at(day, "15:17", supervisee.zone)), unit_of_work(supervisee) as work:
        service.spoke(work, crisis_id)
    with replaying(at(day, "16:05", supervisee.zone)):
        later = now() + timedelta(days=1)
        page_crisis.close(supervisee, crisis_id, ["client_spoken", "assessed", "plan"], ["client", "supervisor"], later)
