"""What a run and people have open between them: messages on their way, questions that wait."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskAttention
from tasktui.domain.events.people import (
    ApprovalExpired,
    ApprovalRequested,
    ApprovalResolved,
    InputExpired,
    InputRequested,
    InterventionExpired,
)
from tasktui.domain.ports.executor import Delivery
from tasktui.domain.records import InterventionRow, RequestRow
from tasktui.domain.status import Attention

UNANSWERED: Final = "Nobody answered in time."
EXPIRED: Final = "expired"
"""The decision that a task gets for a question which nobody answered; a permission is denied."""


class Talk:
    """The open messages and requests of one run."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[Delivery | None] = asyncio.Queue()
        self._closed = False
        self.sending = asyncio.Lock()
        """Held while a message is stored, so that a repeated one finds the first."""
        self.messages: dict[str, str | None] = {}
        """Messages without a verdict: their client token by id."""
        self.requests: dict[str, InputRequested | ApprovalRequested] = {}
        """Requests that nobody has answered, oldest first."""
        self._rules: dict[tuple[str | None, str], ApprovalResolved] = {}
        """Decisions for all requests of the task that are alike."""

    async def inbox(self) -> AsyncIterator[Delivery]:
        """Yield what comes for the work until the run ends."""
        while (delivery := await self._inbox.get()) is not None:
            yield delivery

    def deliver(self, delivery: Delivery) -> None:
        """Hand something to the work."""
        self._inbox.put_nowait(delivery)

    def ask(self, data: InputRequested | ApprovalRequested) -> bool:
        """Note a request; return whether it is new."""
        return self.requests.setdefault(data.request_id, data) is data

    def withdraw(self, request_id: str, reason: str | None) -> tuple[Data, ...]:
        """Drop a request that the work no longer asks; return the facts, none when it does not wait."""
        request = self.requests.get(request_id)
        if request is None:
            return ()
        facts = (_expired(request, reason), *still_asked(self, request_id))
        del self.requests[request_id]
        return facts

    def learn(self, request: ApprovalRequested, decision: ApprovalResolved) -> None:
        """Keep a decision that was made for all requests of this task like the one it answers."""
        if decision.scope != "once":
            self._rules[_pattern(request)] = decision

    def rule_for(self, request: ApprovalRequested) -> ApprovalResolved | None:
        """Return the decision on earlier requests that holds for this one, too."""
        return self._rules.get(_pattern(request))

    def know(self, rows: tuple[RequestRow, ...]) -> None:
        """Take over what waits, and the answers that may not have arrived: a second copy does no harm."""
        for row in rows:
            if row.state == "waiting":
                self.requests[row.request_id] = _request(row)
            elif row.state == "answered":
                self._recall(row)
                self.deliver(answer_of(row))
            elif row.state == "expired" and row.reason == UNANSWERED:
                self.deliver(unanswered(row.request_id, asked=row.kind == "input"))

    def recall(self, rows: tuple[RequestRow, ...]) -> None:
        """Take over the decisions of earlier runs that hold for the whole task."""
        for row in rows:
            self._recall(row)

    def _recall(self, row: RequestRow) -> None:
        request = _request(row)
        if isinstance(request, ApprovalRequested) and row.decision in {"allow", "deny"}:
            self.learn(request, ApprovalResolved.model_validate({
                "request_id": row.request_id, "decision": row.decision, "scope": row.scope or "once",
                "by": row.decided_by or "you",
            }))  # fmt: skip

    def close(self) -> None:
        """End the inbox."""
        if not self._closed:
            self._closed = True
            self._inbox.put_nowait(None)

    def expire(self) -> tuple[Data, ...]:
        """Return the ends of all that is open."""
        detail = "the run ended first"
        ends: list[Data] = [InterventionExpired(intervention_id=key, detail=detail) for key in self.messages]
        ends += [_expired(request, detail) for request in self.requests.values()]
        self.messages.clear()
        self.requests.clear()
        return tuple(ends)


def delivery_of(row: InterventionRow) -> Delivery:
    """Return a message as the work gets it."""
    names = tuple(json.loads(row.attachments)) if row.attachments else ()
    return Delivery(row.intervention_id, row.text, row.mode, row.user, attachments=names)


def answer_of(row: RequestRow) -> Delivery:
    """Return an answer as the work gets it."""
    text = row.decision or "" if row.kind == "input" else row.reason or ""
    decision = "answer" if row.kind == "input" else row.decision
    return Delivery(row.request_id, text, "answer", row.decided_by or "you", row.request_id, decision)


def unanswered(request_id: str, *, asked: bool) -> Delivery:
    """Return what the work gets for a request that nobody answered; `asked`: a question, no permission."""
    text, decision = ("", EXPIRED) if asked else (UNANSWERED, "deny")
    return Delivery(request_id, text, "answer", "manager", request_id, decision)


def still_asked(talk: Talk, settled: str) -> tuple[Data, ...]:
    """Return the fact that the oldest request but the settled one needs a person, if there is one."""
    left = [request for key, request in talk.requests.items() if key != settled]
    if not left:
        return ()
    kind = Attention.INPUT if isinstance(left[0], InputRequested) else Attention.APPROVAL
    return (TaskAttention(attention=kind, request_id=left[0].request_id),)


def _expired(request: InputRequested | ApprovalRequested, reason: str | None) -> Data:
    expired = InputExpired if isinstance(request, InputRequested) else ApprovalExpired
    return expired(request_id=request.request_id, reason=reason)


def _pattern(request: ApprovalRequested) -> tuple[str | None, str]:
    """Return what makes requests alike: the tool, and what would run, word for word."""
    return request.tool, request.summary


def _request(row: RequestRow) -> InputRequested | ApprovalRequested:
    if row.kind == "input":
        return InputRequested(request_id=row.request_id, question=row.summary, expires_at=row.expires_at)
    return ApprovalRequested(
        request_id=row.request_id, summary=row.summary, tool=row.tool, expires_at=row.expires_at
    )
