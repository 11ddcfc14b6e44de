# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Two runs of a module whose writes alternate in a chosen order, so that each race happens every time."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.s3_encrypted_object import main

from .conftest import Result, TestClock
from .sdk_calls import Call, wrap_calls

_WRITES = ("PutObject", "CopyObject", "DeleteObject")
_LONGEST_WAIT = 60
# The connect timeouts by which the clients of two runs are told apart.
_NAMES = {41: "A", 42: "B"}


class _Output(io.TextIOBase):
    """Keeps what each thread prints apart."""

    def __init__(self) -> None:
        self.printed: dict[int, str] = {}

    def write(self, text: str) -> int:
        """Keep the text for this thread."""
        self.printed[threading.get_ident()] = self.printed.get(threading.get_ident(), "") + text
        return len(text)


class _Run:
    """One run in a thread, which stops before each of its writes until it is its turn."""

    def __init__(self, options: dict[str, Any], output: _Output, entry: Callable[[TestClock], None]) -> None:
        self._options = options
        self._entry = entry
        self._output = output
        self._turn, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._main, daemon=True)
        self.result: Result = {}
        self._thread.start()

    def step(self) -> None:
        """Carry out the write that the run waits for, and all up to its next one. A run that has ended does nothing."""
        if not self._thread.is_alive():
            return
        self._stopped.clear()
        self._turn.set()
        assert self._stopped.wait(_LONGEST_WAIT), "the run neither ends nor writes"
        if self.result:
            self._thread.join(_LONGEST_WAIT)

    def finish(self) -> Result:
        """Carry out the rest, and return the result."""
        while self._thread.is_alive():
            self.step()
        return self.result

    def stop(self) -> None:
        """Stop until it is the turn of this run."""
        self._stopped.set()
        assert self._turn.wait(_LONGEST_WAIT), "it was never the turn of the run"
        self._turn.clear()

    def _main(self) -> None:
        _CURRENT.run = self
        assert self._turn.wait(_LONGEST_WAIT)
        self._turn.clear()
        arguments = {**self._options, "_ansible_check_mode": False, "_ansible_diff": True}
        try:
            with patch_module_args(arguments), contextlib.suppress(SystemExit):
                self._entry(TestClock())
            self.result = json.loads(self._output.printed[threading.get_ident()])
        finally:
            self.result = self.result or {"failed": True, "msg": "the run raised an exception", "error": {"kind": ""}}
            self._stopped.set()


_CURRENT = threading.local()


def _run_of(client: Any, runs: Mapping[str, _Run]) -> _Run | None:
    """The run that makes a call. The calls for buckets are made in threads of the run, with clients of its own."""
    named = runs.get(_NAMES.get(client.meta.config.connect_timeout, ""))
    return named or getattr(_CURRENT, "run", None)


@contextlib.contextmanager
def _stopping_before(operations: Sequence[str], runs: Mapping[str, _Run], output: _Output) -> Iterator[None]:
    def stop_before(call_service: Call) -> Call:
        def call(client: Any, operation: str, parameters: Any) -> Any:
            run = _run_of(client, runs)
            if run and operation in operations:
                run.stop()
            return call_service(client, operation, parameters)

        return call

    # The outer arguments are those of no run: Ansible needs their profile when a run prints its result.
    with pytest.MonkeyPatch.context() as patch, patch_module_args({}):
        wrap_calls(patch, stop_before)
        patch.setattr(sys, "stdout", output)
        patch.setattr(signal, "signal", lambda number, handler: None)  # only the main thread of a process may call it
        yield


def run_interleaved(
    order: str,
    first: dict[str, Any],
    second: dict[str, Any],
    entry: Callable[[TestClock], None] = main,
    operations: Sequence[str] = _WRITES,
) -> tuple[Result, Result]:
    """Run two tasks in an order such as `ABBABA`. Each letter is a step of a run: up to its next call of `operations`.

    By default, a step is its plan, then each of its writes. The last step of a run has all of the rest.
    """
    output = _Output()
    runs: dict[str, _Run] = {}
    with _stopping_before(operations, runs, output):
        for name, options in (("A", first), ("B", second)):
            runs[name] = _Run(options, output, entry)
        for letter in order:
            runs[letter].step()
        return runs["A"].finish(), runs["B"].finish()


def named(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of run `A` or `B` of a module that makes its calls in threads."""
    (timeout,) = (timeout for timeout, each in _NAMES.items() if each == name)
    return {**options, "aws_config": {"connect_timeout": timeout}}


def orders(first: int = 3, second: int = 3) -> Sequence[str]:
    """All orders of so many steps of two runs."""
    size = first + second
    return [
        "".join("A" if place in chosen else "B" for place in range(size)) for chosen in combinations(range(size), first)
    ]
