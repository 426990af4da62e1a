"""The setting that names a driver."""

from __future__ import annotations

from tasktui.ui.driver.choose import driver_class
from tasktui.ui.driver.diff import DiffDriver


def test_the_diffing_driver_is_chosen_by_name() -> None:
    assert driver_class("diff") is DiffDriver


def test_the_stock_driver_is_textuals_own_choice() -> None:
    assert driver_class("stock") is None
