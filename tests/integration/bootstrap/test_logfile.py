"""The log of a data directory: closed to others, rotated, without secrets, never on the terminal."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktui.bootstrap import logfile
from tasktui.bootstrap.logfile import Harmless, LogFile, begin_log, end_log, log_path

log = logging.getLogger("tasktui.tests.of.the.log")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data directory whose log is closed again."""
    hook = threading.excepthook
    (tmp_path / "home").mkdir(mode=0o700)
    yield tmp_path / "home"
    end_log(tmp_path / "home")
    threading.excepthook = hook
    logging.getLogger("tasktui").setLevel(logging.NOTSET)


def _line(text: str) -> logging.LogRecord:
    return logging.LogRecord("x", logging.INFO, __file__, 1, text, None, None)


def test_the_log_is_for_us_alone_and_says_when_who_and_what(home: Path) -> None:
    begin_log(home)
    begin_log(home)
    log.info("hello")
    log.debug("not asked for")
    text = log_path(home).read_text()
    assert text.count("INFO tasktui.tests.of.the.log: hello\n") == 1
    assert "not asked for" not in text
    assert [path.stat().st_mode & 0o777 for path in (log_path(home), log_path(home).parent)] == [0o600, 0o700]


async def test_an_answer_that_nobody_wants_any_more_is_no_news(home: Path) -> None:
    begin_log(home)
    loop = asyncio.get_running_loop()
    for answer in (None, "wanted"):
        late: asyncio.Future[object] = loop.create_future()
        late.cancel()
        loop.call_soon(late.set_result, answer)
    await asyncio.sleep(0)
    text = log_path(home).read_text()
    assert (text.count("set_result(None)"), text.count("InvalidStateError")) == (0, 1)


@pytest.mark.parametrize(("level", "said"), [("debug", "DI"), ("WARNING", ""), ("nonsense", "I")])
def test_the_level_is_a_variable(home: Path, level: str, said: str) -> None:
    begin_log(home, environ={"TASKTUI_LOG_LEVEL": level})
    log.debug("D")
    log.info("I")
    lines = log_path(home).read_text().splitlines() if log_path(home).exists() else []
    assert "".join(line[-1] for line in lines) == said


def test_it_is_rotated_and_three_old_ones_are_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logfile, "MOST_BYTES", 2_000)
    begin_log(home)
    for number in range(100):
        log.info("line %d %s", number, "x" * 100)
    files = sorted(log_path(home).parent.iterdir())
    assert [file.name for file in files] == [f"tasktui.log{end}" for end in ("", ".1", ".2", ".3")]
    assert all(file.stat().st_size <= 2_000 and file.stat().st_mode & 0o777 == 0o600 for file in files)


def test_a_second_process_follows_a_rotation_and_does_not_repeat_it(tmp_path: Path) -> None:
    first, second = (LogFile(tmp_path / "tasktui.log") for _ in range(2))
    for handler in (first, second):
        handler.maxBytes = 500
        handler.emit(_line("begun" + "." * 100))
    first.emit(_line("y" * 400))  # the first rotates
    second.emit(_line("after the rotation"))
    first.close()
    second.close()
    assert (tmp_path / "tasktui.log").read_text().endswith("after the rotation\n")
    assert (tmp_path / "tasktui.log.1").read_text().count("begun") == 2


def test_what_fails_outside_goes_to_the_log_and_not_to_the_terminal(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    begin_log(home)

    def fail() -> None:
        raise RuntimeError("in a thread")

    thread = threading.Thread(target=fail, name="weak")
    thread.start()
    thread.join()
    logging.getLogger("asyncio").error("a task was lost")
    text = log_path(home).read_text()
    assert "the thread weak failed" in text
    assert "RuntimeError: in a thread" in text
    assert "a task was lost" in text
    assert capfd.readouterr() == ("", "")


def test_a_log_that_cannot_be_written_says_nothing(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log_path(home).mkdir(parents=True)
    begin_log(home)
    log.error("nobody hears this")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("value hunter2-hunter2 seen", "value [hidden] seen"),
        ("API_KEY=abc123 next", "API_KEY=[hidden] next"),
        ("{'password': 'a b c', 'n': 1}", "{'password': [hidden], 'n': 1}"),
        ("Authorization: Bearer abcdefghijk", "Authorization: [hidden]"),
        ("sent bearer abcdefghijk.x", "sent bearer [hidden]"),
        ("the tokens of t1 were counted", "the tokens of t1 were counted"),
    ],
)
def test_secrets_are_hidden(text: str, kept: str) -> None:
    environ = {"MY_SECRET": "hunter2-hunter2", "PATH": "the tokens", "X_TOKEN": "t1"}
    assert Harmless(environ).format(_line(text)).endswith(f" INFO x: {kept}")
