"""A run from its launch to its record: codes, streams, input, environment, what cannot be started."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from functools import partial
from pathlib import Path

import pytest

from tasktui.executors.output import OutputReader
from tasktui.executors.output_lines import LineFollower, last_lines
from tasktui.executors.run_files import read_head
from tests.integration.executors.processes import python, run_of, supervising, until


async def test_the_exit_code_is_recorded(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sh", "-c", "exit 7"))
        record = await process.wait()
    assert (record.code, record.signal, record.failure, record.stopped, record.lost) == (
        7,
        None,
        None,
        None,
        False,
    )
    assert record.duration_ms >= 0
    assert record.ended_ms >= record.started_ms > 0
    assert json.loads((process.directory / "status.json").read_bytes())["code"] == 7


async def test_a_signal_is_told_from_an_exit_code(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        record = await (await supervisor.launch(run_of(own_home, "sh", "-c", "kill -SEGV $$"))).wait()
    assert (record.code, record.signal) == (None, 11)


async def test_a_silent_run_leaves_no_output_files(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "true"))
        await process.wait()
        await until(lambda: not any((process.directory / fifo).exists() for fifo in ("ctl", "stdin")))
    assert sorted(file.name for file in process.directory.iterdir()) == ["run.json", "status.json"]


@pytest.mark.feature(44)
async def test_both_streams_are_kept_apart_and_in_order(own_home: Path) -> None:
    script = "for n in 1 2 3; do echo out $n; read x; echo err $n >&2; read x; done"
    expected = [(1, b"out 1"), (2, b"err 1"), (1, b"out 2"), (2, b"err 2"), (1, b"out 3"), (2, b"err 3")]
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sh", "-c", script))
        reader = OutputReader(process.directory)
        for number in range(len(expected)):
            # two pipes have no order of their own: a line is kept before the next is written
            await until(lambda lines=number + 1: reader.size >= lines * len("out 1\n"))
            await process.write_stdin(b"\n")
        record = await process.wait()
    lines = LineFollower(reader).read()
    assert [(line.stream, line.data) for line in lines] == expected
    assert all(record.started_ms <= line.time_ms <= record.ended_ms for line in lines)
    assert [line.data for line in LineFollower(OutputReader(process.directory), stream=2).read()] == [
        b"err 1",
        b"err 2",
        b"err 3",
    ]


@pytest.mark.parametrize(
    ("argv", "cwd", "kind"),
    [
        (("no-such-program-here",), "/", "no_program"),
        (("/no/such/program",), "/", "no_program"),
        (("true",), "/no/such/directory", "no_directory"),
        (("/etc/passwd",), "/", "not_executable"),
        (("./script",), None, "no_interpreter"),
        (("nul\0byte",), "/", "other"),
    ],
)
async def test_what_cannot_be_started_says_why(
    own_home: Path, tmp_path: Path, argv: tuple[str, ...], cwd: str | None, kind: str
) -> None:
    (tmp_path / "script").write_text("#!/no/such/interpreter\n")
    (tmp_path / "script").chmod(0o755)
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, *argv, cwd=Path(cwd or tmp_path)))
        record = await process.wait()
    assert record.failure is not None
    assert (record.failure.kind, record.code) == (kind, None)
    assert record.failure.text


@pytest.mark.feature(52)
async def test_a_task_gets_its_environment_and_nothing_of_ours(own_home: Path, tmp_path: Path) -> None:
    code = (
        "import json, os; print(json.dumps([sorted(os.listdir('/proc/self/fd')), dict(os.environ),"
        " os.getcwd(), os.umask(0), os.getsid(0) == os.getpid(), open('/proc/self/status').read()]))"
    )
    run = run_of(own_home, *python(code), env={"A": "b", "BAD": "\udcff"}, cwd=tmp_path, umask=0o027)
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run)
        await process.wait()
    fds, env, cwd, umask, leads_session, status = json.loads(OutputReader(process.directory).read(0)[0])
    assert fds == ["0", "1", "2", "3"], "3 is the listing itself"
    assert {name: env[name] for name in ("A", "BAD", "TASKTUI_MARK")} == {
        "A": "b",
        "BAD": "\udcff",
        "TASKTUI_MARK": run.mark,
    }
    assert (cwd, umask, leads_session) == (str(tmp_path), 0o027, True)
    masks = dict(line.split(":\t") for line in status.splitlines() if line.startswith(("SigBlk", "SigIgn")))
    assert int(masks["SigBlk"], 16) == 0
    ignored = {number for number in signal.valid_signals() if int(masks["SigIgn"], 16) >> number - 1 & 1}
    assert ignored <= {signal.SIGPIPE, signal.SIGXFSZ}, "Python itself ignores these two"


async def test_no_controlling_terminal(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sh", "-c", ": </dev/tty"))
        record = await process.wait()
    assert record.code != 0


async def test_an_environment_of_a_megabyte_arrives(own_home: Path) -> None:
    env = {**os.environ, **{f"V{n}": "x" * 100_000 for n in range(10)}}
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sh", "-c", "echo ${#V9}", env=env))
        record = await process.wait()
    assert (record.code, OutputReader(process.directory).read(0)[0]) == (0, b"100000\n")


async def test_input_flows_as_fast_as_it_is_read_and_ends(own_home: Path) -> None:
    data = os.urandom(3_000_000)
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sh", "-c", "sleep 0.3; wc -c"))
        async with asyncio.timeout(20):
            assert await process.write_stdin(data)
            assert process.close_stdin()
            await process.wait()
    assert OutputReader(process.directory).read(0)[0].split() == [b"3000000"]
    assert not await process.write_stdin(b"late")


async def test_a_task_that_never_reads_stops_nobody(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sleep", "60"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await process.write_stdin(bytes(5_000_000))
        assert process.kill()
        async with asyncio.timeout(20):
            assert (await process.wait()).stopped == "kill"


async def test_what_follows_a_torn_line_begins_on_its_own(own_home: Path, tmp_path: Path) -> None:
    async with supervising(own_home) as supervisor:
        run = run_of(own_home, "sh", "-c", "until [ -e go ]; do sleep 0.05; done; tail -n 1", cwd=tmp_path)
        process = await supervisor.launch(run)
        await until(lambda: read_head(process.directory))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await process.write_stdin(b"x" * 200_000 + b"\n")
        (tmp_path / "go").touch()
        async with asyncio.timeout(20):
            assert await process.write_stdin(b"whole\n")
            assert process.close_stdin()
            await process.wait()
    assert OutputReader(process.directory).read(0)[0] == b"whole\n"


async def test_a_task_without_input_says_so(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sh", "-c", "cat; sleep 0.2", stdin="null"))
        assert not await process.write_stdin(b"x")
        assert (await process.wait()).code == 0


async def test_output_and_events_are_hinted(own_home: Path) -> None:
    seen: list[str] = []
    run = run_of(
        own_home, "sh", "-c", 'read a; echo "$a"; read b; echo {} >>"$E"; read c; echo {} >>"$E"; read d'
    )
    run.env["E"] = str(run.directory / "events.jsonl")  # type: ignore[index]  # ours to change
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run)
        process.on_output = lambda: seen.append("out")
        process.on_events = lambda: seen.append("events")
        for expected in ("out", "events", "events"):
            seen.clear()
            await process.write_stdin(b"go\n")
            await until(partial(seen.__contains__, expected))
        assert process.record is None
        process.close_stdin()
        await process.wait()


async def test_an_order_right_after_the_launch_is_not_lost(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        for _ in range(10):
            process = await supervisor.launch(run_of(own_home, "sleep", "60"))
            assert process.terminate()
            async with asyncio.timeout(20):
                record = await process.wait()
            assert (record.stopped, record.signal) == ("term", 15)


async def test_a_paused_run_stands_still_and_goes_on(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(
            run_of(own_home, "sh", "-c", "while :; do echo x; sleep 0.01; done")
        )
        reader = OutputReader(process.directory)
        await until(lambda: reader.size)
        process.pause()
        before = -1
        while before != reader.size:
            before = reader.size
            await asyncio.sleep(0.2)
        process.resume()
        await until(lambda: reader.size > before)
        process.pause()
        process.terminate()  # reaches a paused tree, too
        async with asyncio.timeout(20):
            assert (await process.wait()).stopped == "term"


@pytest.mark.feature(155)
async def test_a_line_of_ten_megabytes_and_a_flood_stay_under_the_cap(own_home: Path) -> None:
    script = "head -c 10000000 /dev/zero | tr '\\0' x; echo; echo middle >&2; timeout 1 yes; echo last"
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sh", "-c", script))
        async with asyncio.timeout(20):
            record = await process.wait()
    reader = OutputReader(process.directory)
    files = [*process.directory.glob("out.*"), *process.directory.glob("tail.*")]
    assert sum(file.stat().st_size for file in files) <= 1 << 20
    assert record.written > 10_000_000
    assert record.dropped == sum(end - start for start, end in reader.dropped()) > 8_000_000
    assert reader.size == record.written
    assert [line.data for line in last_lines(reader, 3)] == [b"y", b"y", b"last"]
    first = LineFollower(reader).read()
    assert all(len(line.data) == 65536 and not line.ended for line in first)


async def test_nothing_is_written_after_the_end_of_input(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sh", "-c", "cat; sleep 60"))
        assert await process.write_stdin(b"first")
        assert process.close_stdin()
        await until(lambda: not (process.directory / "stdin").exists())
        assert not await process.write_stdin(b"second")
        await until(lambda: OutputReader(process.directory).read(0)[0] == b"first")
        process.kill()
        await process.wait()
    assert OutputReader(process.directory).read(0)[0] == b"first"


@pytest.mark.feature(65)
async def test_the_wall_deadline(own_home: Path) -> None:
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sleep", "60", timeout_s=0.3))
        async with asyncio.timeout(20):
            record = await process.wait()
    assert (record.stopped, record.signal) == ("wall", 15)
    assert record.duration_ms >= 300


async def test_nothing_is_begun_while_the_task_does_not_read(own_home: Path, tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def begins() -> None:
        begun.set()

    script = f"until [ -e {tmp_path}/go ]; do sleep 0.05; done; tail -c 3"
    async with supervising(own_home) as supervisor:
        process = await supervisor.launch(run_of(own_home, "sh", "-c", script))
        assert await process.write_stdin(b"x" * (1 << 16))
        process.torn()
        more = asyncio.ensure_future(process.write_stdin(b"y\n", begins))
        await asyncio.wait({more}, timeout=0.3)
        assert not begun.is_set()
        (tmp_path / "go").touch()
        async with asyncio.timeout(20):
            assert await more
            assert begun.is_set()
            process.close_stdin()
            await process.wait()
    assert OutputReader(process.directory).read(0)[0] == b"\ny\n", "it begins on a line of its own"
