"""What the messages of Claude Code tell: words, thoughts, tool calls and what they used."""

from __future__ import annotations

from collections.abc import Iterable

from tasktui.domain.events.base import Data
from tasktui.domain.facts import Facts
from tasktui.executors.agents.claude.speech import ClaudeSpeech
from tasktui.executors.agents.claude.tools import Tools, text_of
from tasktui.executors.agents.claude.usage import Usage


class Messages:
    """The messages of one run; those of agents that the agent called belong to that call."""

    def __init__(self) -> None:
        self._speech = ClaudeSpeech()
        self._tools = Tools()
        self.usage = Usage()
        self._message_id = ""

    @property
    def last(self) -> str:
        """The agent's last message."""
        return self._speech.last

    def streamed(self, line: Facts) -> Iterable[Data]:
        """Take one event of the model's stream."""
        if line.text("parent_tool_use_id"):
            return
        event = line.record("event")
        if event.text("type") == "message_start":
            self._begin(event.record("message"))
        elif event.text("type") == "message_delta":
            yield from self.usage.went_on(event.record("usage"))
        yield from self._speech.streamed(event)

    def _begin(self, message: Facts) -> None:
        self._message_id = message.text("id")
        self.usage.begun(message.record("usage"))

    def assistant(self, line: Facts) -> Iterable[Data]:
        """Take whole blocks of a message."""
        message, parent = line.record("message"), line.text("parent_tool_use_id")
        if not parent and message.text("id") != self._message_id:
            self._begin(message)
        for block in message.records("content"):
            if block.text("type") in {"tool_use", "server_tool_use", "mcp_tool_use"}:
                yield from self._call(block, parent)
            elif not parent:
                yield from self._speech.block(block)
            elif block.text("type") == "text":
                yield from self._tools.progress(parent, block.text("text"))

    def _call(self, block: Facts, parent: str) -> Iterable[Data]:
        if not parent:
            yield from self._speech.finish()
        yield from self._tools.begun(
            block.text("id"), block.text("name"), block.value("input"), parent or None
        )

    def asked(self, request: Facts) -> list[Data]:
        """Take the call that a permission is asked for: some agents tell of it nowhere else."""
        call_id, tool = request.text("tool_use_id"), request.text("tool_name")
        return self._tools.begun(call_id, tool, request.value("input"))

    def results(self, line: Facts, *, stopped: bool) -> Iterable[Data]:
        """Take the results of calls."""
        for block in _results(line):
            yield from self._tools.ended(block, line.record("tool_use_result"), stopped=stopped)

    def over(self, result: Facts, *, canceled: bool, all_: bool) -> Iterable[Data]:
        """Take the end of a turn; unless all is over, the calls of other agents go on."""
        yield from self._speech.finish()
        yield from self._tools.close(canceled=canceled, all_=all_)
        yield from self.usage.over(result)

    def close(self, *, canceled: bool) -> list[Data]:
        """End what is open."""
        return [*self._speech.finish(), *self._tools.close(canceled=canceled, all_=True)]


def user_text(line: Facts) -> str:
    """Return the text of a user's message, said or repeated."""
    return text_of(line.record("message").value("content"))


def ended_calls(line: Facts) -> set[str]:
    """Return the calls whose results a user's message brings."""
    return {block.text("tool_use_id") for block in _results(line)} - {""}


def _results(line: Facts) -> list[Facts]:
    blocks = line.record("message").records("content")
    return [block for block in blocks if block.text("type") == "tool_result"]
