# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An inventory of the accounts of an organization: its file, its hosts and groups, and its errors."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable
from ansible.utils.display import Display
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.sealed.s3.plugins.module_utils.frontend.accounts.account_inventory import list_hosts
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError

_FILES = ("accounts.yml", "accounts.yaml")


class AccountInventory(BaseInventoryPlugin, Constructable):  # type: ignore[misc]
    """Adds a host for each account, and what the options of constructed inventories say about it."""

    def verify_file(self, path: str) -> bool:
        """Whether the name of the file is one of this inventory."""
        return bool(super().verify_file(path)) and path.endswith(_FILES)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Add the hosts. Raises AnsibleParserError with the message of a failure."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        options = self.get_options()
        try:
            hosts = list_hosts(options, Display().warning)
        except OperationError as error:
            message = error.failure.sentence()
        else:
            for host in hosts:  # names and tags may have any text, which must never be a template
                self._add(host.name, wrap_var(dict(host.variables)), options)
            return
        raise AnsibleParserError(message)

    def _add(self, name: str, variables: dict[str, Any], options: dict[str, Any]) -> None:
        self.inventory.add_host(name)
        for variable, value in variables.items():
            self.inventory.set_variable(name, variable, value)
        strict = options["strict"]
        self._set_composite_vars(options["compose"], variables, name, strict=strict)
        self._add_host_to_composed_groups(options["groups"], variables, name, strict=strict)
        self._add_host_to_keyed_groups(options["keyed_groups"], variables, name, strict=strict)
