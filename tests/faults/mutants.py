"""Takes each guard away, in a copy of the tree, and sees the tests of its promise fail.

Usage: python -m tests.faults.mutants [words of rows or descriptions]

A patch that no longer applies is an error: the guard moved, and its proof has to move along.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from tests.conftest import LEFT_RUNNING
from tests.faults.guards import GUARDS, Edit, Guard
from tests.faults.guards_api import API_GUARDS

ROOT: Final = Path(__file__).parents[2]
PARTS: Final = ("tasktui", "tests", "bench", "styles", "pyproject.toml")
AT_ONCE: Final = 2
LIMIT_S: Final = 150.0
"""For the tests of one guard; a hang is no proof, for a test says itself what it misses."""
PASSED: Final = 0
RED: Final = (1, LEFT_RUNNING)
"""A test failed, or left a process."""


class StaleError(Exception):
    """A patch does not apply."""


def copy_of_the_tree(folder: Path) -> Path:
    """Copy what tests need, without what they left."""
    for part in PARTS:
        source, target = ROOT / part, folder / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return folder


@contextmanager
def without(tree: Path, edits: Sequence[Edit]) -> Iterator[None]:
    """Patch a tree for the time of the block.

    Raises:
        StaleError: a text stands there no more, or more than once.
    """
    files = {edit.file: (tree / edit.file).read_text() for edit in edits}
    patched = dict(files)
    for edit in edits:
        if patched[edit.file].count(edit.old) != 1:
            raise StaleError(f"{edit.file} has {patched[edit.file].count(edit.old)} × {edit.old!r}")
        patched[edit.file] = patched[edit.file].replace(edit.old, edit.new)
    try:
        for name, text in patched.items():
            (tree / name).write_text(text)
        yield
    finally:
        for name, text in files.items():
            (tree / name).write_text(text)


def run(tree: Path, tests: Sequence[str]) -> int | None:
    """Run tests in a tree; return pytest's code, None when they took too long."""
    argv = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--timeout", "60", *tests]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    process = subprocess.Popen(
        argv, cwd=tree, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=env | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tree)},
    )  # fmt: skip
    try:
        return process.wait(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return None
    finally:
        process.kill()
        process.wait()


def judge(tree: Path, guard: Guard) -> str:
    """Return what is wrong with the proof of a guard, nothing when each of its tests goes red."""
    for test in guard.tests:
        if (before := run(tree, [test])) != PASSED:
            return f"{test} does not pass with the guard: {before}"
        with without(tree, guard.edits):
            after = run(tree, [test])
        if after not in RED:
            return f"{test} does not fail without the guard: {after}"
    return ""


def say(line: str) -> None:
    """Tell the person at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def chosen(words: Sequence[str]) -> list[Guard]:
    """Return the guards of these rows, or with these words; all of them without any."""
    known = (*GUARDS, *API_GUARDS)
    return [one for one in known if not words or one.row in words or any(word in one.what for word in words)]


def main(words: Sequence[str]) -> int:
    """Judge them and print a table; return how many proofs fail."""
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(AT_ONCE):
            trees.put(copy_of_the_tree(Path(folder, str(number))))

        def prove(guard: Guard) -> tuple[Guard, str, float]:
            tree, begun = trees.get(), time.monotonic()
            try:
                return guard, judge(tree, guard), time.monotonic() - begun
            except StaleError as exc:
                return guard, f"stale: {exc}", time.monotonic() - begun
            finally:
                trees.put(tree)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for guard, fault, took in pool.map(prove, chosen(words)):
                wrong += bool(fault)
                told = "GREEN" if fault else "red"
                say(f"{guard.row:>3}  {told:5}  {took:4.0f} s  {guard.what}")
                if fault:
                    say(f"     {fault}")
    say(f"{len(chosen(words))} guards, {wrong} without proof")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
