#!/usr/bin/python3
"""A real SMTP server for the tests: takes every message and files it.

Each accepted message becomes one file `<unix nanoseconds>-<n>.eml`: one
`X-Envelope-To` line per accepted recipient, then the message as it came. A
file appears under its name only when it is whole. Recipients whose local part
starts with `reject5xx` are refused for good (550), `reject4xx` for now (451).
It speaks plain SMTP on the loopback: no TLS, no sign-in.
"""

import argparse
import asyncio
import itertools
import signal
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP

# What the tests may send; above it the server answers 552.
MAX_MESSAGE_BYTES = 32 * 1024 * 1024


class Filing:
    """Decides on recipients and writes what was accepted into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    async def handle_RCPT(self, _server, _session, envelope, address, options):
        local_part = address.partition("@")[0].lower()
        if local_part.startswith("reject5xx"):
            return "550 5.1.1 No such mailbox"
        if local_part.startswith("reject4xx"):
            return "451 4.3.2 Try again later"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Recipient accepted"

    async def handle_DATA(self, _server, _session, envelope):
        name = f"{time.time_ns()}-{next(self._numbers)}.eml"
        head = "".join(f"X-Envelope-To: {to}\r\n" for to in envelope.rcpt_tos)
        partial = self._folder / f".{name}.partial"
        partial.write_bytes(head.encode("utf-8") + envelope.content)
        partial.rename(self._folder / name)
        return f"250 2.0.0 Accepted as {name}"


async def serve(folder: Path, port: int, port_file: Path) -> None:
    """Listens until SIGTERM or SIGINT; writes the port when it answers."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    filing = Filing(folder)
    server = await loop.create_server(
        lambda: SMTP(
            filing,
            hostname="localhost",
            data_size_limit=MAX_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            loop=loop,
        ),
        host="127.0.0.1",
        port=port,
    )
    actual = server.sockets[0].getsockname()[1]
    partial = port_file.with_name(port_file.name + ".partial")
    partial.write_text(f"{actual}\n")
    partial.rename(port_file)
    print(f"listening on 127.0.0.1:{actual}", flush=True)
    await ended.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--dir", type=Path, required=True, help="where messages are filed")
    parser.add_argument("--port-file", type=Path, required=True, help="gets the port once it listens")
    arguments = parser.parse_args()
    arguments.dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(arguments.dir, arguments.port, arguments.port_file))


if __name__ == "__main__":
    main()
