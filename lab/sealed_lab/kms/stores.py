# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Custom key stores as records. The keys of a connected store work like all other keys."""

from __future__ import annotations

import secrets
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..identity.permission import require_permission
from .access import get_region_state
from .keys import CustomStore
from .pagination import paginate


def _authorize(call: Call) -> None:
    require_permission(call, f"kms:{call.operation.name}")


def _find_store(call: Call) -> CustomStore:
    store = get_region_state(call).stores.get(call["CustomKeyStoreId"])
    if store is None:
        raise ServiceError(
            "CustomKeyStoreNotFoundException", f"Custom key store {call['CustomKeyStoreId']} does not exist.", 400
        )
    return store


def create_custom_key_store(call: Call) -> Output:
    """Create a store that is not connected."""
    _authorize(call)
    region_state = get_region_state(call)
    kind = call.get("CustomKeyStoreType", "AWS_CLOUDHSM")
    name = call["CustomKeyStoreName"]
    if any(store.name == name for store in region_state.stores.values()):
        raise ServiceError("CustomKeyStoreNameInUseException", f"The name {name} is in use.", 400)
    if kind == "AWS_CLOUDHSM":
        required: tuple[str, ...] = ("CloudHsmClusterId", "TrustAnchorCertificate", "KeyStorePassword")
    else:
        required = (
            "XksProxyConnectivity",
            "XksProxyUriEndpoint",
            "XksProxyUriPath",
            "XksProxyAuthenticationCredential",
        )
    for parameter in required:
        if parameter not in call.params:
            raise ServiceError("ValidationException", f"{parameter} is required for the type {kind}.", 400)
    if kind == "AWS_CLOUDHSM" and any(
        store.cluster_id == call["CloudHsmClusterId"] for store in region_state.stores.values()
    ):
        raise ServiceError("CloudHsmClusterInUseException", "The cluster is in use by another key store.", 400)
    proxy = {
        response_name: str(call[parameter_name])
        for parameter_name, response_name in (
            ("XksProxyConnectivity", "Connectivity"),
            ("XksProxyUriEndpoint", "UriEndpoint"),
            ("XksProxyUriPath", "UriPath"),
            ("XksProxyVpcEndpointServiceName", "VpcEndpointServiceName"),
            ("XksProxyVpcEndpointServiceOwner", "VpcEndpointServiceOwner"),
        )
        if parameter_name in call.params
    }
    if "XksProxyAuthenticationCredential" in call.params:
        proxy["AccessKeyId"] = call["XksProxyAuthenticationCredential"]["AccessKeyId"]
    store = CustomStore(
        f"cks-{secrets.token_hex(8)}0", name, kind, call.now(), cluster_id=call.get("CloudHsmClusterId", ""),
        trust_anchor=call.get("TrustAnchorCertificate", ""), proxy=proxy,
    )  # fmt: skip
    region_state.stores[store.store_id] = store
    return {"CustomKeyStoreId": store.store_id}


def describe_custom_key_stores(call: Call) -> Output:
    """Return one store by id or name, or all stores."""
    _authorize(call)
    stores = list(get_region_state(call).stores.values())
    if "CustomKeyStoreId" in call.params:
        stores = [_find_store(call)]
    elif "CustomKeyStoreName" in call.params:
        stores = [store for store in stores if store.name == call["CustomKeyStoreName"]]
        if not stores:
            raise ServiceError("CustomKeyStoreNotFoundException", "There is no custom key store of this name.", 400)
    fields, page = paginate(call, stores, "stores")
    return {**fields, "CustomKeyStores": [_store_fields(store) for store in page]}


def _store_fields(store: CustomStore) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "CustomKeyStoreId": store.store_id,
        "CustomKeyStoreName": store.name,
        "ConnectionState": "CONNECTED" if store.connected else "DISCONNECTED",
        "CreationDate": store.created,
        "CustomKeyStoreType": store.kind,
    }
    if store.cluster_id:
        entry["CloudHsmClusterId"] = store.cluster_id
        entry["TrustAnchorCertificate"] = store.trust_anchor
    if store.proxy:
        entry["XksProxyConfiguration"] = store.proxy
    return entry


def connect_custom_key_store(call: Call) -> Output:
    """Connect a store at once (AWS takes up to 20 minutes)."""
    _authorize(call)
    store = _find_store(call)
    if store.connected:
        raise ServiceError("CustomKeyStoreInvalidStateException", f"{store.store_id} is already connected.", 400)
    store.connected = True
    for key in get_region_state(call).keys.values():
        if key.store_id == store.store_id and key.state == "Unavailable":
            key.state = "Enabled"
    return {}


def disconnect_custom_key_store(call: Call) -> Output:
    """Disconnect a store. Its keys become unavailable."""
    _authorize(call)
    store = _find_store(call)
    store.connected = False
    for key in get_region_state(call).keys.values():
        if key.store_id == store.store_id and key.state == "Enabled":
            key.state = "Unavailable"
    return {}


def update_custom_key_store(call: Call) -> Output:
    """Rename or reconfigure a disconnected store."""
    _authorize(call)
    store = _find_store(call)
    if store.connected:
        raise ServiceError("CustomKeyStoreInvalidStateException", f"{store.store_id} is connected.", 400)
    store.name = call.get("NewCustomKeyStoreName", store.name)
    store.cluster_id = call.get("CloudHsmClusterId", store.cluster_id)
    return {}


def delete_custom_key_store(call: Call) -> Output:
    """Delete a store. It must be disconnected and have no keys."""
    _authorize(call)
    store = _find_store(call)
    if store.connected:
        raise ServiceError("CustomKeyStoreInvalidStateException", f"{store.store_id} is connected.", 400)
    if any(key.store_id == store.store_id for key in get_region_state(call).keys.values()):
        raise ServiceError("CustomKeyStoreHasCMKsException", f"{store.store_id} has KMS keys.", 400)
    del get_region_state(call).stores[store.store_id]
    return {}


OPERATIONS: dict[str, Handler] = {
    "CreateCustomKeyStore": create_custom_key_store,
    "DescribeCustomKeyStores": describe_custom_key_stores,
    "ConnectCustomKeyStore": connect_custom_key_store,
    "DisconnectCustomKeyStore": disconnect_custom_key_store,
    "UpdateCustomKeyStore": update_custom_key_store,
    "DeleteCustomKeyStore": delete_custom_key_store,
}
