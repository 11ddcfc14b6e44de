# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""``python -m sealed_lab.benchmark``: measure start time, request rate and memory of the lab.

The client uses ``http.client`` with prepared signatures and 16 threads, in a process of its own, so that boto3 does
not limit the result. The objects are created in a process without a network.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import multiprocessing
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .identity.directory import DEFAULT_ACCOUNT, root_user
from .identity.records import Caller
from .lab import Lab
from .s3.role_client import RoleClient
from .s3.state import Bucket

THREADS = 16


def resident_mib(pid: int | str = "self") -> int:
    """Return the resident memory of a process in MiB (Linux only)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


def _headers(url: str, method: str, path: str) -> dict[str, str]:
    request: Any = AWSRequest(method, url + path, headers={"Host": url.removeprefix("http://")})
    signer: Any = S3SigV4Auth(Credentials("test", "test"), "s3", "us-east-1")
    signer.add_auth(request)
    return dict(request.headers.items())


def _client(url: str, seconds: float, results: Any) -> None:
    counts: list[int] = []

    def send_requests() -> None:
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        headers = _headers(url, "GET", "/measured-00000?encryption")
        count, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            connection.request("GET", "/measured-00000?encryption", headers=headers)
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                raise SystemExit(f"the lab responded with status {response.status}")
            count += 1
        counts.append(count)

    threads = [threading.Thread(target=send_requests) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(sum(counts))


def benchmark_server(seconds: float, buckets: int) -> None:
    """Measure the start, the creation of buckets, and requests per second."""
    started = time.monotonic()
    server = subprocess.Popen([sys.executable, "-m", "sealed_lab", "--port", "0"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    try:
        print(f"start to listening: {time.monotonic() - started:.2f} s, {resident_mib(server.pid)} MiB")
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        started = time.monotonic()
        for number in range(buckets):
            path = f"/measured-{number:05d}"
            connection.request("PUT", path, headers=_headers(url, "PUT", path))
            connection.getresponse().read()
        elapsed = time.monotonic() - started
        print(f"{buckets} buckets created one after the other: {elapsed:.1f} s, {resident_mib(server.pid)} MiB")
        results: Any = multiprocessing.Queue()
        client = multiprocessing.Process(target=_client, args=(url, seconds, results))
        client.start()
        total = results.get()
        client.join()
        print(f"GetBucketEncryption, {THREADS} threads: {total / seconds:.0f} responses/s")
    finally:
        server.terminate()
        server.wait()


async def benchmark_memory(objects: int) -> None:
    """Measure the memory of many objects with ordinary names. Each has its own wrapped key and encrypted bytes."""
    lab = Lab()
    for number in range(10_000):
        name = f"measured-{number:05d}"
        lab.state.s3.buckets[name] = Bucket(name, DEFAULT_ACCOUNT, "us-east-1", 0.0)
    client = RoleClient(lab, Caller(root_user(DEFAULT_ACCOUNT)), "us-east-1")
    started = time.monotonic()
    for number in range(objects):
        bucket = "measured-00000" if number % 2 else f"measured-{number % 10_000:05d}"
        key = f"a/prefix/of/usual/length/object-{number:07d}.txt"
        await client.invoke("PutObject", {"Bucket": bucket, "Key": key}, b"x" * 32)
    print(f"10000 buckets and {objects} objects: {resident_mib()} MiB, {time.monotonic() - started:.0f} s to create")
    started = time.monotonic()
    lab.state.s3.buckets["measured-00000"].objects.keys()
    print(f"first listing of the largest bucket sorts in {time.monotonic() - started:.2f} s")


def main() -> None:
    """Run the benchmarks, and print the results."""
    parser = argparse.ArgumentParser(prog="python -m sealed_lab.benchmark", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long the clients send requests")
    parser.add_argument("--buckets", type=int, default=10_000)
    parser.add_argument("--objects", type=int, default=1_000_000)
    arguments = parser.parse_args()
    benchmark_server(arguments.seconds, arguments.buckets)
    asyncio.run(benchmark_memory(arguments.objects))


if __name__ == "__main__":
    main()
