from __future__ import annotations

from tasktui.domain.events.lifecycle import TaskProgress, TaskStatus
from tasktui.domain.events.work import ToolCompleted


def test_text_that_no_database_takes_is_drawn_as_unknown() -> None:
    whole, raw = ToolCompleted(
        call_id="a\ud800", output="😀\udfff", metadata={"\ud800": ["\ud800"]}
    ).storable()
    assert (whole.call_id, whole.output, whole.metadata) == ("a\ufffd", "😀\ufffd", {"\ufffd": ["\ufffd"]})
    assert raw == whole.encoded()


def test_everything_else_stays_as_it_is() -> None:
    data = TaskProgress(current=1, phase="naïve 😀")
    whole, raw = data.storable()
    assert whole is data
    assert raw == data.encoded()
    assert TaskStatus(message="x").storable()[1] == b'{"message":"x"}'
