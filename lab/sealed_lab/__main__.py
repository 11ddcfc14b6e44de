# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""``sealed-lab``: run the lab in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from pathlib import Path

from . import __version__
from .http_server import HttpServer
from .lab import Lab


async def _serve(arguments: argparse.Namespace) -> None:
    lab = Lab(enforcing=arguments.enforce, blocks_sse_c=not arguments.allow_sse_c)
    server = HttpServer(lab, arguments.port, tls_port=arguments.tls_port)
    try:
        await server.start()
    except OSError as exc:
        lab.close()
        raise SystemExit(f"sealed-lab: cannot listen on 127.0.0.1: {exc.strerror}") from exc
    if arguments.ca_file is not None:
        arguments.ca_file.write_bytes(server.authority.certificate)
    print(server.url, flush=True)
    if arguments.tls_port is not None:
        print(server.tls_url, flush=True)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    await server.stop()
    lab.close()


def main() -> None:
    """Parse the command line, and serve until a signal stops the process."""
    parser = argparse.ArgumentParser(prog="sealed-lab", description=__doc__)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument("--port", type=int, default=5000, help="0 selects a free port; the URL is printed")
    parser.add_argument("--enforce", action="store_true", help="check signatures and enforce identity and key policies")
    parser.add_argument(
        "--allow-sse-c", action="store_true", help="new buckets do not block SSE-C, as at AWS before April 2026"
    )
    parser.add_argument(
        "--ca-file", type=Path, help="write the certificate of the lab's authority there, for AWS_CA_BUNDLE"
    )
    parser.add_argument(
        "--tls-port", type=int, help="listen there for https too, with a certificate of that authority; 0 as for --port"
    )
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
