# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Send the requests of the committed table to a lab, and compare its answers with the recorded ones.

The lab stands in the place of AWS: clients and URLs are those that were used when the answers were recorded.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from datetime import datetime, timezone
from functools import partial
from typing import Any

import urllib3
from botocore import UNSIGNED
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.handlers import validate_ascii_metadata

from sealed_lab import RunningLab
from sealed_lab.identity.directory import Directory
from sealed_lab.lab import State

from .caller import Caller
from .comparison import compare, compare_outcomes, unexpected_outcome
from .presigning import is_presigned, signed_before, signed_parts
from .responses import http_parts
from .values import decode

# New buckets block SSE-C since then. What was recorded before shows buckets that do not.
SSE_C_BLOCKED_SINCE = "2026-04-06"


def reset(lab: RunningLab, case: dict[str, Any]) -> None:
    """Empty the lab, and let it be as AWS was when the answers of the case were recorded."""
    lab.reset()
    lab.enforcing = case["as"] == "user"
    lab.blocks_sse_c = case["date"] >= SSE_C_BLOCKED_SINCE


class Replay:
    """Clients of one lab in the place of AWS."""

    def __init__(self, lab: RunningLab) -> None:
        self._lab = lab
        self._url = lab.url
        self._ca_file = str(lab.ca_file)
        self._caller = Caller()
        self._session = self._caller.session()
        self._clients: dict[str, Any] = {}
        self._place = "aws"
        self._user: tuple[Directory, str, str] | None = None
        self._http = urllib3.ProxyManager(self._url, ca_certs=self._ca_file, retries=False)

    def run(self, case: dict[str, Any]) -> list[str]:
        """Send the requests of a case to an empty lab. Return how the answers differ from those of AWS."""
        if case["as"] == "user":
            self._become_user()
        else:
            self._caller.become_root()
        self._place = case["place"]
        answers: list[Any] = []
        known: dict[str, str] = {}
        found = []
        for number, request in enumerate(case["requests"]):
            if is_presigned(request):
                waiting = sum(each.get("after", 0) for each in case["requests"][number + 1 :])
                with signed_before(waiting):
                    answer = self._sign(request, answers)
            else:
                self._lab.clock.advance(request.get("after", 0))
                answer = self._send(request, answers)
            answers.append(answer)
            for expected in (each for each in case["answers"] if each.get("request") == number):
                compared = compare(expected["expected"], answer, known)
                found += [f"{expected['name']}, request {number}{each}" for each in compared]
            found += unexpected_outcome(number, request, answer)
        for each in case["answers"]:
            if "expected" in each and "request" not in each:
                found += compare_outcomes(each["expected"], answers)
        return found

    def _become_user(self) -> None:
        """Put the user into the empty lab. It is created by requests only once: that takes as long as a short case."""
        if self._user is None:
            self._caller.become_user(self._url)
            self._user = copy.deepcopy(self._lab._lab.state.directory), self._caller.access_key, self._caller.secret_key
        directory, self._caller.access_key, self._caller.secret_key = self._user
        self._lab._lab.swap_state(State(directory=copy.deepcopy(directory)))

    def _send(self, request: dict[str, Any], answers: Sequence[Any]) -> Any:
        now = datetime.now(timezone.utc)
        if "http" in request:
            return self._send_http(decode(request, now, answers))
        if "call" in request:
            service, operation = request["call"].split(".")
            client = self._client(service, request, answers)
            try:
                answer = client._make_api_call(operation, decode(request["with"], now, answers))
            except ClientError as error:
                return error.response
            except Exception as error:
                return {"Stopped": type(error).__name__}
            if hasattr(answer.get("Body"), "read"):
                answer["Body"] = answer["Body"].read()
            return answer
        raise ValueError(f"not a request: {request}")

    def _sign(self, request: dict[str, Any], answers: Sequence[Any]) -> Any:
        now = datetime.now(timezone.utc)
        what = "presigned_url" if "presigned_url" in request else "presigned_post"
        generate = getattr(self._client("s3", request, answers), f"generate_{what}")
        answer = generate(*decode(request[what], now, answers), **decode(request["with"], now, answers))
        return signed_parts(answer)

    def _send_http(self, request: dict[str, Any]) -> Any:
        if "signed_for" in request:
            signed = AWSRequest(request["http"], request["url"], request["headers"], request.get("body"))
            signer = SigV4Auth if request["signed_for"][0] != "s3" else S3SigV4Auth
            signer(self._caller.get_frozen_credentials(), *request["signed_for"]).add_auth(signed)
            request = {**request, "headers": dict(signed.headers.items())}
        response = self._http.request(
            request["http"],
            request["url"],
            headers=request["headers"],
            body=request.get("body"),
            redirect=False,
            decode_content=False,
        )
        return http_parts(response.status, dict(response.headers), response.data)

    def _client(self, service: str, request: dict[str, Any], answers: Sequence[Any]) -> Any:
        caller = decode(request.get("caller", []), datetime.now(timezone.utc), answers)
        options = request.get("config", {})
        region = request.get("region", "us-east-1")
        key = json.dumps([service, region, caller, options, self._place])
        if key not in self._clients:
            self._clients[key] = self._new_client(service, region, caller, options)
        return self._clients[key]

    def _new_client(self, service: str, region: str, caller: list[str | None] | None, options: dict[str, Any]) -> Any:
        # S3 Control has no address of its own at the lab: its host names begin with the account.
        is_direct = self._place == "lab" and service != "s3control"
        config = Config(
            proxies=None if is_direct else {"https": self._url},
            retries={"max_attempts": 0, "mode": "standard"},
            user_agent="replay",  # botocore takes long to build its own
            **({"signature_version": UNSIGNED} if caller is None else {}),
            **options,
        )
        names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        keys = dict(zip(names, caller, strict=True)) if caller else {}
        address = self._url if is_direct else None
        create = partial(self._session.client, region_name=region, verify=self._ca_file, endpoint_url=address)
        client = create(service, config=config, **keys)
        if service == "s3":  # some recorded requests have such metadata
            for operation in ("PutObject", "CopyObject", "CreateMultipartUpload"):
                client.meta.events.unregister(f"before-parameter-build.s3.{operation}", validate_ascii_metadata)
        return client
