"""FAULTS 1 and 2 over the pane: what a hostile task says, wherever it says it, stays text."""

from __future__ import annotations

import re

import pytest

from tasktui.domain.events.evidence import (
    Attempt,
    AttemptRecorded,
    ChecklistItem,
    ChecklistUpdated,
    GateRecorded,
)
from tasktui.domain.events.evidence import Gate as Check
from tasktui.domain.events.lifecycle import TaskStatus, TaskWarning
from tasktui.domain.events.people import ApprovalRequested
from tasktui.domain.events.work import (
    ArtifactAdded,
    MessageCompleted,
    SegmentFailed,
    ToolCompleted,
    ToolStarted,
)
from tasktui.manager.scripted import Gate, Output, Step
from tests.faults.corpus import PAYLOADS
from tests.ui.detail_desk import SCRIPTS, PaneApp, desk, shown, until_says

PARTS = 10
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff]")


def hostile(text: str) -> list[Step]:
    """Every field that a task can fill, filled with one text."""
    return [
        TaskStatus(message=text),
        TaskWarning(message=text, code=text),
        ChecklistUpdated(items=(ChecklistItem(id=1, content=text, status="in_progress"),)),
        MessageCompleted(message_id=text, content=f"# {text}\n\n- {text}\n\n`{text}`", reasoning=text),
        MessageCompleted(message_id="t", role="thought", content=text),
        ToolStarted(call_id=text or "c", name=text, input=text, kind=text),
        ToolCompleted(call_id=text or "c", ok=False, output=text, diff=f"@@ {text}\n-{text}\n+{text}"),
        GateRecorded(gate=Check(id="g", gate=text, command=text, status="failed", summary=text)),
        AttemptRecorded(attempt=Attempt(id="a", summary=text, changed_files=(text,), head_ref=text)),
        SegmentFailed(segment_id=text, error=text),
        ArtifactAdded(artifact_id="f", label=text, path=text, role=text, summary=text),
        Output(text + "\n"),
        Output(text, stream=2),
    ]


def asks(text: str) -> list[Step]:
    """A question of one text, that waits."""
    asked = ApprovalRequested(request_id="r", summary=text, tool=text, options=(text,), context={text: text})
    return [asked, Gate("end")]


@pytest.fixture
async def table(own_home):
    async with desk(own_home) as made:
        yield made


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_tab_shows_it_as_text(table, monkeypatch, part):
    texts = [text.encode("utf-8", "replace").decode() for text in list(PAYLOADS.values())[part::PARTS]]
    script = [step for text in texts for step in hostile(text)] + asks(texts[part % len(texts)])
    monkeypatch.setitem(SCRIPTS, "hostile", script)
    table.night.executor.scripts["hostile"] = script
    app = PaneApp(table.manager, await table.run("hostile"))
    async with app.run_test(size=(90, 130)) as pilot:
        await until_says(pilot, "allow once", "created")
        app.view.focus()
        for tab in "1234567":
            await pilot.press(tab, "equals_sign", "ctrl+r")
            await pilot.pause()
            assert_harmless(app)
            await pilot.press("ctrl+r")
            await pilot.click("LineView", offset=(30, 3))
            await pilot.click("LineView", offset=(30, 6))
            assert_harmless(app)
        app.pane.ask()
        await until_says(pilot, "esc Later")
        assert_harmless(app)
        assert app.is_running
        assert app.return_value is None


def assert_harmless(app: PaneApp) -> None:
    for line in shown(app):
        assert not _FORBIDDEN.search(line), ascii(line)
