# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The SDK's session, without what a task does not need: half of the time of a small task is its start.

It is botocore's own. That of boto3 would add its managed transfers to each client of S3, and resources.
"""

from __future__ import annotations

import os

try:
    from botocore.loaders import Loader
    from botocore.session import Session
except ImportError:  # the frontend reports a missing SDK before anything here is called
    Loader = object  # type: ignore[assignment,misc]


class _DataLoader(Loader):
    """The SDK's loader of its data, which does not open the folders of all services before it loads those of one.

    The SDK lists the services to check that one of them exists, which costs a fifth of the time to create a client. For
    a service that is listed, and has no data of the type in question, it raises the same error a call later.
    """

    def list_available_services(self, type_name: str) -> list[str]:
        folders = [path for path in self.search_paths if os.path.isdir(path)]
        return sorted({name for folder in folders for name in os.listdir(folder)})


def open_session(profile: str | None, region: str | None, loader: Loader | None = None) -> Session:
    """A session for a profile. `region` is also that of the clients which the SDK makes to get credentials.

    `loader` is that of another session for the same profile, with what it has loaded already.
    """
    session = Session(profile=profile)
    if loader is None:
        usual: Loader = session.get_component("data_loader")
        loader = _DataLoader(extra_search_paths=list(usual.search_paths), include_default_search_paths=False)
    session.register_component("data_loader", loader)
    if region is not None:
        session.set_config_variable("region", region)
    return session
