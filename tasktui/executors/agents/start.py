"""What one run of an agent is begun with."""

from __future__ import annotations

from dataclasses import dataclass, field

from tasktui.executors.agents.policy import Rules, asks_nobody
from tasktui.executors.agents.presets import Preset


@dataclass(frozen=True, slots=True)
class Start:
    """The task as an agent's protocol needs it."""

    preset: Preset
    prompt: str
    cwd: str
    rules: Rules = field(default_factory=Rules)
    model: str | None = None
    mode: str = "agent"
    session_id: str | None = None
    """A session to take up again."""
    attachments: tuple[str, ...] = ()
    """Paths of files that go with the prompt, on this machine."""
    mcp: bool = True
    version: str = "0"
    """Ours, for protocols in which the client says who it is."""
    run: int = 1
    """Which run of the task this is: requests of another run have other names."""

    @property
    def place(self) -> str:
        """The directory in which the agent works, on its machine; `cwd` is on this one."""
        return self.preset.cwd or self.cwd

    @property
    def agent_mode(self) -> str | None:
        """The mode in the agent's own word; None for its default."""
        return self.preset.modes.get(self.mode) or (self.mode if self.mode != "agent" else None)

    @property
    def asking_mode(self) -> str | None:
        """The mode in which the agent asks; None when that is its default, or when the settings name none."""
        named = self.preset.modes.get("agent")
        return None if not named or asks_nobody(named) else named
