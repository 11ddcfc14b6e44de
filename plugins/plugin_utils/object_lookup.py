# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A lookup that reads objects on the controller: its options, its key file, and its errors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.object_lookup import Controller, look_up
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError, invalid_input
from ansible_collections.sealed.s3.plugins.plugin_utils.decrypted_file import decrypted_file

Variables = dict[str, Any]

# Ansible shows the value of an option that has another type.
_SECRETS = ("customer_key", "customer_key_file", "secret_key", "session_token")
# What Ansible itself passes to a lookup in a loop.
_OF_ANSIBLE = {"wantlist"}


class ObjectLookup(LookupBase):  # type: ignore[misc]
    """Reads the objects whose keys are the terms. It logs nothing, and shows only warnings about options."""

    _variables: Variables

    def run(self, terms: list[Any], variables: Variables | None = None, **options: Any) -> list[str]:
        """The plaintext of each object. Raises AnsibleLookupError with the message of a failure."""
        self._variables = variables or {}
        try:
            self._require_known(options)
            self._require_text(options)
            self.set_options(var_options=variables, direct=options)
            return look_up(self._flatten(terms), self.get_options(), Controller(self._key_file, Display().warning))
        except OperationError as error:
            message = error.failure.sentence()
        raise AnsibleLookupError(message)

    def _names(self) -> dict[str, str]:
        """The names of all options and their aliases, each with the name of its option."""
        options = self.option_definitions.items()
        return {name: option for option, about in options for name in (option, *about.get("aliases", ()))}

    def _require_text(self, options: Variables) -> None:
        """Raise OperationError, without the value, for a secret that is not a text."""
        names = self._names()
        for name, value in options.items():
            if names.get(name) in _SECRETS and isinstance(value, (dict, list, tuple, set, bytes)):
                raise invalid_input(f"{name} is not a text, so its value is not shown.", "Give it as a text.")

    def _require_known(self, options: Variables) -> None:
        """Raise OperationError for an option that does not exist. Ansible ignores it, and with it what it requires."""
        for name in sorted(set(options) - set(self._names()) - _OF_ANSIBLE):
            raise invalid_input(
                f"{name} is not an option of the lookup.",
                "The keys of the objects are its first arguments. ansible-doc -t lookup sealed.s3.s3_object lists the "
                "options.",
            )

    @contextmanager
    def _key_file(self, name: str) -> Iterator[Path]:
        """The path of a file of the controller; of a copy with mode 0600 while it is used, if the file is encrypted."""
        found = self.find_file_in_search_path(self._variables, "files", name, ignore_missing=True)
        if not found:
            raise invalid_input(
                f"customer_key_file {name} does not exist on the controller.",
                "A relative path is searched in files/ of the role and of the playbook, and beside them.",
            )
        # A pipe may never end.
        is_file = os.path.isfile(found)
        readable = decrypted_file(self._loader, found, f"customer_key_file {name}") if is_file else found
        try:
            yield Path(readable)
        finally:
            self._loader.cleanup_tmp_file(readable)
