"""A stand-in for what ends TLS in front of a server that speaks clear text."""

import asyncio
import pathlib
import ssl
import threading


class TLSFront:
    """Speaks TLS with the certificate of a folder (`cert` and `key`), and hands what it reads to a port."""

    def __init__(self, port: int, pair: pathlib.Path, protocols: list):
        self._to = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pair / "cert", pair / "key")
        self._context.set_alpn_protocols(protocols)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    def __enter__(self):
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context), self._loop
        ).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self):
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        back_reader, back_writer = await asyncio.open_connection("127.0.0.1", self._to)
        try:
            await asyncio.gather(_pump(reader, back_writer), _pump(back_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            back_writer.close()


async def _pump(reader, writer):
    while piece := await reader.read(65536):
        writer.write(piece)
        await writer.drain()
    writer.close()
