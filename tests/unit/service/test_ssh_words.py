"""What a person is told when another machine cannot be reached, and how it is called."""

from __future__ import annotations

import shlex

import pytest

from tasktui.domain.errors import OwnerError
from tasktui.domain.hosts import Host
from tasktui.service.channel import PipeClosedError
from tasktui.service.channel_frames import NoHelloError, OtherProtocolError
from tasktui.service.pipe import PipeSilentError
from tasktui.service.program import Failure, NotStartedError
from tasktui.service.ssh import explain, stdio_argv

BOX = Host("box", "me@10.0.0.5", "~/bin/tasktui")
CLOSED = PipeClosedError()


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Failure(NotStartedError("ssh cannot be run")), "ssh is not installed here"),
        (Failure(PipeSilentError(), 255), "The connection to box says nothing any more"),
        (Failure(OtherProtocolError(protocol="2", version="7.0"), 0), "tasktui on box is 7.0 and cannot"),
        (Failure(CLOSED, 127, ("sh: 1: tasktui: not found",)), "give its path as `command` of box"),
        (Failure(CLOSED, 126, ("sh: Permission denied",)), "~/bin/tasktui on box cannot be run: sh: Perm"),
        (Failure(CLOSED, 255, ("me@box: Permission denied (publickey).", "")), "Log in once with `ssh me@10"),
        (Failure(CLOSED, 255, ("Host key verification failed.",)), "not known here, or has changed"),
        (Failure(CLOSED, 255, ("ssh: Could not resolve hostname b: x",)), "There is no machine me@10.0.0.5"),
        (Failure(CLOSED, 255, ("ssh: connect to host b port 22: Connection refused",)), "refused"),
        (Failure(CLOSED, 255), "The connection to box broke"),
        (Failure(CLOSED, None), "The connection to box broke"),
        (Failure(CLOSED, 2, ("tasktui: no such command: stdio. Try: tasktui -h",)), "too old to be reached"),
        (
            Failure(CLOSED, 7, ("hi", "tasktui: Others may enter: /h.")),
            "tasktui on box: Others may enter: /h.",
        ),
        (Failure(NoHelloError(), 0, (), "Welcome to box\nlast login"), "on box: 'Welcome to box'"),
        (Failure(CLOSED, 1, ("Segmentation fault",)), "ended: Segmentation fault"),
        (Failure(OwnerError("No answer came in 30 seconds."), None), "reached: No answer came"),
    ],
)
def test_each_failure_says_what_to_do(failure: Failure, said: str) -> None:
    error = explain(BOX, failure)
    assert said in error.message
    assert error.exit_code == 6
    assert error.details["host"] == "box"


def test_the_command_goes_through_the_shell_there_and_its_words_do_not() -> None:
    *options, destination, command = stdio_argv(BOX, home="/a b'c", readonly=True)
    assert (options[0], options[-1], destination) == ("ssh", "--", "me@10.0.0.5")
    assert "BatchMode=yes" in options
    assert command.startswith("~/bin/tasktui ")
    assert shlex.split(command)[1:] == ["--home", "/a b'c", "stdio", "--readonly"]
