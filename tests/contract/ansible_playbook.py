# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""ansible-playbook whose modules run in the process of Ansible's worker: no interpreter starts and imports the SDK.

Playbook, templates, loops, action plugins and results are Ansible's own. The integration targets and `make soak` run
the modules as Ansible sends them.

ansible_playbook.py PLAYBOOK…
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import runpy
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

from ansible.cli.playbook import main
from ansible.executor.task_queue_manager import TaskQueueManager
from ansible.module_utils.testing import patch_module_args
from ansible.plugins.action import ActionBase
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionPkgLoaderBase

COLLECTIONS = ("sealed.s3.", "amazon.aws.")
OWN_VARIABLES = ("SEALED_S3_",)  # of our action plugins for their modules
FOLDER = Path(__file__).parent

send_and_run = ActionBase._execute_module
run_playbook = TaskQueueManager.run
compile_file = _AnsibleCollectionPkgLoaderBase.get_code


@contextlib.contextmanager
def not_traced() -> Iterator[None]:
    """Measure the coverage of the action plugins only: other tests measure that of the modules."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


def run_in_worker(
    action: Any,
    module_name: str | None = None,
    module_args: dict[str, Any] | None = None,
    task_vars: dict[str, Any] | None = None,
    **options: Any,
) -> Any:
    """Run a module of the collections here. Each worker is a process of its own, for one task."""
    name = module_name or action._task.action
    options_of_task = dict(action._task.args if module_args is None else module_args)
    variables = {key: value for each in action._task.environment or () for key, value in each.items()}
    is_own = all(key.startswith(OWN_VARIABLES) for key in variables)
    if not name.startswith(COLLECTIONS) or action._task.async_val or not is_own:
        return send_and_run(action, module_name, module_args, task_vars=task_vars, **options)
    action._update_module_args(name, options_of_task, task_vars)
    os.environ.update(variables)  # of this worker only
    written = io.StringIO()
    with (
        not_traced(),
        patch_module_args(options_of_task),
        contextlib.redirect_stdout(written),
        contextlib.suppress(SystemExit),
    ):
        runpy.run_module(python_name(name), run_name="__main__")
    return action._parse_returned_data({"rc": 0, "stdout": written.getvalue(), "stderr": ""}, "legacy")


def python_name(module: str) -> str:
    """The Python module of an Ansible module."""
    namespace, collection, name = module.split(".")
    return f"ansible_collections.{namespace}.{collection}.plugins.modules.{name}"


def compile_once(loader: Any, name: str) -> Any:
    """The code of a file of a collection, which Ansible compiles in each process: from its cache, as Python does it."""
    path = loader.get_filename(name)
    if loader._compiled_code is None and path and Path(path).is_file():
        loader._compiled_code = SourceFileLoader(name, path).get_code(name)
    return compile_file(loader, name)


def import_once(queue: Any, play: Any) -> Any:
    """Import our modules and the SDK before the workers, which are copies of this process, exist."""
    with not_traced():
        for path in sorted((FOLDER.parents[1] / "plugins" / "modules").glob("[!_]*.py")):
            importlib.import_module(python_name(f"sealed.s3.{path.stem}"))
        importlib.import_module("ansible_collections.sealed.s3.plugins.plugin_utils.encryption_report")
        importlib.import_module("boto3").client("s3")
    return run_playbook(queue, play)


if __name__ == "__main__":
    sys.path.insert(0, str(FOLDER))
    importlib.import_module("sdk_caches").install(setattr)
    actions: Any = ActionBase
    actions._execute_module = run_in_worker
    loaders: Any = _AnsibleCollectionPkgLoaderBase
    loaders.get_code = compile_once
    queues: Any = TaskQueueManager
    queues.run = import_once
    main()
