"""The floor plan in figures: folders, lengths, import floors, cycles, and files to open for a way.

    python -m scripts.floor_plan [ROOT] [--way NAME=module:function:packages[:without]]...

Nothing is imported or run: all is read from the text. Import figures count what is imported at
module level, inside one package; a room is a child of a package, be it a folder or a module. A way
is what a reader opens who follows one function: names used in bodies are followed to the functions,
methods, classes and constants that they mean, through doors, across modules. Types are known where
they are written down (an annotated parameter, `x = Class(...)`, `self._x = parameter`), so a way is
a lower bound that does not change when code only moves. Of each way the modules are counted, doors
apart, and those of them that hold functions on the way; only packages that it names count, and of
`pim` no module that reaches the foreign library named last (the HTTP client).
"""

import argparse
import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from statistics import median

from scripts.floor_modules import (
    FUNCTIONS,
    PACKAGES,
    Graph,
    Module,
    cycles,
    floors,
    import_graph,
    reach,
    read_modules,
    rooms,
    sibling_cycles,
    with_parents,
)

WAYS = (
    "delivery to inbox=receiver.intake:Intake.answer:receiver,storage,pim",
    "due event to settled=flows.process_inbox:process_inbox:flows,storage,pim:httpx",
    "swept page to drift report=flows.reconcile:reconcile:flows,storage,pim",
)


def functions(modules: Iterable[Module]) -> list[tuple[int, str]]:
    """(lines, where) of every function and method."""
    return [
        ((node.end_lineno or 0) - node.lineno + 1, f"{module.path}:{node.lineno} {node.name}")
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, FUNCTIONS)
    ]


def private_called_once(module: Module) -> int:
    """How many private functions and methods of a module it names just once."""
    named = Counter(
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name | ast.Attribute)
    )
    return sum(
        1
        for node in ast.walk(module.tree)
        if isinstance(node, FUNCTIONS)
        and node.name.startswith("_")
        and not node.name.startswith("__")
        and named[node.name] == 1
    )


Place = tuple[str, str]
"""A definition: its module, and `name` or `Class.method`."""


class Follower:
    """Follows names from a function to all that it leads to."""

    def __init__(self, modules: Mapping[str, Module], is_counted: Callable[[str], bool]) -> None:
        self._modules = modules
        self._is_counted = is_counted
        self.seen: set[Place] = set()
        self.doors: set[str] = set()

    def follow(self, start: Place) -> set[str]:
        """Answer the modules of all definitions that a start leads to."""
        todo = [start]
        while todo:
            place = todo.pop()
            if place in self.seen or not self._is_counted(place[0]):
                continue
            self.seen.add(place)
            todo += self._leads(place)
        return {module for module, _ in self.seen}

    def acting(self) -> set[str]:
        """Modules that hold a function or method on the way, and not only types or constants."""
        return {
            module
            for module, name in self.seen
            if "." in name or isinstance(self._modules[module].defined[name], FUNCTIONS)
        }

    def _leads(self, place: Place) -> Iterator[Place]:
        module = self._modules[place[0]]
        owner_name, _, method = place[1].partition(".")
        node = module.defined[owner_name]
        if not isinstance(node, ast.ClassDef):
            yield from self._used(module, node, {})
        elif method:
            yield from self._method(module, node, method)
        else:
            yield from self._class(module, node)

    def _class(self, module: Module, node: ast.ClassDef) -> Iterator[Place]:
        """A class that is made: its bases, decorators, fields and construction."""
        for part in (*node.bases, *node.decorator_list):
            yield from self._used(module, part, {})
        for each in node.body:
            if isinstance(each, FUNCTIONS):
                if each.name in {"__init__", "__post_init__", "__enter__", "__call__"}:
                    yield module.name, f"{node.name}.{each.name}"
            elif isinstance(each, ast.Assign | ast.AnnAssign) and each.value:
                yield from self._used(module, each.value, {})

    def _method(self, module: Module, node: ast.ClassDef, name: str) -> Iterator[Place]:
        found = next(
            (it for it in node.body if isinstance(it, FUNCTIONS) and it.name == name), None
        )
        if found:
            types = self._types(module, found)
            types["self"] = types["cls"] = (module.name, node.name)
            types |= self._own_types(module, node)
            yield from self._used(module, found, types)
            return
        for base in node.bases:
            if isinstance(base, ast.Name) and (meant := self._meaning(module, base.id)):
                yield from self._member(meant, name)

    def _member(self, owner: Place, name: str) -> Iterator[Place]:
        """A method of a class, its own or inherited."""
        node = self._modules[owner[0]].defined.get(owner[1])
        if isinstance(node, ast.ClassDef) and self._is_counted(owner[0]):
            if any(isinstance(it, FUNCTIONS) and it.name == name for it in node.body):
                yield owner[0], f"{owner[1]}.{name}"
            else:
                yield from self._method(self._modules[owner[0]], node, name)

    def _used(self, module: Module, node: ast.AST, types: dict[str, Place]) -> Iterator[Place]:
        """What the names in a node mean; of a function its annotations are left out."""
        types = types or self._types(module, node)
        for part in _bodies(node):
            for each in ast.walk(part):
                if isinstance(each, ast.Attribute):
                    yield from self._attribute(module, each, types)
                elif isinstance(each, ast.Name) and (meant := self._meaning(module, each.id)):
                    yield meant

    def _attribute(
        self, module: Module, node: ast.Attribute, types: dict[str, Place]
    ) -> Iterator[Place]:
        known = types.get(ast.unparse(node.value))
        if known is None and isinstance(node.value, ast.Name):
            known = self._meaning(module, node.value.id)
            imported = module.imported.get(node.value.id)
            if known is None and imported:
                inner = f"{imported[0]}.{imported[1]}" if imported[1] else imported[0]
                if inner in self._modules and (found := self._resolve(inner, node.attr)):
                    yield found
        if known:
            yield from self._member(known, node.attr)

    def _types(self, module: Module, node: ast.AST) -> dict[str, Place]:
        """Classes of what a function's parameters and plain assignments hold."""
        found: dict[str, Place] = {}
        if isinstance(node, FUNCTIONS):
            arguments = node.args
            for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                if each.annotation and (meant := self._annotated(module, each.annotation)):
                    found[each.arg] = meant
        for part in ast.walk(node):
            if isinstance(part, ast.Assign) and isinstance(part.value, ast.Call):
                meant_class = self._annotated(module, part.value.func)
                for target in part.targets:
                    if meant_class:
                        found[ast.unparse(target)] = meant_class
        return found

    def _own_types(self, module: Module, node: ast.ClassDef) -> dict[str, Place]:
        """Classes of `self.x`, from fields and from what `__init__` is given or makes."""
        found: dict[str, Place] = {}
        for each in node.body:
            if isinstance(each, ast.AnnAssign) and (it := self._annotated(module, each.annotation)):
                found[f"self.{ast.unparse(each.target)}"] = it
            elif isinstance(each, FUNCTIONS) and each.name == "__init__":
                given = self._types(module, each)
                for part in ast.walk(each):
                    if isinstance(part, ast.Assign) and ast.unparse(part.value) in given:
                        found[ast.unparse(part.targets[0])] = given[ast.unparse(part.value)]
                found |= {name: it for name, it in given.items() if name.startswith("self.")}
        return found

    def _annotated(self, module: Module, node: ast.expr) -> Place | None:
        """The one class of the project that an annotation names, or a call makes."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and (meant := self._meaning(module, part.id)):
                is_class = isinstance(self._modules[meant[0]].defined.get(meant[1]), ast.ClassDef)
                if is_class:
                    return meant
        return None

    def _meaning(self, module: Module, name: str) -> Place | None:
        if name in module.defined:
            return module.name, name
        source, inner = module.imported.get(name, ("", None))
        return self._resolve(source, inner) if inner else None

    def _resolve(self, source: str, name: str) -> Place | None:
        """Where a module's name is defined; doors on the way are noted."""
        module = self._modules.get(source)
        if module is None:
            return None
        if name in module.defined:
            return source, name
        if name in module.imported and module.imported[name][1]:
            if module.is_door and self._is_counted(source):
                self.doors.add(source)
            deeper, inner = module.imported[name]
            return self._resolve(deeper, inner or "") if (deeper, inner) != (source, name) else None
        return None


def _bodies(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, FUNCTIONS):
        return [*node.body, *node.decorator_list]
    if isinstance(node, ast.AnnAssign):
        return [node.value] if node.value else []
    return [node]


def count_way(modules: Mapping[str, Module], graph: Graph, way: str) -> str:
    """One line on a way."""
    name, _, where = way.partition("=")
    module, function, packages, *without = where.split(":")
    foreign = _foreign(modules, graph, without)
    allowed = packages.split(",")
    follower = Follower(modules, lambda it: it.split(".")[0] in allowed and it not in foreign)
    found = follower.follow((module, function))
    acting = follower.acting()
    by_package = Counter(it.split(".")[0] for it in acting)
    parts = ", ".join(f"{package} {by_package[package]}" for package in allowed)
    return (
        f"{name}: {len(found)} modules and {len(follower.doors)} doors, {len(follower.seen)} "
        f"definitions; {len(acting)} modules with functions on the way ({parts})"
    )


def _foreign(modules: Mapping[str, Module], graph: Graph, packages: list[str]) -> set[str]:
    """Modules of `pim` that reach one of these libraries."""
    direct = {
        module.name
        for module in modules.values()
        if any(source.split(".")[0] in packages for source, _ in module.imported.values())
    }
    return {it for it in modules if it.startswith("pim") and ({it} | reach(graph, it)) & direct}


def describe(root: Path, ways: Iterable[str]) -> Iterator[str]:
    """Every figure, a line each."""
    modules = read_modules(root)
    plain = [module for module in modules.values() if not module.is_door]
    graph = import_graph(modules)
    yield from _describe_folders(plain)
    yield from _describe_lengths(plain)
    yield "floors at import time, a package (modules; rooms):"
    for package in PACKAGES:
        yield _describe_package(graph, package)
    for heading, which in (
        ("at import time", graph),
        ("with imports in functions", import_graph(modules, everywhere=True)),
    ):
        found = cycles(which)
        yield f"cycles of modules {heading}: {len(found)}"
        yield from (f"  {' '.join(group)}" for group in found)
        siblings = list(sibling_cycles(which))
        yield f"cycles of siblings {heading}: {len(siblings)}"
        yield from (f"  {line}" for line in siblings)
    before = reach(with_parents(graph), "cli.main")
    yield f"modules that `cli.main` imports before it knows the command: {len(before)}"
    yield "files to open for a way:"
    for way in ways:
        yield f"  {count_way(modules, graph, way)}"


def _describe_folders(plain: list[Module]) -> Iterator[str]:
    folders = Counter(str(module.path.parent) for module in plain)
    sizes = Counter(module.name.split(".")[0] for module in plain)
    yield f"modules: {len(plain)}, without the simulator {len(plain) - sizes['simulator']}"
    yield "  " + ", ".join(f"{package} {sizes[package]}" for package in PACKAGES)
    yield f"modules a folder, at most: {folders.most_common(1)[0][1]}"
    yield from (f"  {folder} {count}" for folder, count in folders.most_common(12))


def _describe_lengths(plain: list[Module]) -> Iterator[str]:
    ours = [module for module in plain if not module.name.startswith("simulator")]
    for heading, which in (("all", plain), ("without the simulator", ours)):
        longest = max(which, key=lambda module: module.lines)
        half = median(module.lines for module in which)
        most = f"{longest.lines} {longest.path}"
        yield f"lines a module, {heading}: median {half:.0f}, longest {most}"
        lengths = sorted(functions(which))
        middle = median(length for length, _ in lengths)
        most = f"{lengths[-1][0]} {lengths[-1][1]}"
        yield f"lines a function, {heading}: median {middle:.0f}, longest {most}"
    once = sum(private_called_once(module) for module in plain)
    yield f"private functions named once: {once}"


def _describe_package(graph: Graph, package: str) -> str:
    inside = {
        module: {other for other in others if other.startswith(f"{package}.")}
        for module, others in graph.items()
        if module.startswith(f"{package}.")
    }
    look = rooms(graph, package)
    arrows = sum(len(others) for others in look.values())
    return (
        f"  {package}: {floors(inside)} floors of {len(inside)} modules, "
        f"{sum(map(len, inside.values()))} arrows; "
        f"{floors(look)} floors of {len(look)} rooms, {arrows} arrows"
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "root", nargs="?", type=Path, default=Path(__file__).resolve().parents[1], help="a checkout"
    )
    parser.add_argument(
        "--way", action="append", help="NAME=module:function:packages[:without]; may be given again"
    )
    asked = parser.parse_args()
    for line in describe(asked.root, asked.way or WAYS):
        print(line)


if __name__ == "__main__":
    main()
