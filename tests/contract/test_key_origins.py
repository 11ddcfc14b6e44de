# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Keys whose material KMS has not generated: imported, in CloudHSM, or outside AWS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Task
from .test_keys import step

Store = Callable[[str], str]


@pytest.fixture
def store(kms: Any) -> Store:
    """Creates a connected key store of an origin."""

    def make(origin: str) -> str:
        if origin == "AWS_CLOUDHSM":
            made = kms.create_custom_key_store(
                CustomKeyStoreName="hsm",
                CloudHsmClusterId="cluster-1a23b4cdefg",
                TrustAnchorCertificate="-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----",
                KeyStorePassword="kmsPswd1",
            )
        else:
            made = kms.create_custom_key_store(
                CustomKeyStoreName="outside",
                CustomKeyStoreType="EXTERNAL_KEY_STORE",
                XksProxyConnectivity="PUBLIC_ENDPOINT",
                XksProxyUriEndpoint="https://proxy.example.com",
                XksProxyUriPath="/kms/xks/v1",
                XksProxyAuthenticationCredential={
                    "AccessKeyId": "ABCDEFGHIJKLMNOPQRST",
                    "RawSecretAccessKey": "0123456789012345678901234567890123456789012",
                },
            )
        kms.connect_custom_key_store(CustomKeyStoreId=made["CustomKeyStoreId"])
        identity: str = made["CustomKeyStoreId"]
        return identity

    return make


@pytest.mark.parametrize("origin", ["AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"])
def test_a_key_in_a_key_store(task: Task, kms: Any, lab: Any, store: Store, origin: str) -> None:
    """Created once, without the default rotation; reported with its key store; and usable by S3."""
    options = {"origin": origin, "custom_key_store_id": store(origin)}
    if origin == "EXTERNAL_KEY_STORE":
        options["xks_key_id"] = "bb8562717f809024"
    made = step(task, alias="app", **options)
    assert made["actions"] == ["CreateKey", "CreateAlias", "UntagResource"]
    key = made["kms_key"]
    assert {name: key[name] for name in options} == options
    assert (key["state"], key["rotation"], key["multi_region"]) == ("Enabled", None, False)
    metadata = kms.describe_key(KeyId="alias/app")["KeyMetadata"]
    assert (metadata["Origin"], metadata["CustomKeyStoreId"]) == (origin, options["custom_key_store_id"])
    lab.calls.clear()
    assert not task("kms_key_for_s3", alias="app")["changed"]
    assert lab.calls.operations() == ["DescribeKey", "ListAliases", "ListResourceTags"]
    kms.disconnect_custom_key_store(CustomKeyStoreId=options["custom_key_store_id"])
    unavailable = task("kms_key_for_s3", alias="app", **options)
    assert (unavailable["changed"], unavailable["kms_key"]["state"]) == (False, "Unavailable")
    assert "kms:ConnectCustomKeyStore" in unavailable["warnings"][0]


def test_errors_of_key_stores(task: Task, kms: Any, store: Store) -> None:
    """Each has advice, and no key is created."""
    hsm, outside = store("AWS_CLOUDHSM"), store("EXTERNAL_KEY_STORE")
    external = {"origin": "EXTERNAL_KEY_STORE", "custom_key_store_id": outside, "xks_key_id": "one"}
    step(task, alias="first", **external)
    kms.disconnect_custom_key_store(CustomKeyStoreId=hsm)
    cases = [
        ({"origin": "AWS_CLOUDHSM", "custom_key_store_id": "cks-none"}, "invalid", "Check custom_key_store_id"),
        ({"origin": "AWS_CLOUDHSM", "custom_key_store_id": hsm}, "key_unusable", "Connect the key store"),
        ({"origin": "AWS_CLOUDHSM", "custom_key_store_id": outside}, "unsupported", "does not match the type"),
        (external, "invalid", "Name another external key"),
    ]
    for options, kind, advice in cases:
        result = task("kms_key_for_s3", alias="second", **options)
        assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, False, kind), result
        assert advice in result["msg"]
    assert len(kms.list_keys()["Keys"]) == 1


def test_a_key_for_imported_material(task: Task, kms: Any) -> None:
    """Created without material, with a warning until it is imported; the module neither rotates nor enables it."""
    made = step(task, alias="app", origin="EXTERNAL", tags={"a": "b"})
    assert made["actions"] == ["CreateKey", "CreateAlias", "UntagResource"]
    assert (made["kms_key"]["state"], made["kms_key"]["origin"]) == ("PendingImport", "EXTERNAL")
    for result in (made, task("kms_key_for_s3", alias="app")):
        assert "kms:ImportKeyMaterial" in result["warnings"][0]
    assert kms.describe_key(KeyId="alias/app")["KeyMetadata"]["KeyState"] == "PendingImport"
    assert step(task, alias="app", origin="EXTERNAL", description="x")["actions"] == ["UpdateKeyDescription"]


def test_immutable_properties(task: Task, lab: Any, store: Store) -> None:
    """Another origin, key store, external key or multi_region needs another key."""
    hsm = {"origin": "AWS_CLOUDHSM", "custom_key_store_id": store("AWS_CLOUDHSM")}
    outside = {"origin": "EXTERNAL_KEY_STORE", "custom_key_store_id": store("EXTERNAL_KEY_STORE")}
    step(task, alias="hsm", **hsm)
    step(task, alias="outside", **outside, xks_key_id="one")
    step(task, alias="app")
    step(task, alias="many", multi_region=True)
    lab.calls.clear()
    refused: list[tuple[dict[str, Any], str]] = [
        ({"alias": "app", "multi_region": True}, "created with multi_region: false"),
        ({"alias": "many", "multi_region": False}, "created with multi_region: true"),
        ({"alias": "app", "origin": "EXTERNAL"}, "created with origin: AWS_KMS"),
        ({"alias": "app", **hsm}, "created with origin: AWS_KMS and custom_key_store_id: none"),
        (
            {"alias": "hsm", **hsm, "custom_key_store_id": "cks-other"},
            f"created with custom_key_store_id: {hsm['custom_key_store_id']}, and KMS cannot change that to",
        ),
        ({"alias": "outside", **outside, "xks_key_id": "two"}, "created with xks_key_id: one"),
    ]
    for options, message in refused:
        result = task("kms_key_for_s3", **options)
        assert (result["failed"], result["error"]["kind"]) == (True, "invalid")
        assert message in result["msg"]
    assert list(lab.calls.writes()) == []
    assert not task("kms_key_for_s3", alias="many", multi_region=True)["changed"]
    assert not task("kms_key_for_s3", alias="many")["changed"]
    assert not task("kms_key_for_s3", alias="hsm", **hsm)["changed"]
