"""Tab 3: what the task said, what people told it, what it asked and what was answered."""

from __future__ import annotations

import posixpath
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from tasktui.domain.clean import split_lines, summarize
from tasktui.domain.facts import Facts
from tasktui.domain.records import StoredEvent
from tasktui.ui.widgets.detail.clock import clock
from tasktui.ui.widgets.detail.line import Line, line, wrapped
from tasktui.ui.widgets.detail.markdown import markdown_lines
from tasktui.ui.widgets.detail.source import Look, Match, PlainSource, Value
from tasktui.ui.widgets.detail.verdicts import Verdicts

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager

TYPES: Final = ("message.completed", "intervention.queued", "input.requested", "approval.requested")
"""What stands here as an item; verdicts and answers are told with what they belong to."""
_PAGE = 200
_THOUGHT: Final = 48
"""Characters of a folded thought that are shown."""
_MOST_LINES: Final = 1_000
_MOST_LIVE: Final = 8_192
"""Characters of a message that are laid out again with each piece; a longer one waits for its end."""


class MessagesSource(PlainSource):
    """Messages of one task: items are numbered from the first that was found, older ones below zero.

    Only the numbers of the events are kept; their texts are read when they come into sight.
    """

    default = 4
    uniform = False

    def __init__(self, manager: Manager, task_id: str, live: Sequence[tuple[str, str]] = ()) -> None:
        """Make the source.

        Args:
            manager: Who is asked.
            task_id: Whose messages.
            live: Those that were being written when they were last heard of: (message id, text so far).
        """
        self._manager = manager
        self._task_id = task_id
        self._seqs: dict[int, int] = {}
        self.live = tuple(live)
        """What is being written, as far as it was heard of."""
        self._end = 0
        self.older = True
        """Whether there may be messages before the first that is known."""
        self.verdicts = Verdicts()

    async def open(self) -> None:
        """Find the newest messages, and what became of questions and interventions."""
        detail = await self._manager.detail(self._task_id)
        self.verdicts.take_rows(detail.interventions, detail.requests)
        await self.reach_back()

    async def reach_back(self) -> bool:
        """Find older messages; return whether there were any."""
        before = self._seqs.get(self.first)
        page = await self._manager.timeline(
            self._task_id, before_seq=before if before is not None else 1 << 62, types=TYPES, limit=_PAGE
        )
        self.older = page.more
        self._live_without(page.items)
        # some may have come, or been found by somebody else, while these were read
        known = set(self._seqs.values())
        for event in (event for event in reversed(page.items) if event.seq not in known):
            self.first -= 1
            self._seqs[self.first] = event.seq
        return bool(page.items)

    def take(self, events: Sequence[StoredEvent], live: Sequence[tuple[str, str]]) -> Mapping[int, Value]:
        """Take in what has just come; return the items that are new or different."""
        newest = self._seqs.get(self._end - 1, 0)
        changed: dict[int, Value] = {}
        for event in events:
            self.verdicts.take_event(event)
            if event.type in TYPES and event.seq > newest:
                self._seqs[self._end] = event.seq
                changed[self._end] = event
                self._end += 1
        over = any(event.type in {"task.finished", "task.requeued"} for event in events)
        # most change sets tell nothing of messages: what was being written then still is
        self.live = tuple(live or (() if over else self.live))
        self._live_without(events)
        return changed | self._streaming()

    async def load(self, first: int, stop: int) -> Mapping[int, Value]:
        """Read the messages of a range."""
        wanted = {self._seqs[item]: item for item in range(first, stop) if item in self._seqs}
        if not wanted:
            return self._streaming()
        page = await self._manager.timeline(
            self._task_id,
            after_seq=min(wanted) - 1,
            before_seq=max(wanted) + 1,
            types=TYPES,
            limit=len(wanted),
        )
        found = {wanted[event.seq]: event for event in page.items if event.seq in wanted}
        return found | self._streaming()

    def draw(self, item: int, value: Value, look: Look, *, expanded: bool) -> Sequence[Line]:
        """Who and when, then the words."""
        if isinstance(value, str):
            return [
                _title("", "▷ agent", "is writing…", "voice"),
                *_words(value, look, "plain", markdown=len(value) <= _MOST_LIVE),
                Line(()),
            ]
        event = cast(StoredEvent, value)
        facts, stamp = Facts(event.data), f"{clock(event.ts)} " if look.times else ""
        if event.type == "message.completed":
            return _message(facts, stamp, look, expanded=expanded)
        if event.type == "intervention.queued":
            state = self.verdicts.intervention(facts.text("intervention_id"))
            who = f"▷ {facts.text('user') or 'you'} ({facts.text('mode') or 'steer'})"
            names = (posixpath.basename(path) or path for path in facts.words("attachments"))
            files = [line((f"  with {name}", "muted"), hang=7) for name in names]
            said = _words(facts.text("text"), look, "plain")
            return [_title(stamp, who, state, "person"), *said, *files, Line(())]
        asked = "? question" if event.type == "input.requested" else "! approval"
        words = facts.text("question") or facts.text("summary")
        verdict = self.verdicts.request(facts.text("request_id"))
        return [_title(stamp, asked, verdict, "ask"), *_words(words, look, "plain"), Line(())]

    def opens(self, value: Value) -> bool:
        """Thoughts fold."""
        return isinstance(value, StoredEvent) and bool(_thought(Facts(value.data)))

    async def find(self, text: str) -> AsyncIterator[Sequence[Match]]:
        """Look among all messages, the older ones included."""
        while self.older and await self.reach_back():
            pass
        places = {seq: item for item, seq in self._seqs.items()}
        after, more = 0, True
        while more:
            page = await self._manager.timeline(
                self._task_id, after_seq=after, types=TYPES, limit=_PAGE, text=text
            )
            yield [Match(places[event.seq]) for event in page.items if event.seq in places]
            more = page.more and bool(page.items)
            after = page.items[-1].seq if page.items else after

    def copied(self, item: int, value: Value) -> tuple[str, str]:
        """The words alone."""
        if isinstance(value, str):
            return value, "the message"
        facts = Facts(cast(StoredEvent, value).data)
        names = ("content", "text", "question", "summary")
        return next((facts.text(name) for name in names if facts.text(name)), ""), "the message"

    def _live_without(self, events: Sequence[StoredEvent]) -> None:
        """Take in that messages are complete."""
        done = {Facts(event.data).text("message_id") for event in events if event.type == "message.completed"}
        self.live = tuple((name, text) for name, text in self.live if name not in done)
        self.stop = self._end + len(self.live)

    def _streaming(self) -> dict[int, Value]:
        return {self._end + index: text for index, (_, text) in enumerate(self.live)}


def _message(facts: Facts, stamp: str, look: Look, *, expanded: bool) -> list[Line]:
    role = facts.text("role") or "agent"
    if role == "thought":
        return [*_thinking(facts, stamp, expanded=expanded), Line(())]
    lines = _thinking(facts, stamp, expanded=expanded) if _thought(facts) else []
    lines.append(_title(stamp, f"▷ {role}", "", "person" if role == "user" else "voice"))
    lines += _words(facts.text("content"), look, "plain", markdown=True)
    if facts.text("ref"):
        lines.append(line((f"  the whole text is artifact {facts.text('ref')}", "muted")))
    return [*lines, Line(())]


def _thinking(facts: Facts, stamp: str, *, expanded: bool) -> list[Line]:
    """What an agent thought: one dim line, and the rest when it is opened."""
    thought = split_lines(_thought(facts))
    if not expanded:
        more = f" · {len(thought)} lines" if len(thought) > 1 else ""
        said = summarize(_thought(facts), _THOUGHT)
        return [line((f"{stamp}▸ thought  {said}{more}", "muted"), hang=len(stamp))]
    told = [line(("  ┆ ", "muted"), (text, "muted"), hang=4) for text in thought[:_MOST_LINES]]
    return [line((f"{stamp}▾ thought", "muted"), hang=len(stamp)), *told]


def _thought(facts: Facts) -> str:
    return facts.text("content") if facts.text("role") == "thought" else facts.text("reasoning")


def _title(stamp: str, who: str, what: str, role: str) -> Line:
    return line((stamp, "muted"), (who, role), (f"  {what}" if what else "", "muted"), hang=len(stamp))


def _words(text: str, look: Look, role: str, *, markdown: bool = False) -> list[Line]:
    """Words, always wrapped: nobody reads a message through a slit."""
    width = max(8, look.width - 2)
    if markdown and not look.raw:
        shown = markdown_lines(text, width)
    else:
        plain = (line((part, role)) for part in split_lines(text))
        shown = [part for whole in plain for part in wrapped(whole, width)]
    return [Line((("  ", "plain"), *part.spans)) for part in shown[:_MOST_LINES]]
