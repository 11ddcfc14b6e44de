# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Mode, owner, group and other attributes of a file: checked before any call, compared, and set."""

from __future__ import annotations

import copy
import grp
import pwd
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ...model.errors import Failure, FailureKind, OperationError, invalid_input
from ...model.objects.download_plan import AttributeChange, AttributeValues
from ..file_mode import require_mode
from ..run import ModuleContext

# What Ansible passes to chattr: a sign, and letters that chattr and lsattr know.
# Source: https://man7.org/linux/man-pages/man1/chattr.1.html
_ATTRIBUTES = re.compile(r"[-+]?[aAcCdDeEFIijmNPsStTuVxX]*")


def require_file_attributes(task: ModuleContext) -> None:
    """Raise OperationError for an invalid mode or attribute, and for an owner or group that this host does not have.

    In check mode the owner or group may be missing: an earlier task would have created it.
    """
    require_mode("mode", task.params["mode"])
    attributes = task.params["attributes"]
    if attributes and not _ATTRIBUTES.fullmatch(attributes):
        raise invalid_input(
            f"attributes: {attributes!r} are not file system attributes.",
            "Give letters of chattr, such as i, with + or - before them.",
        )
    if not task.check_mode:
        require_existing("owner", "user", task.params["owner"], pwd.getpwnam)
        require_existing("group", "group", task.params["group"], grp.getgrnam)


def require_existing(option: str, kind: str, name: str | None, look_up: Callable[[str], object]) -> None:
    """Raise OperationError for a user or group that this host does not have."""
    if not _exists(name, look_up):
        raise invalid_input(
            f"{option}: the {kind} {name} does not exist on the host that runs the task.",
            "Create it first, or name another.",
        )


def _exists(name: str | None, look_up: Callable[[str], object]) -> bool:
    """Whether a user or group exists. A number needs no name."""
    if name is None or name.strip().isdecimal():
        return True
    try:
        look_up(name)
    except KeyError:
        return False
    return True


class FileAttributes:
    """The attributes that the task names for one file, compared and set by AnsibleModule's own functions.

    These know symbolic modes, file system attributes and SELinux contexts.
    """

    def __init__(self, task: ModuleContext, path: Path) -> None:
        self._name = str(path)
        # An SELinux context of the policy depends on the final path, and not on that of a temporary file.
        self._arguments = task.module.load_file_common_arguments({**task.params, "path": str(path.resolve())})
        accounts: tuple[tuple[str, Callable[[str], object]], ...] = (("owner", pwd.getpwnam), ("group", grp.getgrnam))
        named = {option: self._arguments[option] for option, _look_up in accounts}
        self._missing = {option: named[option] for option, look_up in accounts if not _exists(named[option], look_up)}
        self._compare_only = self._copy_of(task.module, check_mode=True)
        self._module = self._copy_of(task.module, check_mode=False)

    def difference(self, path: Path) -> AttributeChange | None:
        """What would change on an existing file: Ansible's own answer in check mode, in a real run too.

        A file has no owner or group that does not exist yet, which only a check run accepts.
        """
        change: dict[str, dict[str, Any]] = {}
        is_different = self._call(self._compare_only, path, change, **dict.fromkeys(self._missing))
        if self._missing:
            status = path.stat()
            current = {"owner": status.st_uid, "group": status.st_gid}
            change.setdefault("before", {}).update({name: current[name] for name in self._missing})
            change.setdefault("after", {}).update(self._missing)
        elif not is_different:
            return None
        return AttributeChange(_freeze(change.get("before", {})), _freeze(change.get("after", {})))

    def prepare(self, path: Path) -> None:
        """Set the attributes on a new file that is renamed next. A file with an attribute such as `i` cannot be."""
        self._call(self._module, path, {}, attributes=None)

    def set_on(self, path: Path) -> None:
        """Set the attributes on a file, where they differ. Raises OperationError."""
        self._call(self._module, path, {})

    def _call(self, module: AnsibleModule, path: Path, change: dict[str, dict[str, Any]], **instead: None) -> bool:
        arguments = {**self._arguments, "path": str(path), **instead}
        try:
            return bool(module.set_fs_attributes_if_different(arguments, False, diff=change, expand=False))
        except OSError as error:
            raise self._failure(str(error.strerror or error)) from error

    def _copy_of(self, module: AnsibleModule, *, check_mode: bool) -> AnsibleModule:
        """A copy that reads or writes whatever the run itself does, and whose failures are raised.

        `fail_json` would end the process, and the run could not report what it did before.
        """
        copied = copy.copy(module)
        copied.check_mode = check_mode

        def fail(msg: str, **details: Any) -> NoReturn:
            cause = details.get("details") or details.get("exception")
            if isinstance(cause, OSError):  # its text has the name of the temporary file
                cause = cause.strerror
            raise self._failure(" ".join(f"{msg} ({cause})".split()) if cause else msg)

        copied.fail_json = fail
        return copied

    def _failure(self, cause: str) -> OperationError:
        return OperationError(
            Failure(
                FailureKind.FAILED,
                f"The attributes of {self._name} cannot be set: {cause}.",
                "Check mode, owner, group and attributes, and whether the task may set them.",
                resource=self._name,
            )
        )


def _freeze(attributes: Mapping[str, Any]) -> AttributeValues:
    return tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in sorted(attributes.items())
        if name != "path"
    )
