# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""boto3 clients for a lab."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from .identity.directory import DEFAULT_ACCOUNT

DEFAULT_REGION = "us-east-1"
_ACCOUNT_LABEL = re.compile(r"//\d{12}\.")
_lock = threading.Lock()


@lru_cache(maxsize=1)
def _session() -> Any:
    """One session for all clients, because a session caches the service models."""
    import boto3

    return boto3.session.Session()


def aws_environment(url: str, ca_file: Path) -> dict[str, str]:
    """Return the variables with which an SDK without an endpoint finds a lab in the place of AWS.

    The names in lower case are those that Python prefers.
    """
    return {
        "HTTPS_PROXY": url,
        "https_proxy": url,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "AWS_CA_BUNDLE": str(ca_file),
    }


def aws_client(
    url: str,
    service: str,
    *,
    region: str = DEFAULT_REGION,
    account: str = DEFAULT_ACCOUNT,
    credentials: Mapping[str, Any] | None = None,
    ca_file: Path | None = None,
    **config: Any,
) -> Any:
    """Return a boto3 client.

    It calls as the root user of ``account``, or with ``credentials``: the dictionary that IAM or STS returned. The
    client makes no retries and uses path-style addresses, unless ``config`` (options of botocore's ``Config``) says
    otherwise. ``ca_file`` has the certificate of the authority of an https URL.
    """
    from botocore.config import Config

    options: dict[str, Any] = {
        "retries": {"max_attempts": 0, "mode": "standard"},
        "s3": {"addressing_style": "path"},
        "connect_timeout": 5,
        "read_timeout": 60,
        "max_pool_connections": 64,
        **config,
    }
    keys = credentials or {}
    with _lock:
        client: Any = _session().client(
            service,
            region_name=region,
            endpoint_url=url,
            aws_access_key_id=keys.get("AccessKeyId", account),
            aws_secret_access_key=keys.get("SecretAccessKey", "test"),
            aws_session_token=keys.get("SessionToken"),
            verify=str(ca_file) if ca_file is not None else None,
            config=Config(**options),
        )
    if service == "s3control":
        client.meta.events.register("before-send.s3-control", _without_account_label)
    return client


def _without_account_label(request: Any, **_: Any) -> None:
    """Remove the label ``<account>.`` that botocore puts before the host: no loopback name resolves with it."""
    request.url = _ACCOUNT_LABEL.sub("//", request.url)
