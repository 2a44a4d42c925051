"""Every route as everyone, on their own things, shared ones, strangers' and another organisation's.

The table that is held here is ``policy_table.py``; a route without a line in it fails.
"""

from datetime import timedelta

from flask import Flask

from supervise.core.clock import local_day, now
from tests.web.policy_table import TABLE
from tests.web.walk import Site, Visit, walk


def test_every_route_has_a_line_and_every_line_a_route(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"} == TABLE.keys()


def test_every_line_names_things_that_exist(site: Site) -> None:
    known = {name for things in site.world.things.values() for name in things}
    for endpoint, line in TABLE.items():
        if isinstance(line.through, dict):
            assert line.through.keys() <= known, endpoint


def test_who_may_look_at_what(visits: list[Visit]) -> None:
    wrong = [str(visit) for visit in visits if visit.through != visit.expected]
    assert not wrong, "\n" + "\n".join(wrong)


def test_nothing_fails(visits: list[Visit]) -> None:
    assert not [str(visit) for visit in visits if visit.status >= 500 or visit.status in (400, 405)]


def test_who_is_refused_learns_nothing(visits: list[Visit]) -> None:
    """No word of the thing, and nobody is told by the kind of refusal that it exists."""
    refused = [visit for visit in visits if not visit.through]
    assert refused
    assert not [f"{visit}: {set(visit.words)}" for visit in refused if visit.words or visit.canaries]
    outside = {"abroad", "supervisor_abroad"}
    assert not [str(v) for v in refused if v.who in outside and v.thing and v.thing != "abroad" and v.status == 403]


def test_who_may_do_what(site: Site) -> None:
    done = walk(site, "POST")
    site.put_back()
    wrong = [str(visit) for visit in done if visit.through != visit.expected or visit.status >= 500]
    assert not wrong, "\n" + "\n".join(wrong)
    refused = [visit for visit in done if not visit.through]
    assert not [f"{v}: {set(v.words)}" for v in refused if v.canaries or (v.thing and v.words)]
    assert not [f"{visit} {set(visit.written)}" for visit in refused if visit.written - {"audit_rows", "sign_ins"}]


def test_who_once_supervised_reads_those_days_alone(site: Site) -> None:
    browser, author = site.world.browser("former"), site.world.people["author"]
    today = local_day(now(), author.zone)
    week = f"/hours/people/{author.person_id}/weeks"
    assert browser.get(f"{week}/{today - timedelta(days=100)}").status_code == 200
    assert browser.get(f"{week}/{today - timedelta(days=7)}").status_code == 404
    assert browser.get(f"/hours/people/{author.person_id}/progress").status_code == 404
    assert "Progress of" not in browser.get(f"/hours/attest/{author.person_id}").text
