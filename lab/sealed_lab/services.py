# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The handlers of all operations, by service. An operation without a handler is answered with 501."""

from __future__ import annotations

from collections.abc import Mapping

from . import tagging
from .call import Handler
from .cloudtrail import lookup
from .identity import attachments, managed_policies, roles, simulation, sts, users
from .kms import (
    agreement,
    aliases,
    crypto,
    data_keys,
    grants,
    imports,
    key_tags,
    lifecycle,
    macs,
    multi_region,
    policies,
    rotation,
    signatures,
    stores,
)
from .organizations import accounts, delegation, invitations, organization, units
from .organizations import tags as organization_tags
from .s3 import (
    browser_uploads,
    bucket_acls,
    bucket_encryption,
    bucket_operations,
    bucket_policies,
    configurations,
    copying,
    deletion,
    listing,
    lock_configuration,
    multipart,
    multipart_completion,
    multipart_listing,
    object_annotations,
    object_attributes,
    object_properties,
    reading,
    restoring,
    writing,
)
from .s3.subresources import collections_by_id, documents
from .s3control import access_points, account_settings, jobs, resource_tags


def _merge(*tables: Mapping[str, Handler]) -> dict[str, Handler]:
    merged: dict[str, Handler] = {}
    for table in tables:
        merged.update(table)
    return merged


HANDLERS: dict[str, dict[str, Handler]] = {
    "s3": _merge(
        bucket_operations.OPERATIONS,
        documents.OPERATIONS,
        collections_by_id.OPERATIONS,
        bucket_policies.OPERATIONS,
        configurations.OPERATIONS,
        bucket_acls.OPERATIONS,
        bucket_encryption.OPERATIONS,
        lock_configuration.OPERATIONS,
        reading.OPERATIONS,
        restoring.OPERATIONS,
        writing.OPERATIONS,
        browser_uploads.OPERATIONS,
        object_properties.OPERATIONS,
        object_annotations.OPERATIONS,
        object_attributes.OPERATIONS,
        copying.OPERATIONS,
        multipart.OPERATIONS,
        multipart_completion.OPERATIONS,
        multipart_listing.OPERATIONS,
        deletion.OPERATIONS,
        listing.OPERATIONS,
    ),
    "kms": _merge(
        lifecycle.OPERATIONS,
        key_tags.OPERATIONS,
        policies.OPERATIONS,
        aliases.OPERATIONS,
        crypto.OPERATIONS,
        data_keys.OPERATIONS,
        signatures.OPERATIONS,
        macs.OPERATIONS,
        agreement.OPERATIONS,
        rotation.OPERATIONS,
        grants.OPERATIONS,
        imports.OPERATIONS,
        multi_region.OPERATIONS,
        stores.OPERATIONS,
    ),
    "sts": dict(sts.OPERATIONS),
    "iam": _merge(
        users.OPERATIONS,
        roles.OPERATIONS,
        attachments.OPERATIONS,
        managed_policies.OPERATIONS,
        simulation.OPERATIONS,
    ),
    "s3control": _merge(
        account_settings.OPERATIONS, access_points.OPERATIONS, resource_tags.OPERATIONS, jobs.OPERATIONS
    ),
    "resourcegroupstaggingapi": dict(tagging.OPERATIONS),
    "cloudtrail": dict(lookup.OPERATIONS),
    "organizations": _merge(
        organization.OPERATIONS,
        accounts.OPERATIONS,
        units.OPERATIONS,
        delegation.OPERATIONS,
        organization_tags.OPERATIONS,
        invitations.OPERATIONS,
    ),
}
