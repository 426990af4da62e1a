"""The owner's API on standard input and output: each channel is a connection to the owner's socket."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from tasktui.domain.errors import InvalidError, OwnerError, TasktuiError
from tasktui.service.channel import Channel
from tasktui.service.channels import Channels
from tasktui.service.login import about
from tasktui.service.owner import OwnerInfo, read_owner
from tasktui.service.peer import require_same_user
from tasktui.service.pipe import Pipe
from tasktui.service.places import check_private, readonly_path
from tasktui.service.presence import stands_still

PATIENCE: Final = 60
"""Seconds without a word of a client, which asks for signs of life every few, after which it is gone."""
_READ_BYTES: Final = 65_536

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Door:
    """Leads to the owner of a data directory; who may act there has one started where none answers."""

    def __init__(self, home: Path, *, readonly: bool = False) -> None:
        """Take the data directory, and whether one may only look, which starts nothing."""
        self.readonly = readonly
        self._home = home
        self._starting = asyncio.Lock()

    async def connect(self) -> Streams:
        """Connect to the owner.

        Raises:
            TasktuiError: there is none and none can be started, or it stands still.
        """
        try:
            return await asyncio.open_unix_connection(sock=self._connected())
        except OSError as exc:
            if self.readonly:
                raise self._nobody() from exc
        await self._start()
        try:
            return await asyncio.open_unix_connection(sock=self._connected())
        except OSError as exc:
            raise OwnerError(f"The owner of {self._home} does not answer: {exc}.") from exc

    def _connected(self) -> socket.socket:
        info = read_owner(self._home)
        if info is None:
            raise FileNotFoundError
        path = readonly_path(Path(info.socket)) if self.readonly else Path(info.socket)
        check_private(path.parent)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.setblocking(False)
            connection.connect(str(path))
            require_same_user(connection)
            see_that_it_moves(info)
        except BaseException:
            connection.close()
            raise
        return connection

    async def _start(self) -> None:
        from tasktui.service.starting import start_owner  # where an owner answers it is not needed

        async with self._starting:
            await asyncio.to_thread(start_owner, self._home)

    def _nobody(self) -> OwnerError:
        return OwnerError(
            f"Nobody runs tasks in {self._home}; there is nothing to look at until an owner runs."
        )


def see_that_it_moves(info: OwnerInfo) -> None:
    """See that an owner whose socket takes connections can answer.

    Raises:
        OwnerError: it is stopped.
    """
    if stands_still(info.pid):
        from tasktui.service.asking import silent

        raise silent(info)


async def serve(streams: Streams, door: Door, *, version: str) -> None:
    """Serve until the other end closes or says nothing any more.

    Args:
        streams: what the other end writes, and what it reads.
        door: where its channels lead.
        version: of tasktui.
    """
    async with asyncio.TaskGroup() as group:

        def begin(channel: Channel) -> None:
            group.create_task(_connect(channel, door))

        machine = Channels(initiator=False, version=version)
        if not door.readonly:
            # it is for tasks; who may only look submits none, and it may be secret
            machine.tell(about(str(Path.cwd()), os.environ))
        await Pipe(streams, machine, patience=PATIENCE, on_open=begin).run()


async def _connect(channel: Channel, door: Door) -> None:
    try:
        reader, writer = await door.connect()
    except TasktuiError as exc:
        channel.refuse(exc.message)
        return
    except (OSError, RuntimeError) as exc:
        # no descriptor or no thread is left: the other channels have theirs
        channel.refuse(f"The owner cannot be reached from here: {exc}.")
        return
    copying = [asyncio.ensure_future(work) for work in (_up(channel, writer), _down(reader, channel))]
    try:
        # a connection of which one half ended is of no use to HTTP
        await asyncio.wait(copying, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for work in copying:
            work.cancel()
        await asyncio.gather(*copying, return_exceptions=True)
        channel.close()
        writer.close()


async def _up(channel: Channel, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, OwnerError):
        while data := await channel.read(_READ_BYTES):
            writer.write(data)
            await writer.drain()


async def _down(reader: asyncio.StreamReader, channel: Channel) -> None:
    with suppress(OSError, OwnerError):
        while data := await reader.read(_READ_BYTES):
            await channel.write(data)
        channel.end()


async def own_streams() -> Streams:
    """Return standard input and output as streams; nothing else can write to them from here on.

    Raises:
        InvalidError: they are no pipes or sockets.
    """
    for fd in (0, 1):
        mode = os.fstat(fd).st_mode
        if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
            raise InvalidError(
                "This is spoken to by a program, over pipes. To see another machine: tasktui --host NAME"
            )
    taken, given = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    if stat.S_ISSOCK(os.fstat(taken).st_mode) and os.path.sameopenfile(taken, given):
        os.close(given)
        return await asyncio.open_connection(sock=socket.socket(fileno=taken))
    return await _reading(taken), await _writing(given)


async def _reading(fd: int) -> asyncio.StreamReader:
    if stat.S_ISSOCK(os.fstat(fd).st_mode):
        return (await asyncio.open_connection(sock=socket.socket(fileno=fd)))[0]
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(fd, "rb", buffering=0)
    )
    return reader


async def _writing(fd: int) -> asyncio.StreamWriter:
    if stat.S_ISSOCK(os.fstat(fd).st_mode):
        return (await asyncio.open_connection(sock=socket.socket(fileno=fd)))[1]
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), os.fdopen(fd, "wb", buffering=0)
    )
    return asyncio.StreamWriter(transport, protocol, None, loop)
