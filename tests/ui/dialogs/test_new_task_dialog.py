"""The form for a task: keys, what it answers, what it refuses, what it remembers."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tasktui.domain.spec import AgentWork, PythonWork, ShellWork, TaskSpec
from tasktui.domain.status import Attention
from tasktui.ui.app import TasktuiApp
from tasktui.ui.offers import AgentOffer
from tasktui.ui.screens.edit_dialog import EditDialog
from tasktui.ui.screens.new_task_dialog import NewTaskDialog
from tasktui.ui.widgets.form_field import FormField, Lines, Tick
from tests.ui.dialogs.asking import NOT_YET, Asking, answered
from tests.ui.night import Night, eventually


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def field(app: Asking, name: str) -> FormField:
    return app.screen.query_one(f"#field-{name}", FormField)


async def test_a_command_and_ctrl_j(tmp_path: Path) -> None:
    wanted = await answered(NewTaskDialog, *"make", "space", *"test", "ctrl+j")
    assert wanted.spec == TaskSpec(work=ShellWork(argv=("make", "test")), cwd=str(tmp_path))


async def test_enter_goes_on_and_submits_in_the_last_field(tmp_path: Path) -> None:
    to_watch = ("enter", "tab", "tab", "tab", *["enter"] * 12)
    wanted = await answered(NewTaskDialog, *"ls", *to_watch, *"out", "enter")
    assert wanted.spec == TaskSpec(
        work=ShellWork(argv=("ls",)), cwd=str(tmp_path), watch=(str(tmp_path / "out"),)
    )


async def test_boxes_are_ticked_by_space_and_the_button_submits(tmp_path: Path) -> None:
    to_held = ("tab", "space", *["tab"] * 16, "space", "tab", "tab", "enter")
    wanted = await answered(NewTaskDialog, *"a|b", *to_held)
    assert wanted.spec == TaskSpec(work=ShellWork(command="a|b"), cwd=str(tmp_path), held=True)


async def test_wrong_fields_are_marked_at_once_and_nothing_is_lost() -> None:
    app = Asking(NewTaskDialog)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"echo", "space", "'", "x")
        field(app, "timeout").entry.focus()
        await pilot.press(*"soon", "ctrl+j")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.answer is NOT_YET
        assert field(app, "work").problem
        assert field(app, "timeout").problem
        assert app.focused is field(app, "work").entry
        assert field(app, "timeout").value == "soon"
        await pilot.press("'")
        assert not field(app, "work").problem
        field(app, "timeout").entry.focus()
        await pilot.press(*["backspace"] * 4, "9", "ctrl+j")
        await app.workers.wait_for_complete()
        await pilot.pause()
    assert app.answer.spec.timeout_s == 9
    assert app.answer.spec.work == ShellWork(argv=("echo", "x"))


async def test_the_directory_is_looked_at_while_typing(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    app = Asking(NewTaskDialog)
    async with app.run_test(size=(80, 24)) as pilot:
        beside = field(app, "cwd").query_one(".beside")
        field(app, "cwd").entry.focus()
        await pilot.press("end", *"/su")
        await eventually(lambda: beside.has_class("-bad"), "a missing directory")
        await pilot.press("b")
        await eventually(lambda: not beside.has_class("-bad"), "the directory")


async def test_a_missing_directory_is_refused() -> None:
    app = Asking(NewTaskDialog)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("l", "s")
        field(app, "cwd").entry.focus()
        await pilot.press("end", *"/nope", "ctrl+j")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.answer is NOT_YET
        assert field(app, "cwd").problem == "There is no such directory."


@pytest.mark.parametrize(("typed", "meant"), [("", "/far"), ("~/x", "/far/x"), ("/y", "/y"), ("z", "/far/z")])
async def test_a_directory_of_another_machine_is_looked_at_there(typed: str, meant: str) -> None:
    app = Asking(NewTaskDialog)
    app.elsewhere = lambda: "/far"
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"ls")
        directory = field(app, "cwd")
        assert directory.value == "/far"
        assert isinstance(directory.entry, Input)
        directory.entry.value = typed
        await pilot.press("ctrl+j")
        await app.workers.wait_for_complete()
        await pilot.pause()
    assert app.answer.spec.cwd == meant


async def test_directory_and_lane_are_remembered(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    app = Asking(NewTaskDialog)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("l", "s")
        field(app, "cwd").entry.focus()
        await pilot.press("end", *"/sub", "tab", *["backspace"] * 7, *"gpu", "ctrl+j")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.answer.spec.lane == "gpu"
        app.push_screen(NewTaskDialog())
        await pilot.pause()
        assert field(app, "cwd").value == str(tmp_path / "sub")
        assert field(app, "lane").value == "gpu"
        assert field(app, "work").value == ""


async def test_another_one_like_this_keeps_what_is_not_touched(tmp_path: Path) -> None:
    like = TaskSpec(
        work=AgentWork(preset="p", prompt="Fix it.\nTest it.\x1b[2J"),
        cwd=str(tmp_path),
        retries=3,
        name="a\u202eb",
    )
    app = Asking(partial(NewTaskDialog, like))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert field(app, "work").value == "Fix it.\nTest it."
        assert "\u202e" not in field(app, "name").value
        assert not app.screen.query("#shell")
        field(app, "tags").entry.focus()
        await pilot.press("x", "ctrl+j")
        await app.workers.wait_for_complete()
        await pilot.pause()
    assert app.answer.spec == like.model_copy(update={"tags": ("x",)})


async def test_enter_makes_a_line_in_a_prompt(tmp_path: Path) -> None:
    like = TaskSpec(work=AgentWork(preset="p", prompt="b"), cwd=str(tmp_path))
    wanted = await answered(partial(NewTaskDialog, like), "a", "enter", "ctrl+j")
    assert wanted.spec.work.prompt == "a\nb"


async def test_a_pasted_script_is_refused_without_the_shell() -> None:
    app = Asking(NewTaskDialog)
    async with app.run_test(size=(80, 24)) as pilot:
        app.screen.query_one(Lines).insert("cd x\nmake")
        await pilot.press("ctrl+j")
        await pilot.pause()
        assert "line" in field(app, "work").problem
        app.screen.query_one("#shell", Tick).value = True
        await pilot.press("ctrl+j")
        await app.workers.wait_for_complete()
        await pilot.pause()
    assert app.answer.spec.work == ShellWork(command="cd x\nmake")


async def test_every_field_is_reached_by_tab_and_can_be_seen() -> None:
    app = Asking(NewTaskDialog)
    async with app.run_test(size=(60, 15)) as pilot:
        await pilot.pause()
        app.screen.query_one("#agent", Tick).value = True
        app.screen.query_one("#more", Tick).value = True
        await pilot.pause()
        seen = set()
        for _ in range(32):
            assert app.focused is not None
            seen.add(app.focused)
            assert app.focused.region.overlaps(app.screen.query_one("#dialog-body").region) or not isinstance(
                app.focused, Input | Lines | Tick
            )
            await pilot.press("tab")
            await pilot.pause()
        assert seen == {widget for widget in app.screen.query("*") if widget.focusable}


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (200, 50)])
async def test_nothing_has_to_be_scrolled(size: tuple[int, int]) -> None:
    app = Asking(NewTaskDialog)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert app.screen.query_one("#dialog-body").max_scroll_y == 0


async def fill(app: Asking, pilot: Pilot[None], **typed: str) -> None:
    for name, text in typed.items():
        entry = field(app, name).entry
        if isinstance(entry, Input):
            entry.value = text
        else:
            entry.text = text
    await pilot.press("ctrl+j")
    await app.workers.wait_for_complete()
    await pilot.pause()


async def test_what_it_waits_for_and_its_variables_are_asked_for() -> None:
    app = Asking(NewTaskDialog)
    async with app.run_test(size=(80, 24)) as pilot:
        await fill(
            app, pilot, work="true", retries="2", key="deploy", after="task_1, task_2", every="1h",
            env="A=1 B='two words'",
        )  # fmt: skip
    spec = app.answer.spec
    assert (spec.retries, spec.exclusive_key, spec.depends_on) == (2, "deploy", ("task_1", "task_2"))
    assert (spec.every, spec.env_keys) == ("1h", ("A", "B"))
    assert app.answer.env == {"A": "1", "B": "two words"}
    assert "two words" not in spec.model_dump_json()


async def test_wrong_ones_are_told_beside_their_fields() -> None:
    app = Asking(NewTaskDialog)
    async with app.run_test(size=(80, 24)) as pilot:
        await fill(app, pilot, work="true", retries="many", every="now and then", env="A")
        assert app.answer is NOT_YET
        assert field(app, "retries").problem == "From 0 to 100."
        assert field(app, "env").problem == "Not like NAME=VALUE: A"
        await fill(app, pilot, retries="1", env="")
        assert field(app, "every").problem == "Write 1h, 1d, or five fields of a crontab."


async def test_a_python_job_by_its_name_and_arguments(tmp_path: Path) -> None:
    app = Asking(NewTaskDialog)
    async with app.run_test(size=(80, 24)) as pilot:
        app.screen.query_one("#shell", Tick).value = True
        await pilot.pause()
        app.screen.query_one("#python", Tick).value = True
        await pilot.pause()
        assert not app.screen.query_one("#shell", Tick).value
        await fill(app, pilot, work="jobs.nightly n=3")
        assert field(app, "work").problem == "Write module:function, then name=value."
        await fill(app, pilot, work="jobs:nightly n=3 'name=Ann Lee' deep='[1, 2]'")
    work = PythonWork(function="jobs:nightly", arguments={"n": 3, "name": "Ann Lee", "deep": [1, 2]})
    assert app.answer.spec == TaskSpec(work=work, cwd=str(tmp_path))


async def test_a_python_job_again_shows_its_arguments(tmp_path: Path) -> None:
    work = PythonWork(function="jobs:nightly", arguments={"n": 3, "name": "Ann Lee"}, python="/usr/bin/py")
    like = TaskSpec(work=work, cwd=str(tmp_path))
    app = Asking(partial(NewTaskDialog, like))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert field(app, "work").value == "jobs:nightly n=3 'name=Ann Lee'"
        await fill(app, pilot, work="jobs:nightly n=4")
    assert app.answer.spec.work == work.model_copy(update={"arguments": {"n": 4}})


async def test_a_queued_task_is_changed_and_stays_the_one_it_is(tmp_path: Path) -> None:
    like = TaskSpec(
        work=ShellWork(argv=("make",)), cwd=str(tmp_path), exclusive_key="k", idempotency_key="i",
        request_id="r", env_keys=("A",), not_before=datetime(2099, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    app = Asking(partial(EditDialog, like))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert not app.screen.query("#field-key, #field-every, #field-env, #python")
        await fill(app, pilot, timeout="5m", after="task_1")
    assert app.answer.spec == like.model_copy(update={"timeout_s": 300.0, "depends_on": ("task_1",)})


class Offering(Asking):
    """Where two agents are known."""

    def agents(self) -> list[AgentOffer]:
        return [
            AgentOffer("codex", "Codex", installed=False, install="npm install -g @openai/codex"),
            AgentOffer("gemini", "Gemini CLI", installed=True),
        ]


async def test_a_prompt_for_an_agent_has_lines_and_the_first_that_is_installed() -> None:
    app = Offering(NewTaskDialog)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.screen.query_one("#agent", Tick).value = True
        await pilot.pause()
        await pilot.press(*"fix", "enter", *"it")
        assert "✓ Gemini CLI" in str(app.screen.query_one("#offer", Static).render())
        field(app, "mode").entry.focus()
        await pilot.press(*"plan")
        field(app, "approval").entry.focus()
        await pilot.press(*"reads", "ctrl+j")
        await eventually(lambda: app.answer is not NOT_YET, "an answer")
    assert app.answer.spec.work == AgentWork(preset="gemini", prompt="fix\nit", mode="plan", approval="reads")


async def test_an_agent_that_is_not_installed_says_how_to_get_it_and_wrong_words_are_marked() -> None:
    app = Offering(NewTaskDialog)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.screen.query_one("#agent", Tick).value = True
        await pilot.press(*"fix")
        preset = field(app, "preset").entry
        assert isinstance(preset, Input)
        preset.value = "codex"
        said = app.screen.query_one("#offer", Static)
        await eventually(lambda: "not installed: npm install" in str(said.render()), "how to install it")
        preset.value = ""
        field(app, "approval").entry.focus()
        await pilot.press(*"maybe", "ctrl+j")
        await eventually(lambda: bool(field(app, "approval").problem), "what is wrong")
        assert field(app, "preset").problem == "Say which agent."
        assert app.answer is NOT_YET


async def test_an_agent_run_again_keeps_what_the_form_does_not_show(tmp_path: Path) -> None:
    work = AgentWork(preset="gemini", prompt="fix", allowed_tools=("Read",), resume_session_id="s1")
    spec = TaskSpec(work=work, cwd=str(tmp_path))
    app = Offering(partial(NewTaskDialog, spec))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        field(app, "model").entry.focus()
        await pilot.press(*"pro", "ctrl+j")
        await eventually(lambda: app.answer is not NOT_YET, "an answer")
    assert app.answer.spec.work == work.model_copy(update={"model": "pro"})


async def test_n_starts_an_agent(quiet_night: Night, tmp_path: Path) -> None:
    offers = [AgentOffer("demo", "Demo", installed=True)]
    app = TasktuiApp(quiet_night.connect, now=quiet_night.clock.now, agents=lambda: offers)
    async with app.run_test(size=(120, 35)) as pilot:
        await eventually(lambda: app.manager is not None, "the manager")
        await pilot.press("n")
        await eventually(lambda: isinstance(app.screen, NewTaskDialog), "the form")
        await eventually(lambda: bool(app.screen.query("#agent")), "its fields")
        app.screen.query_one("#agent", Tick).value = True
        await pilot.press(*"refactor", "space", *"settings", "ctrl+j")
        await eventually(lambda: app.dashboard.list.window.total == 1, "the task in the list")
        (row,) = app.dashboard.list.window.rows()
        await quiet_night.until(row.id, lambda now: now.attention is Attention.INPUT)
        assert (await quiet_night.manager.get(row.id)).spec.work == AgentWork(
            preset="demo", prompt="refactor settings"
        )


async def test_what_few_tasks_need_stands_behind_a_box(tmp_path: Path) -> None:
    app = Asking(NewTaskDialog)
    async with app.run_test(size=(120, 35)) as pilot:
        await pilot.press(*"ls")
        assert not app.screen.query_one("#rare").display
        app.screen.query_one("#more", Tick).value = True
        await pilot.pause()
        for name, text in (
            ("begin", "2031-02-03T04:05"), ("waits", "2h"), ("parents", "hold"), ("conflict", "queue"),
            ("full", "often"),
        ):  # fmt: skip
            field(app, name).entry.focus()
            field(app, name).entry.value = text
        await pilot.press("ctrl+j")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert field(app, "full").problem == "queue or reject."
        await pilot.press(*["backspace"] * 5, *"reject", "ctrl+j")
        await eventually(lambda: app.answer is not NOT_YET)
    spec = app.answer.spec
    assert spec.not_before == datetime(2031, 2, 3, 4, 5).astimezone()
    assert (spec.queue_timeout_s, spec.on_parent_failure) == (7200, "hold")
    assert (spec.on_conflict, spec.on_full) == ("queue", "reject")


async def test_a_task_that_says_such_shows_it_and_keeps_it() -> None:
    like = TaskSpec.model_validate({
        "work": {"kind": "shell", "command": "ls"}, "on_full": "reject", "queue_timeout_s": 90,
        "not_before": "2031-02-03T04:05:06Z", "cwd": str(Path.cwd()),
    })  # fmt: skip
    again = Asking(partial(NewTaskDialog, like))
    async with again.run_test(size=(120, 35)) as pilot:
        assert again.screen.query_one("#rare").display
        assert (field(again, "full").value, field(again, "waits").value) == ("reject", "1m30s")
        assert field(again, "begin").value == "", "another one begins when it can"
        await pilot.press("ctrl+j")
        await eventually(lambda: again.answer is not NOT_YET)
    assert (again.answer.spec.on_full, again.answer.spec.not_before) == ("reject", None)
    changed = Asking(partial(EditDialog, like))
    async with changed.run_test(size=(120, 35)) as pilot:
        assert not changed.screen.query("#field-full")
        await pilot.press("ctrl+j")
        await eventually(lambda: changed.answer is not NOT_YET)
    assert changed.answer.spec.not_before == like.not_before, "to the second, where nobody touched it"
