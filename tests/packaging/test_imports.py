"""What is loaded decides how fast a command starts; each wall runs in a fresh interpreter."""

from __future__ import annotations

import pytest

from tests.packaging.loaded import loaded_by_command, loaded_by_import, of

SCREEN = ("textual", "rich")
MODELS = ("pydantic", "pydantic_core")
NETWORK = ("httpx", "httpx_sse", "fastapi", "uvicorn", "starlette")


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("tasktui", (*SCREEN, *MODELS, *NETWORK, "asyncio", "aiosqlite", "click")),
        ("tasktui.domain.rows", (*SCREEN, *MODELS, *NETWORK, "asyncio", "sqlite3")),
        ("tasktui.domain.status", (*SCREEN, *MODELS, *NETWORK, "asyncio", "sqlite3")),
        ("tasktui.domain.clean", (*SCREEN, *MODELS, *NETWORK, "asyncio", "sqlite3")),
        ("tasktui.ui.app", (*MODELS, *NETWORK, "aiosqlite", "sqlite3", "click")),
        ("tasktui.bootstrap.desk", (*MODELS, *NETWORK, "aiosqlite", "http", "click")),
        ("tasktui.bootstrap.first", (*MODELS, *NETWORK, "aiosqlite", "http", "click")),
        ("tasktui.domain.errors", (*SCREEN, *MODELS, *NETWORK, "asyncio", "sqlite3")),
    ],
)
def test_a_light_module_loads_nothing_heavy(module: str, forbidden: tuple[str, ...]) -> None:
    loaded = loaded_by_import(module)
    assert module in loaded
    assert of(forbidden, loaded) == []


@pytest.mark.parametrize("argv", [("--version",), ("--help",), ("emit", "--help")])
def test_a_light_command_loads_nothing_heavy(argv: tuple[str, ...]) -> None:
    loaded = loaded_by_command(*argv)
    assert "tasktui.cli.main" in loaded
    assert of((*SCREEN, *MODELS, *NETWORK, "asyncio", "aiosqlite"), loaded) == []


def test_the_wall_sees_what_is_loaded() -> None:
    loaded = loaded_by_import("tasktui.domain.spec")
    assert "pydantic" in of(MODELS, loaded)
    assert of(["pydant"], loaded) == []
