"""The JSON Schema of a task's object, as `ls --json` prints it; `show --json` adds the optional rest."""

from __future__ import annotations

from typing import Any, Final

from tasktui.domain.spec import TaskSpec
from tasktui.domain.wire_detail import EVIDENCE_LISTS, STORED_TEXTS
from tasktui.domain.wire_schema import task_row_schema

_ONLY_SHOWN: Final = ("spec", "result_inline", "tool_calls", "artifacts", "interventions", "approvals")
"""What only `show` prints, besides the evidence and the stored JSON."""


def task_schema() -> dict[str, Any]:
    """Return the schema, made of the row's own types and of an example of its object."""
    spec = TaskSpec.model_json_schema(ref_template="#/$defs/{model}")
    definitions = spec.pop("$defs", {}) | {"TaskSpec": spec}
    row = task_row_schema()
    shown: dict[str, Any] = {name: {} for name in (*_ONLY_SHOWN, *STORED_TEXTS, *EVIDENCE_LISTS.values())}
    shown["spec"] = {"$ref": "#/$defs/TaskSpec"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Task",
        **row,
        "properties": shown | row["properties"],
        "$defs": definitions,
    }
