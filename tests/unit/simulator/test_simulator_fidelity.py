import ast
import re
from pathlib import Path

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
