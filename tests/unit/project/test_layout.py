"""What the folders promise, as far as no linter checks it."""

import ast
import importlib.util
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from scripts.floor_modules import PACKAGES, import_graph, read_modules

ROOT = Path(__file__).parents[3]
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
LONGEST = 400
FULLEST = 15
SHORTEST = 40

PAST_A_DOOR = {
    ("receiver.serve", "receiver.trigger.prefect_runs"): "late, for it imports Prefect",
    ("flows.housekeeping", "flows.retention.prefect_runs"): "by its own name: it imports Prefect",
    ("deployments.deploy.pool", "deployments.worker.warm_worker"): "it imports Prefect",
    ("deployments.deploy.first_start", "deployments.worker.lost_runs"): "it imports Prefect",
}
MODULES = read_modules(ROOT)
IMPORTS = import_graph(MODULES, everywhere=True)
ROOMS = {
    each.name
    for each in MODULES.values()
    if "__all__" in each.defined and each.name not in set(PACKAGES) - {"settings"}
}
"""Packages within a package, and `settings`: their `__all__` is their door."""

LATE = {"settings.log_lines": "its formatter is a library that most commands do without"}

SHORT = {
    "deployments/deploy/run.py": "one command",
    "deployments/worker/run.py": "one command",
}
"""Modules under forty lines that only one other imports, and why each is one of its own."""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_a_reader_can_hold(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize(
    "folder",
    sorted({path.parent for path in SOURCES} - {ROOT / "simulator" / "shop"}),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_folder_holds_more_modules_than_one_takes_in_at_a_look(folder: Path) -> None:
    if folder.name != "versions":  # a revision is written once, and read by its number
        assert len([*folder.glob("*.py")]) - (folder / "__init__.py").exists() <= FULLEST


def test_nobody_imports_past_a_door() -> None:
    past = {
        (module, target)
        for module, targets in IMPORTS.items()
        for target in targets
        if (room := outermost_room(module, target)) is not None and room != target
    }
    assert {pair for pair in past if pair[1] not in LATE} == set(PAST_A_DOOR)


def test_no_module_only_hands_on_what_others_hold() -> None:
    handing_on = [
        str(each.path)
        for each in MODULES.values()
        if not each.is_door and all(map(hands_on, each.tree.body))
    ]
    assert not handing_on


def test_a_short_module_with_one_reader_is_part_of_that_one() -> None:
    readers = Counter(target for targets in IMPORTS.values() for target in targets)
    lone = {
        str(each.path)
        for each in MODULES.values()
        if not each.is_door
        and each.path.name != "ids.py"
        and each.path.parent.name not in {"commands", "tables"}
        and each.lines < SHORTEST
        and readers[each.name] == 1
    }
    assert lone == set(SHORT)


def test_a_module_says_what_is_in_the_room() -> None:
    opened = {
        str(each.path): (ast.get_docstring(each.tree) or "nothing").split()[0]
        for each in MODULES.values()
    }
    asking = {"nothing", "What", "Which", "How", "Who", "Whether", "When", "Where", "Why"}
    assert not {path: first for path, first in opened.items() if first in asking}


def hands_on(statement: ast.stmt) -> bool:
    """Whether this is an import, a text, or the list of what is handed on."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant()):
            return True
        case ast.Assign([ast.Name("__all__")]):
            return True
        case _:
            return False


def outermost_room(module: str, target: str) -> str | None:
    """The room around `target` whose door `module`, which stands outside, has to go through."""
    parts = target.split(".")
    names = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
    around = (name for name in names if name in ROOMS)
    return next((name for name in around if not f"{module}.".startswith(f"{name}.")), None)


def test_no_module_in_flows_shadows_an_importable_name() -> None:
    # Prefect can put a flow's folder first on the path: flows/storage.py would hide the package.
    names = {path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__"}
    shadowed = {name for name in names if name in PACKAGES or name in sys.stdlib_module_names}
    shadowed |= {name for name in names if importlib.util.find_spec(name) is not None}
    assert not shadowed


def test_receiver_and_catalogue_mean_the_same_deployment() -> None:
    # They never import each other: the name is all they share.
    trigger = (ROOT / "receiver/trigger/prefect_runs.py").read_text()
    named = re.search(r'DEPLOYMENT_NAME = "([^"]+)"', trigger)
    catalogue = (ROOT / "deployments/catalogue.py").read_text()
    assert named is not None
    flow, deployment = named.group(1).split("/")
    assert re.search(rf'flow_name="{flow}",\s*name="{deployment}"', catalogue)


def test_the_lock_names_no_registry_and_pins_every_package_with_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "index-url" not in lock
    blocks = re.split(r"\n(?=\S)", re.sub(r"(?m)^#.*\n", "", lock).strip())
    assert all("==" in block and "--hash=sha256:" in block for block in blocks)


def test_the_wheel_lists_every_package() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text()
    listed = re.search(r"packages = \[(.*?)\]", pyproject)
    assert listed is not None
    assert set(re.findall(r'"(\w+)"', listed.group(1))) == set(PACKAGES)
