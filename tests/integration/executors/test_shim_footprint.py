"""What a shim costs and what the warm process loads."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tasktui.executors.run_files import read_head
from tests.integration.executors.processes import run_of, supervising, until
from tests.packaging.loaded import loaded_by_import, of

ROOT = Path(__file__).parents[3]


async def test_the_memory_of_one_shim(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with supervising(own_home) as supervisor:
        processes = [await supervisor.launch(run_of(own_home, "cat")) for _ in range(8)]
        pss = []
        for process in processes:
            rollup = Path(f"/proc/{process.shim_pid}/smaps_rollup")
            await until(partial(read_head, process.directory))
            pss += [
                int(line.split()[1]) for line in rollup.read_text().splitlines() if line.startswith("Pss:")
            ]
    with capsys.disabled():
        sys.stdout.write(f"\nPSS of a shim, one of {len(pss)}: {sorted(pss)} KiB\n")
    assert max(pss) < 4096, "forked from the warm process, not an interpreter of its own"


@pytest.mark.feature(38)
def test_the_warm_process_loads_only_small_modules() -> None:
    load = "import tasktui.executors.shim.forker; print(*sys.modules)"
    code = f"import sys; sys.path.append({str(ROOT)!r}); {load}"
    command = [sys.executable, "-I", "-S", "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.split()
    heavy = ("asyncio", "typing", "dataclasses", "pathlib", "inspect", "subprocess", "pydantic", "threading")
    assert "tasktui.executors.shim.supervise" in loaded
    assert of(heavy, frozenset(loaded)) == []


def test_the_owner_side_loads_no_screen_and_no_models() -> None:
    loaded = loaded_by_import("tasktui.executors.process")
    assert of(("textual", "rich", "pydantic", "httpx", "psutil"), loaded) == []
