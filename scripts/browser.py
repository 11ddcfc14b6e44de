# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Pictures of a page by Chromium without a window. It is driven by its DevTools protocol, through two pipes.

Source: https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

# The packages of Debian, Fedora and Chrome.
NAMES = ("chromium", "chromium-browser", "google-chrome")
# Chromium reads messages from 3, and writes to 4.
_WITH_PIPES = 'exec "$@" 3<&{commands} 4>&{answers}'
_OPTIONS = (
    "--headless",
    "--no-sandbox",  # which root cannot use; the page is our own
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-gpu",
    "--font-render-hinting=none",
    "--remote-debugging-pipe",
)
_QUALITY = 82  # of WebP
# Two frames after the fonts are there, so that equal pages have equal pictures.
_DRAWN = """
document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
"""

Message = dict[str, Any]


class Scheme(Enum):
    """The colors that a reader prefers."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Window:
    """The size of a window in CSS pixels, and how many pixels of the picture one of them is."""

    width: int
    height: int
    scale: float


class Browser:
    """A Chromium that runs."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = os.fdopen(commands, "wb", buffering=0)
        self._answers = os.fdopen(answers, "rb")
        self._numbers = itertools.count(1)

    def picture(self, address: str, window: Window, scheme: Scheme) -> bytes:
        """What the window shows of a page, as WebP."""
        target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        size = {"width": window.width, "height": window.height, "deviceScaleFactor": window.scale, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", size, session)
        wanted = [
            {"name": "prefers-color-scheme", "value": scheme.value},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self._call("Emulation.setEmulatedMedia", {"features": wanted}, session)
        self._call("Page.enable", {}, session)
        self._call("Page.navigate", {"url": address}, session)
        while self._read().get("method") != "Page.loadEventFired":
            pass
        drawn = {"expression": _DRAWN, "awaitPromise": True}
        self._call("Runtime.evaluate", drawn, session)
        earlier, picture = "", self._capture(session)
        while picture != earlier:  # until nothing moves any more
            earlier, picture = picture, self._capture(session)
        self._call("Target.closeTarget", {"targetId": target})
        return base64.b64decode(picture)

    def _capture(self, session: str) -> str:
        found: str = self._call("Page.captureScreenshot", {"format": "webp", "quality": _QUALITY}, session)["data"]
        return found

    def _call(self, method: str, parameters: Message, session: str = "") -> Message:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        self._commands.write(json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != number:
            pass
        if "error" in answer:
            raise SystemExit(f"Chromium refused {method}: {answer['error']}")
        result: Message = answer["result"]
        return result

    def _read(self) -> Message:
        written = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            if not byte:
                raise SystemExit("Chromium ended.")
            written += byte
        found: Message = json.loads(written)
        return found


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """Start Chromium, and end it after the block."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if not program:
        raise SystemExit(f"A picture of a page needs one of {', '.join(NAMES)}.")
    commands_out, commands_in = os.pipe()
    answers_out, answers_in = os.pipe()
    shell = ["bash", "-c", _WITH_PIPES.format(commands=commands_out, answers=answers_in), "bash", program, *_OPTIONS]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [*shell, f"--user-data-dir={folder}"], pass_fds=(commands_out, answers_in), stderr=subprocess.DEVNULL
        )
        os.close(commands_out)
        os.close(answers_in)
        try:
            yield Browser(commands_in, answers_out)
        finally:
            process.terminate()
            process.wait()
