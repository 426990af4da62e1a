"""What people and programs do in the night, at random: submit, cancel, say, answer, look."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.pty import PtyApp
from tasktui.domain.errors import TasktuiError
from tests.faults.desks import ROOT, TASKTUI
from tests.faults.night_home import ask
from tests.faults.night_tasks import HERE, SHAPES, WEIGHTS, Told

MOST_SCREENS = 3
RECENT = 40
KEYS = (b"j", b"k", b"G", b"g", b"\t", b"?", b"\x1b", b"\r", b"1", b"2", b"4")
"""Those that look and do nothing."""
LEAVE_S = 90
"""As an owner it may be stopped until another has taken over."""


class People:
    """Those who use it; they know what they asked for."""

    def __init__(self, home: Path, seed: int) -> None:
        self.told: dict[str, Told] = {}
        self.done: dict[str, int] = {}
        self._home = home
        self._chance = random.Random(seed)
        self._screens: list[PtyApp] = []
        self._left: list[PtyApp] = []
        """Those whose terminal went away; as owners they go on."""
        self._number = 0
        self._acts: list[Callable[[], None]] = [
            *[self._submit] * 8, *[self._cancel] * 2, self._say, self._answer, self._hold, self._release,
            self._retry, self._open_screen, self._press, self._press, self._leave_screen,
        ]  # fmt: skip

    def act(self) -> None:
        """Do something; that it is not possible any more is no fault."""
        act = self._chance.choice(self._acts)
        with suppress(TasktuiError):
            act()
        name = act.__name__.strip("_")
        self.done[name] = self.done.get(name, 0) + 1

    def live(self, kind: str) -> list[str]:
        """Return those of a kind that have not ended."""
        recent = [task_id for task_id, told in self.told.items() if told.kind == kind][-RECENT:]
        return [task_id for task_id in recent if self.row(task_id).get("finished_at") is None]

    def row(self, task_id: str) -> dict[str, Any]:
        """Return a task as the owner tells it."""
        return ask(self._home, "GET", f"/v1/tasks/{task_id}")

    def post(self, task_id: str, verb: str, **body: Any) -> dict[str, Any]:
        """Ask for something to be done to a task."""
        return ask(self._home, "POST", f"/v1/tasks/{task_id}/{verb}", body)

    def finish(self) -> None:
        """Leave the screens, let go what is held, answer, say and cancel what waits for that."""
        while self._screens:
            self._leave_screen()
        for task_id, told in self.told.items():
            if told.kind in {"held", "endless", "listening", "asking", "agent"}:
                with suppress(TasktuiError):
                    self._see_through(task_id, told)

    def close(self) -> None:
        """End every screen, whatever state it is in."""
        for screen in (*self._screens, *self._left):
            screen.close()

    def _see_through(self, task_id: str, told: Told) -> None:
        row = self.row(task_id)
        if row.get("finished_at") is not None:
            return
        if row.get("held"):
            self.post(task_id, "release")
        if told.kind == "endless":
            self._cancel_one(task_id)
        elif told.kind == "listening":
            self.post(task_id, "intervene", text="go on")
        elif row.get("attention") not in {None, "none"}:
            self._answer_one(task_id)

    def _pick(self, *kinds: str) -> str | None:
        recent = [task_id for task_id, told in self.told.items() if not kinds or told.kind in kinds][-RECENT:]
        return self._chance.choice(recent) if recent else None

    def _submit(self) -> None:
        kind = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        shape = SHAPES[kind]
        if shape.most < RECENT and len(self.live(kind)) >= shape.most:
            return
        self._number += 1
        task_id = f"night-{self._number:05}"
        work = shape.work(self._home / "ran", self._chance)
        spec = {"work": work, "cwd": "/", "lane": kind, "name": kind, **shape.fields}
        self.told[task_id] = shape.told(self._chance)
        env = dict(os.environ) | {"PYTHONPATH": str(HERE)}
        try:
            ask(self._home, "POST", "/v1/tasks", {"spec": spec, "env": env, "task_id": task_id})
        except TasktuiError as exc:
            # an answer was lost, and it was asked for again
            if exc.details.get("holder") != task_id:
                raise

    def _cancel(self) -> None:
        if (task_id := self._pick()) is not None:
            self._cancel_one(task_id)

    def _cancel_one(self, task_id: str) -> None:
        self.told[task_id].canceled = True
        self.post(task_id, "cancel", force=self._chance.random() < 0.3)

    def _say(self) -> None:
        if (task_id := self._pick("listening")) is not None:
            self.post(task_id, "intervene", text="go on")

    def _answer(self) -> None:
        if (task_id := self._pick("asking", "agent")) is not None:
            self._answer_one(task_id)

    def _answer_one(self, task_id: str) -> None:
        decision = "allow" if self.told[task_id].kind == "agent" else "answer"
        self.post(task_id, "answer", decision=decision, text="yes")

    def _hold(self) -> None:
        if (task_id := self._pick("held", "quick", "job")) is not None:
            self.told[task_id].kind = "held"
            self.post(task_id, "hold")

    def _release(self) -> None:
        if (task_id := self._pick("held")) is not None:
            self.post(task_id, "release")

    def _retry(self) -> None:
        if (task_id := self._pick("quick", "failing")) is not None:
            self.post(task_id, "retry")

    def _open_screen(self) -> None:
        if len(self._screens) < MOST_SCREENS:
            argv = [*TASKTUI, "--home", str(self._home)]
            self._screens.append(PtyApp(argv, cols=120, rows=35, cwd=ROOT))

    def _press(self) -> None:
        for screen in self._screens:
            with suppress(OSError):
                screen.send(self._chance.choice(KEYS))

    def _leave_screen(self) -> None:
        if not self._screens:
            return
        screen = self._screens.pop(self._chance.randrange(len(self._screens)))
        way = self._chance.choice((signal.SIGTERM, signal.SIGKILL, signal.SIGHUP))
        # a screen that was stopped as the owner
        screen.process.send_signal(signal.SIGCONT)
        screen.process.send_signal(way)
        if way is signal.SIGHUP:
            self._left.append(screen)
        else:
            code = screen.wait_exit(LEAVE_S)
            # as an owner it may have been killed before
            assert code in {0, -way, -signal.SIGKILL}, (code, "\n".join(screen.screen()))
        screen.hang_up()
