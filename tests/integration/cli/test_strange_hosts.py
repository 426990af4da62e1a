"""What other machines print, however strange, hurts neither the terminal here nor what the others say."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasktui.cli import capturing
from tasktui.cli.capturing import TooMuchError, captured
from tasktui.cli.machines import run_on_all
from tasktui.domain.hosts import Host
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Kind, Status
from tasktui.domain.wire import encode, task_object

HOSTS = (Host("good", "good"), Host("odd", "odd"))
EVIL = "\x1b]52;c;aGk=\x07\x1b[2J\x9b31mred\x9c"
Says = Callable[..., None]


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Says:
    """Machines whose logins say this and no more, behind a program named ssh."""
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        'while [ "$1" != -- ]; do shift; done\n'
        f'cat "{tmp_path}/$2.err" >&2\ncat "{tmp_path}/$2.out"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")

    def set_to(name: str, out: str, err: str = "") -> None:
        (tmp_path / f"{name}.out").write_text(out)
        (tmp_path / f"{name}.err").write_text(err)

    return set_to


def task(name: str, **more: object) -> str:
    row = TaskRow(name, 1, Kind.SHELL, f"title of {name}", "default", Status.QUEUED, 1, 1, 1)
    return encode(task_object(row) | more).decode() + "\n"


def test_text_of_a_machine_reaches_the_terminal_clean(says: Says, capfd: pytest.CaptureFixture[str]) -> None:
    says("good", "lanes: 1\n")
    says("odd", f"{EVIL}lanes: 2\n")
    assert run_on_all(HOSTS, (), ["lanes"]) == 0
    out = capfd.readouterr().out
    assert not {"\x1b", "\x07", "\x9b", "\x9c"} & set(out)
    assert [line.split()[0] for line in out.splitlines()] == ["good", "odd"]
    assert out.splitlines()[1].endswith("lanes: 2")


def test_hits_of_a_machine_are_clean(says: Says, capfd: pytest.CaptureFixture[str]) -> None:
    says("good", "")
    hit = {"task_id": EVIL, "title": "", "source": EVIL, "excerpt": EVIL, "seq": 1, "ts": "2026-01-01T00:00Z"}
    says("odd", json.dumps(hit))
    assert run_on_all(HOSTS, (), ["search", "x"]) == 0
    assert not {"\x1b", "\x07", "\x9b", "\x9c"} & set(capfd.readouterr().out)


@pytest.mark.parametrize("as_json", [False, True])
def test_what_a_login_prints_is_passed_over(
    says: Says, capfd: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    says("good", task("one"))
    says("odd", f"Welcome to odd!\n* 3 updates\n\n{task('two')}")
    assert run_on_all(HOSTS, (), ["ls", *(["--json"] if as_json else [])]) == 0
    out, err = capfd.readouterr()
    assert "title of one" in out
    assert "title of two" in out
    assert err == ""


def test_the_name_of_a_machine_is_ours(says: Says, capfd: pytest.CaptureFixture[str]) -> None:
    says("good", task("one"))
    says("odd", task("two", host="good"))
    assert run_on_all(HOSTS, (), ["ls", "--json"]) == 0
    rows = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert {row["id"]: row["host"] for row in rows} == {"one": "good", "two": "odd"}


@pytest.mark.parametrize(
    "strange",
    [
        task("two") + '{"cut',
        task("two") + "no object\n",
        task("two", status="unheard of"),
        task("two", title=["no", "text"]),
        task("two", created_at=7),
        '{"host": "good"}',
    ],
)
def test_an_answer_that_cannot_be_read_is_an_error_of_its_machine(
    says: Says, capfd: pytest.CaptureFixture[str], strange: str
) -> None:
    says("good", task("one"))
    says("odd", strange)
    assert run_on_all(HOSTS, (), ["ls"]) == 6
    out, err = capfd.readouterr()
    assert "title of one" in out
    assert err.startswith("tasktui: odd: ")
    assert len(err.splitlines()) == 1


def test_an_answer_is_held_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = [sys.executable, "-c", "while True: print('x' * 999)"]
    with pytest.raises(TooMuchError):
        captured(endless, within_s=20, most=100_000)
    with pytest.raises(TimeoutError):
        captured(["sleep", "20"], within_s=0.1)
    monkeypatch.setattr(capturing, "_LAST_WORDS", 10)
    ran = captured(["sh", "-c", "seq 100000 >&2; echo out; exit 3"], within_s=20)
    assert (ran.code, ran.out, ran.err) == (3, b"out\n", b"99\n100000\n")


def test_one_command_there_is_clean_on_a_terminal_and_raw_in_a_pipe(says: Says, own_home: Path) -> None:
    says("odd", f"out{EVIL}\n", f"tasktui-runs-as 1\nerr{EVIL}\n")
    argv = [sys.executable, "-m", "tasktui", "--host", "odd", "logs", "x"]
    piped = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=True)
    assert (piped.stdout.decode(), piped.stderr.decode()) == (f"out{EVIL}\n", f"err{EVIL}\n")
    ours, theirs = pty.openpty()
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = _all_of(ours)
        assert process.wait(20) == 0
    # TERM is one that rewrites lines: only our own erasing of an unfinished line may be there
    shown = shown.replace("\r\x1b[K", "")
    assert not {"\x1b", "\x07", "\x9b", "\x9c"} & set(shown)
    assert {"outred", "errred"} <= {line.replace("\ufffd", "")[:6] for line in shown.splitlines()}


def _all_of(fd: int) -> str:
    said = b""
    try:
        while data := os.read(fd, 65_536):
            said += data
    except OSError:
        pass  # so a pty says that nobody is left at its other end
    os.close(fd)
    return said.decode()


@pytest.fixture
def leaving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An ssh that leaves somebody behind who holds the pipes, as one with a master connection may."""
    program, left = tmp_path / "bin" / "ssh", tmp_path / "left"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nsleep 100 >&2 & echo $! >"{left}"\necho said\necho why >&2\nexit 3\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    yield
    os.kill(int(left.read_text()), signal.SIGKILL)


@pytest.mark.usefixtures("leaving")
def test_what_a_connection_leaves_behind_is_not_waited_for() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tasktui", "--host", "box", "ls"],
        capture_output=True, timeout=20, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, b"said\n", b"why\n")


@pytest.mark.usefixtures("leaving")
def test_nor_when_many_are_asked() -> None:
    assert captured(["ssh"], within_s=15) == (3, b"said\n", b"why\n")
