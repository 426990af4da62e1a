"""Demo job: generate modules and compile them, with progress and a checklist."""

from __future__ import annotations

import os
import py_compile
import sys
from pathlib import Path

from tasktui.cli.demo.report import checklist, rest, say

MODULES = 12
STEPS = ("generate sources", "compile modules", "measure the result", "write the report")


def main() -> None:
    """Build a small package."""
    target = Path("build")
    target.mkdir(exist_ok=True)
    checklist(STEPS, 0)
    for number in range(MODULES):
        body = "\n".join(f"def f{k}(x: int) -> int:\n    return x * {k} + {number}\n" for k in range(40))
        (target / f"module_{number:02d}.py").write_text(body)
    checklist(STEPS, 1)
    sizes = []
    for number, source in enumerate(sorted(target.glob("module_*.py")), start=1):
        say("task.progress", current=number, total=MODULES, phase="compiling")
        compiled = py_compile.compile(str(source), cfile=str(source.with_suffix(".pyc")), doraise=True)
        sizes.append(Path(compiled or source).stat().st_size)
        sys.stdout.write(f"compiled {source.name} to {sizes[-1]} bytes\n")
        sys.stdout.flush()
        rest(0.25)
    checklist(STEPS, 2)
    rest(0.3)
    checklist(STEPS, 3)
    report = Path(os.environ["TASKTUI_ARTIFACTS"]) / "build-report.md"
    rows = "\n".join(f"| module_{n:02d} | {size:,} |" for n, size in enumerate(sizes))
    head = f"# Build report\n\n**{sum(sizes):,} bytes**.\n\n| module | bytes |\n|---|--:|\n"
    report.write_text(f"{head}{rows}\n")
    checklist(STEPS, 4)
    sys.stdout.write(f"built {MODULES} modules, {sum(sizes):,} bytes\n")


if __name__ == "__main__":
    main()
