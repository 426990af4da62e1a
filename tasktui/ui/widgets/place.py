"""Containers that draw one line of theirs and show it on all: they are alike but for the border."""

from __future__ import annotations

from textual.containers import Container
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Alike(Widget):
    """For widgets that hold others and draw nothing but border and background themselves."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region; those within the border are one line, drawn once."""
        first = max(crop.y, self.gutter.top)
        end = min(crop.bottom, self.outer_size.height - self.gutter.bottom)
        if end - first < 2:
            return super().render_lines(crop)
        head = super().render_lines(Region(crop.x, crop.y, crop.width, first - crop.y + 1))
        foot = crop.bottom - end
        tail = super().render_lines(Region(crop.x, end, crop.width, foot)) if foot else []
        return [*head, *[head[-1]] * (end - first - 1), *tail]


class Place(Alike, Container):
    """A framed part of a screen."""
