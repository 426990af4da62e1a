"""Which failures of writing pass by themselves: until then a writer waits, and loses nothing."""

from __future__ import annotations

import errno
from typing import Final

RETRY_S: Final = 1.0
"""Between two tries."""
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The disk, this user's part of it, or the longest file of this process: each can be made larger."""
_PASSING: Final = _NO_ROOM | {errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


def is_full(error: OSError) -> bool:
    """Tell whether there is no room."""
    return error.errno in _NO_ROOM


def passes(error: OSError) -> bool:
    """Tell whether the same may go well later: there is no room, or the disk takes nothing now."""
    return error.errno in _PASSING
