"""What the folders promise, as far as no linter checks it."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("pim", "storage", "receiver", "flows", "deployments", "cli", "simulator", "settings")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
LONGEST = 400


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_a_reader_can_hold(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


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
