"""What an agent says, line by line: the dialogue's facts reach the task exactly once, over any owners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from select import PIPE_BUF
from typing import Final

from tasktui.domain import clean
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.ports.executor import Delivery, RunContext
from tasktui.executors.agents.dialogue import CloseInput, Dialogue, End, Over, Refuse, Say, Step
from tasktui.executors.agents.transcript import Entry, Heard, Line, Said
from tasktui.executors.launch import ExitRecord
from tasktui.executors.supervised import exit_code

_UNSURE: Final = "the owner ended while it handed the message over: it may have arrived"
BREATH: Final = 64
"""Lines between two looks at whether the manager keeps up."""


class Hearing:
    """Feeds the kept stream of one run to its dialogue and does what the dialogue wants."""

    def __init__(self, ctx: RunContext, dialogue: Dialogue) -> None:
        self._ctx = ctx
        self._dialogue = dialogue
        self._heard = Heard(ctx.directory)
        self._coming = self._heard.lines()
        """Lines of a stretch that was read; what was not taken yet waits in it."""
        self.transcript = Said(ctx.directory)
        self.on_say: Callable[[int, Say], None] = _to_nobody
        """What becomes of a line that the dialogue wants to say, with its number in the transcript."""
        self.on_close: Callable[[], None] = _nothing
        """Called when the agent is to read to the end of its input; again by each owner."""
        self.on_over: Callable[[], None] = _nothing
        """Called when the dialogue has nothing more to say."""
        self._repeated: Counter[bytes | str] = Counter()
        """Lines that an earlier owner said and that the dialogue, hearing all again, wants to say again."""
        self._lines = 0
        """How many lines were said in this run, by all owners."""
        self._unsettled: list[Delivery] = []
        """Messages that no earlier owner handed to the agent."""
        self._waiting: list[Entry] = []
        """What an earlier owner said from here on, the latest first, while all is heard again."""
        self._unsaid: list[Say] | None = None
        """What follows the last words of an earlier owner, which it did not get to; None elsewhere."""
        self.torn = False
        """Whether the agent may have got a part of the last line of an earlier owner."""
        self._over_then = False
        """Whether the dialogue was over on the way there."""
        self._reported = ctx.position
        self.at = 0
        """How far the output was taken."""

    def recall(self, *, goes_on: bool = True) -> None:
        """Bring the dialogue to where an earlier owner left it, or begin it where none said anything.

        Args:
            goes_on: whether the agent lives, so that it can be told more.
        """
        entries = self.transcript.entries()
        self._lines = len(entries)
        self._settle(entries, goes_on=goes_on)
        for number, entry in enumerate(entries):
            if not entry.begun:
                self.on_say(number, Say(entry.line, entry.delivery, entry.key))
        self._repeated.update(entry.key or entry.line for entry in entries if entry.delivery is None)
        if entries:
            self._waiting = entries[::-1]
            self.perform(step for step in self._dialogue.opening() if not isinstance(step, Data))
            self._replay()
            self.torn = _may_be_torn(entries)
            if any(entry.begun and not entry.sent for entry in entries):
                text = "The last owner ended while it wrote to the agent: its last line may not have arrived."
                self._ctx.emit(TaskWarning(message=text, code="agent_unsure"))
        elif goes_on:
            self.perform(self._dialogue.opening())
            self._catch_up()

    def _settle(self, entries: Sequence[Entry], *, goes_on: bool) -> None:
        """Say what became of messages that an earlier owner handed over; keep the others for the agent."""
        handed = {entry.delivery: entry for entry in entries if entry.delivery is not None}
        for name, entry in handed.items():
            if entry.begun:
                self._ctx.verdict(name, delivered=entry.sent or None, detail=None if entry.sent else _UNSURE)
        if goes_on:
            self._unsettled = [one for one in self._ctx.unsettled if one.intervention_id not in handed]

    def _replay(self) -> None:
        self._catch_up()
        for line in self._heard.lines():
            self.take(line)
            self._catch_up()
        while self._waiting:
            self._repeat()
        self._catch_up()
        if self._over_then:
            self.on_over()

    def _repeat(self) -> None:
        """Take what was said next: where that was for another turn, the end before it was none."""
        self._dialogue.said(self._waiting.pop().line)
        self._over_then = self._over_then and self._dialogue.conclusion() is not None

    def _catch_up(self) -> None:
        while self._waiting and self._waiting[-1].at <= self.at:
            self._repeat()
        if not self._waiting:  # here the earlier owner stood when it died
            self.perform(self._unsaid or ())
            messages, self._unsettled = self._unsettled, []
            for message in messages:
                self.perform(self._dialogue.message(message))

    async def hear(self) -> None:
        """Take every line that is there, at the pace the manager keeps.

        One who is canceled while the manager does not keep up leaves the rest to the next who hears.
        """
        count = 0
        while (line := self._next()) is not None:
            self.take(line)
            count += 1
            if not count % BREATH:
                await self._ctx.room()
        await self._ctx.room()

    def _next(self) -> Line | None:
        line = next(self._coming, None)
        if line is None:
            self._coming = self._heard.lines()
        return line

    def take(self, line: Line) -> None:
        """Take one line."""
        self.at = line.end
        self.perform(self._dialogue.received(line.text), line.end)

    def perform(self, steps: Iterable[Step], end: int = 0) -> None:
        """Do what the dialogue wants.

        Args:
            steps: of the dialogue.
            end: the offset after the line they come from; 0 when they come from none. Each fact gets a place
                of its own at the end of that line, so that an owner that died among them leaves no doubt.
        """
        taken = list(steps)
        self._unsaid = None
        left = sum(isinstance(step, Data) for step in taken)
        for step in taken:
            if isinstance(step, Data):
                left -= 1
                self._report(step, end - left if end else 0)
            elif isinstance(step, Say):
                self._say(step)
            elif isinstance(step, Refuse):
                self._ctx.verdict(step.delivery, delivered=False, detail=step.why)
            elif isinstance(step, CloseInput):
                self.on_close()
            elif isinstance(step, Over):
                self._end_talk()

    def _end_talk(self) -> None:
        if self._waiting:  # what was said afterwards tells whether it was the end
            self._over_then = True
        else:
            self.on_over()

    def _report(self, fact: Data, position: int) -> None:
        if not position:
            self._ctx.emit(fact)
        elif position > self._reported:
            self._ctx.emit(fact, position=position)

    def _say(self, step: Say) -> None:
        known = step.key or step.line
        if self._repeated[known]:
            self._repeated[known] -= 1
            self._unsaid = [] if self._is_last(known) else None
            return
        if self._waiting:  # other settings, or an older version: the agent heard what that owner said
            if self._unsaid is not None:
                self._unsaid.append(step)
            return
        self.transcript.note(self.at, step.line, step.delivery, step.key)
        self._dialogue.said(step.line)
        self._lines += 1
        self.on_say(self._lines - 1, step)

    def _is_last(self, known: bytes | str) -> bool:
        """Tell whether nothing was written down after this line."""
        last = self._waiting[0] if self._waiting else None
        return last is not None and last.at <= self.at and (last.key or last.line) == known

    def close(self, record: ExitRecord) -> End:
        """Report what the end of the process leaves open; return what was seen of it."""
        if last := self._heard.last():
            self.take(last)
        for text in self._losses():
            self._ctx.emit(TaskWarning(message=text, code="agent_stream"))
        errors = "\n".join(clean.split_lines(clean.decode(self._heard.errors))).strip()
        end = End(self._ctx.cancel.requested, exit_code(record), errors)
        self.perform(self._dialogue.ended(end))
        return end

    def _losses(self) -> list[str]:
        losses = []
        if self._heard.lost:
            losses.append(f"{self._heard.lost:,} bytes of what the agent said were not kept.")
        if self._heard.overlong:
            losses.append(f"{self._heard.overlong} lines of the agent were too long and were passed over.")
        return losses


def _may_be_torn(entries: Sequence[Entry]) -> bool:
    """Tell whether the last line that was begun may have arrived in part: a short one comes whole or not."""
    last = next((entry for entry in reversed(entries) if entry.begun), None)
    return last is not None and not last.sent and len(last.line) >= PIPE_BUF


def _to_nobody(number: int, step: Say) -> None:
    """Say nothing: the agent has ended."""


def _nothing() -> None:
    """Do nothing: the agent has ended."""
