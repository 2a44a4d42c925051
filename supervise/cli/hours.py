"""Hours under a board's rules, from a file: nothing is read from the database and nothing is written."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from supervise.core.resources import folder
from supervise.hours.rules import (
    Board,
    Entry,
    Evaluation,
    LogError,
    RuleFileError,
    boards_page,
    evaluate,
    flags,
    line_of,
    load_boards,
    read_log,
)


@click.group()
def hours() -> None:
    """Hours and the boards' rules."""


@hours.command("evaluate")
@click.option("--board", "board_id", required=True, metavar="BOARD", help="Rule set, as ca-amft or tx-lpca.")
@click.option(
    "--as-of", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Day of the application."
)
@click.argument("log", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def evaluate_command(board_id: str, as_of: datetime, log: Path) -> None:
    """Judge the hours in LOG, a CSV file, under a board's rules, and print the answers as JSON.

    Columns: date,start,minutes,category,setting,supervisor,mode,attendees,degree,pay,note (docs/install.md).
    """
    boards = _boards()
    if board_id not in boards:
        raise click.BadParameter(f"{board_id!r} is not one of {', '.join(boards)}", param_hint="--board")
    judged = evaluate(boards[board_id], _read(log), as_of.date())
    click.echo(json.dumps(_shown(boards[board_id], judged), ensure_ascii=False, indent=1))


@hours.command("check")
@click.option("--as-of", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Today, for the log.")
@click.argument("log", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_command(as_of: datetime, log: Path) -> None:
    """Print as JSON what to look at in LOG: overlaps, two places at once, days over 14 hours, days to come.

    Nothing is changed or left out for it; ends with 1 where there is something to look at.
    """
    found = [
        {"kind": one.kind, "date": str(one.day), "lines": [line_of(i) for i in one.entries], "text": one.text}
        for one in flags(_read(log), as_of.date())
    ]
    click.echo(json.dumps({"as_of": str(as_of.date()), "flags": found}, ensure_ascii=False, indent=1))
    if found:
        raise click.exceptions.Exit(1)


@hours.command("boards")
def boards_command() -> None:
    """Print every board's rules as Markdown, verified and unverified marked: what docs/boards.md holds."""
    click.echo(boards_page(_boards()), nl=False)


def _read(log: Path) -> list[Entry]:
    try:
        with log.open(encoding="utf-8-sig", newline="") as lines:
            return read_log(lines)
    except LogError as error:
        raise click.ClickException(f"{log.name}: {error}") from None
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{log.name}: not UTF-8 text: {error}") from None


def _boards() -> dict[str, Board]:
    try:
        return load_boards(folder("config") / "boards")
    except RuleFileError as error:
        raise click.ClickException(str(error)) from None


def _shown(board: Board, judged: Evaluation) -> dict[str, Any]:
    return {
        "board": board.id,
        "as_of": judged.as_of.isoformat(),
        "requirements": [
            {
                "id": one.id,
                "recorded": one.recorded,
                "valid": one.valid,
                "needed": one.needed,
                **({} if one.unit == "minutes" else {"unit": one.unit}),
            }
            for one in judged.requirements
        ],
        "entries": list(_entries(judged)),
    }


def _entries(judged: Evaluation) -> Iterable[dict[str, Any]]:
    for one in sorted(judged.entries, key=lambda answer: answer.entry_id):
        yield {
            "line": line_of(one.entry_id),
            "recorded": one.recorded,
            "counted": one.counted,
            "answer": one.answer,
            "reasons": [{"rule": why.rule, "citation": why.citation or why.text} for why in one.reasons],
        }
