"""The units in docs/units keep an owner, and stopping them hands tasks over instead of killing them."""

from __future__ import annotations

import configparser
import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from tasktui.cli.main import cli

UNITS = Path(__file__).parents[2] / "docs" / "units"
SERVICE = UNITS / "tasktui.service"
ANALYZE = shutil.which("systemd-analyze")


def service() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # the names of systemd have capitals
    parser.read(SERVICE)
    return parser


def test_systemd_stops_the_owner_alone() -> None:
    unit = service()
    assert (unit["Service"]["KillMode"], unit["Service"]["KillSignal"]) == ("process", "SIGTERM")
    assert "ExecStop" not in unit["Service"], "the signal is the hand-over"
    assert (unit["Service"]["Restart"], unit["Service"]["OOMPolicy"]) == ("on-failure", "continue")
    assert unit["Unit"]["StartLimitIntervalSec"] == "0", "it waits for as long as a dashboard owns"
    assert unit["Install"]["WantedBy"] == "default.target"


def test_systemd_puts_no_wall_around_tasks() -> None:
    walls = {"NoNewPrivileges", "PrivateTmp", "PrivateUsers", "ProtectHome", "ProtectSystem", "MemoryMax"}
    assert walls.isdisjoint(service()["Service"])


def test_both_start_a_command_that_there_is() -> None:
    with (UNITS / "tasktui.plist").open("rb") as file:
        agent = plistlib.load(file)
    for argv in (service()["Service"]["ExecStart"].split(), agent["ProgramArguments"]):
        assert Path(argv[0]).name == "tasktui"
        assert CliRunner().invoke(cli, [*argv[1:], "--help"]).exit_code == 0


def test_launchd_leaves_tasks_alone_and_restarts_what_failed() -> None:
    with (UNITS / "tasktui.plist").open("rb") as file:
        agent = plistlib.load(file)
    assert agent["AbandonProcessGroup"] is True
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    assert agent["RunAtLoad"] is True


if ANALYZE is not None:

    def test_systemd_finds_no_fault(tmp_path: Path) -> None:
        """Only where systemd is: nothing here needs it."""
        unit = tmp_path / "tasktui.service"
        program = Path(sys.executable).with_name("tasktui")
        unit.write_text(SERVICE.read_text().replace("%h/.local/bin/tasktui", str(program)))
        ran = subprocess.run(
            [str(ANALYZE), "verify", "--user", "--man=no", str(unit)],
            env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}, capture_output=True, text=True, timeout=30,
            check=False,
        )  # fmt: skip
        assert (ran.returncode, str(unit) in ran.stderr) == (0, False), ran.stderr
