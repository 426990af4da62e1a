"""The manager of another process: the same port over a unix socket, or over pipes to another machine."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from secrets import token_hex
from typing import Final, Literal
from urllib.parse import quote

from tasktui.domain.errors import NotFoundError, OwnerError, TaskConflictError
from tasktui.domain.history import History, Restored, history_object
from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.records import Artifact, InterventionRow, RequestRow, StoredEvent, ToolCall
from tasktui.domain.requests import (
    Answer,
    ArtifactChunk,
    CancelResult,
    LaneState,
    Message,
    Metadata,
    OutputChunk,
    Stats,
    Task,
    TaskDetail,
)
from tasktui.domain.rows import Counts, Page, SearchHit, TaskRow
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import TERMINAL
from tasktui.domain.wire import task_from_object
from tasktui.domain.wire_answers import (
    LANE,
    RESTORED,
    artifact_chunk_from_object,
    cancel_from_object,
    detail_from_object,
    output_from_object,
    spec_object,
    stats_from_object,
    submitted_from_object,
)
from tasktui.domain.wire_events import event_from_object
from tasktui.domain.wire_records import (
    ARTIFACT,
    INTERVENTION,
    REQUEST,
    SEARCH_HIT,
    TOOL_CALL,
    counts_from_object,
    page_from_object,
)
from tasktui.service.checking import Checking
from tasktui.service.link import Link, LostAnswerError, Params
from tasktui.service.paths import task_path
from tasktui.service.reach import Nearby, Reach
from tasktui.service.reading import items, number, text_of, understood

LONGEST_PAGE: Final = 1_000
LONGEST_READ: Final = 1_048_576
"""What one answer of the API holds at most; who asks for more gets this much and asks again."""
_POLL_S: Final = 10.0


class RemoteManager(Checking):
    """The `Manager` port, answered by the owner of a data directory; see there for each method."""

    def __init__(self, owner: Path | Reach, *, revive: Callable[[], None] | None = None) -> None:
        """Take a data directory and what starts an owner where none is, which may block; or another way."""
        super().__init__(Link(Nearby(owner, revive=revive) if isinstance(owner, Path) else owner))

    async def submit(
        self, spec: TaskSpec, *, env: Mapping[str, str] | None = None, task_id: str | None = None
    ) -> Task:
        """Queue a task; its id is made here, so that it is asked for again without being made twice.

        Raises:
            OwnerError: it may have been taken; its details have the `task_id` by which to look.
            TaskConflictError: its id or its key is taken.
        """
        made_id = task_id or f"task_{token_hex(8)}"
        body = {"spec": spec_object(spec), "env": None if env is None else dict(env), "task_id": made_id}
        try:
            return await self._made(made_id, body, mine=task_id is None)
        except OwnerError as exc:
            exc.details.setdefault("task_id", made_id)
            raise

    async def _made(self, made_id: str, body: Mapping[str, object], *, mine: bool) -> Task:
        try:
            return understood(submitted_from_object, await self._post("/v1/tasks", body))
        except LostAnswerError:
            if (found := await self._same(made_id, body, mine=mine)) is not None:
                return found
        try:
            return understood(submitted_from_object, await self._post("/v1/tasks", body))
        except TaskConflictError as exc:
            found = (
                await self._same(made_id, body, mine=mine) if exc.details.get("holder") == made_id else None
            )
            if found is None:
                raise
            return found

    async def _same(self, made_id: str, body: Mapping[str, object], *, mine: bool) -> Task | None:
        """Return what a request made whose answer was lost; under an id that was given, only the same."""
        try:
            found = await self.get(made_id)
        except NotFoundError:
            return None
        return found if found.id == made_id and (mine or _alike(found.spec, body["spec"])) else None

    async def get(self, task_id: str) -> Task:
        """Return a task."""
        return understood(submitted_from_object, await self._get(task_path(task_id)))

    async def detail(self, task_id: str) -> TaskDetail:
        """Return a task with what belongs to it."""
        return understood(detail_from_object, await self._get(task_path(task_id, "/detail")))

    async def page(
        self, query: TaskQuery, *, after: Cursor | None = None, before: Cursor | None = None, skip: int = 0,
        limit: int = 64,
    ) -> Page[TaskRow]:  # fmt: skip
        """Return a stretch of a listing."""
        body = {
            "query": asdict(query),
            "after": asdict(after) if after else None,
            "before": asdict(before) if before else None,
            "skip": skip,
            "limit": min(limit, LONGEST_PAGE),
        }
        answer = await self._post("/v1/tasks/page", body, again=True)
        return understood(page_from_object, answer, task_from_object)

    async def count(self, query: TaskQuery, *, limit: int = 10_000) -> int:
        """Return how long a listing is."""
        body = {"query": asdict(query), "limit": limit}
        return understood(number, await self._post("/v1/tasks/count", body, again=True), "count")

    async def counts(self) -> Counts:
        """Return tasks by status."""
        return understood(counts_from_object, await self._get("/v1/counts"))

    async def stats(self) -> Stats:
        """Return figures about the whole."""
        return understood(stats_from_object, await self._get("/v1/stats"))

    async def busy(self) -> int:
        """Return how many tasks are queued or running."""
        return understood(number, await self._get("/v1/busy"), "busy")

    async def lanes(self) -> Sequence[LaneState]:
        """Return every lane."""
        return understood(items, await self._get("/v1/lanes"), LANE.record)

    async def set_lane(self, lane: str, *, limit: int | None = None, paused: bool | None = None) -> LaneState:
        """Change a lane's limit, or pause it."""
        body = {"limit": limit, "paused": paused}
        return understood(LANE.record, await self._post(f"/v1/lanes/{quote(lane, safe='')}", body))

    async def timeline(
        self, task_id: str, *, after_seq: int = 0, before_seq: int | None = None, limit: int = 200,
        types: Sequence[str] = (), text: str | None = None,
    ) -> Page[StoredEvent]:  # fmt: skip
        """Return a stretch of what happened."""
        params: Params = {
            "after_seq": after_seq,
            "before_seq": before_seq,
            "limit": min(limit, LONGEST_PAGE),
            "types": list(types),
            "text": text,
        }
        return await self._page(task_path(task_id, "/timeline"), params, event_from_object)

    async def tools(
        self, task_id: str, *, after: int = 0, before: int | None = None, limit: int = 200,
        text: str | None = None,
    ) -> Page[ToolCall]:  # fmt: skip
        """Return tool calls by their number."""
        params: Params = {
            "after": after, "before": before, "limit": min(limit, LONGEST_PAGE), "text": text,
        }  # fmt: skip
        return await self._page(task_path(task_id, "/tools"), params, TOOL_CALL.record)

    async def artifacts(self, task_id: str, *, after: str = "", limit: int = 200) -> Page[Artifact]:
        """Return the task's files."""
        params: Params = {"after": after, "limit": min(limit, LONGEST_PAGE)}
        return await self._page(task_path(task_id, "/artifacts"), params, ARTIFACT.record)

    async def read_artifact(
        self, task_id: str, artifact_id: str, *, offset: int = 0, limit: int = 65_536
    ) -> ArtifactChunk:
        """Return a stretch of a file."""
        path = task_path(task_id, f"/artifacts/{quote(artifact_id, safe='')}/content")
        params: Params = {"offset": offset, "limit": min(limit, LONGEST_READ)}
        return understood(artifact_chunk_from_object, await self._get(path, params))

    async def output(
        self, task_id: str, *, offset: int = 0, limit: int = 65_536, run: int | None = None
    ) -> OutputChunk:
        """Return a stretch of a run's output."""
        params: Params = {"offset": offset, "limit": min(limit, LONGEST_READ), "run": run}
        return understood(output_from_object, await self._get(task_path(task_id, "/output"), params))

    async def search(self, text: str, *, before: int | None = None, limit: int = 50) -> Page[SearchHit]:
        """Return places where the text stands."""
        params: Params = {"text": text, "before": before, "limit": min(limit, LONGEST_PAGE)}
        return await self._page("/v1/search", params, SEARCH_HIT.record)

    async def cancel(
        self, task_id: str, *, force: bool = False, by: str = "you", reason: str | None = None
    ) -> CancelResult:
        """Ask a task to stop; never sent twice, for the second time kills."""
        body = {"force": force, "by": by, "reason": reason}
        return understood(cancel_from_object, await self._post(task_path(task_id, "/cancel"), body))

    async def intervene(self, task_id: str, message: Message) -> InterventionRow:
        """Send a message; its token makes a repeated request the same one."""
        body = asdict(message) | {"client_token": message.client_token or token_hex(8)}
        made = await self._post(task_path(task_id, "/intervene"), body, again=True)
        return understood(INTERVENTION.record, made)

    async def answer(self, task_id: str, answer: Answer) -> RequestRow:
        """Answer a question or decide an approval."""
        return understood(REQUEST.record, await self._post(task_path(task_id, "/answer"), asdict(answer)))

    async def retry(
        self, task_id: str, *, spec: TaskSpec | None = None, env: Mapping[str, str] | None = None
    ) -> Task:
        """Make a new task of a finished one."""
        body = {"spec": spec_object(spec) if spec else None, "env": None if env is None else dict(env)}
        return understood(submitted_from_object, await self._post(task_path(task_id, "/retry"), body))

    async def archive(self, task_id: str, *, archived: bool = True) -> TaskRow:
        """Hide a finished task from the list, or show it again."""
        return await self._row(task_id, "/archive", {"archived": archived})

    async def mark_delivered(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Say that a finished task's result reached the one who asked."""
        return await self._row(task_id, "/delivered", {"by": by})

    async def ack(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Say that a result is needed no longer."""
        return await self._row(task_id, "/ack", {"by": by})

    async def purge(self, task_ids: Sequence[str]) -> int:
        """Delete finished tasks with their files."""
        purged = 0
        for first in range(0, len(task_ids), LONGEST_PAGE):
            some = list(task_ids[first : first + LONGEST_PAGE])
            purged += understood(number, await self._post("/v1/purge", {"task_ids": some}), "purged")
        return purged

    async def attach(self, task_id: str, name: str, data: bytes) -> str:
        """Keep a file; it is not sent twice, for it would be kept twice."""
        body = {"task_id": task_id, "name": name, "data": b64encode(data).decode()}
        return understood(text_of, await self._post("/v1/attachments", body), "path")

    async def restore(self, histories: Sequence[History]) -> Sequence[Restored]:
        """Take in tasks; what was taken and is sent again is known."""
        body = {"tasks": [history_object(history) for history in histories]}
        return understood(items, await self._post("/v1/restore", body, again=True), RESTORED.record)

    async def record_metadata(self, task_id: str, updates: Metadata) -> TaskDetail:
        """Record evidence."""
        answer = await self._post(task_path(task_id, "/metadata"), asdict(updates))
        return understood(detail_from_object, answer)

    async def wait(self, task_id: str, *, timeout_s: float | None = None) -> TaskRow:
        """Return when the task is terminal."""
        loop = asyncio.get_running_loop()
        deadline = None if timeout_s is None else loop.time() + timeout_s
        while True:
            left = _POLL_S if deadline is None else max(0.0, min(_POLL_S, deadline - loop.time()))
            answer = await self._get(task_path(task_id, "/wait"), {"timeout_s": left})
            row = understood(task_from_object, answer)
            if row.status in TERMINAL:
                return row
            if deadline is not None and loop.time() >= deadline:
                raise TimeoutError

    async def difference(self) -> str | None:
        """Return what is to be said about an owner of another version; None when both speak the same."""
        return await self._link.difference()

    async def close(self, mode: Literal["detach", "cancel", "wait"] = "detach") -> None:  # noqa: ARG002  # the port's; hanging up leaves the owner as it is
        """Hang up."""
        await self._link.close()


def _alike(spec: TaskSpec, asked: object) -> bool:
    """Whether a task is what was asked for; its parents have their whole ids by now."""
    return isinstance(asked, Mapping) and {**spec_object(spec), "depends_on": None} == {
        **asked,
        "depends_on": None,
    }
