"""What the dashboard's first frame does without: built, with its rules, once that frame is out."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.widgets import Static

from tasktui.ui.styles import sheets
from tasktui.ui.widgets.banner import Banner
from tasktui.ui.widgets.context_column import ContextColumn
from tasktui.ui.widgets.detail.pane import DetailPane
from tasktui.ui.widgets.empty import EmptyList
from tasktui.ui.widgets.filter_bar import FilterBar
from tasktui.ui.widgets.list_head import ListHead

if TYPE_CHECKING:
    from textual.screen import Screen


async def mount_rest(dashboard: Screen[None]) -> None:
    """Add the rest to a dashboard that shows its first frame."""
    dashboard.app.stylesheet.read_all([PurePath(sheet) for sheet in sheets("dashboard_rest", "detail")])
    await dashboard.mount(Banner(id="banner"), after="#header")
    await dashboard.query_one("#tasks").mount_all([FilterBar(id="filter"), ListHead()], before="#list")
    await dashboard.query_one("#tasks").mount(EmptyList(id="empty"))
    await dashboard.query_one("#detail-place").mount(DetailPane())
    await dashboard.mount(Container(ContextColumn(), id="context-place"), after="#detail-place")
    await dashboard.mount(Static(id="too-small"))
