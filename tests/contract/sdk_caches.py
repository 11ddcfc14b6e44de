# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Caches for what each session and each client of the SDK computes again, from files and code that do not change.

Each task has a session of its own, as a module has in its process. The tests run thousands of tasks in one process.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import botocore.client
import botocore.hooks
import botocore.regions
from botocore.client import ClientCreator
from botocore.endpoint_provider import EndpointProvider
from botocore.hooks import EventAliaser
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel

Replace = Callable[[Any, str, Any], None]


def install(replace: Replace) -> None:
    """Cache by arguments only: no state of a session, a client or a task is shared. `replace` is as `setattr`."""
    _read_each_file_once(replace)
    for name in ("list_available_services", "list_api_versions"):
        _search_once(replace, name)
    _alias_each_event_once(replace)
    _inspect_each_handler_once(replace)
    _create_methods_once(replace)
    _build_once_from_data(replace, botocore.client, ServiceModel)
    _build_once_from_data(replace, botocore.regions, EndpointProvider)


def _read_each_file_once(replace: Replace) -> None:
    load = JSONFileLoader.load_file
    read = functools.cache(lambda path: load(JSONFileLoader(), path))
    replace(JSONFileLoader, "load_file", lambda _loader, path: read(path))


def _search_once(replace: Replace, name: str) -> None:
    """Search the folders of the models once for each search path."""
    search = getattr(Loader, name)
    found: dict[Any, list[str]] = {}

    def cached(loader: Loader, *arguments: Any) -> list[str]:
        key = (tuple(loader.search_paths), arguments)
        if key not in found:
            found[key] = search(loader, *arguments)
        return found[key]

    replace(Loader, name, cached)


def _alias_each_event_once(replace: Replace) -> None:
    """Share the aliases of the names of events, which do not depend on the session."""
    create = EventAliaser.__init__
    shared: dict[str, str] = {}

    def with_shared_names(aliaser: Any, emitter: Any, event_aliases: Any = None) -> None:
        create(aliaser, emitter, event_aliases)
        aliaser._alias_name_cache = shared

    replace(EventAliaser, "__init__", with_shared_names)


def _inspect_each_handler_once(replace: Replace) -> None:
    hooks: Any = botocore.hooks
    inspect = hooks.accepts_kwargs
    inspect_once = functools.lru_cache(maxsize=4096)(inspect)

    def accepts_kwargs(handler: Callable[..., Any]) -> Any:
        function = handler.__func__ if isinstance(handler, types.MethodType) else handler
        return inspect_once(function) if isinstance(function, types.FunctionType) else inspect(handler)

    replace(hooks, "accepts_kwargs", accepts_kwargs)


def _create_methods_once(replace: Replace) -> None:
    """Share the methods of the clients of a service, whose model `_build_once_from_data` shares."""
    creators: Any = ClientCreator
    create = creators._create_methods
    created: dict[int, tuple[Any, dict[str, Any]]] = {}

    def cached(creator: ClientCreator, service_model: Any) -> dict[str, Any]:
        if id(service_model) not in created:
            created[id(service_model)] = (service_model, create(creator, service_model))
        return dict(created[id(service_model)][1])

    replace(ClientCreator, "_create_methods", cached)


def _build_once_from_data(replace: Replace, module: Any, build: type) -> None:
    """Share what is built from the data of a file. `_read_each_file_once` keeps the data, so that its id is its key."""
    built: dict[Any, Any] = {}

    def cached(*arguments: Any, **named: Any) -> Any:
        key = (*map(_key, arguments), *((name, _key(value)) for name, value in sorted(named.items())))
        if key not in built:
            built[key] = (build(*arguments, **named), arguments, named)
        return built[key][0]

    replace(module, build.__name__, cached)


def _key(value: Any) -> Any:
    """The identity of data, and any other value itself."""
    if isinstance(value, set):
        return frozenset(value)
    return id(value) if isinstance(value, (dict, list)) else value
