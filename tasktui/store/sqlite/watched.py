"""The store of a data directory that is only looked at: nothing in it is written or brought up to date."""

from __future__ import annotations

from tasktui.domain.errors import NotFoundError, SchemaTooNewError, StoreError
from tasktui.store.sqlite.connecting import SCHEMA_VERSION
from tasktui.store.sqlite.store import SQLiteStore


class OnlyLookedAtError(StoreError):
    """Nobody runs tasks here now, and this screen only looks: --readonly."""

    code = "ONLY_LOOKED_AT"


class WatchedStore(SQLiteStore):
    """Reads, and refuses all else."""

    async def open(self) -> None:
        """Open for reading, and say so.

        Raises:
            OnlyLookedAtError: it is open, and reads work after this.
            NotFoundError: there is nothing to read.
            StoreError: what there is cannot be read as it is.
        """
        self._refusal = OnlyLookedAtError()
        await self._open_reader()
        try:
            version = await self._read(self._version)
        except SchemaTooNewError as exc:
            self._refusal = exc
            raise
        if version < SCHEMA_VERSION:
            await self.close()
            raise NotFoundError(
                "An older tasktui wrote this database, and --readonly changes nothing. "
                "`tasktui ls` without it brings it up to date."
            )
        raise self._refusal

    def _version(self) -> int:
        return self._reader.check_version() if self._reader is not None else 0
