"""A task that says every hostile text in every way a task can speak, then asks a question and waits."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.faults.corpus import BYTES, FILE_NAMES, PAYLOADS

SAYABLE = [text.encode("utf-8", "replace").decode() for text in PAYLOADS.values()]
"""Without what makes a whole report invalid."""
DIFF = "--- a/{0}\n+++ b/{0}\n@@ -1 +1 @@ {0}\n-{0}\n+{0}\n"


def _reports(number: int, text: str) -> list[tuple[str, dict[str, Any]]]:
    call = f"c{number}"
    said = {"summary": text, "id": call}
    tool = {"call_id": call, "ok": bool(number % 3), "output": text, "diff": DIFF.format(text)}
    return [
        ("task.status", {"message": text}),
        ("message.completed", {"message_id": f"m{number}", "content": f"# {text}\n> {text}\n- `{text}`"}),
        ("message.completed", {"message_id": f"t{number}", "role": "thought", "content": text}),
        ("tool.started", {"call_id": call, "name": text, "input": text, "kind": text}),
        ("tool.completed", tool),
        ("gate.recorded", {"gate": said | {"gate": text, "command": text, "status": "failed"}}),
        ("attempt.recorded", {"attempt": said | {"head_ref": text, "changed_files": [text]}}),
        ("github.recorded", {"event": said | {"action": text, "target": text, "url": text}}),
        ("task.warning", {"message": text, "code": text}),
        ("task.error", {"message": text}),
        ("segment.failed", {"segment_id": text, "error": text}),
        ("context.compacted", {"trigger": text, "message": text}),
        ("artifact.added", {"path": f"/nowhere/{number}", "label": text, "role": text, "summary": text}),
    ]


def main() -> None:
    """Say it all."""
    folder = Path(os.environ["TASKTUI_ARTIFACTS"])
    for name in FILE_NAMES.values():
        with open(os.fsencode(folder) + b"/" + name, "wb") as file:  # noqa: PTH123  # names that are no text
            file.write(b"\n".join(BYTES.values()))
    with Path(os.environ["TASKTUI_EVENTS"]).open("ab") as events:

        def report(kind: str, data: dict[str, Any]) -> None:
            events.write(json.dumps({"type": kind, "data": data}).encode() + b"\n")

        for number, text in enumerate(PAYLOADS.values()):
            for kind, data in _reports(number, text):
                report(kind, data)
        items = [{"id": number, "content": text} for number, text in enumerate(SAYABLE)]
        report("checklist.updated", {"items": items})
        report("task.progress", {"current": 3, "total": 7, "phase": PAYLOADS["title by BEL"]})
        asked = {"request_id": "q", "question": "\n".join(SAYABLE), "options": SAYABLE[:9]}
        report("input.requested", asked | {"context": {text: text for text in SAYABLE}})
    for block in BYTES.values():
        for stream in (sys.stdout, sys.stderr):
            stream.buffer.write(block + b"\n")
            stream.buffer.flush()
    sys.stdout.write("all is said\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    main()
