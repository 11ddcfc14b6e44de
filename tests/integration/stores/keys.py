# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The rows of the matrix about KMS keys, for the stores that have a KMS."""

from __future__ import annotations

import json
from typing import Any

from .kinds import ALIAS
from .outcome import Outcome, Result, Run, judged, written
from .store import Store


def _key(store: Store) -> dict[str, Any]:
    found: dict[str, Any] = store.kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
    return found


def _policy(store: Store) -> dict[str, Any]:
    text = store.kms.get_key_policy(KeyId=_key(store)["KeyId"], PolicyName="default")["Policy"]
    policy: dict[str, Any] = json.loads(text)
    return policy


class _Keys:
    """The rows, each of which begins with the key of the one before."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def task(self, **options: Any) -> Run:
        """The task kms_key_for_s3 for the key of the matrix."""

        def run(*, check: bool = False) -> Result:
            return self.store.task("kms_key_for_s3", alias=ALIAS, check=check, **options)

        return run

    def create(self) -> Outcome:
        """Create a key."""

        def judge(result: Result) -> str | None:
            found = _key(self.store)
            good = found["Arn"] == result["kms_key"]["arn"] and found["KeyState"] == "Enabled"
            return None if good else f"DescribeKey reports {found}."

        return written(self.task(description="for the matrix"), judge)

    def describe(self) -> Outcome:
        """Change the description."""

        def judge(_result: Result) -> str | None:
            found = _key(self.store).get("Description")
            return None if found == "of the matrix" else f"The description is {found!r}."

        return written(self.task(description="of the matrix"), judge)

    def policy(self) -> Outcome:
        """Name users in the policy."""
        account = _key(self.store)["Arn"].split(":")[4]
        user = f"arn:aws:iam::{account}:root"

        def judge(_result: Result) -> str | None:
            found = [each.get("Sid") for each in _policy(self.store)["Statement"]]
            return None if "S3KeyUsers" in found else f"The statements are {found}."

        return written(self.task(users=[user]), judge)

    def tags(self) -> Outcome:
        """Tag the key."""

        def judge(_result: Result) -> str | None:
            tags = {tag["TagKey"]: tag["TagValue"] for tag in self._tags()}
            return None if tags.get("team") == "blue" else f"The tags are {tags}."

        return written(self.task(tags={"team": "blue"}), judge)

    def _tags(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.store.kms.list_resource_tags(KeyId=_key(self.store)["KeyId"])["Tags"]
        return found

    def rotation(self) -> Outcome:
        """Rotate the key in another period."""

        def judge(_result: Result) -> str | None:
            found = self.store.kms.get_key_rotation_status(KeyId=_key(self.store)["KeyId"])
            good = found["KeyRotationEnabled"] and found.get("RotationPeriodInDays") == 180
            return (
                None if good else f"The rotation is {found['KeyRotationEnabled'], found.get('RotationPeriodInDays')}."
            )

        return written(self.task(rotation_enabled=True, rotation_period_in_days=180), judge)

    def info(self) -> Outcome:
        """Read the key."""

        def judge(result: Result) -> str | None:
            (found,) = result["kms_keys"]
            good = found["arn"] == _key(self.store)["Arn"] and found["state"] == "Enabled"
            return None if good else f"The result has {found}."

        return judged(self.store.task("kms_key_for_s3_info", alias=ALIAS, include_used_by=False), judge)

    def disable(self) -> Outcome:
        """Disable the key."""

        def judge(_result: Result) -> str | None:
            state = _key(self.store)["KeyState"]
            return None if state == "Disabled" else f"The state is {state}."

        return written(self.task(enabled=False), judge)

    def delete(self) -> Outcome:
        """Schedule the deletion of the key."""
        key_id = _key(self.store)["KeyId"]

        def judge(_result: Result) -> str | None:
            state = self.store.kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
            return None if state == "PendingDeletion" else f"The state is {state}."

        return written(self.task(state="absent", deletion_window_in_days=7, force=True), judge)


def create_key(store: Store) -> tuple[str, Outcome]:
    """Create the key of the matrix, and return its ARN with the outcome: with the SDK, where the module fails."""
    outcome = _Keys(store).create()
    try:
        return _key(store)["Arn"], outcome
    except store.kms.exceptions.ClientError:
        arn: str = store.kms.create_key()["KeyMetadata"]["Arn"]
        store.kms.create_alias(AliasName=ALIAS, TargetKeyId=arn)
        return arn, outcome


def run_rows(store: Store) -> dict[str, Outcome]:
    """The outcome of each row after the first. The last deletes the key."""
    keys = _Keys(store)
    return {
        "key: description": keys.describe(),
        "key: policy": keys.policy(),
        "key: tags": keys.tags(),
        "key: rotation": keys.rotation(),
        "key: read": keys.info(),
        "key: disable": keys.disable(),
        "key: delete": keys.delete(),
    }
