"""An agent of the Agent Client Protocol on its own SDK, which plays the part that its prompt names.

Usage: python scripted_agent.py [part of the handshake: silent, auth, version, mute-exit]
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from acp import PROTOCOL_VERSION, RequestError, run_agent
from acp import helpers as say
from acp.schema import (
    AgentCapabilities,
    ElicitationFormSessionMode,
    Implementation,
    InitializeResponse,
    LoadSessionResponse,
    NewSessionResponse,
    PermissionOption,
    PromptResponse,
    SessionMode,
    SessionModeState,
    SetSessionModeResponse,
    Usage,
)

PART = sys.argv[1] if len(sys.argv) > 1 else ""
OPTIONS = [
    PermissionOption(option_id="always", name="Always", kind="allow_always"),
    PermissionOption(option_id="once", name="Once", kind="allow_once"),
    PermissionOption(option_id="no", name="No", kind="reject_once"),
]


class Scripted:
    """The agent: each prompt's first word is the method that plays it."""

    def __init__(self, part: str = PART) -> None:
        self.part = part
        self.messages: asyncio.Queue[str] = asyncio.Queue()
        self.canceled = asyncio.Event()
        self.working = False
        self.mode = "default"
        self.queue = asyncio.Lock()

    def on_connect(self, conn: Any) -> None:
        self.conn = conn

    async def initialize(self, protocol_version: int, **_: Any) -> InitializeResponse:
        if self.part == "silent":
            await asyncio.Event().wait()
        if self.part == "mute-exit":
            sys.stderr.write("SyntaxError: Unexpected token '?'\n")
            sys.stderr.flush()
            os._exit(1)
        return InitializeResponse(
            protocol_version=7 if self.part == "version" else PROTOCOL_VERSION,
            agent_capabilities=AgentCapabilities(load_session=True),
            agent_info=Implementation(name="scripted", version="1"),
        )

    async def new_session(self, cwd: str, **_: Any) -> NewSessionResponse:
        if self.part == "auth":
            raise RequestError.auth_required()
        self.cwd = Path(cwd)
        modes = [SessionMode(id=name, name=name) for name in ("default", "plan")]
        return NewSessionResponse(
            session_id="s-1", modes=SessionModeState(current_mode_id="default", available_modes=modes)
        )

    async def load_session(self, cwd: str, session_id: str, **_: Any) -> LoadSessionResponse:
        self.cwd = Path(cwd)
        if session_id != "s-1":
            raise RequestError.resource_not_found(session_id)
        await self.tell(say.update_user_message_text("what was asked"))
        await self.tell(say.start_tool_call("old", "old tool", kind="execute", status="completed"))
        await self.text("what was answered")
        return LoadSessionResponse()

    async def set_session_mode(self, mode_id: str, **_: Any) -> SetSessionModeResponse:
        self.mode = mode_id
        return SetSessionModeResponse()

    async def cancel(self, **_: Any) -> None:
        self.canceled.set()

    async def prompt(self, prompt: list[Any], **_: Any) -> PromptResponse:
        words = prompt[0].text.split()
        part = getattr(self, f"play_{words[0].replace('-', '_')}", None)
        if part is None and self.working and self.part != "queues":
            self.messages.put_nowait(prompt[0].text)
            return self.done("end_turn", 0)
        async with self.queue:
            self.working = True
            reason = await (part or self.play_echo)(*words[1:]) or "end_turn"
            self.working = False
            return self.done(reason, 10)

    def done(self, reason: Any, tokens: int) -> PromptResponse:
        usage = Usage(total_tokens=2 * tokens, input_tokens=tokens, output_tokens=tokens)
        return PromptResponse(stop_reason=reason, usage=usage)

    async def tell(self, update: Any) -> None:
        await self.conn.session_update("s-1", update)

    async def text(self, *pieces: str) -> None:
        for piece in pieces:
            await self.tell(say.update_agent_message_text(piece))

    # --- the parts

    async def play_echo(self, *words: str) -> None:
        await self.text("heard: ", " ".join(words))

    async def play_hello(self) -> None:
        await self.tell(say.update_agent_thought_text("hm"))
        await self.tell(say.update_plan([say.plan_entry("greet", status="in_progress")]))
        await self.text(f"hello in {self.mode} ", "mode")

    async def play_edit(self) -> None:
        diff = say.tool_diff_content(str(self.cwd / "a.txt"), "new\n", "old\n")
        call = say.update_tool_call("t1", title="Edit a.txt", kind="edit", content=[diff])
        answer = await self.conn.request_permission(session_id="s-1", tool_call=call, options=OPTIONS)
        chosen = getattr(answer.outcome, "option_id", answer.outcome.outcome)
        if chosen == "once":
            await self.tell(say.update_tool_call("t1", status="completed", content=[diff]))
        await self.text(f"decided: {chosen}")

    async def play_ask(self) -> None:
        mode = ElicitationFormSessionMode.model_validate({
            "sessionId": "s-1",
            "requestedSchema": {"type": "object", "properties": {"colour": {"type": "string"}}},
        })  # fmt: skip
        answer = await self.conn.create_elicitation("Which colour?", mode)
        await self.text(f"answer: {answer.action} {getattr(answer, 'content', None)}")

    def child(self) -> None:
        """A tool in a session of its own that takes no notice of SIGTERM."""
        code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
        argv = [sys.executable, "-I", "-S", "-c", code]
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True)
        (self.cwd / "child.pid").write_text(str(child.pid))

    async def play_slow(self) -> str:
        """Run a tool until somebody says something, or cancels."""
        self.child()
        raw = {"command": "sleep 600"}
        await self.tell(
            say.start_tool_call("t1", "sleep 600", kind="execute", status="in_progress", raw_input=raw)
        )
        message = asyncio.ensure_future(self.messages.get())
        cancel = asyncio.ensure_future(self.canceled.wait())
        await asyncio.wait({message, cancel}, return_when=asyncio.FIRST_COMPLETED)
        if cancel.done():
            self.canceled.clear()
            return "cancelled"
        await self.tell(say.update_tool_call("t1", status="completed", raw_output={"output": "slept"}))
        await self.text(f"told: {message.result()}")
        return "end_turn"

    async def play_deaf(self) -> None:
        self.child()
        await self.text("busy")
        await asyncio.Event().wait()

    async def play_wait(self) -> None:
        """Count on in pieces until a file appears."""
        number = 0
        while not (self.cwd / "go").exists():
            await self.text(f"{number} ")
            number += 1
            await asyncio.sleep(0.02)
        await self.text(f"counted to {number}")

    async def play_crash(self) -> None:
        await self.tell(say.start_tool_call("t1", "ls", kind="execute", status="in_progress"))
        os._exit(3)

    async def play_garbage(self) -> None:
        for line in (b"Debugger attached.\n", b'{"jsonrpc": "2.0", "method": 7}\n', b"\xff\xfe{[\n", b"[]\n"):
            os.write(1, line)
        await self.text("still here")

    async def play_long(self) -> None:
        await self.text("x" * (20 << 20))

    async def play_refuse(self) -> str:
        return "refusal"

    async def play_fail(self) -> None:
        raise RequestError(-32603, "Internal error", {"details": "429 Too Many Requests"})


if __name__ == "__main__":
    agent: Any = Scripted()  # it plays only what the tests need of the SDK's agent
    asyncio.run(run_agent(agent, use_unstable_protocol=True))
