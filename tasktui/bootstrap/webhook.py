"""Tells an address of the person's choice when a task needs somebody, or ends: once each, over any owners.

What is posted is JSON: `{"what", "text", "task": {"id", "title", "kind", "status"}, "at"}`; `text` is a
sentence, so that chat services that take incoming messages show it as it is. What a task said stays here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tasktui.domain.errors import ConfigError, NotFoundError, TasktuiError
from tasktui.domain.ports.manager import Manager
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import TaskRow
from tasktui.domain.wire import time_text

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

CURSOR: Final = "webhook.position"
"""The file with the position of the last event that was told."""
PAUSES_S: Final = (1.0, 5.0, 25.0)
"""Between the tries to post; after the last one is given up, and the log says so."""
TIMEOUT_S: Final = 10.0
_WHAT: Final = {
    "input.requested": "needs_you",
    "approval.requested": "needs_you",
    "task.finished": "finished",
}
TOLD_OF: Final = tuple(dict.fromkeys(_WHAT.values()))
"""What the setting `webhook_on` may name."""
_TEXT: Final = {"input.requested": "has a question", "approval.requested": "wants an approval"}


def check(url: str, wanted: Collection[str]) -> None:
    """Check the settings of that name.

    Raises:
        ConfigError: it is no address by http or https, or of what it is to be told there is no such thing.
    """
    if url and not _is_address(url):
        raise ConfigError("webhook: not an address such as https://chat.example.org/hook", key="webhook")
    for word in wanted:
        if word not in TOLD_OF:
            raise ConfigError(
                f"webhook_on: there is no {word!r}; there are {', '.join(TOLD_OF)}", key="webhook_on"
            )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


class Webhook:
    """Follows the log of one owner and posts what it was asked to."""

    def __init__(
        self, manager: Manager, home: Path, url: str, wanted: Collection[str], *, since: int
    ) -> None:
        """Take the address.

        Args:
            manager: whose log is followed.
            home: the data directory, where the position is kept.
            url: where to post to.
            wanted: `needs_you`, `finished`.
            since: the position before which nothing is told where none was kept.
        """
        self._manager = manager
        self._cursor = home / CURSOR
        self._url = url
        self._wanted = frozenset(wanted)
        self._since = since

    async def follow(self) -> None:
        """Post until it is canceled."""
        import httpx

        kept = self._read()
        if kept is None:
            self._write(self._since)
        else:
            self._since = kept
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
            while True:
                try:
                    await self._follow_on(client)
                except TasktuiError as exc:
                    log.warning("the webhook cannot read what happens, and tries again: %s", exc.message)
                else:
                    return
                await asyncio.sleep(PAUSES_S[0])

    async def _follow_on(self, client: httpx.AsyncClient) -> None:
        async for event in self._manager.subscribe(after=self._since):
            if isinstance(event, StoredEvent) and _WHAT.get(event.type) in self._wanted:
                await self._tell(client, event)
                self._since = event.gid
                self._write(event.gid)

    async def _tell(self, client: httpx.AsyncClient, event: StoredEvent) -> None:
        import httpx

        try:
            row = (await self._manager.get(event.task_id)).row
        except NotFoundError:
            return
        message = message_of(event, row)
        for pause_s in (*PAUSES_S, None):
            try:
                # what it has to say beside its status is not read: it need not end
                async with (
                    asyncio.timeout(TIMEOUT_S),
                    client.stream("POST", self._url, json=message) as answer,
                ):
                    answer.raise_for_status()
            except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as exc:
                if pause_s is None:
                    log.warning("the webhook was given up for %s: %s", event.task_id, type(exc).__name__)
                    return
                await asyncio.sleep(pause_s)
            else:
                return

    def _read(self) -> int | None:
        with suppress(OSError, ValueError):
            return int(self._cursor.read_text())
        return None

    def _write(self, position: int) -> None:
        beside = self._cursor.with_suffix(".new")
        try:
            beside.write_text(str(position))
            beside.replace(self._cursor)
        except OSError as exc:
            log.warning("the position of the webhook cannot be kept: %s", exc)


def message_of(event: StoredEvent, row: TaskRow) -> dict[str, Any]:
    """Return what is posted for an event."""
    ends = f"has ended: {row.status.value.replace('_', ' ')}"
    return {
        "what": _WHAT[event.type],
        "text": f"{row.title} {_TEXT.get(event.type, ends)} ({row.id})",
        "task": {"id": row.id, "title": row.title, "kind": row.kind.value, "status": row.status.value},
        "at": time_text(event.ts),
    }


@contextmanager
def telling(manager: Manager, home: Path, url: str, wanted: Collection[str], *, since: int) -> Iterator[None]:
    """Follow for the time of the block, from a position in the log; nothing without an address."""
    if not url:
        yield
        return
    following = asyncio.ensure_future(Webhook(manager, home, url, wanted, since=since).follow())
    try:
        yield
    finally:
        following.cancel()
