"""The fork that becomes the task, with its pipes; and why it failed to become it."""

from __future__ import annotations

import errno
import os
import signal

from tasktui.executors.shim import linux

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasktui.executors.shim.request import Failure, Request

STDIN = "stdin"
_KINDS = {errno.EACCES: "not_executable", errno.ENOEXEC: "not_executable", errno.EPERM: "not_executable"}


class Child:
    """The task's first process, seen from the shim."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.pid = self.stdout = self.stderr = -1
        self.stdin: int | None = None
        """Keeps the task's standard input open while no owner writes; closing it is end of file."""
        self._program_stdin = self._open_stdin() if request["stdin"] == "pipe" else None

    def start(self) -> None:
        """Fork it; OSError when not even that is possible."""
        stdin = self._program_stdin
        self.stdout, out = os.pipe2(os.O_CLOEXEC)
        self.stderr, err = os.pipe2(os.O_CLOEXEC)
        self._failure, failure = os.pipe2(os.O_CLOEXEC)
        shim = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            self._become_task(shim, (stdin, out, err), failure)
        for fd in (stdin, out, err, failure):
            if fd is not None:
                os.close(fd)
        os.set_blocking(self.stdout, False)
        os.set_blocking(self.stderr, False)

    def _open_stdin(self) -> int:
        """Make the FIFO that the owner writes to; the task's end is returned."""
        try:
            os.mkfifo(STDIN, 0o600)
        except FileExistsError:  # left by a shim that died before it started anything
            os.unlink(STDIN)
            os.mkfifo(STDIN, 0o600)
        reader = os.open(STDIN, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self.stdin = os.open(STDIN, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.set_blocking(reader, True)
        return reader

    def close_stdin(self) -> None:
        """End the task's standard input once, and take away the name: nobody can write any more."""
        if self.stdin is not None:
            os.close(self.stdin)
            self.stdin = None
            os.unlink(STDIN)

    def _become_task(self, shim: int, streams: tuple[int | None, int, int], failure: int) -> None:
        """Turn this forked process into the program; never returns."""
        step = "setup"
        try:
            linux.die_with_parent(shim)
            os.setsid()
            for target, fd in enumerate(streams):
                if fd is not None:  # else the forker's /dev/null
                    os.dup2(fd, target)
            os.umask(self._request["umask"])
            signal.signal(signal.SIGTERM, signal.SIG_DFL)  # one that comes before exec counts, too
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            step = "cwd"
            os.chdir(self._request["cwd"])
            step = "exec"
            argv = self._request["argv"]
            os.execvpe(argv[0], argv, self._request["env"])  # noqa: S606 (running a program is the point)
        except BaseException as error:  # noqa: BLE001 (a forked copy must not run on into the shim's code)
            number = getattr(error, "errno", None) or 0
            os.write(failure, f"{step} {number} {error}".encode(errors="replace")[:4096])
        os._exit(127)

    def failure(self) -> Failure | None:
        """Return why the program was never reached; only once the process has ended."""
        text = os.read(self._failure, 4096).decode(errors="replace")
        if not text:
            return None
        step, number, message = text.split(" ", 2)
        code = int(number)
        return {"kind": self._kind(step, code), "errno": code, "text": os.strerror(code) if code else message}

    def _kind(self, step: str, code: int) -> str:
        if step == "cwd":
            return "no_directory"
        if step == "exec" and code in (errno.ENOENT, errno.ENOTDIR):
            return "no_interpreter" if self._program_exists() else "no_program"
        return _KINDS.get(code, "other") if step == "exec" else "other"

    def _program_exists(self) -> bool:
        """Tell a script whose interpreter is missing from a program that is missing itself."""
        program = self._request["argv"][0]
        folders = [""] if "/" in program else os.get_exec_path(self._request["env"])
        cwd = self._request["cwd"]
        return any(os.path.exists(os.path.join(cwd, folder, program)) for folder in folders)
