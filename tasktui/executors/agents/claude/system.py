"""What Claude Code says about itself: its session, its servers, what it waits for; much of it is no news."""

from __future__ import annotations

from collections.abc import Iterable

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskLinked, TaskStatus, TaskWarning
from tasktui.domain.events.work import ContextCompacted
from tasktui.domain.facts import Facts


class System:
    """The `system` events of one run; a subtype that is unknown is passed over, for there are many."""

    def __init__(self) -> None:
        self.session = ""
        """The session's id; empty before it stands."""

    def told(self, line: Facts) -> Iterable[Data]:
        """Take one event."""
        match line.text("subtype"):
            case "init":
                return self._begun(line)
            case "api_retry":
                return [TaskStatus(message=_retry(line))]
            case "compact_boundary":
                about = line.record("compact_metadata")
                before = about.number("pre_tokens")
                text = f"The context of {before:,} tokens was shortened." if before else ""
                return [ContextCompacted(trigger=about.text("trigger"), message=text)]
            case _:
                return []

    def _begun(self, line: Facts) -> Iterable[Data]:
        """Take the begin of a turn: each has one."""
        session, first = line.text("session_id"), not self.session
        if session and session != self.session:
            self.session = session
            yield TaskLinked(session_id=session)
        for server in line.records("mcp_servers") if first else ():
            if server.text("status") == "failed":
                text = f"The MCP server {server.text('name')} did not start."
                yield TaskWarning(message=text, code="agent_mcp")


def _retry(line: Facts) -> str:
    attempt, most = line.number("attempt"), line.number("max_retries")
    parts = ["The provider did not answer"]
    if why := (line.text("error_status") or line.text("error")):
        parts.append(f" ({why})")
    if attempt:
        parts.append(f", attempt {attempt}" + (f" of {most}" if most else ""))
    if delay := line.real("retry_delay_ms"):
        parts.append(f", again in {delay / 1000:.0f} s")
    return "".join([*parts, "."])
