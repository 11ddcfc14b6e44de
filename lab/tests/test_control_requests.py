# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The requests under ``/_lab/``, and the errors of ``RemoteLab``."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from sealed_lab import RemoteLab, RunningLab


def send(lab: RunningLab, line: str) -> tuple[int, Any]:
    """Send ``METHOD path body``, and return the status and the document."""
    method, path, body = (*line.split(" ", 2), "")[:3]
    request = urllib.request.Request(f"{lab.url}/_lab/{path}", body.encode() or None, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.mark.parametrize(
    ("line", "status", "message"),
    [
        ("GET calls?nope=1", 400, "a call has no field 'nope'"),
        ("GET calls?status=x", 400, "invalid literal"),
        ("PUT calls", 404, "PUT /_lab/calls does not exist"),
        ("DELETE clock", 404, "does not exist"),
        ("GET health/1", 404, "does not exist"),
        ("POST clock []", 400, "the body is not a JSON object"),
        ('POST clock {"dayz": 1}', 400, "the body needs the fields [], and can have ['days', 'seconds']"),
        ('POST clock {"days": NaN}', 400, "the clock can only move forward"),
        ('POST clock {"days": true}', 400, "the field days is not a float"),
        ('PUT enforcement {"enforcing": "false"}', 400, "the field enforcing is not a bool"),
        ("PUT enforcement", 400, "the body needs the fields ['enforcing']"),
        ('PUT transport {"scheme": "ftp"}', 400, "no transport"),
        ('POST faults {"kind": "throttle", "times": "2"}', 400, "a fault has a value of a wrong type in times"),
        ('POST faults {"kind": "throttle", "operation": 3}', 400, "a fault has a value of a wrong type in operation"),
    ],
)
def test_wrong_requests_are_refused(lab: RunningLab, line: str, status: int, message: str) -> None:
    found, document = send(lab, line)
    assert found == status
    assert message in document["error"]
    assert not lab.enforcing
    assert lab.faults.hits() == 0


def test_fields_filter_calls(lab: RunningLab, s3: Any, bucket: str) -> None:
    number = lab.calls.select()[-1].number
    for query in (f"number={number}", "status=200", f"since={number - 1}", "bytes_out=0"):
        assert [each["number"] for each in send(lab, f"GET calls?{query}")[1]["calls"]] == [number]
    remote = RemoteLab(lab.url)
    assert remote.calls.select(resource=lambda name: name.endswith(bucket))[0].number == number
    assert not remote.calls.select(resource=lambda name: name.endswith("/"))


def test_the_delay_of_the_index(lab: RunningLab) -> None:
    RemoteLab(lab.url).index_seconds = 60
    assert lab.index_seconds == 60
    assert send(lab, "GET index") == (200, {"seconds": 60})


@pytest.mark.parametrize(
    "call",
    [
        lambda lab: lab.faults.add("nope"),
        lambda lab: lab.clock.advance(-1),
        lambda lab: lab.calls.select(nope=1),
    ],
)
def test_both_kinds_of_lab_raise_the_same_errors(lab: RunningLab, call: Callable[[Any], object]) -> None:
    reasons = []
    for each in (lab, RemoteLab(lab.url)):
        with pytest.raises(ValueError, match=r"^(a|the) ") as raised:
            call(each)
        reasons.append(str(raised.value))
    assert reasons[0] == reasons[1]
