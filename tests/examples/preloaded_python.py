# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A Python that has imported the SDK, Ansible and this collection already, to run the modules of a playbook.

Each task of a playbook starts Python, and imports take most of its processor time. Here a server imports once, and
forks for each task. Ansible starts a client as `ansible_python_interpreter`. The client passes its standard streams to
the server, and ends with the status of the forked process.
"""

from __future__ import annotations

import array
import contextlib
import functools
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import boto3
from botocore.loaders import JSONFileLoader

FRONTEND = "ansible_collections.sealed.s3.plugins.module_utils.frontend"
PRELOADED = (
    "ansible.module_utils.basic",
    "ansible_collections.amazon.aws.plugins.module_utils.s3",
    f"{FRONTEND}.buckets.bucket_default_encryption",
    f"{FRONTEND}.buckets.bucket_encryption_policy_info",
    f"{FRONTEND}.keys.kms_key_for_s3",
    f"{FRONTEND}.keys.kms_key_for_s3_info",
    f"{FRONTEND}.objects.s3_encrypted_object",
)
# Isolated and without site-packages, this Python starts fast.
CLIENT = """#!{python} -IS
import array, json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
streams = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))]
server.sendmsg([json.dumps([os.getcwd(), sys.argv[1:], dict(os.environ)]).encode() + b"\\n"], streams)
sys.exit(int(server.makefile().read() or 1))
"""


@contextlib.contextmanager
def preloaded_python(folder: Path) -> Iterator[Path]:
    """Run the server during the block, and yield the path of the interpreter for Ansible."""
    address = str(folder / "server")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        number = listener.fileno()
        server = subprocess.Popen([sys.executable, __file__, str(number)], pass_fds=[number])
    client = folder / "python"
    client.write_text(CLIENT.format(python=sys.executable, address=address))
    client.chmod(0o700)
    try:
        yield client
    finally:
        server.terminate()
        server.wait()


def serve(listener: socket.socket) -> NoReturn:
    """Import, and fork for each client. Ended processes are waited for, so that their processor time is counted."""
    for name in PRELOADED:
        importlib.import_module(name)
    read_models_once()
    gc.freeze()
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit())
    while True:
        client, _address = listener.accept()
        with client, contextlib.suppress(ChildProcessError):
            if not os.fork():
                run(client)
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def read_models_once() -> None:
    """Share the models of the SDK, which are megabytes of JSON, and read those of its clients that the modules use."""
    load = JSONFileLoader.load_file
    read = functools.cache(lambda path: load(JSONFileLoader(), path))
    setattr(JSONFileLoader, "load_file", lambda _self, path: read(path))  # noqa: B010
    for service in ("s3", "kms", "sts"):
        boto3.session.Session(aws_access_key_id="any", aws_secret_access_key="any").client(service, "us-east-1")


def run(client: socket.socket) -> NoReturn:
    """Run what the client has on its standard input, or in the file that it names, as the main program."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    message, ancillary, _flags, _address = client.recvmsg(1 << 20, socket.CMSG_SPACE(3 * array.array("i").itemsize))
    while not message.endswith(b"\n"):
        part = client.recv(1 << 20)
        if not part:
            os._exit(1)  # the client has ended
        message += part
    streams = array.array("i", ancillary[0][2])
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    folder, arguments, environment = json.loads(message)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    status = 0
    try:
        sys.argv = arguments or ["-"]
        source = Path(arguments[0]).read_text() if arguments else sys.stdin.read()
        exec(compile(source, sys.argv[0], "exec"), {"__name__": "__main__", "__file__": sys.argv[0]})
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    client.sendall(str(status).encode())
    os._exit(status)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
