"""The figures of an owner for Prometheus; this one knows its client library, which is an extra."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from tasktui.domain.requests import Stats
from tasktui.domain.status import Status
from tasktui.service.recording import Tally

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def exposition(stats: Stats, tally: Tally, *, version: str) -> bytes:
    """Return the figures in Prometheus's text format.

    Args:
        stats: of the manager.
        tally: of the API.
        version: of tasktui.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(stats, tally, version))
    return generate_latest(registry)


class _Figures(Collector):
    """What is told at one scrape."""

    def __init__(self, stats: Stats, tally: Tally, version: str) -> None:
        self._stats = stats
        self._tally = tally
        self._version = version

    def collect(self) -> Iterable[Metric]:
        """Yield every figure."""
        yield from self._of_tasks()
        yield from self._of_facts()
        yield from self._of_the_api()
        yield GaugeMetricFamily("tasktui_uptime_seconds", "Since the owner began.", self._stats.uptime_s)
        yield _labeled(
            GaugeMetricFamily("tasktui_build", "The owner's version.", labels=["version"]),
            (self._version,),
            1,
        )

    def _of_tasks(self) -> Iterable[Metric]:
        stats = self._stats
        tasks = GaugeMetricFamily("tasktui_tasks", "Tasks that are kept, by status.", labels=["status"])
        for status in Status:
            tasks.add_metric([status], stats.counts.of(status))
        yield tasks
        yield GaugeMetricFamily(
            "tasktui_tasks_needing_you", "Tasks that wait for a person.", stats.counts.needs_you
        )
        yield GaugeMetricFamily("tasktui_tasks_held", "Queued tasks that are held.", stats.counts.held)
        for name, what in (("running", "run"), ("queued", "wait"), ("limit", "may run at once")):
            lanes = GaugeMetricFamily(
                f"tasktui_lane_{name}", f"Tasks that {what} in a lane.", labels=["lane"]
            )
            for lane in stats.lanes:
                lanes.add_metric([lane.lane], getattr(lane, name))
            yield lanes

    def _of_facts(self) -> Iterable[Metric]:
        stats = self._stats
        yield CounterMetricFamily("tasktui_events", "Events in the log.", stats.events)
        yield SummaryMetricFamily(
            "tasktui_commit_seconds", "How long transactions took.", count_value=stats.commits,
            sum_value=stats.commit_s,
        )  # fmt: skip
        yield GaugeMetricFamily(
            "tasktui_events_waiting", "Facts that wait to be stored.", stats.waiting_events
        )
        yield GaugeMetricFamily("tasktui_database_bytes", "Size of the database.", stats.database_bytes)
        yield GaugeMetricFamily(
            "tasktui_degraded", "1 while nothing can be stored or started.", int(stats.degraded is not None)
        )
        yield CounterMetricFamily(
            "tasktui_late_events", "Events after the end of their task.", stats.late_events
        )
        yield GaugeMetricFamily("tasktui_subscribers", "Who reads events.", stats.subscribers)
        yield GaugeMetricFamily(
            "tasktui_subscriber_lag_events", "Events that wait for the slowest of them.", stats.lag_events
        )
        yield CounterMetricFamily(
            "tasktui_subscriber_gaps", "How often a slow one was sent to the log.", stats.gaps
        )

    def _of_the_api(self) -> Iterable[Metric]:
        answers = CounterMetricFamily(
            "tasktui_api_requests", "Requests by door and status; 0: it hung up.", labels=["door", "status"]
        )
        for (door, status), number in sorted(self._tally.answers.items()):
            answers.add_metric([door, str(status)], number)
        yield answers
        yield GaugeMetricFamily("tasktui_api_requests_open", "Requests under way.", self._tally.under_way)
        yield CounterMetricFamily(
            "tasktui_api_request_seconds", "Spent on answered requests, streams too.", self._tally.seconds
        )


def _labeled(family: GaugeMetricFamily, labels: tuple[str, ...], value: float) -> GaugeMetricFamily:
    family.add_metric(list(labels), value)
    return family
