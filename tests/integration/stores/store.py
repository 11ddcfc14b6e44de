# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One store: how to reach it, its clients, and the modules of the collection that run against it in this process."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ansible_collections.sealed.s3.tests.contract import sdk_caches
from ansible_collections.sealed.s3.tests.contract.conftest import ENTRIES, FRONTEND, TestClock
from ansible_collections.sealed.s3.tests.contract.encryption_client import EncryptionClient
from ansible_collections.sealed.s3.tests.contract.kind_rows import ALIASES

from .outcome import Result


@contextlib.contextmanager
def sdk_data_is_read_once() -> Iterator[None]:
    """Share what each session and each client of the SDK would compute again, such as the models of its services."""
    with pytest.MonkeyPatch.context() as patches:
        sdk_caches.install(patches.setattr)
        yield


@dataclass(frozen=True)
class Store:
    """A running store. `s3` and `kms` are clients of the SDK, for the judge; `kms` is None if the store has none.

    `client` reads and writes under client-side encryption. `client_kms_options` lead to its KMS, and `client_key_arn`
    is a key there, if the store has no KMS itself.
    """

    aws: dict[str, str]
    kms_options: dict[str, str]
    folder: Path
    s3: Any
    kms: Any
    client: EncryptionClient
    client_kms_options: dict[str, str]
    client_key_arn: str = ""
    warned: list[str] = field(default_factory=list)

    def task(self, module: str, *, check: bool = False, **options: Any) -> Result:
        """Run a module as Ansible does, in this process, and return its result with its warnings."""
        self.warned.clear()
        place, function = ENTRIES[module]
        main = getattr(importlib.import_module(f"{FRONTEND}.{place}"), function)
        has_kms = module.startswith("kms_key")
        connection = {**self.aws, **({} if has_kms else self.kms_options)}
        if has_kms and self.kms_options:
            connection["endpoint_url"] = self.kms_options["kms_endpoint_url"]
        printed = io.StringIO()
        arguments = {**connection, **options, "_ansible_check_mode": check, "_ansible_diff": True}
        with (
            patch.object(AnsibleModule, "warn", lambda _module, warning: self.warned.append(warning)),
            patch_module_args(arguments),
            contextlib.redirect_stdout(printed),
            contextlib.suppress(SystemExit),
        ):
            main(TestClock())
        result: Result = json.loads(printed.getvalue())
        return {**result, "warnings": list(self.warned)}


def connect(connection: dict[str, Any], folder: Path) -> Store:
    """Return the store with these connection options. Whether it has a KMS is found out by a call."""
    aws, kms_options = connection["aws"], connection["kms_options"]
    options = {
        "region_name": aws["region"],
        "aws_access_key_id": aws["access_key"],
        "aws_secret_access_key": aws["secret_key"],
    }
    # The judge sends no checksums, and does not try again: what a store says the first time counts.
    plain = Config(
        retries={"total_max_attempts": 2},
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    s3 = boto3.client("s3", endpoint_url=aws["endpoint_url"], config=plain, **options)
    endpoint = kms_options.get("kms_endpoint_url", aws["endpoint_url"])
    kms = boto3.client("kms", endpoint_url=endpoint, config=plain, **options)
    try:
        kms.list_aliases()
    except (ClientError, BotoCoreError):
        kms = None
    client_kms_options = {} if kms else connection["client_kms_options"]
    client_kms, arn = kms, ""
    if client_kms_options:
        client_kms = boto3.client("kms", endpoint_url=client_kms_options["kms_endpoint_url"], config=plain, **options)
        arn = client_kms.create_key()["KeyMetadata"]["Arn"]
        client_kms.create_alias(AliasName=ALIASES["first"], TargetKeyId=arn)
    client = EncryptionClient(s3, client_kms)
    return Store(aws, kms_options, folder, s3, kms, client, client_kms_options, arn)
