"""How ssh is called, with the user's own configuration, and what its failures mean to a person."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tasktui.domain.errors import UnreachableError
from tasktui.domain.hosts import Host
from tasktui.service.channel import PipeClosedError
from tasktui.service.channel_frames import OtherProtocolError
from tasktui.service.pipe import PipeSilentError
from tasktui.service.program import Failure, NotStartedError

SSH: Final = "ssh"
_QUIET: Final = (
    "-T",
    *("-o", "BatchMode=yes"),
    *("-o", "ConnectTimeout=10"),
    *("-o", "ClearAllForwardings=yes"),
    *("-o", "RemoteCommand=none"),
)
"""For a connection that nobody sits at: it never asks, and forwards nothing."""
_NOT_LET_IN: Final = (
    "{name} does not let us in without asking. Log in once with `{ssh}`; a key or an agent has to be enough."
)
_STRANGE_KEY: Final = "The key of {name} is not known here, or has changed. Look at it with `{ssh}`."
_NO_SUCH: Final = (
    "There is no machine {destination} as far as ssh can tell. Name it in ~/.ssh/config, "
    "or give {name} a `destination` in hosts of the settings."
)
_CAUSES: Final[Mapping[str, str]] = {
    "permission denied": _NOT_LET_IN,
    "too many authentication failures": _NOT_LET_IN,
    "host key verification failed": _STRANGE_KEY,
    "remote host identification has changed": _STRANGE_KEY,
    "could not resolve hostname": _NO_SUCH,
    "bad configuration option": "The configuration of ssh has an error: {last}",
}
"""What ssh says, in small letters, and what that means."""


def stdio_argv(host: Host, *, home: str | None = None, readonly: bool = False) -> Sequence[str]:
    """Return the program at whose pipes the owner on another machine speaks.

    Args:
        host: the machine.
        home: the data directory there; its default when None.
        readonly: whether nothing may be changed.
    """
    words = [*(("--home", home) if home else ()), "stdio", *(("--readonly",) if readonly else ())]
    return (SSH, *_QUIET, "--", host.destination, f"{host.command} {shlex.join(words)}")


def command_argv(host: Host, words: Sequence[str]) -> Sequence[str]:
    """Return the program that runs a command line of tasktui there, without a terminal and without asking."""
    return (SSH, *_QUIET, "--", host.destination, f"{host.command} {shlex.join(words)}")


def explain(host: Host, failure: Failure) -> UnreachableError:
    """Return what a person is told when a machine cannot be reached, and what to do about it."""
    sentence = _sentence(host, failure)
    return UnreachableError(sentence, host=host.name, exit_code=failure.code, said=list(failure.said))


def _sentence(host: Host, failure: Failure) -> str:
    why = failure.why
    if isinstance(why, NotStartedError):
        return f"ssh is not installed here. Install OpenSSH's client to reach {host.name}."
    if isinstance(why, PipeSilentError):
        return f"The connection to {host.name} says nothing any more."
    if isinstance(why, OtherProtocolError):
        version = why.details.get("version") or "of another version"
        return (
            f"tasktui on {host.name} is {version} and cannot be understood. Install the same version there."
        )
    says = _BY_CODE.get(failure.code, _of_the_other_end)
    return says(host, failure)


def _of_ssh(host: Host, failure: Failure) -> str:
    said = "\n".join(failure.said).lower()
    last = _last(failure)
    for words, meaning in _CAUSES.items():
        if words in said:
            return meaning.format(name=host.name, destination=host.destination, ssh=_ssh(host), last=last)
    if not last:
        return f"The connection to {host.name} broke."
    return f"{host.name} cannot be reached: {last.removeprefix('ssh: ').rstrip('.')}."


def _not_found(host: Host, _: Failure) -> str:
    return (
        f"tasktui was not found on {host.name}. Install it there, so that "
        f"`{_ssh(host)} {host.command} --version` answers, "
        f"or give its path as `command` of {host.name} in hosts of the settings."
    )


def _not_runnable(host: Host, failure: Failure) -> str:
    return f"{host.command} on {host.name} cannot be run: {_last(failure)}"


def _of_the_other_end(host: Host, failure: Failure) -> str:
    last = _last(failure)
    if "no such command" in last:
        return f"tasktui on {host.name} is too old to be reached. Install this version there."
    if last.startswith("tasktui: "):
        return f"tasktui on {host.name}: {last.removeprefix('tasktui: ')}"
    if failure.noise:
        first = failure.noise.splitlines()[0][:80]
        return (
            f"Something else than tasktui answered on {host.name}: {first!r}. "
            f"Look with `{_ssh(host)} {host.command} --version`."
        )
    if last:
        return f"The connection to {host.name} ended: {last}"
    if isinstance(failure.why, PipeClosedError):
        return f"The connection to {host.name} broke."
    return f"{host.name} cannot be reached: {failure.why.message}"


_BY_CODE: Final[Mapping[int | None, Callable[[Host, Failure], str]]] = {
    255: _of_ssh,
    127: _not_found,
    126: _not_runnable,
}
"""Exit codes of ssh itself, and of the shell at the other end."""


def _ssh(host: Host) -> str:
    return f"{SSH} {host.destination}"


def _last(failure: Failure) -> str:
    """Return the last line that says something."""
    return next((line for line in reversed(failure.said) if line), "")
