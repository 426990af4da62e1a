"""The routes of services that run agents: those of systems 000 and 002."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from tasktui.domain.ports.executor import RunContext
from tasktui.domain.spec import RemoteWork

CLIENT: Final = "tasktui"
"""As whom we ask."""


@dataclass(frozen=True, slots=True)
class Service:
    """Where a service is asked for what; paths with the names of `Names`."""

    begin: str
    as_query: bool
    """Whether the prompt goes into the query, else into a body of JSON."""
    resume: str | None
    """The stream of a task that runs, from `Last-Event-ID` on; None where there is none."""
    status: str
    cancel: str
    intervene: str | None


SERVICES: Final[Mapping[str, Service]] = {
    "soul": Service(
        begin="/execute", as_query=False, resume="/tasks/{client_id}/{request_id}/stream",
        status="/tasks/{client_id}/{request_id}", cancel="/tasks/{client_id}/{request_id}/cancel",
        intervene="/tasks/{client_id}/{request_id}/intervene",
    ),
    "cyberagent": Service(
        begin="/chat", as_query=True, resume=None, status="/tasks/{task_id}/status",
        cancel="/tasks/{task_id}/cancel", intervene=None,
    ),
}  # fmt: skip


class Names:
    """How one run is called at its service; what only the service knows is kept in a file."""

    def __init__(self, ctx: RunContext, work: RemoteWork) -> None:
        self._file = ctx.directory / f"remote.{ctx.run}.json"
        self._words = {"client_id": CLIENT, "request_id": f"{ctx.task_id}-{ctx.run}", "task_id": ""}
        self.begun = False
        """Whether the service may have the task already."""
        self._prompt = work.prompt
        self._conversation = ctx.spec.conversation_id
        if ctx.adopted:
            self._recall()

    @property
    def task_id(self) -> str:
        """The service's own id; empty while it is not known."""
        return self._words["task_id"]

    def path(self, template: str) -> str:
        """Return a path of this run."""
        return template.format(**{name: quote(word, safe="") for name, word in self._words.items()})

    def body(self) -> dict[str, Any]:
        """Return the request of a service that takes JSON."""
        named = {name: self._words[name] for name in ("client_id", "request_id")}
        return {**named, "prompt": self._prompt}

    def query(self) -> dict[str, str]:
        """Return the request of a service that takes a query."""
        known = {} if self._conversation is None else {"conversation_id": self._conversation}
        return {"message": self._prompt, **known}

    def begin(self) -> None:
        """Note that the service is being asked: it may have the task from here on."""
        self.begun = True
        self._keep()

    def learn(self, task_id: str) -> bool:
        """Note the service's own id; return whether it is news."""
        if not task_id or self.task_id:
            return False
        self._words["task_id"] = task_id
        self._keep()
        return True

    def _keep(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps({"task_id": self.task_id}), encoding="utf-8")
        new.rename(self._file)

    def _recall(self) -> None:
        with suppress(OSError, ValueError, AttributeError):
            self._words["task_id"] = str(json.loads(self._file.read_bytes()).get("task_id") or "")
            self.begun = True
