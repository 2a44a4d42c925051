"""The long proofs, and what they found: ``python -m tools.trust docs/trust.md``.

Each promise stands beside the tests that show it; a promise whose tests did not all pass is written down as not shown.
"""

import os
import subprocess
import sys
import tempfile
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
PROMISES = ROOT / "config" / "trust.toml"
KILLS = os.environ.get("SUPERVISE_TRUST_KILLS", "200")


def run(tests: list[str]) -> ElementTree.Element:
    """Run the tests; return pytest's report."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--timeout=7200",
            "-o",
            "junit_family=xunit1",
            f"--junitxml={report}",
            *tests,
        ]
        subprocess.run(command, cwd=ROOT, env=os.environ | {"SUPERVISE_TRUST_KILLS": KILLS}, check=False)
        return ElementTree.parse(report).getroot()  # noqa: S314


def found(report: ElementTree.Element, place: str) -> tuple[int, int, dict[str, str]]:
    """Return how many tests of one place passed, how many ran, and the figures that they recorded."""
    path, _, name = place.partition("::")
    module = path.removesuffix(".py").replace("/", ".")
    cases = [
        case
        for case in report.iter("testcase")
        if case.get("classname") == module and (not name or (case.get("name") or "").partition("[")[0] == name)
    ]
    bad = [case for case in cases if {child.tag for child in case} & {"failure", "error", "skipped"}]
    figures = {str(p.get("name")): str(p.get("value")) for case in cases for p in case.iter("property")}
    return len(cases) - len(bad), len(cases), figures


def page(report: ElementTree.Element, promises: list[dict[str, object]]) -> tuple[str, bool]:
    """Return docs/trust.md and whether all was shown."""
    lines = [
        "# What is promised, and what shows it", "",
        f"Written by `make trust` on {datetime.now(UTC):%Y-%m-%d}. Run it yourself; it takes its time.", "",
        "| promise | shown by | last time |", "| --- | --- | --- |",
    ]  # fmt: skip
    whole = True
    for promise in promises:
        tests = [str(test) for test in promise["tests"]]  # type: ignore[attr-defined]
        results = [found(report, test) for test in tests]
        shown = all(passed == ran > 0 for passed, ran, _ in results)
        whole &= shown
        figures = [f"{value} {name}" for *_, more in results for name, value in more.items()]
        said = f"{sum(passed for passed, *_ in results)} of {sum(ran for _, ran, _ in results)} tests pass"
        places = ", ".join(f"`{test.removeprefix('tests/')}`" for test in tests)
        last = "; ".join([said if shown else f"**not shown**: {said}", *figures])
        lines.append(f"| {promise['promise']} | {places} | {last} |")
    return "\n".join(lines) + "\n", whole


def main(target: Path) -> int:
    """Run everything and write the page; return 1 when something was not shown."""
    promises = tomllib.loads(PROMISES.read_text(encoding="utf-8"))["promises"]
    tests = list(dict.fromkeys(test for promise in promises for test in promise["tests"]))
    content, whole = page(run(tests), promises)
    target.write_text(content, encoding="utf-8")
    print(content)
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
