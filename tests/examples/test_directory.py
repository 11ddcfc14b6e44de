# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A directory of files and templates, some in a vault: the plaintext is in the objects, and never in the output."""

from __future__ import annotations

import re

from .conftest import Example

PLAYBOOK = "directory/upload.yml"
BUCKET = "example-orders-settings"
VAULT_PASSWORD = "example"
SECRETS = ("correct-horse-battery-staple", "example-token")


def test_the_directory(example: Example) -> None:
    password = example.home / "vault-password"
    password.write_text(VAULT_PASSWORD)
    s3, kms = example.client("s3"), example.client("kms")
    s3.create_bucket(Bucket=BUCKET)
    key_arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/orders-settings", TargetKeyId=key_arn)

    first = example.run("--vault-password-file", str(password), "-vvv", "--diff")
    objects = {}
    for entry in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
        found = s3.get_object(Bucket=BUCKET, Key=entry["Key"])
        assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", key_arn)
        objects[entry["Key"]] = found["Body"].read().decode()
    assert objects == {
        "orders/settings.json": (example.folder / "content" / "settings.json").read_text(),
        "orders/partner/api-token": "example-token-c0a8012f7b\n",
        "orders/database.ini": f"[database]\nhost = db.example.com\nuser = orders\npassword = {SECRETS[0]}\n",
    }
    for name in objects:  # the run printed what it did, so it could have printed a secret
        assert re.search(re.escape(name), first.printed)
    assert not [secret for secret in SECRETS if secret in first.printed]

    second = example.run("--vault-password-file", str(password))
    assert second.changed == {"localhost": 0}
    assert example.writes() == []
