"""A full disk for tests of one process."""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable, Iterator

import pytest


@pytest.fixture
def limited() -> Iterator[Callable[[int], None]]:
    """Limits how long a file of this process may become, as a full disk does: the rest is not taken."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, former[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, former)
    signal.signal(signal.SIGXFSZ, ignored)
