"""The wire formats in which agents talk with models: what they ask, and what is streamed back to them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

from tests.real_agents.model.script import Call, Json, Sleep, Spoken, Step, Think, Tool, Words

PIECE = 12
"""Characters of a delta."""


@dataclass(frozen=True)
class Frame:
    """One server-sent event, or a pause before the next."""

    data: Any = None
    event: str | None = None
    pause_s: float = 0.0


class Format(Protocol):
    """One wire format."""

    def talk(self, body: Json) -> list[Spoken]:
        """Return the talk so far."""
        ...

    def tools(self, body: Json) -> dict[str, Tool]:
        """Return the tools that the agent declares."""
        ...

    def stream(self, steps: Sequence[Step], model: str) -> Iterator[Frame]:
        """Yield what is said, piece by piece."""
        ...

    def whole(self, steps: Sequence[Step], model: str) -> Json:
        """Return what is said, in one answer."""
        ...


def pieces(text: str) -> Iterator[str]:
    """Yield a text as a model streams it."""
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE]


def text_of(content: Any) -> str:
    """Return the text of a message's content in any format; results and calls of tools have none."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(filter(None, map(text_of, content)))
    if not isinstance(content, dict) or content.get("type") in {"tool_result", "tool_use"}:
        return ""
    if "functionResponse" in content or "functionCall" in content:
        return ""
    return text_of(content.get("text") or content.get("parts") or content.get("content") or "")


def declared(name: str | None, schema: Any, *, custom: bool = False) -> dict[str, Tool]:
    """Return one tool by its name; nothing without a name."""
    return {name: Tool(frozenset((schema or {}).get("properties") or ()), custom)} if name else {}


NUMBERS = count(1)


class Responses:
    """OpenAI's responses."""

    def talk(self, body: Json) -> list[Spoken]:
        """Return the talk so far."""
        given = body.get("input", [])
        if isinstance(given, str):
            return [Spoken("user", given)]
        return [self._spoken(item) for item in given]

    def _spoken(self, item: Json) -> Spoken:
        kind = item.get("type", "message")
        if kind == "message":
            return Spoken(item.get("role", "user"), text_of(item.get("content")))
        return Spoken("tool" if kind.endswith("_output") else "assistant")

    def tools(self, body: Json) -> dict[str, Tool]:
        """Return the tools that the agent declares."""
        found: dict[str, Tool] = {}
        for tool in body.get("tools") or []:
            if tool.get("type") != "namespace":
                name = tool.get("name") or tool.get("type")
                found.update(declared(name, tool.get("parameters"), custom=tool.get("type") == "custom"))
        return found

    def stream(self, steps: Sequence[Step], model: str) -> Iterator[Frame]:
        """Yield what is said, piece by piece."""
        yield self._event("response.created", response=self._response(model, "in_progress", []))
        output: list[Json] = []
        for step in steps:
            if isinstance(step, Sleep):
                yield Frame(pause_s=step.seconds)
            elif item := self._item(step):
                yield from self._streamed(item, len(output))
                output.append(item)
        yield self._event("response.completed", response=self._response(model, "completed", output))

    def whole(self, steps: Sequence[Step], model: str) -> Json:
        """Return what is said, in one answer."""
        items = [item for step in steps if (item := self._item(step))]
        return self._response(model, "completed", items)

    def _streamed(self, item: Json, at: int) -> Iterator[Frame]:
        place = {"item_id": item["id"], "output_index": at}
        began: Json = item | {"status": "in_progress"}
        began.update((key, []) for key in ("content", "summary") if key in item)
        yield self._event("response.output_item.added", output_index=at, item=began)
        for part in item.get("content", ()):
            empty = {**part, "text": ""}
            yield self._event("response.content_part.added", **place, content_index=0, part=empty)
            for piece in pieces(part["text"]):
                yield self._event("response.output_text.delta", **place, content_index=0, delta=piece)
        for part in item.get("summary", ()):
            empty = {**part, "text": ""}
            yield self._event("response.reasoning_summary_part.added", **place, summary_index=0, part=empty)
            for piece in pieces(part["text"]):
                name = "response.reasoning_summary_text.delta"
                yield self._event(name, **place, summary_index=0, delta=piece)
        yield self._event("response.output_item.done", output_index=at, item=item)

    def _item(self, step: Step) -> Json | None:
        number = next(NUMBERS)
        if isinstance(step, Words):
            part = {"type": "output_text", "text": step.text, "annotations": []}
            return {
                "type": "message", "id": f"msg_{number}", "role": "assistant", "status": "completed",
                "content": [part],
            }  # fmt: skip
        if isinstance(step, Think):
            part = {"type": "summary_text", "text": step.text}
            return {"type": "reasoning", "id": f"rs_{number}", "summary": [part]}
        return self._call(step, number) if isinstance(step, Call) else None

    def _call(self, call: Call, number: int) -> Json:
        both = {"call_id": f"call_{number}", "name": call.tool, "status": "completed"}
        if call.custom:
            return {
                "type": "custom_tool_call",
                "id": f"ctc_{number}",
                "input": call.args.get("input", ""),
                **both,
            }
        return {"type": "function_call", "id": f"fc_{number}", "arguments": json.dumps(call.args), **both}

    def _response(self, model: str, status: str, output: list[Json]) -> Json:
        usage = {
            "input_tokens": 100, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 20,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 120,
        }  # fmt: skip
        return {
            "id": f"resp_{next(NUMBERS)}", "object": "response", "created_at": 0,
            "status": status, "model": model, "output": output, "error": None,
            "usage": usage if status == "completed" else None,
        }  # fmt: skip

    def _event(self, kind: str, **fields: Any) -> Frame:
        return Frame({"type": kind, "sequence_number": next(NUMBERS), **fields}, kind)


class Gemini:
    """Google's generateContent."""

    def talk(self, body: Json) -> list[Spoken]:
        """Return the talk so far."""
        spoken: list[Spoken] = []
        for content in body.get("contents", []):
            parts = content.get("parts", [])
            if any("functionResponse" in part for part in parts):
                spoken.append(Spoken("tool"))
            text = text_of(parts)
            if text or not any("functionResponse" in part for part in parts):
                spoken.append(Spoken("assistant" if content.get("role") == "model" else "user", text))
        return spoken

    def tools(self, body: Json) -> dict[str, Tool]:
        """Return the tools that the agent declares."""
        found: dict[str, Tool] = {}
        for group in body.get("tools") or []:
            for one in group.get("functionDeclarations") or []:
                found |= declared(one["name"], one.get("parametersJsonSchema") or one.get("parameters"))
        return found

    def stream(self, steps: Sequence[Step], model: str) -> Iterator[Frame]:
        """Yield what is said, piece by piece."""
        for step in steps:
            if isinstance(step, Sleep):
                yield Frame(pause_s=step.seconds)
            elif isinstance(step, Think | Words):
                thought = {"thought": True} if isinstance(step, Think) else {}
                for piece in pieces(step.text):
                    yield Frame(self._chunk([{"text": piece, **thought}], model))
            elif isinstance(step, Call):
                yield Frame(self._chunk([self._call(step)], model))
        yield Frame(self._chunk([{"text": ""}], model, "STOP"))

    def whole(self, steps: Sequence[Step], model: str) -> Json:
        """Return what is said, in one answer."""
        said = [{"text": step.text} for step in steps if isinstance(step, Words)]
        calls = [self._call(step) for step in steps if isinstance(step, Call)]
        return self._chunk([*said, *calls], model, "STOP")

    def _call(self, call: Call) -> Json:
        return {"functionCall": {"id": f"call{next(NUMBERS)}", "name": call.tool, "args": call.args}}

    def _chunk(self, parts: list[Json], model: str, finish: str | None = None) -> Json:
        candidate: Json = {"content": {"role": "model", "parts": parts}, "index": 0}
        used = {"promptTokenCount": 100, "candidatesTokenCount": 20, "totalTokenCount": 120}
        if finish:
            candidate["finishReason"] = finish
        return {"candidates": [candidate], "usageMetadata": used, "modelVersion": model}
