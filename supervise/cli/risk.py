"""Commands that read for language of risk."""

import json
from pathlib import Path

import click

from supervise.core.resources import folder
from supervise.risk.reader import RiskReader, load_reader

file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def risk() -> None:
    """The reader of risk language. That it marks nothing says nothing about anybody."""


@risk.command("screen")
@click.argument("source", type=file)
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def screen_command(source: Path, target: Path) -> None:
    """Read {"id","text"} a line from SOURCE; write {"id","hits"} to TARGET.

    A hit has start, end (code points of the text) and category: words about a risk that is current and concerns the
    client or someone named. A line that cannot be read stops the command and is named.
    """
    reader = load_reader(folder("config") / "risk")
    with source.open("rb") as lines, target.open("w", encoding="utf-8") as out:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = _screened(reader, line)
            except ValueError as error:
                raise click.ClickException(f"{source}, line {number}: {error}") from error
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def _screened(reader: RiskReader, line: bytes) -> dict[str, object]:
    """Return a line's answer; raise ValueError, saying what is the matter, for one that cannot be read."""
    try:
        row = json.loads(line.decode("utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        raise ValueError("this is not UTF-8.") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"this is not JSON ({error}).") from error
    if not isinstance(row, dict) or "id" not in row or not isinstance(row.get("text"), str):
        raise ValueError('a line needs an "id", and a "text" in quotes.')
    hits = reader.read(row["text"])
    return {"id": row["id"], "hits": [{"start": hit.start, "end": hit.end, "category": hit.category} for hit in hits]}
