"""Modules of the project as text: what each defines and imports, and the floors they stand on."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

PACKAGES = (
    *("pim", "storage", "receiver", "api", "flows", "deployments", "cli"),
    *("settings", "serving", "simulator"),
)
Graph = dict[str, set[str]]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Module:
    """One file: what it defines, and what its names mean."""

    name: str
    path: Path
    lines: int
    tree: ast.Module
    is_door: bool
    defined: dict[str, ast.stmt] = field(default_factory=dict)
    imported: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note what stands at the top level, and imports wherever they stand."""
        for node in self.tree.body:
            for name in names_of(node):
                self.defined[name] = node
        for part in ast.walk(self.tree):
            for local, meant in _imports_of(part):
                self.imported.setdefault(local, meant)


def names_of(node: ast.stmt) -> Iterator[str]:
    """Answer what a statement at the top level defines."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def _imports_of(node: ast.AST) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """(local name, (module, name in it)) of an import statement."""
    if isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name, (node.module or "", alias.name)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            whole = alias.name if alias.asname else alias.name.split(".")[0]
            yield alias.asname or whole, (whole, None)


def read_modules(root: Path) -> dict[str, Module]:
    """Every module of the packages, but for migrations."""
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            relative = path.relative_to(root)
            if "migrations" in relative.parts:
                continue
            is_door = path.name == "__init__.py"
            name = ".".join((relative.parent if is_door else relative.with_suffix("")).parts)
            text = path.read_text()
            found[name] = Module(name, relative, len(text.splitlines()), ast.parse(text), is_door)
    return found


def import_graph(modules: Mapping[str, Module], *, everywhere: bool = False) -> Graph:
    """Module -> the modules that it imports at module level, or also inside functions."""
    graph: Graph = {name: set() for name in modules}
    for module in modules.values():
        nodes = ast.walk(module.tree) if everywhere else iter(module.tree.body)
        for node in nodes:
            graph[module.name] |= set(_imported(node, modules)) - {module.name}
    return graph


def _imported(node: ast.AST, modules: Mapping[str, Module]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in modules)
    elif isinstance(node, ast.ImportFrom) and node.module and node.module in modules:
        source = modules[node.module]
        for alias in node.names:
            deep = f"{node.module}.{alias.name}"
            is_name = alias.name in source.defined or alias.name in source.imported
            yield deep if deep in modules and not is_name else node.module


def with_parents(graph: Graph) -> Graph:
    """With the doors that Python runs on the way to a module."""
    return {
        module: {
            ".".join(other.split(".")[:count])
            for other in {*others, module}
            for count in range(1, other.count(".") + 2)
        }
        & set(graph)
        for module, others in graph.items()
    }


def cycles(graph: Graph) -> list[list[str]]:
    """Groups of more than one that reach each other."""
    leads = {node: reach(graph, node) for node in graph}
    groups = {
        frozenset(other for other in leads[node] if node in leads[other]) | {node} for node in graph
    }
    return sorted(sorted(group) for group in groups if len(group) > 1)


def reach(graph: Graph, start: str) -> set[str]:
    """Answer all that a start leads to."""
    seen: set[str] = set()
    todo = list(graph.get(start, ()))
    while todo:
        if (node := todo.pop()) not in seen:
            seen.add(node)
            todo += graph.get(node, ())
    return seen


def floors(graph: Graph) -> int:
    """The longest chain; a cycle counts as one floor."""
    head = {node: group[0] for group in cycles(graph) for node in group}
    flat: Graph = defaultdict(set)
    for node, others in graph.items():
        mine = head.get(node, node)
        flat[mine] |= {head.get(other, other) for other in others} - {mine}

    @cache
    def height(node: str) -> int:
        return 1 + max((height(other) for other in flat[node]), default=0)

    return max((height(node) for node in list(flat)), default=0)


def rooms(graph: Graph, package: str) -> Graph:
    """The children of a package, and which imports which."""
    prefix = f"{package}."
    found: Graph = {}
    for module, others in graph.items():
        if not module.startswith(prefix):
            continue
        room = module[len(prefix) :].split(".")[0]
        inside = {it[len(prefix) :].split(".")[0] for it in others if it.startswith(prefix)}
        found.setdefault(room, set()).update(inside - {room})
    return found


def sibling_cycles(graph: Graph) -> Iterator[str]:
    """Cycles of rooms, in any package."""
    parents = {
        ".".join(name.split(".")[:count])
        for name in graph
        for count in range(1, name.count(".") + 1)
    }
    for parent in sorted(parents):
        for group in cycles(rooms(graph, parent)):
            yield f"in {parent}: {' '.join(group)}"
