"""One rich task on a real manager, and a five-line app around the pane that shows it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from textual import on
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from tasktui.domain.errors import TasktuiError
from tasktui.domain.events.base import Data
from tasktui.domain.events.evidence import Gate as Check
from tasktui.domain.events.evidence import GateRecorded, GithubEvent, GithubRecorded
from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.events.people import ApprovalRequested, InputRequested
from tasktui.domain.events.work import (
    MessageCompleted,
    MessageDelta,
    ToolCompleted,
    ToolProgress,
    ToolStarted,
    UsageTokens,
)
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.ports.manager import Manager
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.status import Reason, Status
from tasktui.manager.scripted import Gate, Output, Step
from tasktui.ui.messages import CopyRequested, Request, RequestDone
from tasktui.ui.requests import carry_out
from tasktui.ui.styles import sheets
from tasktui.ui.widgets.detail.line_view import LineView
from tasktui.ui.widgets.detail.pane import DetailPane
from tasktui.ui.widgets.typed import Typed
from tests.ui.night import DIFF, END_OF_DAY, Night, checklist, eventually, night

ANSWER: Final = """# What I found

The fixture **leaks** the clock: `freeze_time` is started in `setup`, *never* stopped.

1. Freeze it in the fixture.
2. Undo it in `finally`.

```python
with freeze_time("2026-01-01"):
    yield login()
```

> Sessions expire after 30 minutes, so the test only fails around midnight.
"""
LONG_DIFF: Final = DIFF.replace("12,3 +12,3", "12,9 +12,9") + "".join(f"     step({n})\n" for n in range(8))
CODE_DIFF: Final = """--- a/shop/clock.py
+++ b/shop/clock.py
@@ -1,7 +1,9 @@
 from datetime import datetime

-def now():  # wall clock
-    return datetime.now()
+def now(zone=None):  # frozen in tests
+    if zone is None:
+        raise ValueError("say in which zone", 42)
+    return datetime.now(zone)

 class Clock:
     tick = 1.5
"""
SCRIPTS: Final[Mapping[str, Sequence[Step]]] = {
    "fix the login test": [
        checklist(4),
        MessageCompleted(
            message_id="m0", role="thought", content="Start with the failing test.\nThen the fixture."
        ),
        MessageCompleted(message_id="m1", content="I'll reproduce the failure first."),
        ToolStarted(call_id="c1", name="bash", input="pytest -q tests/login", kind="execute"),
        ToolCompleted(
            call_id="c1", ok=False, output="tests/login/test_flow.py F\n1 failed, 11 passed", duration_ms=3400
        ),
        ToolStarted(call_id="c2", name="read", input="src/login/session.py", kind="read"),
        ToolCompleted(call_id="c2", output="def login(now): ...", duration_ms=12),
        ToolStarted(call_id="c3", name="edit", input="tests/login/test_flow.py", kind="edit"),
        ToolCompleted(call_id="c3", diff=DIFF, duration_ms=40),
        checklist(5),
        GateRecorded(
            gate=Check(
                id="g1",
                gate="test",
                command="pytest -q",
                status="passed",
                duration_ms=8_200,
                summary="12 passed",
            )
        ),
        GateRecorded(
            gate=Check(
                id="g2", gate="lint", command="ruff check", status="failed", exit_code=1, summary="1 error"
            )
        ),
        GithubRecorded(
            event=GithubEvent(
                id="h1",
                action="opened",
                target="issue",
                number=1182,
                summary="flaky login",
                url="https://example.org/1182",
            )
        ),
        TaskWarning(message="3 files are not committed"),
        UsageTokens(input_tokens=201_000, output_tokens=13_400, cost_usd=0.42),
        MessageCompleted(message_id="m2", content=ANSWER),
        *(Output(f"line {number:04}: all is well\n") for number in range(300)),
        Output("Traceback: something on stderr\n", stream=2),
        Output("10%\r20%\r30%"),
        ApprovalRequested(
            request_id="r1",
            summary="git push origin fix/login",
            tool="bash",
            options=("allow", "deny"),
            context={
                "cwd": "/srv/shop",
                "reason": "publish the branch so that CI can run",
                "risk": "network, remote write",
            },
        ),
        Gate("on"),
        MessageCompleted(message_id="m3", content="Pushed."),
        ToolStarted(call_id="c4", name="bash", input="gh run watch", kind="execute"),
        Output("one more line\n"),
        Gate("end"),
    ],
    "speak": [
        Gate("on"),
        MessageDelta(message_id="m1", delta="half a sent"),
        Gate("broken off"),
        Outcome(Status.FAILED, Reason.EXIT_NONZERO, "exit code 1", "test", exit_code=1),
    ],
    "build": [
        ToolStarted(call_id="b1", name="bash", input="make -j2", kind="execute"),
        ToolStarted(call_id="b2", name="bash", input="make docs", kind="execute"),
        ToolProgress(call_id="b1", text="compiling one.c\ncompil"),
        Gate("on"),
        ToolProgress(call_id="b1", text="ing two.c\n\n"),
        ToolProgress(call_id="b2", text="writing index.html\n"),
        Gate("built"),
        ToolCompleted(call_id="b1", output="2 files compiled"),
        Gate("end"),
    ],
    "ask me": [
        InputRequested(
            request_id="q1",
            question="Keep the old names?",
            options=("yes", "no"),
            context={"file": "settings.py"},
        ),
        Gate("end"),
    ],
    "call a helper": [
        ToolStarted(call_id="t1", name="Task", input="look for the cause", kind="think"),
        ToolStarted(
            call_id="t2", name="Grep", input="freeze_time tests", kind="search", parent_message_id="t1"
        ),
        ToolCompleted(call_id="t2", output="12 hits", duration_ms=90),
        ToolStarted(
            call_id="t3", name="Edit", input="tests/login/test_flow.py", kind="edit", parent_message_id="t1"
        ),
        ToolCompleted(call_id="t3", diff=DIFF, duration_ms=40),
        ToolCompleted(call_id="t1", output="the fixture leaks the clock", duration_ms=2400),
        Gate("end"),
    ],
    "ask for an edit": [
        ApprovalRequested(
            request_id="r2",
            summary="edit tests/login/test_flow.py",
            tool="edit",
            context={"reason": "the clock leaks", "cwd": "/srv/shop", "diff": LONG_DIFF},
        ),
        Gate("end"),
    ],
    "edit code": [
        ToolStarted(call_id="e1", name="Read", input="shop/clock.py", kind="read"),
        ToolCompleted(call_id="e1", output="def now(): ...", duration_ms=4),
        ToolStarted(
            call_id="e2", name="Grep", input='{"pattern": "datetime.now", "path": "shop"}', kind="search"
        ),
        ToolCompleted(call_id="e2", output="shop/clock.py:3", duration_ms=31),
        ToolStarted(
            call_id="e3", name="WebFetch", input='{"url": "https://example.org/clock"}', kind="fetch"
        ),
        ToolCompleted(call_id="e3", ok=False, output="404 Not Found", duration_ms=310),
        ToolStarted(call_id="e4", name="update_plan", input='{"plan": "freeze, then push"}', kind="think"),
        ToolCompleted(call_id="e4", duration_ms=1),
        ToolStarted(call_id="e5", name="mcp__jira__comment", input='{"issue": 1182}'),
        ToolCompleted(call_id="e5", canceled=True, duration_ms=1200),
        ToolStarted(call_id="e6", name="Bash", input="pytest -q && git diff --stat", kind="execute"),
        ToolCompleted(
            call_id="e6",
            output="12 passed\n shop/clock.py | 5 +++--",
            duration_ms=8400,
            metadata={"exit_code": 0},
        ),
        ToolStarted(call_id="e7", name="Edit", input="shop/clock.py", kind="edit"),
        ToolCompleted(call_id="e7", diff=CODE_DIFF, duration_ms=40),
        UsageTokens(input_tokens=201_000, output_tokens=13_400, cost_usd=0.42),
        Gate("end"),
    ],
    "many facts": [
        *(TaskWarning(message=f"fact number {number}") for number in range(1, 401)),
        Gate("on"),
        *(TaskWarning(message=f"late fact {number}") for number in range(1, 6)),
        Gate("end"),
    ],
}


@dataclass
class Desk:
    """The manager with the tasks above."""

    night: Night

    @property
    def manager(self) -> Manager:
        return self.night.manager

    async def run(self, name: str, kind: str = "agent") -> str:
        """Start a task and wait until its script stands at its first gate."""
        task_id = await self.night.submit(name, kind)
        steps = list(takewhile(lambda step: not isinstance(step, Gate), SCRIPTS[name]))
        facts = sum(isinstance(step, Data) and step.DURABILITY == "persisted" for step in steps)
        await self.night.until(task_id, lambda row: row.last_seq >= facts + 2)
        return task_id


@asynccontextmanager
async def desk(home: Path) -> AsyncIterator[Desk]:
    async with night(home, empty=True) as made:
        made.executor.scripts.update(SCRIPTS)
        made.clock.before_the_end(252)
        yield Desk(made)


class PaneApp(App[None]):
    """The pane alone, fed as the product feeds it."""

    CSS_PATH = sheets("app", "detail")
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (80, "-narrow"), (120, "-normal"), (180, "-wide")]

    def __init__(self, manager: Manager, task_id: str | None) -> None:
        super().__init__()
        self.manager: Manager | None = manager
        self.typed = Typed()
        self.task_id = task_id
        self.interest = Interest(task_id, min_interval_s=0.02)
        self.copied: list[str] = []
        self.requests: list[Message] = []
        self.heard: list[ChangeSet] = []

    def now(self) -> int:
        return END_OF_DAY

    def look_at(self, task_id: str | None) -> None:
        self.interest.task_id = task_id

    def compose(self) -> ComposeResult:
        yield DetailPane()

    @property
    def pane(self) -> DetailPane:
        return self.screen_stack[0].query_one(DetailPane)

    @property
    def view(self) -> LineView:
        page = self.pane.page
        assert page is not None
        return page.view

    def on_mount(self) -> None:
        self.pane.show(self.task_id)
        self.run_worker(self._feed())

    async def _feed(self) -> None:
        assert self.manager is not None
        async for changes in self.manager.changes(self.interest):
            self.pane.apply(changes)
            self.heard.append(changes)

    @on(Request)
    async def _requested(self, request: Request) -> None:
        self.requests.append(request)
        assert self.manager is not None
        error = None
        try:
            await carry_out(request, self.manager)
        except TasktuiError as refused:
            error = refused.message
        self.pane.done(RequestDone(request, error))
        self.screen.post_message(RequestDone(request, error))

    def on_copy_requested(self, request: CopyRequested) -> None:
        self.copied.append(request.text)


def shown(app: App[Any]) -> list[str]:
    """What the screen says, line by line."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


def says(app: App[Any], *words: str) -> bool:
    text = "\n".join(shown(app))
    return all(word in text for word in words)


async def until_says(pilot: Pilot[Any], *words: str) -> None:
    """Wait until all of these stand on the screen."""
    try:
        await eventually(lambda: says(pilot.app, *words), f"{words} on the screen")
    except AssertionError as late:
        raise AssertionError(f"{late}:\n" + "\n".join(shown(pilot.app))) from None


async def until_gone(app: App[Any], words: str) -> None:
    """Wait until these stand on the screen no more."""
    await eventually(lambda: not says(app, words), f"{words} gone from the screen")
