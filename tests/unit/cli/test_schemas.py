"""The schemas that `tasktui schema` prints fit what the commands print."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tasktui.cli.main import call
from tasktui.cli.task_schema import task_schema
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Attention, Kind, Reason, Status
from tasktui.domain.wire import decode, encode, task_object

_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}


def row(**fields: Any) -> TaskRow:
    given: dict[str, Any] = {
        "id": "task_1", "created_seq": 1, "kind": Kind.AGENT, "title": "t", "lane": "default",
        "status": Status.QUEUED, "created_at": 0, "updated_at": 0, "status_since": 0,
    }  # fmt: skip
    return TaskRow(**given | fields)


ROWS = (
    row(),
    row(
        status=Status.FAILED, terminal_reason=Reason.EXIT_NONZERO, attention=Attention.INPUT, tags=" a b ",
        finished_at=5, duration_ms=5, exit_code=1, timeout_s=1.5, progress_percentage=3, held=True,
    ),
)  # fmt: skip


def fits(value: object, schema: dict[str, Any]) -> bool:
    """Whether a value fits the parts of JSON Schema that ours is made of."""
    if "anyOf" in schema:
        return any(fits(value, option) for option in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return value in schema.get("enum", [schema.get("const")])
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    name = "null" if value is None else _NAMES[type(value)]
    return name in wanted or (name == "integer" and "number" in wanted)


@pytest.mark.parametrize("one", ROWS)
def test_a_task_fits_its_schema(one: TaskRow) -> None:
    schema = task_schema()
    made = decode(encode(task_object(one)))
    assert set(schema["required"]) == set(made)
    wrong = {name: value for name, value in made.items() if not fits(value, schema["properties"][name])}
    assert wrong == {}


def test_a_wrong_task_does_not() -> None:
    properties = task_schema()["properties"]
    assert not fits("soon", properties["status"])
    assert not fits(None, properties["created_at"])
    assert not fits("1", properties["exit_code"])


@pytest.mark.parametrize(
    ("what", "inside"),
    [("task", "TaskSpec"), ("event", "task.finished"), ("api", "/v1/tasks/{task_id}/cancel")],
)
def test_each_schema_is_json_with_its_matter(
    what: str, inside: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["schema", what]) == 0
    printed = capsys.readouterr().out
    assert isinstance(json.loads(printed), dict)
    assert f'"{inside}"' in printed
