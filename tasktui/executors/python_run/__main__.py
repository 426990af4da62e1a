"""The program of a Python job: `python __main__.py MODULE:FUNCTION`, the rest stands in `TASKTUI_JOB`.

It is run by any interpreter, also one whose environment holds no tasktui: the package is then taken from
where this file lies, and nothing beside it.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path


def _provide_tasktui() -> None:
    """Make this file's own tasktui importable, and the working directory instead of this file's."""
    here = Path(__file__).resolve().parent
    sys.path[:] = ["", *(entry for entry in sys.path if Path(entry or ".").resolve() != here)]
    package = here.parents[1]
    found = importlib.util.spec_from_file_location(
        "tasktui", package / "__init__.py", submodule_search_locations=[str(package)]
    )
    if found is None or found.loader is None:
        raise ImportError(f"no tasktui in {package}")
    sys.modules["tasktui"] = module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  # the interpreter is the user's choice
        sys.exit(f"A Python job needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
    _provide_tasktui()
    from tasktui.executors.python_run.program import main

    sys.exit(main())
