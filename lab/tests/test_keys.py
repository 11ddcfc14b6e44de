# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""KMS keys: creation, policies, aliases, states, deletion."""

from __future__ import annotations

import datetime
import json
import os
import uuid
from typing import Any

import pytest
from client_calls import raises_client_error
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sealed_lab import RunningLab

pytestmark = pytest.mark.behaviour
ACCOUNT = "000000000000"
ROOT = {
    "Sid": "root",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def describe(kms: Any, key_id: str) -> dict[str, Any]:
    """Return the metadata of a key."""
    found: dict[str, Any] = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    return found


def create(kms: Any, **options: Any) -> dict[str, Any]:
    """Create a key, and return its metadata."""
    created: dict[str, Any] = kms.create_key(**options)["KeyMetadata"]
    return created


def test_describe_key(kms: Any) -> None:
    tags = [{"TagKey": "a", "TagValue": "b"}]
    key = create(kms, Description="d", Tags=tags, Policy=policy(ROOT), BypassPolicyLockoutSafetyCheck=True)
    found = describe(kms, key["KeyId"])
    assert found["Description"] == "d"
    assert set(found) >= {
        "AWSAccountId", "KeyId", "Arn", "CreationDate", "Enabled", "KeyUsage", "KeyState", "Origin", "KeyManager",
        "KeySpec", "EncryptionAlgorithms", "MultiRegion",
    }  # fmt: skip
    assert kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] == tags
    text = kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
    assert json.loads(text) == json.loads(policy(ROOT))


def test_default_policy_allows_the_account(kms: Any, key: dict[str, Any]) -> None:
    (statement,) = json.loads(kms.get_key_policy(KeyId=key["KeyId"])["Policy"])["Statement"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert statement["Action"] == "kms:*"


def test_import_of_key_material(kms: Any) -> None:
    key = create(kms, Origin="EXTERNAL")
    assert (key["KeyState"], key["Enabled"]) == ("PendingImport", False)
    import_parameters = kms.get_parameters_for_import(
        KeyId=key["KeyId"], WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    public: Any = load_der_public_key(import_parameters["PublicKey"])
    wrapped = public.encrypt(os.urandom(32), padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
    kms.import_key_material(
        KeyId=key["KeyId"],
        ImportToken=import_parameters["ImportToken"],
        EncryptedKeyMaterial=wrapped,
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    assert describe(kms, key["KeyId"])["KeyState"] == "Enabled"


def test_cloudhsm_key_requires_a_store(kms: Any) -> None:
    with raises_client_error("ValidationException", 400):
        kms.create_key(Origin="AWS_CLOUDHSM")


def test_multi_region_key(kms: Any) -> None:
    key = create(kms, MultiRegion=True)
    assert key["KeyId"].startswith("mrk-")
    found = describe(kms, key["KeyId"])
    assert found["MultiRegion"] is True
    assert found["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"


def test_replica(lab: RunningLab, kms: Any) -> None:
    key = create(kms, MultiRegion=True)
    kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="eu-west-1", Description="replica")
    ireland = lab.client("kms", region="eu-west-1")
    lab.clock.advance(seconds=1)
    assert describe(ireland, key["KeyId"])["KeyState"] == "Enabled"
    assert describe(ireland, key["KeyId"])["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
    replicas = describe(kms, key["KeyId"])["MultiRegionConfiguration"]["ReplicaKeys"]
    assert [each["Region"] for each in replicas] == ["eu-west-1"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert ireland.decrypt(CiphertextBlob=blob, KeyId=key["KeyId"])["Plaintext"] == b"x"


def test_other_key_specs(kms: Any) -> None:
    for spec, usage in (
        ("RSA_2048", "ENCRYPT_DECRYPT"),
        ("ECC_NIST_P256", "SIGN_VERIFY"),
        ("HMAC_256", "GENERATE_VERIFY_MAC"),
        ("ML_DSA_44", "SIGN_VERIFY"),
    ):
        assert create(kms, KeySpec=spec, KeyUsage=usage)["KeySpec"] == spec


def test_policy_that_locks_out_the_caller_is_refused(kms: Any) -> None:
    stranger = {**ROOT, "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": "kms:Encrypt"}
    with raises_client_error("MalformedPolicyDocumentException", 400):
        kms.create_key(Policy=policy(stranger))


def test_malformed_policy_is_refused(kms: Any, key: dict[str, Any]) -> None:
    with raises_client_error("MalformedPolicyDocumentException", 400):
        kms.put_key_policy(KeyId=key["KeyId"], Policy=policy({"Effect": "Maybe"}), BypassPolicyLockoutSafetyCheck=True)


def test_policy_must_be_json(kms: Any, key: dict[str, Any]) -> None:
    with raises_client_error("MalformedPolicyDocumentException", 400):
        kms.put_key_policy(KeyId=key["KeyId"], Policy="nonsense", BypassPolicyLockoutSafetyCheck=True)


def test_key_is_not_created_with_a_malformed_policy(kms: Any) -> None:
    with raises_client_error("MalformedPolicyDocumentException", 400):
        kms.create_key(Policy='{"Statement":[{"Effect":"Maybe"}]}', BypassPolicyLockoutSafetyCheck=True)


def test_policy_is_stored(kms: Any, key: dict[str, Any]) -> None:
    service = {
        "Sid": "s3",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": ["kms:Decrypt"],
        "Resource": "*",
    }
    kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=policy(ROOT, service))
    assert json.loads(kms.get_key_policy(KeyId=key["KeyId"])["Policy"]) == json.loads(policy(ROOT, service))
    assert kms.list_key_policies(KeyId=key["KeyId"])["PolicyNames"] == ["default"]


def test_key_is_found_by_four_names(kms: Any, key: dict[str, Any]) -> None:
    kms.create_alias(AliasName="alias/named", TargetKeyId=key["KeyId"])
    alias_arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/named"
    for name in (key["KeyId"], key["Arn"], "alias/named", alias_arn):
        assert describe(kms, name)["KeyId"] == key["KeyId"]


def test_key_that_does_not_exist(kms: Any) -> None:
    for name in ("alias/absent", str(uuid.uuid4())):
        with raises_client_error("NotFoundException", 400):
            kms.describe_key(KeyId=name)


def test_alias_is_unique_updated_and_deleted(kms: Any, key: dict[str, Any]) -> None:
    other = create(kms)
    kms.create_alias(AliasName="alias/a", TargetKeyId=key["KeyId"])
    with raises_client_error("AlreadyExistsException", 400):
        kms.create_alias(AliasName="alias/a", TargetKeyId=other["KeyId"])
    kms.update_alias(AliasName="alias/a", TargetKeyId=other["KeyId"])
    assert describe(kms, "alias/a")["KeyId"] == other["KeyId"]
    kms.delete_alias(AliasName="alias/a")
    with raises_client_error("NotFoundException", 400):
        kms.describe_key(KeyId="alias/a")


def test_invalid_alias_names(kms: Any, key: dict[str, Any]) -> None:
    with raises_client_error("NotAuthorizedException", 400):
        kms.create_alias(AliasName="alias/aws/mine", TargetKeyId=key["KeyId"])
    with raises_client_error("ValidationException", 400):
        kms.create_alias(AliasName="nope", TargetKeyId=key["KeyId"])


def test_list_aliases_of_a_key(kms: Any, key: dict[str, Any]) -> None:
    names = [f"alias/l{number}" for number in range(3)]
    for name in names:
        kms.create_alias(AliasName=name, TargetKeyId=key["KeyId"])
    found = kms.list_aliases(KeyId=key["KeyId"])["Aliases"]
    assert [each["AliasName"] for each in found] == names
    assert all("LastUpdatedDate" in each for each in found)


def test_list_keys_in_pages(kms: Any, key: dict[str, Any]) -> None:
    for number in range(4):
        kms.create_alias(AliasName=f"alias/p{number}", TargetKeyId=key["KeyId"])
        create(kms)
    page = kms.list_aliases(KeyId=key["KeyId"], Limit=2)
    assert (len(page["Aliases"]), page["Truncated"]) == (2, True)
    assert page["NextMarker"]
    page = kms.list_keys(Limit=1)
    assert (len(page["Keys"]), page["Truncated"]) == (1, True)
    pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 3})
    assert len({each["KeyId"] for page in pages for each in page["Keys"]}) == 5


def test_disable_and_enable(kms: Any, key: dict[str, Any]) -> None:
    kms.disable_key(KeyId=key["KeyId"])
    assert describe(kms, key["KeyId"])["KeyState"] == "Disabled"
    with raises_client_error("DisabledException", 400):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    with raises_client_error("DisabledException", 400):
        kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256")
    kms.enable_key(KeyId=key["KeyId"])
    kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")


def test_deletion_is_scheduled_and_cancelled(lab: RunningLab, kms: Any, key: dict[str, Any]) -> None:
    response = kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    wait = response["DeletionDate"] - datetime.datetime.now(datetime.timezone.utc)
    assert 6.5 < wait.total_seconds() / 86400 < 7.5
    found = describe(kms, key["KeyId"])
    assert found["KeyState"] == "PendingDeletion"
    assert "DeletionDate" in found
    with raises_client_error("KMSInvalidStateException", 400):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    with raises_client_error("KMSInvalidStateException", 400):
        kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    kms.cancel_key_deletion(KeyId=key["KeyId"])
    assert describe(kms, key["KeyId"])["KeyState"] == "Disabled"
    with raises_client_error("ValidationException", 400):
        lab.client("kms", parameter_validation=False).schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=3)


def test_tags_are_added_and_removed(kms: Any, key: dict[str, Any]) -> None:
    tags = [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}]
    kms.tag_resource(KeyId=key["KeyId"], Tags=tags)
    kms.untag_resource(KeyId=key["KeyId"], TagKeys=["a"])
    assert kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] == tags[1:]


def test_tags_that_are_refused(kms: Any, key: dict[str, Any]) -> None:
    pair = {"TagKey": "a", "TagValue": "1"}
    for tags, message in (
        ([pair, pair], "Duplicate tag keys"),
        ([{**pair, "TagKey": "AWS:a"}], "Tags beginning with aws: are reserved"),
        ([{**pair, "TagValue": "a & b"}], "Invalid tag"),
        ([{**pair, "TagKey": str(number)} for number in range(51)], "Too many tags"),
    ):
        with raises_client_error("TagException", 400) as messages:
            kms.tag_resource(KeyId=key["KeyId"], Tags=tags)
        assert messages == [message]


def test_update_description(kms: Any, key: dict[str, Any]) -> None:
    kms.update_key_description(KeyId=key["KeyId"], Description="new")
    assert describe(kms, key["KeyId"])["Description"] == "new"


def test_grants(kms: Any, key: dict[str, Any]) -> None:
    constraints = {"EncryptionContextSubset": {"a": "b"}}
    grant = kms.create_grant(
        KeyId=key["KeyId"],
        GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:root",
        Operations=["Decrypt", "GenerateDataKey"],
        Name="g",
        Constraints=constraints,
    )
    (found,) = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    assert (found["GrantId"], found["Constraints"]) == (grant["GrantId"], constraints)
    kms.revoke_grant(KeyId=key["KeyId"], GrantId=grant["GrantId"])
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []


def test_custom_key_store(kms: Any) -> None:
    store = kms.create_custom_key_store(
        CustomKeyStoreName="store",
        CloudHsmClusterId="cluster-1a23b4cdefg",
        TrustAnchorCertificate="-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----",
        KeyStorePassword="kmsPswd1",
    )["CustomKeyStoreId"]
    (found,) = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
    assert found["CustomKeyStoreName"] == "store"


def test_last_usage(kms: Any, key: dict[str, Any]) -> None:
    assert "KeyLastUsage" not in kms.get_key_last_usage(KeyId=key["KeyId"])
    kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    assert kms.get_key_last_usage(KeyId=key["KeyId"])["KeyLastUsage"]["Operation"] == "Encrypt"


def test_keys_belong_to_a_region(lab: RunningLab, key: dict[str, Any]) -> None:
    with raises_client_error("NotFoundException", 400):
        lab.client("kms", region="eu-west-1").describe_key(KeyId=key["KeyId"])


def test_keys_belong_to_an_account(lab: RunningLab, key: dict[str, Any]) -> None:
    with raises_client_error("NotFoundException", 400):
        lab.client("kms", account="222222222222").describe_key(KeyId=key["KeyId"])


@pytest.mark.behaviour
def test_rotation_on_demand_takes_time(lab: RunningLab, kms: Any) -> None:
    """Until it completes, its start date is returned, the old material encrypts, and another rotation is a conflict."""
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    lab.rotation_seconds = 60
    kms.rotate_key_on_demand(KeyId=key_id)
    assert "OnDemandRotationStartDate" in kms.get_key_rotation_status(KeyId=key_id)
    assert kms.list_key_rotations(KeyId=key_id)["Rotations"] == []
    with pytest.raises(kms.exceptions.ConflictException):
        kms.rotate_key_on_demand(KeyId=key_id)
    lab.clock.advance(seconds=61)
    assert "OnDemandRotationStartDate" not in kms.get_key_rotation_status(KeyId=key_id)
    (done,) = kms.list_key_rotations(KeyId=key_id)["Rotations"]
    assert (done["RotationType"], done["KeyMaterialState"]) == ("ON_DEMAND", "CURRENT")


def test_limit_of_rotations_on_demand(kms: Any, key: dict[str, Any]) -> None:
    for _ in range(25):
        kms.rotate_key_on_demand(KeyId=key["KeyId"])
    with raises_client_error("LimitExceededException", 400) as messages:
        kms.rotate_key_on_demand(KeyId=key["KeyId"])
    assert messages[0].startswith("The on-demand rotations limit has been reached for the given keyId.")


@pytest.mark.behaviour
def test_rotation_on_demand_conflicts_with_an_automatic_one(lab: RunningLab, kms: Any) -> None:
    """The conflict begins 20 minutes before the automatic rotation."""
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    lab.clock.advance(seconds=90 * 86400 - 19 * 60)
    with pytest.raises(kms.exceptions.ConflictException):
        kms.rotate_key_on_demand(KeyId=key_id)
