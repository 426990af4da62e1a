"""FAULTS 3: whatever a task pours out, keys are answered, the disk stays bounded, drops are told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median

import pytest

from bench.pty import PtyApp
from tasktui.service.asking import call
from tests.faults.desks import dashboard, shows, submit, task, tasktui, text, until

pytestmark = pytest.mark.xdist_group("hostile")
CAP = 1 << 22
FACTOR, SLACK_S = 10, 0.5
"""A key may take so many times as long as while nothing happens, and this much more; a frozen screen takes
ever so much longer."""
TOOLS = """
import json, os, sys
with open(os.environ["TASKTUI_EVENTS"], "a") as events:
    for number in range(int(sys.argv[1])):
        for kind, more in (("started", {"name": "bash", "input": "x"}), ("completed", {"output": "y" * 100})):
            line = {"type": f"tool.{kind}", "data": {"call_id": f"c{number}", **more}}
            events.write(json.dumps(line) + "\\n")
input()
"""
WIDE = "yes $(printf %01000d 0)"
LONG = "print('long ' * 2_000_000); print('poured', flush=True); input()"
HUGE = "truncate -s 1G $TASKTUI_ARTIFACTS/huge.bin; echo poured; read -r line"


@pytest.fixture
def app(own_home: Path) -> Iterator[PtyApp]:
    """A dashboard with a few tasks that wait; the newest is chosen."""
    with dashboard(own_home, env={"TASKTUI_OUTPUT_CAP_BYTES": str(CAP)}) as opened:
        for number in range(3):
            submit(own_home, "true", held=True, name=f"waits {number}")
        opened.wait_screen(shows("waits 2", "QUEUED 3"))
        opened.send(b"g")
        opened.wait_screen(lambda lines: "waits 2" in lines[cursor(lines)])
        opened.wait_quiet()
        yield opened


def cursor(lines: list[str]) -> int:
    return next((number for number, line in enumerate(lines) if line.startswith("│▌")), -1)


def answer_times(app: PtyApp, count: int = 8) -> list[float]:
    """Move the cursor to and fro; return how long each key took to be seen."""
    return [answer_time(app, b"k" if number % 2 else b"j") for number in range(count)]


def answer_time(app: PtyApp, key: bytes) -> float:
    app.wait_screen(lambda lines: cursor(lines) > 0)  # a frame may be half there
    before = cursor(app.screen())
    sent = app.send(key)
    return app.wait_screen(lambda lines: cursor(lines) not in {before, -1}) - sent


def look_at(app: PtyApp, name: str, tab: bytes, words: str) -> None:
    """Put the cursor on a task that runs, choose a tab, see words of it, and go back to the list."""
    app.wait_screen(shows(name, "RUNNING"))
    app.send(b"g")
    app.wait_screen(lambda lines: name in lines[cursor(lines)])
    app.send(b"l")
    app.wait_screen(lambda lines: "Expand" in lines[-1])
    app.send(tab)
    # by then it has the focus, which it takes when it is made
    app.wait_screen(shows(f"[{tab.decode()} ", words))
    back_to_list(app)


def back_to_list(app: PtyApp, column: int = 10) -> None:
    """Leave the detail by a click on the row of the cursor: an escape is none where a key follows at once.

    Two clicks on one cell within half a second are a double click, which goes back into the detail.
    """
    app.wait_screen(lambda lines: cursor(lines) > 0)
    cell = (column, cursor(app.screen()) + 1)
    app.send(b"\x1b[<0;%d;%dM\x1b[<0;%d;%dm" % (cell + cell))
    app.wait_screen(lambda lines: "n New" in lines[-1])


def calm(times: list[float], idle: list[float]) -> None:
    assert median(times) <= FACTOR * median(idle) + SLACK_S, (idle, times)


def calls(home: Path, task_id: str) -> int:
    return int(task(home, task_id).get("counters", {}).get("tool_calls", 0))


def kept(home: Path, task_id: str) -> int:
    """Bytes of output on the disk; the shim may take the oldest away meanwhile."""
    kept = 0
    for file in (home / "tasks" / task_id).glob("*.log"):
        with suppress(FileNotFoundError):
            kept += file.stat().st_size
    return kept


def pour(
    app: PtyApp, home: Path, command: str | list[str], tab: bytes, words: str
) -> tuple[str, list[float], list[float]]:
    """Measure keys, start a flood, look at it, and measure again."""
    idle = answer_times(app)
    task_id = submit(home, command, name="flood")
    look_at(app, "flood", tab, words)
    return task_id, answer_times(app, 14), idle


def test_output_without_end(app: PtyApp, own_home: Path) -> None:
    task_id, times, idle = pour(app, own_home, WIDE, b"4", "00000")
    calm(times, idle)
    until(lambda: call(own_home, "GET", f"/v1/tasks/{task_id}/output?limit=1")["size"] > 20 * CAP)
    assert kept(own_home, task_id) <= CAP
    call(own_home, "POST", f"/v1/tasks/{task_id}/cancel", {"force": True})
    until(lambda: task(own_home, task_id)["status"] == "canceled")
    assert kept(own_home, task_id) <= CAP
    told = call(own_home, "GET", f"/v1/tasks/{task_id}/output?limit=1")
    dropped = sum(length for _, length in told["dropped"])
    assert dropped == told["size"] - kept(own_home, task_id)


@pytest.mark.feature(155)
def test_what_was_dropped_is_shown_where_it_was(own_home: Path) -> None:
    with dashboard(own_home, env={"TASKTUI_OUTPUT_CAP_BYTES": "65536"}) as app:
        task_id = submit(own_home, f"{WIDE} | head -1000", name="flood")
        app.wait_screen(shows("1 done"))
        app.send(b"gl")
        app.wait_screen(lambda lines: "Expand" in lines[-1])
        app.send(b"4")
        app.wait_screen(shows("[4 "))
        app.send(b"G")
        app.wait_screen(shows("dropped (cap)"))
        logs = tasktui("--home", str(own_home), "logs", task_id)
    assert len(logs.stdout) <= 65536
    assert "are not kept" in logs.stderr


def test_a_line_of_ten_megabytes(app: PtyApp, own_home: Path) -> None:
    task_id, times, idle = pour(app, own_home, [sys.executable, "-c", LONG], b"4", "long")
    calm(times, idle)
    until(lambda: call(own_home, "GET", f"/v1/tasks/{task_id}/output?limit=1")["size"] > 10_000_000)
    calm(answer_times(app), idle)
    assert kept(own_home, task_id) <= CAP


@pytest.mark.parametrize("count", [15_000, pytest.param(100_000, marks=pytest.mark.soak)])
@pytest.mark.timeout(300)
def test_tool_calls_without_end(app: PtyApp, own_home: Path, count: int) -> None:
    task_id, times, idle = pour(app, own_home, [sys.executable, "-c", TOOLS, str(count)], b"2", "bash")
    calm(times, idle)
    until(lambda: calls(own_home, task_id) == count, within_s=60 + count / 500)
    calm(answer_times(app), idle)


def test_an_artifact_of_a_gigabyte(app: PtyApp, own_home: Path) -> None:
    task_id, times, idle = pour(app, own_home, HUGE, b"5", "its own files")
    calm(times, idle)
    app.send(b"gl")
    app.wait_screen(shows("Expand", "huge.bin"))
    app.send(b"\r")

    def is_at_its_end() -> bool:
        app.send(b"G")
        with suppress(TimeoutError):
            app.wait_screen(shows("3ffffff0"), timeout_s=2)
        return "3ffffff0" in text(app)

    until(is_at_its_end, what="the end of a gigabyte, by a key of the preview once it has the focus")
    # a click would overtake a key that is on its way
    app.send(b"g")
    app.wait_screen(shows("00000000 "))
    back_to_list(app, column=20)
    calm(answer_times(app), idle)
    assert app.usage().rss_mib < 500
    assert task(own_home, task_id)["status"] == "running"
