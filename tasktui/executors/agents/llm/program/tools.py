"""What the model may do: look at files, change them, run commands; each call is asked for first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from pydantic_ai import RunContext, Tool

from tasktui.executors.agents.llm.program import shell
from tasktui.executors.agents.llm.program.files import Files, WrongFileError
from tasktui.executors.agents.llm.program.wire import Json, Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

OPTIONS: Final = (
    {"optionId": "yes", "name": "Allow", "kind": "allow_once"},
    {"optionId": "no", "name": "Deny", "kind": "reject_once"},
)
DENIED: Final = "This was denied. Do not try it in another way; go on without it, or say what you need."
Context = RunContext[object]


class Tools:
    """The tools of one session."""

    def __init__(self, wire: Wire, session: str, cwd: str, secrets: frozenset[str]) -> None:
        self._wire = wire
        self._session = session
        self._cwd = cwd
        self._files = Files(cwd)
        self._secrets = secrets

    def offered(self) -> Sequence[Tool[object]]:
        """Return the tools; one after the other, so that a person is asked for one thing at a time."""
        tools = (self.read_file, self.list_files, self.write_file, self.edit_file, self.shell)
        return [Tool(tool, takes_ctx=True, sequential=True) for tool in tools]

    async def read_file(self, ctx: Context, path: str, first_line: int = 1, lines: int = 2000) -> str:
        """Read a text file of the working directory.

        Args:
            ctx: the call.
            path: relative to the working directory.
            first_line: from 1.
            lines: how many at most.
        """

        async def read() -> str:
            return self._files.read(path, first_line, lines)

        return await self._call(ctx, "read", {"path": path}, read)

    async def list_files(self, ctx: Context, path: str = ".", pattern: str = "*") -> str:
        """List files of the working directory, directories with a slash behind them.

        Args:
            ctx: the call.
            path: the directory, relative to the working directory.
            pattern: as `*.py`, or `**/*.py` for those below as well.
        """

        async def list_() -> str:
            return "\n".join(self._files.listed(path, pattern)) or "Nothing there."

        return await self._call(ctx, "search", {"pattern": pattern, "path": path}, list_)

    async def write_file(self, ctx: Context, path: str, content: str) -> str:
        """Write a whole text file, new or in the place of one that is there.

        Args:
            ctx: the call.
            path: relative to the working directory.
            content: all of the file.
        """
        return await self._change(ctx, path, lambda _: content)

    async def edit_file(self, ctx: Context, path: str, old: str, new: str) -> str:
        """Replace a text that stands exactly once in a file.

        Args:
            ctx: the call.
            path: relative to the working directory.
            old: the text with enough around it to stand there only once.
            new: what comes in its place.
        """

        def edited(before: str | None) -> str:
            found = 0 if before is None or not old else before.count(old)
            if before is None or found != 1:
                raise WrongFileError(f"The text stands {found} times in {path}: it must stand there once.")
            return before.replace(old, new)

        return await self._change(ctx, path, edited)

    async def shell(self, ctx: Context, command: str, timeout_s: int = shell.USUAL_S) -> str:
        """Run a command line in the working directory, without a terminal and without input.

        Args:
            ctx: the call.
            command: for the shell.
            timeout_s: after which it is stopped.
        """

        def tell(piece: str) -> None:
            meta = {"terminal_output_delta": {"data": piece}}
            self._update(ctx, status="in_progress", _meta=meta)

        async def run() -> str:
            ran = await shell.run(command, self._cwd, min(timeout_s, shell.LONGEST_S), self._secrets, tell)
            self._update(ctx, status="in_progress", _meta={"terminal_exit": {"exit_code": ran.code}})
            if ran.code:
                raise WrongFileError(ran.told())
            return ran.told()

        return await self._call(ctx, "execute", {"command": command}, run)

    # --- how each is run

    async def _change(self, ctx: Context, path: str, made: Callable[[str | None], str]) -> str:
        """Ask with the diff; write only what was shown, over what was there when it was shown."""
        try:
            place, before = self._files.known(path)
            after = made(before)
        except WrongFileError as wrong:
            return await self._call(ctx, "edit", {"path": path}, _failing(wrong), asked=False)

        async def write() -> str:
            self._files.replace(place, before, after)
            return f"{path} is written."

        diff = {"type": "diff", "path": str(place), "oldText": before, "newText": after}
        return await self._call(ctx, "edit", {"path": path}, write, content=[diff])

    async def _call(
        self, ctx: Context, kind: str, given: Json, work: Callable[[], Awaitable[str]], *,
        content: list[Json] | None = None, asked: bool = True,
    ) -> str:  # fmt: skip
        about: Json = {"title": ctx.tool_name, "kind": kind, "rawInput": given}
        if content:
            about["content"] = content
        if asked and not await self._allowed(ctx, about):
            self._update(ctx, **about, status="failed", rawOutput=DENIED)
            return DENIED
        self._update(ctx, **about, status="in_progress")
        try:
            output = await work()
        except (WrongFileError, OSError) as problem:
            self._update(ctx, status="failed", rawOutput=str(problem))
            return str(problem)
        self._update(ctx, status="completed", rawOutput=output)
        return output

    async def _allowed(self, ctx: Context, about: Json) -> bool:
        call = {
            "toolCallId": ctx.tool_call_id,
            "status": "pending",
            "_meta": {"toolName": ctx.tool_name},
            **about,
        }
        wanted = {"sessionId": self._session, "toolCall": call, "options": list(OPTIONS)}
        answer = await self._wire.ask("session/request_permission", wanted)
        outcome = answer.get("outcome")
        return isinstance(outcome, dict) and outcome.get("optionId") == "yes"

    def _update(self, ctx: Context, **fields: Any) -> None:
        meta = {"toolName": ctx.tool_name, **fields.pop("_meta", {})}
        self._wire.update(
            self._session, "tool_call_update", toolCallId=ctx.tool_call_id, _meta=meta, **fields
        )


def _failing(wrong: WrongFileError) -> Callable[[], Awaitable[str]]:
    async def fail() -> str:
        raise wrong

    return fail
