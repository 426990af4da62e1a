"""The setting that names a driver."""

from __future__ import annotations

import pytest

from tasktui.ui.driver.choose import driver_class
from tasktui.ui.driver.diff import DiffDriver


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)


def test_a_browser_keeps_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    assert driver_class("diff") is None


def test_the_diffing_driver_is_chosen_by_name() -> None:
    assert driver_class("diff") is DiffDriver


def test_the_stock_driver_is_textuals_own_choice() -> None:
    assert driver_class("stock") is None
