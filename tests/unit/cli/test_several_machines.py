"""What a command over several machines may not do on all of them at once."""

from __future__ import annotations

import pytest

from tasktui.cli.machines import run_on_all
from tasktui.domain.errors import InvalidError
from tasktui.domain.hosts import Host

BOTH = (Host("a", "a"), Host("b", "b"))


@pytest.mark.parametrize(
    "words",
    [
        ("lanes", "gpu", "--limit", "4"), ("lanes", "gpu", "--limit=4"), ("lanes", "gpu", "--pause"),
        ("lanes", "gpu", "--resume"), ("schedules", "stop", "3f"), ("run", "--", "true"),
    ],
)  # fmt: skip
def test_one_that_changes_something_is_for_one_machine(words: tuple[str, ...]) -> None:
    with pytest.raises(InvalidError, match="give --host once"):
        run_on_all(BOTH, (), words)
