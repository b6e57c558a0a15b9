import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "simulator" / "FIDELITY.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, kinds)}


def test_every_test_that_the_list_of_behaviours_names_exists() -> None:
    missing = [f"{path}::{name}" for path, name in NAMED if name not in functions(ROOT / path)]

    assert len(NAMED) > 50
    assert missing == []


def test_every_behaviour_is_built_with_a_test_or_said_to_be_missing() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and "---" not in line]
    unclear = [
        row
        for row in rows
        if not row.startswith("| behaviour") and "::" not in row and "not yet" not in row
    ]

    assert rows
    assert unclear == []


def lacks_reason(row: str) -> bool:
    """A reason follows each time: `not yet: ` and some words, in the same cell."""
    return any(
        not said.startswith(": ") or len(re.split(r"[|;]", said)[0].split()) < 4  # ": " and three
        for said in row.split("not yet")[1:]
    )


def test_whatever_is_not_built_yet_says_why() -> None:
    assert [row for row in TEXT.splitlines() if row.startswith("| ") and lacks_reason(row)] == []


@pytest.mark.parametrize(
    ("row", "lacks"),
    [
        ("| Filters | not yet |", True),
        ("| Filters | not yet: unknown |", True),
        ("| Filters | `tests/a.py::test_b`; pages not yet |", True),
        ("| Filters | not yet; the connector asks by GET alone |", True),
        ("| Filters | not yet: nobody asks for them |", False),
        ("| Filters | `tests/a.py::test_b`; pages not yet: their names are not known |", False),
        ("| Filters | pages not yet: their names are not known; links not yet |", True),
    ],
)
def test_a_bare_not_yet_is_noticed(row: str, lacks: bool) -> None:  # noqa: FBT001
    assert lacks_reason(row) == lacks
