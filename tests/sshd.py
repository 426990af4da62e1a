"""A real sshd on loopback, as this user, and an `ssh` that finds it under the name `box`."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tasktui.domain.hosts import Host
from tasktui.service.starting import start_owner
from tests.faults.desks import end_owner

SSHD = "/usr/sbin/sshd"
BOX = Host("box", "box")
_READY_S = 30
_TRIES = 5
_KEPT = ("TESTS_OF_TASKTUI", "TASKTUI_HOME", "XDG_", "LANG", "LC_ALL", "TZ", "TEXTUAL", "COVERAGE")
"""What a login at the other end gets of this process's environment: its home and its marks."""


def need_sshd() -> None:
    """Skip where there is no OpenSSH."""
    if not Path(SSHD).exists() or shutil.which("ssh") is None:
        pytest.skip("no OpenSSH here: apt-get install openssh-server openssh-client")


@dataclass
class Sshd:
    """One that runs."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int

    @property
    def path(self) -> str:
        """A `PATH` on which `ssh` knows the box."""
        return f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"

    def children(self) -> list[psutil.Process]:
        """The processes of sshd that hold connections, and no more."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        return [one for one in found if _named(one) == "sshd"]


@contextmanager
def sshd(folder: Path, *, prefix: tuple[str, ...] = (), address: str = "127.0.0.1") -> Iterator[Sshd]:
    """Run an sshd in the foreground until the context ends.

    Args:
        folder: for its keys and settings, empty.
        prefix: before its command line, for instance what enters a network namespace.
        address: where it listens.
    """
    need_sshd()
    folder.mkdir(mode=0o700)
    for name in ("host_key", "user_key"):
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    running = _listening(folder, prefix, address)
    try:
        yield running
    finally:
        _end_all(running.process)


def _listening(folder: Path, prefix: tuple[str, ...], address: str) -> Sshd:
    """Start it; between our look for a free port and its own, another program may take that port."""
    for _ in range(_TRIES):
        port = _free_port()
        _write_settings(folder, address, port)
        with (folder / "sshd.log").open("wb") as log:
            argv = [*prefix, SSHD, "-D", "-e", "-f", str(folder / "sshd_config")]
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if _listens(process, folder / "sshd.log"):
            return Sshd(process, folder, port)
        process.wait(timeout=10)
    raise AssertionError((folder / "sshd.log").read_text())


def _end_all(process: subprocess.Popen[bytes]) -> None:
    ending = [*_tree(process.pid)]
    for one in ending:
        if _named(one) == "sshd" or one.pid == process.pid:
            _end(one)
    process.wait(timeout=10)


def _write_settings(folder: Path, address: str, port: int) -> None:
    public = (folder / "user_key.pub").read_text()
    (folder / "authorized_keys").write_text(public)
    host_key = (folder / "host_key.pub").read_text().split()[:2]
    (folder / "known_hosts").write_text(f"[{address}]:{port} {' '.join(host_key)}\n")
    (folder / "sshd_config").write_text(
        f"ListenAddress {address}\nPort {port}\nHostKey {folder}/host_key\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nPidFile none\nUsePAM no\nStrictModes no\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\nPrintMotd no\n"
        f"UseDNS no\nLogLevel VERBOSE\nMaxStartups 100\nSetEnv {_environment()}\n"
    )
    (folder / "ssh_config").write_text(
        f"Host box\n  HostName {address}\n  Port {port}\n  User {getpass.getuser()}\n"
        "Host *\n"
        f"  IdentityFile {folder}/user_key\n  IdentitiesOnly yes\n  IdentityAgent none\n"
        f"  UserKnownHostsFile {folder}/known_hosts\n  GlobalKnownHostsFile /dev/null\n"
        "  StrictHostKeyChecking yes\n"
    )
    wrapper = folder / "bin" / "ssh"
    wrapper.parent.mkdir(exist_ok=True)
    wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F "{folder}/ssh_config" "$@"\n')
    wrapper.chmod(0o755)


def _environment() -> str:
    wanted: Mapping[str, str] = {
        **{name: value for name, value in os.environ.items() if name.startswith(_KEPT)},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}{os.pathsep}/usr/local/bin",
    }
    return " ".join(f'"{name}={value}"' for name, value in wanted.items() if '"' not in value)


def _listens(process: subprocess.Popen[bytes], log: Path) -> bool:
    """Wait until it listens; False when its port was taken."""
    deadline = time.monotonic() + _READY_S
    while b"Server listening" not in log.read_bytes():
        if process.poll() is not None and b"Address already in use" in log.read_bytes():
            return False
        late = process.poll() is not None or time.monotonic() > deadline
        if late:
            _end_all(process)
            raise AssertionError(log.read_text())
        time.sleep(0.01)
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True, timeout=40, capture_output=True)


def _tree(pid: int) -> Iterator[psutil.Process]:
    try:
        process = psutil.Process(pid)
        yield from process.children(recursive=True)
        yield process
    except psutil.Error:
        return


def _named(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return ""


def _end(process: psutil.Process) -> None:
    try:
        process.resume()
        process.kill()
    except psutil.Error:
        return


@contextmanager
def machine(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, cable: Cable | None = None
) -> Iterator[Sshd]:
    """A machine whose data directory has an owner; `ssh` here finds it, and this one has no tasks.

    Args:
        home: the data directory there.
        folder: empty, for what is needed.
        monkeypatch: of the test.
        cable: leads to the machine; loopback when None.
    """
    prefix, address = (cable.prefix, cable.address) if cable else ((), "127.0.0.1")
    with sshd(folder / "sshd", prefix=prefix, address=address) as running:
        monkeypatch.setenv("PATH", running.path)
        monkeypatch.setenv("TASKTUI_HOME", str(folder / "nothing here"))
        start_owner(home, wait_s=_READY_S)
        try:
            yield running
        finally:
            end_owner(home)


@dataclass(frozen=True)
class Cable:
    """A network of its own behind a cable that can be pulled out."""

    name: str
    address: str

    @property
    def prefix(self) -> tuple[str, ...]:
        """What runs a command at the other end."""
        return ("ip", "netns", "exec", self.name)

    def pull(self) -> None:
        """No byte goes through."""
        _run("ip", "link", "set", self.name, "down")

    def plug(self) -> None:
        """It is as before."""
        _run("ip", "link", "set", self.name, "up")


@contextmanager
def laid_cable() -> Iterator[Cable | None]:
    """Lay a cable to a network namespace; None where this machine does not let us."""
    number = os.getpid() % 0x3F00
    cable = Cable(f"tt{os.getpid()}", f"10.199.{number >> 6}.{number % 64 * 4 + 2}")
    ours = f"{cable.address.rpartition('.')[0]}.{number % 64 * 4 + 1}/30"
    steps = (
        ("ip", "netns", "add", cable.name),
        ("ip", "link", "add", cable.name, "type", "veth", "peer", "name", "eth0", "netns", cable.name),
        ("ip", "address", "add", ours, "dev", cable.name),
        ("ip", "link", "set", cable.name, "up"),
        (*cable.prefix, "ip", "address", "add", f"{cable.address}/30", "dev", "eth0"),
        (*cable.prefix, "ip", "link", "set", "eth0", "up"),
        (*cable.prefix, "ip", "link", "set", "lo", "up"),
    )
    try:
        for step in steps:
            _run(*step)
    except (OSError, subprocess.CalledProcessError):
        yield None
    else:
        yield cable
    finally:
        # the link first: with its namespace it goes only some time later, and the next one has its name
        for what in ("link", "netns"):
            subprocess.run(["ip", what, "delete", cable.name], check=False, timeout=20, capture_output=True)
