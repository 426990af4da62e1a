"""The union of all event envelopes, made from the registry: for schemas and for clients."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, create_model

from tasktui.domain.events.base import Data
from tasktui.domain.events.registry import EVENTS


def _envelope(name: str, model: type[Data]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        "v": (Literal[1], 1),
        "seq": (int | None, Field(default=None, description="per task, from 1; absent for transient events")),
        "gid": (int | None, Field(default=None, description="position in the whole log, monotone")),
        "after_seq": (
            int | None,
            Field(default=None, description="of a transient event: the last seq before it"),
        ),
        "task_id": (str, ...),
        "run": (int, 0),
        "ts": (str, Field(description="RFC 3339, UTC, milliseconds")),
        "type": (Literal[name], ...),
        "actor": (dict[str, str] | None, None),
        "data": (model, ...),
    }
    return create_model(model.__name__, __doc__=model.__doc__, **fields)


def envelope_adapter() -> TypeAdapter[Any]:
    """Return the union of all envelopes, discriminated on `type`."""
    union: Any = reduce(or_, (_envelope(name, model) for name, model in EVENTS.items()))
    return TypeAdapter(Annotated[union, Field(discriminator="type")])
