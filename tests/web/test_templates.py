"""What every template, style sheet and script of the product must keep to, and every macro drawn once."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, flash, render_template
from flask_wtf import FlaskForm
from jinja2 import Environment, nodes
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from supervise.web.current import Current, set_current

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "supervise" / "static"
PAGES = sorted(TEMPLATES.rglob("*.html"))
MACROS = sorted((TEMPLATES / "ui").glob("*.html"))

COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
TAG = re.compile(r"<[a-zA-Z][^<>]*>")
FORM = re.compile(r"<form\b(?P<head>[^>]*)>(?P<body>.*?)</form>", re.DOTALL | re.IGNORECASE)
HANDED_DOWN = "headers|target|swap|include|vals|confirm|select|indicator|sync|config"
REQUESTS = re.compile(r"\bhx-(get|post|put|patch|delete|query|boost)\b")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# ---- what a template's source must not hold ---------------------------------------------------------------------


def tags(source: str) -> list[str]:
    """The tags of a template, with what Jinja would print left out."""
    return TAG.findall(JINJA.sub("", COMMENT.sub("", source)))


def inline_style(source: str) -> list[str]:
    return [tag for tag in tags(source) if re.search(r"\sstyle\s*=|^<style\b", tag)]


def event_attributes(source: str) -> list[str]:
    return [tag for tag in tags(source) if re.search(r"\son[a-z]+\s*=|\s(data-)?hx-on\b", tag)]


def inline_scripts(source: str) -> list[str]:
    return [tag for tag in tags(source) if tag.startswith("<script") and "src=" not in tag]


def code_in_values(source: str) -> list[str]:
    return [tag for tag in tags(source) if re.search(r"[\"'\s](js|javascript):", tag)]


def trigger_filters(source: str) -> list[str]:
    return [tag for tag in tags(source) if re.search(r"hx-trigger\s*=\s*(\"[^\"]*\[|'[^']*\[)", tag)]


def lost_inheritance(source: str) -> list[str]:
    """htmx 4 hands an attribute down only with :inherited; on a tag that asks for nothing it is lost without it."""
    wanted = re.compile(rf"\shx-({HANDED_DOWN})\s*=")
    return [tag for tag in tags(source) if wanted.search(tag) and not REQUESTS.search(tag)]


def remote_addresses(source: str) -> list[str]:
    found = re.compile(r"\s(src|href|action|data-[a-z-]+|hx-[a-z]+|poster|srcset)\s*=\s*[\"']?\s*(https?:)?//")
    return [tag for tag in tags(source) if found.search(tag)]


def trusted_text(source: str) -> list[str]:
    return re.findall(r"\|\s*safe\b|\bMarkup\s*\(|autoescape\s+false", COMMENT.sub("", source))


def posts_without_token(source: str) -> list[str]:
    forms = FORM.finditer(COMMENT.sub("", source))
    posts = [form for form in forms if re.search(r"method\s*=\s*[\"']?post", form["head"], re.IGNORECASE)]
    return [form["head"] for form in posts if not re.search(r"csrf_token|hidden_tag\(|\bcsrf\(", form["body"])]


CHECKS: list[tuple[Callable[[str], list[str]], str, str]] = [
    (inline_style, '<p style="color: red">', '<p class="a">'),
    (event_attributes, '<button onclick="x()">', "<button>"),
    (event_attributes, '<button hx-on:click="x()">', '<button hx-post="/x">'),
    (inline_scripts, "<script>x()</script>", "<script src=\"{{ url_for('static') }}\"></script>"),
    (code_in_values, "<a href='javascript:x()'>", '<a href="/js">'),
    (code_in_values, """<p hx-get="/x" hx-vals='js:{a: b}'>""", """<p hx-get="/x" hx-vals='{"a": 1}'>"""),
    (trigger_filters, "<input hx-get='/x' hx-trigger='keyup[ctrlKey]'>", '<input hx-get="/x" hx-trigger="keyup">'),
    (lost_inheritance, '<body hx-headers="{}">', '<body hx-headers:inherited="{}">'),
    (remote_addresses, '<img src="//elsewhere.example/a.png">', '<img src="/a.png">'),
    (remote_addresses, '<a href="https://elsewhere.example/">', '<a href="tel:988">'),
    (trusted_text, "{{ x | safe }}", "{{ x }} {# never |safe #}"),
    (posts_without_token, '<form method="post"><input></form>', '<form method="post">{{ form.hidden_tag() }}</form>'),
]


@pytest.mark.parametrize(("check", "bad", "good"), CHECKS)
def test_a_check_finds_what_it_looks_for(check: Callable[[str], list[str]], bad: str, good: str) -> None:
    assert check(bad)
    assert not check(good)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_template_holds_nothing_that_the_policy_refuses(page: Path) -> None:
    source = page.read_text()
    found = {check.__name__: check(source) for check, _, _ in CHECKS}
    assert not {name: places for name, places in found.items() if places}


# ---- templates fit together ---------------------------------------------------------------------------------------


def test_every_template_compiles_and_finds_what_it_imports(bare: Flask) -> None:
    missing = []
    for page in [*PAGES, *sorted(TEMPLATES.rglob("*.txt"))]:
        tree = bare.jinja_env.parse(page.read_text(), named(page))
        bare.jinja_env.compile(tree)
        asked = [(node.template, node.names) for node in tree.find_all(nodes.FromImport)]
        asked += [(node.template, []) for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import))]
        for template, names in asked:
            if not isinstance(template, nodes.Const):
                continue
            there = TEMPLATES / template.value
            known = exported(there.read_text()) if there.is_file() else set()
            wanted = {name if isinstance(name, str) else name[0] for name in names}
            missing += [f"{named(page)}: {template.value} {sorted(wanted - known)}"] if wanted - known else []
            missing += [f"{named(page)}: {template.value}"] if not there.is_file() else []
    assert not missing


def exported(source: str) -> set[str]:
    """The names that other templates may import from this one."""
    return {name for name in macros(source) | constants(source) if not name.startswith("_")}


def macros(source: str) -> set[str]:
    return {node.name for node in Environment(autoescape=True).parse(source).body if isinstance(node, nodes.Macro)}


def constants(source: str) -> set[str]:
    found = [node.target for node in Environment(autoescape=True).parse(source).body if isinstance(node, nodes.Assign)]
    return {target.name for target in found if isinstance(target, nodes.Name)}


def test_every_page_gives_its_title() -> None:
    extending = re.compile(r"\{%-?\s*extends\s+\"layouts/(base|door|red|print)\.html\"")
    named_pages = [page for page in PAGES if extending.search(page.read_text()) and page.parent.name != "layouts"]
    untitled = [named(page) for page in named_pages if not re.search(r"\{%-?\s*block title\s*-?%\}", page.read_text())]
    assert not untitled


# ---- style sheets, scripts, what others wrote ----------------------------------------------------------------------


@pytest.mark.parametrize("sheet", sorted(STATIC.rglob("*.css")), ids=named)
def test_a_style_sheet_asks_no_other_host(sheet: Path) -> None:
    source = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    assert "@import" not in source
    addresses = re.findall(r"url\(\s*[\"']?([^)\"']+)", source)
    assert [a for a in addresses if not (sheet.parent / a).is_file()] == []
    # Each is a rule that a page's own layout could otherwise undo: [hidden], no script, no motion, print, phone tables.
    assert source.count("!important") <= {"base.css": 4, "pages.css": 6}.get(sheet.name, 0)


@pytest.mark.parametrize("script", sorted((STATIC / "js").glob("*.js")), ids=named)
def test_a_script_makes_no_code_and_asks_no_other_host(script: Path) -> None:
    source = script.read_text()
    assert not re.search(r"\beval\(|new Function|innerHTML|outerHTML|document\.write|insertAdjacentHTML", source)
    assert not re.search(r"https?://|sourceMappingURL|from \"[^./]", source)
    imported = re.findall(r"(?:from|import\()\s*\"(\./[^\"]+)\"", source)
    assert [name for name in imported if not (script.parent / name).is_file()] == []


def test_vendored_scripts_are_the_ones_written_down() -> None:
    written = dict(re.findall(r"\| `([^`]+)` \|.*`([0-9a-f]{64})`", (STATIC / "vendor" / "README.md").read_text()))
    scripts = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in (STATIC / "vendor").glob("*.js")}
    assert scripts == written


# ---- every macro, drawn --------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """A drawn page: its tags in order, and the ids it gives and asks for."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, *names: str) -> list[str]:
        return [part for _, attrs in self.seen for name in names for part in attrs.get(name, "").split()]

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.seen if name == tag]


class SpecimenForm(FlaskForm):  # type: ignore[misc]
    line = StringField("Line", [Length(max=2)], description="Said by the form.")
    text = TextAreaField("Text")
    one = RadioField("One", [InputRequired("Choose one.")], choices={"a": "A", "b": "B"})
    some = SelectMultipleField("Some", choices={"g": "gifts", "e": "ending"})
    which = SelectField("Which", choices={"w": "this week"})
    day = DateField("Day")
    secret = PasswordField("Password", [InputRequired("Needed.")])
    document = FileField("File")
    read = BooleanField("I have read it.", [InputRequired("Tick it.")])
    version = HiddenField()


CHART = {
    "id": "burn",
    "title": "Hours",
    "desc": "They rise.",
    "start": 0,
    "end": 34,
    "today": 2.5,
    "ticks": [{"at": 3, "label": "Jan 2026", "short": "2026"}, {"at": 9, "label": "Jul", "short": ""}],
    "panels": [
        {
            "label": "All hours",
            "goal": 3000,
            "grid": [0, 1000, 2000],
            "valid": [(0, 612), (2.5, 3100), (40, 9)],
            "recorded": [(0, 655), (2.5, 3200)],
            "recorded_label": "3,200 recorded",
            "ahead": None,
            "ahead_label": "",
            "ahead_short": "",
            "now_label": "3,100 counted today",
            "now_short": "3,100",
        },
        {
            "label": "Couples",
            "goal": 500,
            "grid": [0],
            "valid": [(0, 0), (2.5, 100)],
            "recorded": [],
            "ahead": 52.5,
            "ahead_label": "March 2030",
            "ahead_short": "Mar 2030",
            "now_label": "100 counted today",
            "now_short": "100",
        },
    ],
}


def current(**changes: Any) -> Current:
    facts: dict[str, Any] = {"signed_in": True, "person_name": "A B", "organisation_name": "C", "counted": 2}
    return Current(**facts | {"roles": frozenset({"supervisor"})} | changes)


def draw(bare: Flask, name: str, *, word: str = "word", headers: dict[str, str] | None = None, **facts: Any) -> str:
    typed = {"line": word, "text": word, "some": ["g"], "which": "w"}
    with bare.test_request_context("/specimen", method="POST", data=typed, headers=headers):
        set_current(None, current(**facts))
        form = SpecimenForm()
        form.validate()
        form.form_errors.append(word)
        flash(word)
        moment = datetime(2026, 11, 24, 22, 58, tzinfo=UTC)
        labels = ["NAME", "LOCATION", "ORG", "DATE", "AGE", "PHONE", "EMAIL", "URL", "ID", "QUASI"]
        return render_template(name, word=word, form=form, chart=CHART, labels=labels, moment=moment)


@pytest.fixture
def specimen(bare: Flask) -> Page:
    return Page(draw(bare, "specimen.html"))


def test_the_specimen_draws_every_macro() -> None:
    drawn = (Path(__file__).parent / "specimen.html").read_text() + (TEMPLATES / "layouts" / "base.html").read_text()
    written = {name: path.name for path in MACROS for name in macros(path.read_text()) if not name.startswith("_")}
    assert written
    assert {name: place for name, place in written.items() if f"{name}(" not in drawn} == {}


def test_ids_are_given_once_and_every_reference_finds_its_own(specimen: Page) -> None:
    given = Counter(specimen.values("id"))
    assert [name for name, times in given.items() if times > 1] == []
    asked = specimen.values("for", "aria-describedby", "aria-labelledby")
    asked += [href[1:] for href in specimen.values("href") if href.startswith("#") and len(href) > 1]
    assert set(asked) - set(given) == set()


def test_the_sprite_holds_what_the_page_uses_and_nothing_else(specimen: Page) -> None:
    used = {attrs["href"] for attrs in specimen.all("use")}
    held = {f"#{attrs['id']}" for attrs in specimen.all("symbol")}
    assert used == held
    assert "#i-copy" in used
    assert "#i-c-rare" in used
    assert "#i-msg" not in used


def test_a_part_for_htmx_draws_its_signs_in_place(bare: Flask) -> None:
    page = Page(draw(bare, "specimen.html", headers={"HX-Request": "true"}))
    assert page.all("use") == []
    assert page.all("symbol") == []
    assert [attrs for attrs in page.all("path") if attrs.get("d", "").startswith("M4.9 1.2")]


def test_no_text_becomes_markup(bare: Flask) -> None:
    hostile = '"\'><i data-got="in">&amp;{{ 7 * 7 }}</i>'
    page = Page(draw(bare, "specimen.html", word=hostile))
    assert page.all("i") == []
    assert "49" not in page.text
    kept = [attrs["value"] for attrs in page.all("input") if attrs.get("id") == "line"]
    assert kept == [hostile]


def test_every_control_has_a_name_and_every_error_its_place(specimen: Page) -> None:
    labels = set(specimen.values("for"))
    kinds = {"hidden", "radio", "checkbox"}  # radios and checkboxes stand inside their labels
    controls = [a for tag in ("input", "select", "textarea") for a in specimen.all(tag) if a.get("type") not in kinds]
    assert [attrs for attrs in controls if attrs["id"] not in labels] == []
    wrong = [attrs for _, attrs in specimen.seen if attrs.get("aria-invalid") == "true"]
    assert {"line", "secret", "read"} <= {attrs["id"] for attrs in wrong}
    assert [attrs for attrs in wrong if "-error" not in attrs["aria-describedby"]] == []


def test_a_page_has_one_heading_of_the_first_rank_one_title_and_no_inline_code(bare: Flask) -> None:
    source = draw(bare, "specimen.html")
    assert len(re.findall(r"<h1\b", source)) == 1
    assert re.findall(r"<title>(.*?)</title>", source) == ["word – Supervise"]
    found = {check.__name__: check(source) for check, _, _ in CHECKS}
    assert not {name: places for name, places in found.items() if places}


def test_minutes_are_hours_and_minutes(specimen: Page) -> None:
    assert "4:10 – −1:15 1 h 30 1 h" in specimen.text


@pytest.mark.parametrize(
    ("roles", "entries"),
    [
        ({"supervisee"}, ["Inbox", "Cases", "Hours", "More"]),
        ({"auditor"}, ["Inbox", "Hours", "Audit", "More"]),
        ({"auditor", "supervisor"}, ["Inbox", "Cases", "Hours", "Audit", "More"]),
    ],
)
def test_the_navigation_follows_the_roles(bare: Flask, roles: set[str], entries: list[str]) -> None:
    source = draw(bare, "specimen.html", roles=frozenset(roles))
    nav = source.partition('<nav class="mainnav"')[2].partition("</nav>")[0]
    assert re.findall(r"</svg>(\w+)", nav) == entries


def test_someone_not_signed_in_gets_the_crisis_path_and_a_way_in(bare: Flask) -> None:
    page = Page(draw(bare, "specimen.html", signed_in=False, roles=frozenset()))
    assert "mainnav" not in page.values("class")
    assert {"/safety.crisis", "/accounts.sign_in", "/web.help"} <= set(page.values("href"))
    assert not [attrs for attrs in page.all("form") if "data-lock" in attrs]
    assert "Ines" not in page.text


@pytest.mark.parametrize("layout", ["door", "red", "print"])
def test_the_other_layouts_stand_alone(bare: Flask, layout: str) -> None:
    for facts in ({}, {"signed_in": False, "roles": frozenset(), "organisation_name": ""}):
        page = Page(draw(bare, f"layouts/{layout}.html", **facts))
        assert [name for name, times in Counter(page.values("id")).items() if times > 1] == []
        assert "main" in page.values("id")


@pytest.mark.parametrize("where", ["docs/architecture.md", "docs/glossary.md", "tests/web/specimen.html"])
def test_every_state_of_a_day_is_named_where_they_are_listed(app: Flask, where: str) -> None:
    states = app.jinja_env.get_template("ui/state.html").module.DAY_KINDS  # type: ignore[attr-defined]
    text = (ROOT / where).read_text(encoding="utf-8")
    assert not [state for state in states if not re.search(rf"\b{state}\b", text)]
