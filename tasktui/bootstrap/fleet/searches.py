"""Searching on several machines: the newest hits of all, with a place that is each one's own."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Final

from tasktui.domain.rows import Page, SearchHit

MOST_PLACES: Final = 10_000
"""Places that are remembered, to go on before them."""


class Searches:
    """Merges hits and remembers where each machine stood at each of them: their places are not comparable."""

    def __init__(self) -> None:
        self._places: OrderedDict[int, Mapping[str, int]] = OrderedDict()
        self._numbers = count(1)

    def before(self, place: int | None) -> Mapping[str, int]:
        """Return where each machine goes on; it begins anew where nothing is known."""
        return {} if place is None else self._places.get(place, {})

    def merged(
        self, pages: Sequence[tuple[str, Page[SearchHit]]], before: int | None, limit: int
    ) -> Page[SearchHit]:
        """Return the newest hits of the machines' pages that begin at a place."""
        hits = [(name, hit) for name, page in pages for hit in page.items]
        hits.sort(key=lambda found: -found[1].ts)  # stable: within a machine the order is its own
        at, taken = dict(self.before(before)), []
        for name, hit in hits[:limit]:
            at[name] = hit.place
            taken.append(replace(hit, place=self._remember(dict(at))))
        return Page(tuple(taken), len(hits) > limit or any(page.more for _, page in pages))

    def _remember(self, at: Mapping[str, int]) -> int:
        number = next(self._numbers)
        self._places[number] = at
        while len(self._places) > MOST_PLACES:
            self._places.popitem(last=False)
        return number
