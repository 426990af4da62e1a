"""A50: fifty agents that stream at once: keys and bytes of the screen, and how all of them end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import quantiles

from bench.databases import KEEP_ALL
from bench.keys import copied, press
from bench.pty import PtyApp
from bench.rows import Row
from bench.screens import cursor_line, dashboard

AGENTS = 50
PRESSES = 300
TURN_S = 60
TASKS = 10_000
PATIENCE_S = 120


def measure() -> list[Row]:
    """Return the slow end of keys beside the idle screen's, bytes a second, and how many agents completed."""
    home = copied(TASKS)
    settings = home / "config.toml"
    argv = [sys.executable, "-m", "bench.streaming_agent", str(TURN_S)]
    settings.write_text(
        f"lanes = {{ default = {AGENTS} }}\n[agents.stream]\nprotocol = 'acp'\nargv = {json.dumps(argv)}\n"
    )
    env = {"TASKTUI_CONFIG": str(settings), "PYTHONPATH": str(Path.cwd())}
    with dashboard(home, env) as app:
        _at_the_top(app)
        idle = press(app, PRESSES)
        _start(home, env)
        app.wait_screen(lambda lines: f"{AGENTS} running" in lines[0], PATIENCE_S)
        _at_the_top(app)
        mark, began = app.mark(), time.monotonic()
        busy = press(app, PRESSES)
        app_bytes, took = len(app.bytes_since(mark)), time.monotonic() - began
        app.wait_screen(lambda lines: " 0 running" in lines[0], TURN_S + PATIENCE_S)
    done = _completed(home, env)
    shutil.rmtree(home)
    what = f"{AGENTS} agents stream, {TASKS:,} tasks"
    at = [quantiles(seconds, n=100, method="inclusive")[98] * 1000 for seconds in (busy, idle)]
    written = app_bytes / took
    return [
        Row("A50", f"key → frame p99, {what}", at[0], "ms", 1.5, "low", at[1], "idle", 1),
        Row("A50", f"bytes a second with keys held down, {what}", written, "B", 30 * 1024, runs=1),
        Row("A50", "agents that completed", done, "", AGENTS, "high", runs=1),
    ]


def _at_the_top(app: PtyApp) -> None:
    time.sleep(2.0)
    app.send(b"g")
    app.wait_screen(lambda lines: cursor_line(lines) == 3, 5)
    time.sleep(0.5)


def _tasktui(home: Path, env: dict[str, str], *argv: str) -> str:
    command = [sys.executable, "-m", "tasktui", "--home", str(home), *argv]
    ran = subprocess.run(
        command, env={**os.environ, **KEEP_ALL, **env}, check=True, capture_output=True, text=True, timeout=60
    )
    return ran.stdout


def _start(home: Path, env: dict[str, str]) -> None:
    for number in range(AGENTS):
        _tasktui(home, env, "agent", "stream", f"go {number}", "-d", "--tag", "fifty")


def _completed(home: Path, env: dict[str, str]) -> int:
    rows = _tasktui(home, env, "ls", "--json", "--limit", "100", "tag:fifty").splitlines()
    return sum(json.loads(row)["status"] == "completed" for row in rows)
