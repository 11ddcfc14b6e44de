# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What HeadObject answers, as stores other than AWS say it."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.object_shapes import flatten_encryption, flatten_grants


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("dnF5x6K/8ZZRzpfSlMMM+w==", "dnF5x6K/8ZZRzpfSlMMM+w=="),
        ("dnF5x6K/8ZZRzpfSlMMM+w==, dnF5x6K/8ZZRzpfSlMMM+w==", "dnF5x6K/8ZZRzpfSlMMM+w=="),
        ("one, other", "one, other"),
        (None, None),
    ],
    ids=["once", "twice", "two values", "not at all"],
)
def test_a_header_that_is_sent_twice_is_one_value(header: str | None, read: str | None) -> None:
    """SeaweedFS names the MD5 of the customer key twice; two that differ are not made one."""
    found = flatten_encryption({"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": header})
    assert (found.type, found.customer_key_md5) == ("SSE-C", read)


def test_grants_beyond_the_owners() -> None:
    """Full control of the owner is what every copy has too; all else is told in words."""
    owner = {"Grantee": {"ID": "me", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    public = {"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}
    other = {"Grantee": {"ID": "you", "DisplayName": "yours"}, "Permission": "FULL_CONTROL"}
    assert flatten_grants({"Owner": {"ID": "me"}, "Grants": [owner]}) == ()
    assert flatten_grants({"Owner": {"ID": "me"}, "Grants": [owner, public, other]}) == (
        "READ to http://acs.amazonaws.com/groups/global/AllUsers",
        "FULL_CONTROL to you",
    )
