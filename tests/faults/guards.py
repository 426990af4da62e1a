"""The guard behind each promise, the patch that takes it away, and the tests that must then fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FAULTS: Final = "tests/faults/test_"
FAR: Final = "tests/integration/executors/agents/test_far"


@dataclass(frozen=True, slots=True)
class Edit:
    """One exact text of one file, and what stands there instead."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Guard:
    """One promise with its guard removed."""

    row: str
    """The number of the promise."""
    what: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]
    """Each of them must fail."""


def guard(row: str, what: str, *edits: tuple[str, str, str], tests: tuple[str, ...]) -> Guard:
    """Return a guard; `tests` are names below tests/faults/test_, or whole paths."""
    paths = (name if name.startswith("tests/") else FAULTS + name for name in tests)
    made = tuple(Edit(f"tasktui/{file}", old, new) for file, old, new in edits)
    return Guard(row, what, made, tuple(paths))


_NO_CLEANING = (
    "domain/clean.py",
    "    shown = _scrub(text[:limit], progress=progress)\n    return _cut(",
    "    shown = text[:limit]\n    return _cut(",
)

GUARDS: Final[tuple[Guard, ...]] = (
    guard(
        "1",
        "text is cleaned",
        _NO_CLEANING,
        tests=(
            "fault_01_screens.py::test_commands_on_a_terminal",
            "hostile_text.py::test_streams_become_harmless_lines",
        ),
    ),
    guard(
        "1",
        "the last line of defence",
        ("ui/linefilter.py", "if not any(_UNSAFE.search(text)", "if True or not any(_UNSAFE.search(text)"),
        tests=("tests/ui/test_linefilter.py",),
    ),
    guard(
        "2",
        "text is literal",
        (
            "ui/text.py",
            "return Content.styled(clean(text, limit=limit), style, strip_control_codes=False)",
            "return Content.from_markup(clean(text, limit=limit))",
        ),
        tests=("hostile_text.py::test_markup_is_drawn_and_runs_nothing",),
    ),
    guard(
        "3",
        "output is capped",
        (
            "executors/shim/output.py",
            "return Segment(HEAD, 0, self._cap * 3 // 4)",
            "return Segment(HEAD, 0, 1 << 40)",
        ),
        tests=("fault_03_floods.py::test_what_was_dropped_is_shown_where_it_was",),
    ),
    guard(
        "4",
        "a former run's end is none of the next one's",
        ("executors/process.py", "is not None and record.run == run:", "is not None:"),
        tests=("tests/integration/manager/test_crash_points.py",),
    ),
    guard(
        "4",
        "an owner that dies leaves a run that is taken over",
        (
            "manager/recovery.py",
            "    if reattach:\n        await _adopt(core, detail)",
            "    if False:\n        pass",
        ),
        tests=("fault_04_owner_killed.py::test_the_next_owner_has_all_of_twenty_running_tasks",),
    ),
    guard(
        "5",
        "rows and events in one transaction",
        (
            "store/sqlite/writer.py",
            "            write_plan(self._connection, plan)\n",
            (
                "            write_plan(self._connection, plan)\n"
                "            self._connection.execute('COMMIT')\n"
                "            self._connection.execute('BEGIN IMMEDIATE')\n"
            ),
        ),
        tests=("store_kills.py::test_every_named_place",),
    ),
    guard(
        "6",
        "without room one waits",
        ("manager/writer.py", "            await self._wait_out(exc, batch)", "            self.refuse(exc)"),
        tests=("fault_06_full_disk.py::test_a_full_disk_under_a_dashboard_with_a_task_running",),
    ),
    guard(
        "7",
        "a newer file is only read",
        ("store/sqlite/connecting.py", "if version > SCHEMA_VERSION:", "if version > SCHEMA_VERSION + 1000:"),
        tests=("fault_07_database.py::test_a_newer_database_is_listed_with_a_sentence",),
    ),
    guard(
        "7",
        "damage is seen",
        (
            "store/sqlite/connecting.py",
            "frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})",
            "frozenset({-1})",
        ),
        tests=("fault_07_database.py::test_a_broken_database_is_moved_aside_and_rebuilt_by_the_next_owner",),
    ),
    guard(
        "8",
        "a lost terminal is let go of",
        ("cli/dashboard.py", "        on_hangup(self._hang_up)\n", ""),
        tests=("fault_08_terminal_gone.py::test_a_closed_terminal_leaves_an_owner_without_a_screen",),
    ),
    guard(
        "8",
        "SIGTERM gives the terminal back",
        (
            "cli/dashboard.py",
            "for number in (signal.SIGTERM, signal.SIGINT):",
            "for number in (signal.SIGUSR2, signal.SIGINT):",
        ),
        tests=("fault_08_terminal_gone.py::test_a_signal_to_the_dashboard_leaves_the_terminal_sane[15]",),
    ),
    guard(
        "9",
        "one holds the lock",
        (
            "service/owner.py",
            "    except BlockingIOError:\n        return False\n    return True",
            "    except BlockingIOError:\n        pass\n    return True",
        ),
        tests=("fault_09_owner.py::test_of_ten_instances_one_owns_and_the_others_leave",),
    ),
    guard(
        "9",
        "who was replaced ends",
        ("service/server.py", "        while self._lock.is_current():", "        while True:"),
        tests=("fault_09_dashboards.py::test_a_stopped_dashboard_is_replaced_under_an_attached_one",),
    ),
    guard(
        "10",
        "the whole tree is killed",
        ("executors/shim/stopping.py", "        linux.kill_tree(os.getpid())", "        pass"),
        tests=("fault_10_cancel.py::test_the_second_cancel_forces",),
    ),
    guard(
        "11",
        "output is not waited for without end",
        ("executors/shim/stopping.py", "DRAIN_S = 1.0", "DRAIN_S = 60.0"),
        tests=("fault_11_held_output.py::test_a_sleeper_in_a_session_of_its_own_holds_nothing_up",),
    ),
    guard(
        "12",
        "what a shim left is swept",
        (
            "executors/sweep.py",
            "            _signal(pid, mark, signal.SIGKILL)\n",
            "            _signal(pid, mark, signal.SIGCONT)\n",
        ),
        tests=("fault_12_shim_killed.py::test_a_new_owner_finds_it_lost_and_sweeps",),
    ),
    guard(
        "13",
        "deadlines by the monotonic clock",
        (
            "manager/deadlines.py",
            "        left = self._due() - self._clock.monotonic()",
            "        left = self._due() - self._clock.now() / 1000",
        ),
        (
            "manager/deadlines.py",
            "        if self._clock.monotonic() < self._due():",
            "        if self._clock.now() / 1000 < self._due():",
        ),
        tests=(
            "tests/unit/manager/test_time.py::test_a_wall_clock_that_jumps_moves_no_deadline_and_no_order",
        ),
    ),
    guard(
        "14",
        "a directory that was made again is noticed",
        (
            "artifacts/watcher.py",
            "            if any(one.stale for one in present):",
            "            if False:",
        ),
        tests=(
            "fault_14_watched_directory.py::test_a_root_that_is_deleted_and_made_again_is_watched_again_within_two_seconds",
        ),
    ),
    guard(
        "15",
        "names are looked at",
        ("artifacts/reader.py", 'any(part in {b"", b".", b".."} for part in parts)', "False"),
        tests=("fault_15_artifact_names.py::test_a_name_that_leads_elsewhere_is_refused",),
    ),
    guard(
        "15",
        "links are not followed",
        ("artifacts/reader.py", "os.O_NOFOLLOW", "0"),
        tests=("fault_15_artifact_names.py::test_a_name_that_leads_elsewhere_is_refused",),
    ),
    guard(
        "18",
        "the private environment goes with the run",
        ("manager/finishing.py", "        surroundings.forget_env(run.directory)", "        pass"),
        tests=("fault_18_secrets.py::test_the_environment_of_a_task",),
    ),
    guard(
        "18",
        "a token is left out of what the agent says that got it",
        (
            "executors/agents/elsewhere/program/bridge.py",
            "self._secret.sub(HIDDEN, line) if self._secret else line",
            "line",
        ),
        tests=(f"{FAR}_agent.py::test_the_token_is_shown_to_the_agent_and_to_nobody_else",),
    ),
    guard(
        "22",
        "the end of a session's stream is the end of the connection",
        (
            "executors/agents/elsewhere/program/streams.py",
            'self._ends.lost(self._ends.place.lost("the stream of its messages ended"))',
            "return",
        ),
        tests=(f"{FAR}_trouble.py::test_a_stream_of_the_session_that_ends_silently",),
    ),
    guard(
        "17",
        "the web front answers to its own names only",
        ("web/guard.py", "if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):", "if False:"),
        tests=("fault_17_web_headers.py::test_another_name_for_this_machine_is_misdirected",),
    ),
    guard(
        "17",
        "the web front answers its own page only",
        ("web/guard.py", "    if _is_foreign(headers, hosts[0], socket=socket):", "    if False:"),
        tests=(
            "fault_17_web_headers.py::test_another_origin_is_refused",
            "fault_17_browser.py::test_a_page_of_somebody_else_is_refused_everything",
        ),
    ),
    guard(
        "17",
        "a browser without the cookie is not let in",
        (
            "web/front.py",
            'if not self._passes.opens(request.match_info["room"], request.cookies.get(COOKIE, "")):',
            "if False:",
        ),
        tests=("fault_17_web_headers.py::test_without_its_cookie_a_session_is_closed",),
    ),
    guard(
        "17",
        "a link works once",
        ("web/passes.py", '        self._token = ""\n        if self._clock()', "        if self._clock()"),
        tests=("fault_17_web_headers.py::test_only_the_person_uses_a_link_up",),
    ),
    guard(
        "19",
        "terminal states absorb",
        (
            "domain/transitions.py",
            "allowed = status in FROM.get(event_type, LIVE) or event_type in AFTER_END",
            "allowed = True",
        ),
        tests=(
            "store_machine.py",
            "tests/unit/domain/test_reducer.py",
        ),
    ),
    guard(
        "21",
        "the screen starts over",
        ("ui/faults.py", "        if self.faults.bearable():", "        if False:"),
        tests=("fault_21_widget.py::test_a_widget_that_fails_once",),
    ),
    guard(
        "23",
        "a project sets looks only",
        ("config.py", "if key in KEYS and key not in PROJECT_KEYS:", "if False:"),
        tests=("fault_23_project_file.py::test_a_project_that_wants_more_is_refused_by_name",),
    ),
)
