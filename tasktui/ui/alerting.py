"""The part of the app that calls a person who looks elsewhere."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import work

from tasktui.domain.errors import TasktuiError
from tasktui.ui.everywhere import Everywhere
from tasktui.ui.host import key_of
from tasktui.ui.text import safe_str

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.requests import ChangeSet, Interest
    from tasktui.domain.rows import TaskRow
    from tasktui.ui.alerts import Alert, Alerts


class Alerting(Everywhere):
    """Rings when a task comes to need somebody who does not look at it."""

    alert: Alert = "bell"
    """How; `none` is silence, whatever it would ring for."""

    _alerts: Alerts | None = None
    _interest: Interest | None = None

    def bell(self) -> None:
        """Ring, as Textual does for a character that a field refuses, unless the person wants silence."""
        if self.alert != "none":
            super().bell()

    def watch_people(self, manager: Manager) -> None:
        """Know who waits already: only who comes to wait from now on is called for."""
        from tasktui.ui.alerts import Alerts  # not before the first frame

        self._alerts = self._alerts or Alerts()
        self._look_around(manager, self._alerts)

    def call_people(self, changes: ChangeSet) -> None:
        """Call for the tasks that have just come to need somebody."""
        if self._alerts is None:
            return
        if changes.reread and self.manager is not None:
            self._look_around(self.manager, self._alerts)
        else:
            self._call(self._alerts, self._alerts.take(changes))

    @work(exclusive=True, group="alerts")
    async def _look_around(self, manager: Manager, alerts: Alerts) -> None:
        with suppress(TasktuiError):  # who is not connected is told so elsewhere, and looks again after that
            self._call(alerts, await alerts.look(manager))

    def _call(self, alerts: Alerts, fresh: Sequence[TaskRow]) -> None:
        from tasktui.ui.alerts import alert, sentence, toasts

        for words in toasts(fresh, key_of(self, "attention.next")):
            self.notify(safe_str(words), severity="warning", markup=False)
        seen = self._interest.task_id if self._interest is not None and self.app_focus else None
        rows = alerts.worth(fresh, seen, time.monotonic())
        if rows and self._driver is not None:
            self._driver.write(alert(self.alert, sentence(rows), os.environ))
