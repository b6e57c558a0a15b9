"""The README promises what there is, and names all of it."""

import re
from pathlib import Path

import pytest

from cli.command_help import COMMANDS
from deployments.catalogue import DEPLOYMENTS
from scripts.floor_modules import PACKAGES
from settings.values import Values

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
GUIDE = README + "".join(path.read_text() for path in sorted((ROOT / "docs").glob("*.md")))
TARGETS = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize("name", sorted(Values.model_fields))
def test_every_setting_is_described(name: str) -> None:
    assert f"`{name.upper()}`" in GUIDE


@pytest.mark.parametrize("name", [entry.name for entry in COMMANDS.values()])
def test_every_command_is_described(name: str) -> None:
    assert re.search(rf"`(akeneo-sync )?{name}\b", GUIDE)


@pytest.mark.parametrize("name", [deployment.full_name for deployment in DEPLOYMENTS])
def test_every_deployment_is_described(name: str) -> None:
    assert name in GUIDE


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_is_described(target: str) -> None:
    assert f"`{target}`" in GUIDE or f"make {target}" in GUIDE


def test_every_link_and_picture_of_a_document_leads_to_a_file() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{document.name}: {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text())
        if not (document.parent / target).exists()
    ]
    assert not broken


def test_the_tests_and_files_that_decisions_name_exist() -> None:
    text = "".join(
        path.read_text() for path in [ROOT / "ARCHITECTURE.md", *ROOT.glob("docs/adr/*")]
    )
    named = set(re.findall(r"\b(?:tests|pim|storage|receiver|flows|deployments)/[\w/.]+\w", text))
    assert not {name for name in named if not (ROOT / name).exists()}


def modules_of_the_tree(package: str, tree: str) -> set[str]:
    """The modules that a tree of ARCHITECTURE.md names: two spaces a folder."""
    named: set[str] = set()
    folders: list[str] = []
    for indent, name in re.findall(r"^((?:  ){0,5})(\w+(?:\.py|/))(?=\s|$)", tree, re.MULTILINE):
        folders = folders[: len(indent) // 2]
        if name.endswith("/"):
            folders.append(name.removesuffix("/"))
        else:
            named.add("/".join([package, *folders, name]))
    return named


def test_every_module_is_in_the_tree_where_it_stands() -> None:
    """But for migrations, which are named by what they bring, and doors."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    trees = re.findall(r"^### (\w+)/[^\n]*\n\n```\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    named = {module for tree in trees for module in modules_of_the_tree(*tree)}
    assert {package for package, _ in trees} == set(PACKAGES)
    there = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "__init__.py" and "migrations" not in path.parts
    }
    assert named == there


@pytest.mark.parametrize(
    "adr", sorted((ROOT / "docs/adr").glob("*.md")), ids=lambda path: path.stem
)
def test_a_decision_is_told_in_forty_lines(adr: Path) -> None:
    assert len(adr.read_text().splitlines()) <= 40
