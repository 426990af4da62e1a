"""The OpenAPI description: what the routes take, by their own types, and what they answer, errors too.

Made when it is asked for: an owner that is never asked for it does not have it in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from tasktui.domain.wire_schema import ANYTHING, task_example
from tasktui.service.answers import answer_of, ref, schemas
from tasktui.service.offer import COMPAT

_NOT_OURS: Final = ("HTTPValidationError", "ValidationError")
"""What the library would answer to a request that is wrong."""
_ERRORS: Final = {
    "400": "The request is wrong, or a prefix fits several tasks.",
    "401": "By the port: it bears no token.",
    "403": "It would change something where one may only look, or a page of a browser asks.",
    "404": "There is no such task, artifact, request or path.",
    "409": "The state of the task, or a key that is taken, does not allow it.",
    "413": "The body is too long.",
    "421": "By the port: it is for another host.",
    "426": "The client is too old to act.",
    "500": "The owner failed at this; its log says how.",
    "501": "A part of tasktui is not installed that this needs.",
    "503": "There is no room, something needed is away, or nothing can be stored now.",
}
_ABOUT: Final = """\
What the owner of a data directory answers: on its socket `tasktui.sock`, on `watch.sock` where one may only
look, and with `tasktui serve --listen` on a port of this machine, to those that bear `tasktui token`.
Streams are server-sent events; after a lost connection they go on behind `Last-Event-ID`.
"""


def described(app: FastAPI) -> dict[str, Any]:
    """Return the description of an application."""
    made = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes)
    parts = made["components"]
    parts["schemas"] = {
        name: one for name, one in (parts["schemas"] | schemas()).items() if name not in _NOT_OURS
    }
    example = task_example() | {"spec": {"work": {"kind": "shell", "argv": ["true"]}}}
    parts["schemas"]["Task"]["examples"] = [example]
    parts["responses"] = {
        f"Error{status}": {"description": what, "content": {"application/json": {"schema": ref("Error")}}}
        for status, what in _ERRORS.items()
    }
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{}, {"token": []}]
    for path, operation in _operations(made):
        _complete(operation, ours=not path.startswith(f"{COMPAT}/"))
    return made


def _operations(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((path, operation) for path, methods in made["paths"].items() for operation in methods.values())


def _complete(operation: dict[str, Any], *, ours: bool) -> None:
    """Say what a route answers."""
    name = operation["operationId"]
    operation["summary"] = operation.pop("description", name).split("\n")[0]
    content = answer_of(name) if ours else {"application/json": {"schema": ANYTHING}}
    good = {"description": "Done.", "content": content}
    operation["responses"] = {
        next(status for status in operation["responses"] if status.startswith("2")): good,
        **{status: {"$ref": f"#/components/responses/Error{status}"} for status in _ERRORS},
    }
    if name == "ready":
        operation["responses"]["503"] = good | {"description": "Not ready, and why."}
