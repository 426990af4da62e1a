"""Figures of several machines as one, and their lanes told apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from tasktui.domain.hosted import lane_at, summed
from tasktui.domain.requests import LaneState, Schedule, Stats

Lane = TypeVar("Lane", LaneState, Schedule)


def whole_stats(by_host: Mapping[str, Stats]) -> Stats:
    """Return the sum of figures."""
    all_stats = by_host.values()
    troubles = [f"{name}: {stats.degraded}" for name, stats in by_host.items() if stats.degraded]
    return Stats(
        counts=summed([stats.counts for stats in all_stats]),
        lanes=tuple(named(lane, name) for name, stats in by_host.items() for lane in stats.lanes),
        events=sum(stats.events for stats in all_stats),
        database_bytes=sum(stats.database_bytes for stats in all_stats),
        uptime_s=max((stats.uptime_s for stats in all_stats), default=0.0),
        subscribers=sum(stats.subscribers for stats in all_stats),
        gaps=sum(stats.gaps for stats in all_stats),
        late_events=sum(stats.late_events for stats in all_stats),
        degraded="; ".join(troubles) or None,
        version=", ".join(dict.fromkeys(stats.version for stats in all_stats)),
    )


def named(lane: Lane, host: str) -> Lane:
    """Return a lane, or what stands in one, with its machine in the lane's name."""
    return replace(lane, lane=lane_at(host, lane.lane))


def own_lane(lane: str, hosts: Collection[str], usual: str) -> tuple[str, str]:
    """Return the machine of a lane and its name there; one without a machine is the usual machine's."""
    name, slash, own = lane.partition("/")
    return (name, own) if slash and name in hosts else (usual, lane)
