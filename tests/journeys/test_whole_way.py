"""The whole product in one way: a vignette from its first word to a board's packet, by the people who would walk it."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask, Response, request
from playwright.sync_api import expect

from supervise.accounts.models import Person
from supervise.audit.heads import write_head
from supervise.audit.service import verify as verify_audit
from supervise.core.actor import Actor, Role
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.installation import installation
from supervise.notifications.models import Notice
from supervise.reports.seal import make_seal_identity, verify
from tests.factories import PASSWORD, Factory
from tests.journeys.conftest import OpenPage
from tests.journeys.hand import Hand

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TITLE = "Milica Jovanović leaves me a house"
QUESTION = "May I go on visiting Milica until she has an answer?"
BODY = (
    "Milica Jovanović, 84, has changed her will and the house goes to me. I said at once that I could not accept it. "
    "She laughed.\n\n"
    "On March 3, 2025 her lawyer called me from (559) 555-0123 and told me that it is filed in Fresno. Milica wrote to "
    "me the same evening from milica.j@tidewater.example. I believe that she can decide. I am less sure that she is "
    "free of fear.\n\n"
    "Her nephew Goran Halvorsen lives at 14 Cedar Street. Do I speak with him?"
)
SECRETS = (
    "Milica", "Jovanovi", "March 3", "555-0123", "Fresno", "tidewater", "Goran", "Halvorsen", "14 Cedar",
)  # fmt: skip
OF_THE_PEER = ("Branislava", "Petrossian")


@dataclass
class Clinic:
    """The people, what each of them was sent, and the days on which the work was done."""

    people: dict[str, Actor]
    emails: dict[str, str]
    group: str
    sent: dict[str, list[str]] = field(default_factory=dict)

    @property
    def worked(self) -> date:
        """The Wednesday of last week: it has been, and so has its week."""
        today = local_day(now(), "America/Los_Angeles")
        return today - timedelta(days=today.weekday() + 5)


@pytest.fixture
def clinic(app: Flask, make: Factory) -> Clinic:
    org = make.organisation()
    people = {
        "author": make.person(org, Role.SUPERVISEE, name="Annika Solheim"),
        "supervisor": make.person(org, Role.SUPERVISOR, name="Ines Valcourt"),
        "peer": make.person(org, Role.CLINICIAN, name="Desmond Achebe"),
    }
    for actor in people.values():
        make.password(actor)
        make.licence(actor)
    make.agreement(people["author"], people["supervisor"], make.setting(people["author"]))
    keyring, identity = installation().keyring, make_seal_identity(org.name)
    keyring.put_item("seal-key", identity.key_pem)
    keyring.put_item("seal-certificate", identity.certificate_pem)
    group = make.group(people["peer"], people["author"])
    rows = {name: db.session().get_one(Person, actor.person_id) for name, actor in people.items()}
    found = Clinic(people, {name: row.email for name, row in rows.items()}, group.name)
    db.session.rollback()

    def remember(response: Response) -> Response:
        if request.endpoint != "static":
            whole = f"{response.headers}\n{response.get_data().decode('utf-8', 'replace')}"
            found.sent.setdefault(request.headers.get("X-Who", "nobody"), []).append(whole)
        return response

    app.after_request(remember)
    return found


@pytest.fixture
def hand(clinic: Clinic, browser_page: OpenPage) -> Callable[..., Hand]:
    """Return ``hand(who, **how)``: someone signed in by the form, whose answers are kept in ``clinic.sent``."""

    def signed_in(who: str, **how: bool) -> Hand:
        page = browser_page(**how)
        page.set_extra_http_headers({"X-Who": who})
        found = Hand(page)
        found.sign_in(clinic.emails[who], PASSWORD)
        return found

    return signed_in


def test_a_vignette_becomes_guidance_a_decision_and_hours_that_a_board_can_check(
    clinic: Clinic, hand: Callable[..., Hand], tmp_path: Path
) -> None:
    author, supervisor, peer = hand("author"), hand("supervisor"), hand("peer")
    prepare_client(author, clinic)
    case = post(author)
    answer(supervisor, clinic, case)
    answer_as_peer(peer, case)
    do_what_was_asked(author, case)
    decide(author, case)
    sign_off(supervisor, case)
    for someone in (author, supervisor, peer):
        confirm_minutes(someone, case)
    log_a_day(author, clinic)
    record_the_meeting(supervisor, clinic)
    submit(author, clinic)
    attest(supervisor, clinic)
    packet = make_the_packet(author, tmp_path)
    check_the_packet(peer, packet, tmp_path)

    assert {who: secrets_seen(clinic, who) for who in clinic.sent if who != "nobody"} == {
        "author": [], "supervisor": [], "peer": [],
    }  # fmt: skip
    assert_the_audit_holds()


def test_the_same_way_without_scripts(clinic: Clinic, hand: Callable[..., Hand]) -> None:
    author, peer = hand("author", scripts=False), hand("peer", scripts=False)
    prepare_client(author, clinic)
    page = author.page
    page.goto("/cases/new")
    for label, text in (("Title", TITLE), ("Your question", QUESTION), ("What happened", BODY)):
        page.get_by_label(label, exact=True).fill(text)
    page.locator("#way .way-consultation label").filter(has_text=clinic.group).click()
    page.get_by_label("Client", exact=True).select_option(index=1)
    author.press("Continue")
    author.confirm()
    author.press("Release")
    page.wait_for_url(re.compile(r"/cases/\w{26}$"))
    case = page.url
    answer_as_peer(peer, case)
    page.goto(case)
    page.locator("#write summary").first.click()
    page.get_by_label("Your words").fill("And if Goran Halvorsen asks?")
    author.press("Post")
    author.confirm()
    expect(page.locator(".below")).to_contain_text("asks?")
    decide(author, case)
    author.press("Close the case")
    expect(page.locator("#decision")).to_contain_text("closed the case")
    peer.page.goto(case)
    expect(peer.page.locator("#decision")).to_contain_text("I refuse in writing")
    assert secrets_seen(clinic, "peer") == []
    assert_the_audit_holds()


def prepare_client(author: Hand, clinic: Clinic) -> None:
    """Make the client's code and record once what the client agreed to; every case inherits it."""
    page = author.page
    page.goto("/clients/new")
    page.get_by_label("State where the client is").select_option("US-CA")
    author.press("Make the code")
    page.wait_for_url(re.compile(r"/clients/\w{26}"))
    home = page.url
    today = local_day(now(), "America/Los_Angeles")
    page.get_by_label("Day of intake").fill((today - timedelta(days=20)).isoformat())
    author.press("Record the disclosure")
    expect(page.get_by_text("Every case about this client inherits it")).to_be_visible()
    page.goto(f"{home}/consents")
    page.get_by_label(clinic.group).check()
    page.get_by_label("Signed form").check()
    page.get_by_label("Obtained on").fill((today - timedelta(days=20)).isoformat())
    author.press("Record it")
    expect(page.get_by_text("Every case about this client inherits it")).to_be_visible()


def post(author: Hand) -> str:
    """Write, confirm and release; return the address of the case."""
    page = author.page
    page.goto("/cases/new")
    author.begin()
    write(author)
    author.press("Continue")
    page.wait_for_url(re.compile("/screenings/"))
    author.confirm()
    page.wait_for_url(re.compile("/release$"))
    expect(page.locator(".release-text")).not_to_contain_text("Milica")
    expect(page.locator(".readers")).to_contain_text("Ines Valcourt")
    expect(page.locator(".readers")).to_contain_text("Desmond Achebe")
    author.press("Release")
    page.wait_for_url(re.compile(r"/cases/\w{26}$"))
    assert author.screens <= 3
    assert author.taps <= 15
    return page.url


def write(author: Hand) -> None:
    page = author.page
    author.type("Title", TITLE)
    author.type("Your question", QUESTION)
    author.tap(page.get_by_label("What happened"))
    page.get_by_label("What happened").fill(BODY)
    author.tap(page.locator("#way .way-supervision label").filter(has_text="group"))
    author.choose("Client", page.locator("#client_id option").nth(1).inner_text())
    author.tap(page.locator("#dilemmas label").first)


def answer(supervisor: Hand, clinic: Clinic, case: str) -> None:
    """Find the question, follow the link that a mail carries, answer beside a passage, ask for something."""
    page = supervisor.page
    page.goto("/inbox")
    expect(page.locator(".inbox-main")).to_contain_text("leaves me a house")
    mine = db.session().query(Notice).filter_by(person_id=clinic.people["supervisor"].person_id, kind="case_released")
    link = f"/notices/{mine.one().id}"
    db.session.rollback()
    page.goto(link)
    page.wait_for_url(case)
    supervisor.begin()
    supervisor.tap(page.get_by_role("link", name="Write about paragraph 2"))
    page.wait_for_url(re.compile(r"\?para=2"))
    supervisor.type("Your words", "Who has told her that she must decide now?")
    supervisor.press("Post")
    expect(page.locator(".margin .note")).to_contain_text("Who has told her")
    assert supervisor.screens <= 3
    assert supervisor.taps <= 6
    page.goto(f"{case}?para=3#write")
    page.get_by_role("radio", name="Must do", exact=True).check()
    page.get_by_label("Your words").fill("Write down what the lawyer said, with the hour.")
    page.locator("[name=due_on]").fill((local_day(now(), "America/Los_Angeles") + timedelta(days=3)).isoformat())
    supervisor.press("Post")
    expect(page.locator(".note-must")).to_be_visible()


def answer_as_peer(peer: Hand, case: str) -> None:
    """A peer names somebody, and takes the name out before the others read."""
    page = peer.page
    page.goto("/inbox")
    page.get_by_role("link", name=re.compile("leaves me a house")).first.click()
    page.wait_for_url(case)
    page.get_by_role("link", name="Write about paragraph 1").click()
    page.get_by_label("Your words").fill("My client Branislava Petrossian wanted the same. I would not visit alone.")
    peer.press("Post")
    page.wait_for_url(re.compile("/screenings/"))
    peer.confirm()
    page.wait_for_url(re.compile(r"/cases/"))
    expect(page.locator(".margin").first).to_contain_text("I would not visit alone.")


def do_what_was_asked(author: Hand, case: str) -> None:
    page = author.page
    page.goto(case)
    author.press("Acknowledge")
    expect(page.locator(".note-must")).to_contain_text("acknowledged")
    author.press("Mark as done")
    expect(page.locator(".note-must")).to_contain_text("Done")


def decide(author: Hand, case: str) -> None:
    """Record what was weighed and decided."""
    page = author.page
    page.goto(case)
    page.get_by_role("link", name="Record the decision").click()
    for n, (option, good, bad) in enumerate(
        [("Refuse in writing", "It is clear.", "She may be hurt."), ("Wait", "Time.", "The will stands.")]
    ):
        page.locator(f"[name=option_{n}]").fill(option)
        page.locator(f"[name=for_{n}]").fill(good)
        page.locator(f"[name=against_{n}]").fill(bad)
    page.locator("[name=chosen][value='0']").check()
    page.locator("[name=body]").fill("I refuse in writing. I go on visiting with a colleague. I told Milica so.")
    author.press("Record the decision")
    page.wait_for_url(re.compile("/screenings/"))
    author.confirm()
    page.wait_for_url(re.compile("/cases/"))
    expect(page.locator("#decision")).to_contain_text("I refuse in writing")


def sign_off(supervisor: Hand, case: str) -> None:
    supervisor.page.goto(case)
    expect(supervisor.page.locator("#decision")).to_contain_text("I refuse in writing")
    supervisor.press("Sign off and close")
    expect(supervisor.page.locator("#decision")).to_contain_text("signed off and closed the case")


def confirm_minutes(someone: Hand, case: str) -> None:
    page = someone.page
    page.goto(case)
    page.locator("#minutes").get_by_label("Minutes").fill("35")
    someone.press("Confirm minutes")
    page.wait_for_url("**/consultation")
    expect(page.locator("main")).to_contain_text("0:35")
    page.goto(case)
    expect(page.locator("#minutes")).to_contain_text("You confirmed 0:35 of consultation.")
    expect(page.locator("#minutes")).to_contain_text("CE:")


def log_a_day(author: Hand, clinic: Clinic) -> None:
    page = author.page
    page.goto(f"/hours/weeks/{clinic.worked}")
    fields = page.locator("[data-day] .stepper input:visible")
    for n, minutes in enumerate(("150", "30")):
        fields.nth(n).fill(minutes)
    author.press("Save as draft")
    expect(page.locator(".weektable tr.on")).to_contain_text("3:00")


def record_the_meeting(supervisor: Hand, clinic: Clinic) -> None:
    page = supervisor.page
    page.goto("/meetings/new")
    for label, value in (("Day", clinic.worked.isoformat()), ("Start", "09:00"), ("End", "10:00")):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Annika Solheim").check()
    page.get_by_label("Notes").fill("We spoke about gifts.")
    supervisor.press("See what it counts as")
    expect(page.locator(".meant")).to_contain_text("Individual supervision")
    supervisor.press("Record the meeting")
    page.wait_for_url(re.compile(r"/meetings/\w{26}"))


def submit(author: Hand, clinic: Clinic) -> None:
    page = author.page
    page.goto(f"/hours/weeks/{clinic.worked}")
    expect(page.locator(".day")).to_contain_text("1:00 on Wednesday")
    author.press("Submit Wednesday")
    expect(page.locator(".weektable tr.on")).to_contain_text("4:00")


def attest(supervisor: Hand, clinic: Clinic) -> None:
    page = supervisor.page
    page.goto("/hours/attest")
    page.get_by_role("link", name=re.compile("Read and sign")).click()
    expect(page.locator(".signrows")).to_contain_text("2:30")
    supervisor.draw()
    page.get_by_role("button", name="Attest what is ticked").scroll_into_view_if_needed()
    page.locator("#sign [name=password]").fill("not the password at all")
    supervisor.press("Attest what is ticked")
    expect(page.locator(".errors")).to_be_visible()
    page.locator("#sign [name=password]").fill(PASSWORD)
    supervisor.press("Attest what is ticked")
    expect(page.get_by_text("Signed: one week.")).to_be_visible()


def make_the_packet(author: Hand, folder: Path) -> tuple[Path, str]:
    """Return the sealed file and the code on it."""
    page = author.page
    page.goto("/reports")
    author.begin()
    author.tap(page.get_by_role("button", name=re.compile("Make and seal")))
    page.wait_for_url(re.compile(r"/reports/\w{26}"))
    code = page.locator("dt", has_text="Code on the paper").locator("+ dd").inner_text()
    with page.expect_download() as coming:
        author.press("PDF, sealed")
    assert author.screens <= 3
    assert author.taps <= 8
    packet = folder / "packet.pdf"
    coming.value.save_as(packet)
    return packet, code


def check_the_packet(board: Hand, made: tuple[Path, str], folder: Path) -> None:
    """Check the seal as a board would: by the file, by a file with one changed byte, and by the code."""
    packet, code = made
    data = packet.read_bytes()
    changed = bytearray(data)
    changed[len(data) // 3] ^= 1
    with ThreadPoolExecutor(1) as apart:  # the browser's driver keeps this thread's event loop, and verify needs one
        whole, broken = apart.map(verify, (data, bytes(changed)))
    assert whole.intact, whole.problem
    assert not broken.intact
    assert broken.problem
    (folder / "changed.pdf").write_bytes(changed)
    page = board.page
    for name, says in (("packet.pdf", "Intact."), ("changed.pdf", "Not intact.")):
        page.goto("/verify")
        page.locator("input[type=file]").set_input_files(folder / name)
        board.press("Check the file")
        expect(page.locator(".banner").first).to_contain_text(says)
    page.goto("/verify")
    page.locator("[name=code]").fill(code)
    board.press("Check the code")
    page.wait_for_url(re.compile("/verify/"))
    expect(page.locator("main")).to_contain_text("Annika Solheim")
    expect(page.locator("main")).to_contain_text("Ines Valcourt")


def secrets_seen(clinic: Clinic, who: str) -> list[str]:
    """Return what must not have been sent to ``who`` and was, of everything that ever was."""
    saw = "\n".join(clinic.sent[who]).lower()
    assert "could not accept it" in saw, "nothing was read, so nothing was tried"
    hidden = (*(SECRETS if who != "author" else ()), *(OF_THE_PEER if who != "peer" else ()))
    return [secret for secret in hidden if secret.lower() in saw]


def assert_the_audit_holds() -> None:
    db.session.rollback()
    about = installation()
    heads = about.settings.data_dir / "audit-heads"
    assert write_head(db.session(), heads, about.keyring)
    assert verify_audit(db.session(), heads, about.keyring) == []
    db.session.rollback()
