"""Every table has its row in docs/records.md: whose record it is, who reads it, how long it lives."""

import re

from supervise.core.db import Base
from supervise.schema import load_all_models
from tests.architecture.source import ROOT


def test_every_table_is_in_the_list_of_records() -> None:
    load_all_models()
    listed = re.findall(r"^\| `(\w+)` \|(.*)\|$", (ROOT / "docs" / "records.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(name for name, _ in listed) == sorted(Base.metadata.tables)
    for name, row in listed:
        cells = [cell.strip() for cell in row.split("|")]
        assert len(cells) == 4, name
        assert all(cells), name
