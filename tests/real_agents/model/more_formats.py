"""The wire formats of agents that only the long runs talk with: Anthropic's messages and OpenAI's chat."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tests.real_agents.model.formats import NUMBERS, Frame, declared, pieces, text_of
from tests.real_agents.model.script import Call, Json, Sleep, Spoken, Step, Think, Tool, Words


class Messages:
    """Anthropic's messages."""

    def talk(self, body: Json) -> list[Spoken]:
        """Return the talk so far."""
        spoken: list[Spoken] = []
        for message in body.get("messages", []):
            content = message.get("content")
            parts = content if isinstance(content, list) else []
            if any(part.get("type") == "tool_result" for part in parts):
                spoken.append(Spoken("tool"))
            text = text_of(content)
            if text or not spoken or spoken[-1].role != "tool":
                spoken.append(Spoken(message.get("role", "user"), text))
        return spoken

    def tools(self, body: Json) -> dict[str, Tool]:
        """Return the tools that the agent declares."""
        found: dict[str, Tool] = {}
        for tool in body.get("tools") or []:
            found.update(declared(tool.get("name"), tool.get("input_schema")))
        return found

    def stream(self, steps: Sequence[Step], model: str) -> Iterator[Frame]:
        """Yield what is said, piece by piece."""
        whole = self.whole(steps, model)
        begun = whole | {"content": [], "stop_reason": None}
        yield self._event("message_start", message=begun)
        number = 0
        for step in steps:
            if isinstance(step, Sleep):
                yield Frame(pause_s=step.seconds)
            elif block := self._block(step):
                yield from self._streamed(block, number)
                number += 1
        stop = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
        yield self._event("message_delta", delta=stop, usage={"output_tokens": 20})
        yield self._event("message_stop")

    def whole(self, steps: Sequence[Step], model: str) -> Json:
        """Return what is said, in one answer."""
        blocks = [block for step in steps if (block := self._block(step))]
        calls = any(block["type"] == "tool_use" for block in blocks)
        usage = {
            "input_tokens": 100, "output_tokens": 20, "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        }  # fmt: skip
        return {
            "id": f"msg_{next(NUMBERS)}", "type": "message", "role": "assistant", "model": model,
            "content": blocks, "stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None,
            "usage": usage,
        }  # fmt: skip

    def _block(self, step: Step) -> Json | None:
        if isinstance(step, Words):
            return {"type": "text", "text": step.text}
        if isinstance(step, Think):
            return {"type": "thinking", "thinking": step.text, "signature": "fake"}
        if isinstance(step, Call):
            return {"type": "tool_use", "id": f"toolu_{next(NUMBERS)}", "name": step.tool, "input": step.args}
        return None

    def _streamed(self, block: Json, number: int) -> Iterator[Frame]:
        field, name, text = {
            "text": ("text", "text_delta", block.get("text")),
            "thinking": ("thinking", "thinking_delta", block.get("thinking")),
            "tool_use": ("partial_json", "input_json_delta", json.dumps(block.get("input"))),
        }[block["type"]]
        blank: Json = {"input": {}} if block["type"] == "tool_use" else {field: ""}
        yield self._event("content_block_start", index=number, content_block=block | blank)
        for piece in pieces(str(text)):
            yield self._event("content_block_delta", index=number, delta={"type": name, field: piece})
        yield self._event("content_block_stop", index=number)

    def _event(self, kind: str, **fields: Any) -> Frame:
        return Frame({"type": kind, **fields}, kind)


class Chat:
    """OpenAI's chat completions."""

    def talk(self, body: Json) -> list[Spoken]:
        """Return the talk so far."""
        return [
            Spoken(one.get("role", "user"), text_of(one.get("content"))) for one in body.get("messages", [])
        ]

    def tools(self, body: Json) -> dict[str, Tool]:
        """Return the tools that the agent declares."""
        found: dict[str, Tool] = {}
        for tool in body.get("tools") or []:
            function = tool.get("function", {})
            found.update(declared(function.get("name"), function.get("parameters")))
        return found

    def stream(self, steps: Sequence[Step], model: str) -> Iterator[Frame]:
        """Yield what is said, piece by piece."""
        yield self._chunk(model, {"role": "assistant", "content": ""})
        calls = 0
        for step in steps:
            if isinstance(step, Sleep):
                yield Frame(pause_s=step.seconds)
            elif isinstance(step, Think | Words):
                field = "content" if isinstance(step, Words) else "reasoning_content"
                for piece in pieces(step.text):
                    yield self._chunk(model, {field: piece})
            elif isinstance(step, Call):
                yield self._chunk(model, {"tool_calls": [{"index": calls, **self._call(step)}]})
                calls += 1
        yield self._chunk(model, {}, "tool_calls" if calls else "stop")
        yield Frame("[DONE]")

    def whole(self, steps: Sequence[Step], model: str) -> Json:
        """Return what is said, in one answer."""
        said = "".join(step.text for step in steps if isinstance(step, Words))
        calls = [self._call(step) for step in steps if isinstance(step, Call)]
        message: Json = {"role": "assistant", "content": said or None}
        if calls:
            message["tool_calls"] = calls
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
        return {**self._head(model), "object": "chat.completion", "choices": [choice]}

    def _call(self, call: Call) -> Json:
        function = {"name": call.tool, "arguments": json.dumps(call.args)}
        return {"id": f"call_{next(NUMBERS)}", "type": "function", "function": function}

    def _chunk(self, model: str, delta: Json, finish: str | None = None) -> Frame:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return Frame({**self._head(model), "object": "chat.completion.chunk", "choices": [choice]})

    def _head(self, model: str) -> Json:
        usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
        return {"id": f"chatcmpl-{next(NUMBERS)}", "created": 0, "model": model, "usage": usage}
