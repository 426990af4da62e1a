"""What every event's data has, and the form in which a new event travels to the store."""

from __future__ import annotations

import json
import re
from typing import ClassVar, Final, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticSerializationError

from tasktui.domain.rows import UnixMs

Durability = Literal["persisted", "transient", "control"]
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


class Data(BaseModel):
    """The data of one event type; unknown fields are ignored, so that newer writers can be read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    """The event's name in the taxonomy."""
    DURABILITY: ClassVar[Durability] = "persisted"
    """persisted: never dropped; transient: coalesced, without seq; control: never stored."""

    def encoded(self) -> bytes:
        """Return the data as compact JSON without the fields that are None."""
        return self.__pydantic_serializer__.to_json(self, exclude_none=True)

    def storable(self) -> tuple[Self, bytes]:
        """Return the data and its JSON, with U+FFFD for each lone surrogate: no database takes one."""
        try:
            return self, self.encoded()
        except PydanticSerializationError:
            text = json.dumps(self.model_dump(), ensure_ascii=False)
            whole = self.model_validate_json(_SURROGATES.sub("\ufffd", text))
            return whole, whole.encoded()


class NewEvent(NamedTuple):
    """A fact on its way to the log; the store gives it `seq` and `gid`.

    A named tuple: a flood makes ten thousand a second, and a frozen dataclass takes three times as long.
    """

    task_id: str
    run: int
    ts: UnixMs
    data: Data
    actor: str = ""
    raw: bytes | None = None
    """The data's JSON as it came, when it is valid and need not be written again."""

    @property
    def type(self) -> str:
        """The event's name."""
        return self.data.TYPE

    def encoded(self) -> bytes:
        """Return the data's JSON."""
        return self.raw if self.raw is not None else self.data.encoded()
