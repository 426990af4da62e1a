"""What a login on another machine has, on its way here."""

from __future__ import annotations

import pytest

from tasktui.service.channel_frames import LARGEST
from tasktui.service.login import Login, about, read_login


def test_it_arrives_as_it_is() -> None:
    env = {"PATH": "/bin", "ODD": 'a\nb"ü', "EMPTY": ""}
    assert read_login(about("/home/me", env)) == Login("/home/me", env)


def test_what_is_too_long_or_no_text_stays_behind() -> None:
    env = {"PATH": "/bin", "LONG": "x" * LARGEST, "BYTES": "\udcff"}
    told = about("/\udcff", env)
    assert len(told) <= LARGEST
    assert read_login(told) == Login("/", {"PATH": "/bin"})


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"cwd": "/", "env": 3}', b"\xff", b"[" * LARGEST])
def test_what_is_no_login_is_none(data: bytes) -> None:
    assert read_login(data) is None
