"""`make guards`: take each protection out, one at a time, and name the test that turns red.

python -m tests.guards.run [WORD]     only guards whose promise or file holds the word
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.guards.guard import CannotCut, Guard
from tests.guards.registry import GUARDS
from tests.guards.tree import Tree, Tried

_AT_A_TIME = 2
"""Trees, each with one pytest: more than that waits for processors."""


def main(words: Sequence[str]) -> int:
    """Answer 0 if all named tests are green as things stand, and some are red for each guard."""
    word = " ".join(words).casefold()
    guards = [it for it in GUARDS if word in f"{it.promise} {it.file}".casefold()]
    missing = [problem for guard in guards if (problem := _problem(guard))]
    if missing or not guards:
        _say("\n".join(missing) or f"no guard speaks of {word!r}")
        return 1
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        trees = [Tree.copy(Path(folder) / str(number)) for number in range(_AT_A_TIME)]
        if not _all_green(trees[0], guards):
            return 1
        green = _take_out_each(trees, guards)
    spent = time.monotonic() - began
    _say(f"{len(guards)} guards taken out, {len(guards) - green} noticed, {spent:.0f} s")
    return 1 if green else 0


def _problem(guard: Guard) -> str | None:
    try:
        guard.check()
    except CannotCut as problem:
        return str(problem)
    return None


def _all_green(tree: Tree, guards: Sequence[Guard]) -> bool:
    named = list(dict.fromkeys(test for guard in guards for test in guard.red))
    tried = tree.test(named, processes=_AT_A_TIME)
    red = [verdict for verdict in tried.verdicts if verdict.red]
    if tried.passed and not red:
        _say(f"nothing taken out: {len(tried.verdicts)} tests of {len(guards)} guards are green")
        return True
    _say("nothing taken out, and not green:", *(f"  {it.test}: {it.why}" for it in red))
    _say(tried.said)
    return False


def _take_out_each(trees: Sequence[Tree], guards: Sequence[Guard]) -> int:
    """Answer how many nobody noticed."""
    free: SimpleQueue[Tree] = SimpleQueue()
    for tree in trees:
        free.put(tree)

    def take_out(guard: Guard) -> Tried:
        tree = free.get()
        try:
            with tree.without(guard):
                return tree.test(guard.red)
        finally:
            free.put(tree)

    unnoticed = 0
    with ThreadPoolExecutor(len(trees)) as pool:
        for guard, tried in zip(guards, pool.map(take_out, guards), strict=True):
            unnoticed += not _tell(guard, tried)
    return unnoticed


def _tell(guard: Guard, tried: Tried) -> bool:
    """Print a guard's line; answer whether a test said no, and did not merely break down."""
    noticed = [verdict.test for verdict in tried.verdicts if verdict.red and verdict.asserted]
    head = f"guard {guard.promise} | taken out of {guard.file} |"
    if noticed:
        more = f" (+{len(noticed) - 1})" if len(noticed) > 1 else ""
        _say(f"{head} red: {noticed[0]}{more}")
        return True
    broken = [f"{verdict.test}: {verdict.why}" for verdict in tried.verdicts if verdict.red]
    if broken:
        _say(f"{head} NO TEST SAYS SO, {len(broken)} break down: {broken[0]}")
    else:
        _say(f"{head} STAYS GREEN: {', '.join(guard.red)}", tried.said)
    return False


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
