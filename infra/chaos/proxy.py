"""Proxies on 127.0.0.1 between real processes, whose connections can be cut all at once."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
PIECE = 1 << 16  # bytes
Target = int | Path  # a port of 127.0.0.1, or a Unix socket


class Proxy:
    """One line: what comes to `port` goes to the target. Use it through `proxies`."""

    def __init__(self, port: int, target: Target) -> None:
        self.port, self._target = port, target
        self._ends: set[asyncio.StreamWriter] = set()
        self._dead_until = 0.0

    def cut(self, seconds: float) -> None:
        """Drop every connection, and let nobody in for so long; from any thread."""
        self._loop.call_soon_threadsafe(self._cut, seconds)

    async def serve(self) -> None:
        """Begin to listen."""
        self._loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(self._carry, HOST, self.port)

    def _cut(self, seconds: float) -> None:
        self._dead_until = self._loop.time() + seconds
        for end in self._ends:
            end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it or it is cut."""
        self._ends.add(writer)
        try:
            if self._loop.time() >= self._dead_until:
                there, back = await self._dial()
                self._ends.add(back)
                try:
                    await asyncio.gather(_pour(reader, back), _pour(there, writer))
                finally:
                    self._ends.discard(back)
                    back.transport.abort()
        except (OSError, asyncio.CancelledError):
            pass  # whoever is at the other end is gone, and this end is about to know it; or all is over
        finally:
            self._ends.discard(writer)
            writer.transport.abort()

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._target, Path):
            return await asyncio.open_unix_connection(self._target)
        return await asyncio.open_connection(HOST, self._target)


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while piece := await source.read(PIECE):
        sink.write(piece)
        await sink.drain()
    sink.close()  # so the other direction ends too


@contextmanager
def proxies(lines: Sequence[Proxy]) -> Iterator[None]:
    """The proxies serve, in a thread of their own, while the block lasts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        for line in lines:
            asyncio.run_coroutine_threadsafe(line.serve(), loop).result(10)
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end() -> None:
    """Cancel all that is under way but this."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
