"""Every test has a home of its own, leaves no process behind, and in CI may not be skipped."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import hypothesis
import psutil
import pytest

_NO_SKIP = pytest.StashKey[bool]()
_LEFT = pytest.StashKey[list[str]]()
_SESSION = "TESTS_OF_TASKTUI"
"""Every process that a test starts inherits this; no `TASKTUI_` name, for the owner drops those."""

LEAVE_S = 20
"""How long what a test started may take to end on a busy machine, after the last test."""
LEFT_RUNNING = 10
"""The exit code of a session whose tests left a process, whether one failed or not."""

_DROPPED = (
    "TASKTUI_",
    "TEXTUAL",
    "XDG_",
    "TMUX",
    "SSH_",
    "GIT_",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "COLORTERM",
)
_FIXED = {
    "TEXTUAL_ANIMATIONS": "none",
    "TERM": "xterm-256color",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
}


def pytest_configure(config: pytest.Config) -> None:
    """Shut the user's settings out before anything is imported that reads them."""
    config.stash[_NO_SKIP] = os.environ.get("TASKTUI_TEST_NO_SKIP") == "1"
    for name in [name for name in os.environ if name.startswith(_DROPPED) and name != "TASKTUI_TEST_NO_SKIP"]:
        del os.environ[name]
    # a fixed COLUMNS would overrule the size of every pty that a test opens
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    os.environ.update(_FIXED)
    os.environ.setdefault(_SESSION, secrets.token_hex(8))
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    _draw_examples(new=not config.stash[_NO_SKIP])
    folder = tempfile.mkdtemp(prefix="tasktui-tests-")
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ["HOME"] = os.environ["TASKTUI_HOME"] = folder


def _draw_examples(*, new: bool) -> None:
    """Draw new examples in each run, but in the gate the same: what chance finds is no news of a change."""
    # speed is no matter of a test, least of all on a busy machine
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile(
        "tasktui", deadline=None, print_blob=True, derandomize=not new, suppress_health_check=slow
    )
    hypothesis.settings.load_profile("tasktui")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data directory of this test; the user's home and configuration are empty folders beside it."""
    monkeypatch.delenv("TASKTUI_TEST_NO_SKIP", raising=False)
    for name, folder in (
        ("HOME", "user"),
        ("XDG_CONFIG_HOME", "user/config"),
        ("XDG_DATA_HOME", "user/data"),
        ("XDG_STATE_HOME", "user/state"),
        ("XDG_CACHE_HOME", "user/cache"),
    ):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv(name, str(tmp_path / folder))
    home = tmp_path / "home"
    monkeypatch.setenv("TASKTUI_HOME", str(home))
    return home


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where TASKTUI_TEST_NO_SKIP=1."""
    report = yield
    if report.skipped and item.config.stash[_NO_SKIP] and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, where nothing may be skipped: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself."""
    report = yield
    if report.skipped and collector.config.stash[_NO_SKIP]:
        report.outcome = "failed"
        report.longrepr = f"skipped, where nothing may be skipped: {report.longrepr}"
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the session when a process of its tests still runs; then end it."""
    if hasattr(session.config, "workerinput"):
        return
    left = _left_running(os.environ[_SESSION])
    if left:
        session.config.stash[_LEFT] = [_described(process) for process in left]
        session.exitstatus = LEFT_RUNNING
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=3)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which processes were left, and by which test."""
    for line in config.stash.get(_LEFT, []):
        terminalreporter.write_line(f"LEFT RUNNING {line}", red=True)


def _left_running(session: str) -> list[psutil.Process]:
    """Processes that the tests started and that don't end by themselves in time."""
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    started = [
        process
        for process in psutil.process_iter()
        if process.pid not in mine and _env(process, _SESSION) == session
    ]
    deadline = time.monotonic() + LEAVE_S
    while (left := [process for process in started if _runs(process)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _runs(process: psutil.Process) -> bool:
    """Whether it has not ended; of one that nobody has collected yet only the number is left."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _env(process: psutil.Process, name: str) -> str:
    try:
        return process.environ().get(name, "")
    except psutil.Error:
        return ""


def _described(process: psutil.Process) -> str:
    try:
        test = _env(process, "PYTEST_CURRENT_TEST") or "?"
        return f"{process.pid} {' '.join(process.cmdline())[:120]} (started by {test})"
    except psutil.Error:
        return f"{process.pid}, gone by now"
