"""Files of a task: listed, shown as what they are, and said clearly when they cannot be read."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from tasktui.domain.events.work import ArtifactAdded, ArtifactRemoved
from tasktui.domain.records import Artifact
from tasktui.ui.host import Host
from tasktui.ui.widgets.detail.artifacts import ArtifactsSource
from tests.ui.detail_desk import PaneApp, desk, says, shown, until_gone, until_says
from tests.ui.night import eventually

FILES = {
    "a-report.md": b"# Findings\n\n- the *clock* leaks\n",
    "b-fix.diff": b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n",
    "c-junit.xml": b"<testsuite tests='12'/>\n" * 40,
    "d-core.bin": bytes(range(256)) * 64,
    "e-empty.txt": b"",
    "f-[red]bold[/].txt": b"\x1b]0;title\x07plain [link=x]text[/]\n",
    "g-gone.txt": None,
}


@pytest.fixture
async def table(own_home):
    async with desk(own_home) as made:
        yield made


async def put(table, task_id: str, name: str, data: bytes | None) -> None:
    """Let the task report a file; None: one that is not there."""
    if data is not None:
        table.night.manager._core.artifacts.files[task_id, name] = data
    table.night.executor.contexts[task_id].emit(
        ArtifactAdded(artifact_id=name, label=name, path=f"out/{name}", size=len(data or b""), role="user")
    )


async def with_files(table) -> str:
    task_id = await table.run("ask me")
    for name, data in FILES.items():
        await put(table, task_id, name, data)
    await table.night.until(task_id, lambda row: row.artifacts == len(FILES))
    return task_id


async def test_each_file_is_shown_as_what_it_is(table):
    task_id = await with_files(table)
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_says(pilot, "[1 Timeline")
        app.view.focus()
        await pilot.press("5")
        size = f"{len(FILES['a-report.md'] or b'')} B"
        await until_says(pilot, "a-report.md", size, "Findings", "• the clock leaks", "5 Artifacts 7")
        await pilot.press("j")
        await until_says(pilot, "@@ -1 +1 @@", "+new")
        await pilot.press("j")
        await until_says(pilot, "<testsuite tests='12'/>")
        await pilot.press("j")
        await until_says(pilot, "00000000  00 01 02 03", "ABCDEFGHIJ")
        await pilot.press("j")
        await until_says(pilot, "The file is empty.")
        await pilot.press("j")
        await until_says(pilot, "plain [link=x]text[/]", "f-[red]bold[/].txt")
        await pilot.press("j")
        await until_says(pilot, "✗ The file is gone")


async def test_the_preview_takes_the_keys_and_reads_far_places(table):
    task_id = await table.run("ask me")
    await put(table, task_id, "long.log", b"".join(b"row %d\n" % number for number in range(20_000)))
    await table.night.until(task_id, lambda row: row.artifacts == 1)
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(120, 30)) as pilot:
        await until_says(pilot, "[1 Timeline")
        app.view.focus()
        await pilot.press("5")
        await until_says(pilot, "long.log", "row 0 ")
        rule = app.query_one("#artifact-list").styles.border_right
        await pilot.press("enter")
        await eventually(lambda: app.view.id == "preview")
        await eventually(lambda: app.query_one("#artifact-list").styles.border_right != rule, "it is seen")
        await pilot.press("G")
        await until_says(pilot, "row 19999")
        await pilot.press("slash", *"row 12345", "enter")
        await until_says(pilot, "row 12345", "1/1")
        assert app.view.window.loaded < 30
        app.query_one("#artifact-list").focus()
        await eventually(lambda: app.query_one("#artifact-list").styles.border_right == rule)


async def test_files_that_come_and_go_are_seen(table):
    task_id = await table.run("ask me")
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(80, 30)) as pilot:
        await until_says(pilot, "[1 Time")
        app.view.focus()
        await pilot.press("5")
        await until_says(pilot, "No files yet")
        await put(table, task_id, "new.txt", b"hello there")
        await until_says(pilot, "new.txt", "hello there")
        await until_gone(app, "No files yet")
        await put(table, task_id, "other.txt", b"second")
        await until_says(pilot, "other.txt")
        table.night.executor.contexts[task_id].emit(ArtifactRemoved(artifact_id="new.txt"))
        await eventually(
            lambda: not any("new.txt" in line for line in shown(app)), "the file leaves the list"
        )


async def test_hundreds_of_files_are_read_by_pages(table):
    task_id = await table.run("ask me")
    for number in range(350):
        await put(table, task_id, f"file-{number:04}.txt", b"%d" % number)
    await table.night.until(task_id, lambda row: row.artifacts == 350)
    app = PaneApp(table.manager, task_id)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_says(pilot, "[1 Time")
        app.view.focus()
        await pilot.press("5")
        await until_says(pilot, "file-0000.txt")
        async with asyncio.timeout(30):
            # each goes to the end of what was read
            while not says(app, "file-0349.txt"):
                await pilot.press("G")
        assert not says(app, "file-0000.txt")


async def test_a_file_that_comes_among_many_pushes_none_out(table):
    """Each page begins behind the one before it: with a new file in that, it begins elsewhere."""
    task_id = await table.run("ask me")
    for number in range(150):
        await put(table, task_id, f"file-{number:04}.txt", b"%d" % number)
    await table.night.until(task_id, lambda row: row.artifacts == 150)
    source = ArtifactsSource(table.manager, task_id, cast(Host, PaneApp(table.manager, task_id)))
    await source.reach()
    assert len(await source.load(0, 101)) == 150
    await put(table, task_id, "a-first.txt", b"1")
    await table.night.until(task_id, lambda row: row.artifacts == 151)
    await source.reach()
    listed = await source.load(0, 101)
    assert [cast(Artifact, listed[item]).label for item in sorted(listed)] == [
        "a-first.txt", *(f"file-{number:04}.txt" for number in range(150)),
    ]  # fmt: skip
    assert source.stop == 151
