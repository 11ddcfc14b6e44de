# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The result of a sync, in either direction: rows of objects, counts, and a grouped diff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ....engine.fleet.fleet import FleetStatus
from ....model.objects.listed_object import ListedUpload
from ....model.objects.sync.sync_state import SyncState
from ....model.outcome import Outcome
from ....model.plan import NotThereYet
from ...fleet_report import FleetReport, FleetWords, first_names
from ...progress import Progress
from ...result import Result, error_of_row
from ...run import ModuleContext
from ..object_warnings import ObjectWarnings

# The number of objects that a result lists unless the task says what to list, and of unfinished uploads.
_MOST_LISTED = 100
# More deletions than this in a check run are worth a warning.
_MANY_DELETIONS = 10


def _row(key: str, _region: str, outcome: Outcome[SyncState, Any]) -> Result:
    return {
        "key": key,
        "changed": outcome.changed,
        "actions": list(outcome.actions),
        "error": error_of_row(outcome.failure) if outcome.failure else None,
    }


def _to_dict(state: SyncState | None) -> Result | None:
    return dict(state.values) if state else None


def _to_line(state: SyncState) -> str:
    """The encryption, and after it what else changes, with names."""
    parts = [value if name == "encryption" else f"{name.replace('_', ' ')}: {value}" for name, value in state.values]
    return ", ".join(parts) or "unchanged"


_OBJECTS = FleetWords("object", "objects", _to_dict, _to_line, _row)


class SyncReport:
    """Collects the outcomes of a sync in any order. It keeps only keys, unless an object is to be listed."""

    def __init__(self, task: ModuleContext) -> None:
        results = task.params["results"]
        self._report = FleetReport(
            _OBJECTS,
            list_unchanged=results == "all",
            list_changed=results != "none",
            limit=_MOST_LISTED if results is None else None,
            container=f"{task.params['bucket']}/",
        )
        self._task = task
        self._began = task.clock.monotonic()
        self._progress = Progress(task.clock, _OBJECTS.plural)
        self._bytes = self._deleted = 0
        self._warnings = ObjectWarnings(task.params["bucket"])

    def add(
        self, position: int, key: str, outcome: Outcome[SyncState, Any], *, size: int = 0, is_deletion: bool = False
    ) -> None:
        """Add the outcome of one object. `size` is that of the content that was transferred for it."""
        if outcome.failure is None or outcome.failure.may_have_been_applied:
            for warning in outcome.warnings:
                self._warnings.add(position, key, warning)
        self._report.add(position, key, "", replace(outcome, warnings=()) if outcome.warnings else outcome)
        if outcome.changed and outcome.failure is None:
            self._bytes += size
            self._deleted += is_deletion

    def vanish(self, key: str) -> None:
        """Add an object that was deleted after it was listed, and that is skipped."""
        self._report.vanish(key)

    def miss(self, missing: NotThereYet) -> None:
        """Add what the run needs, and what does not exist yet."""
        self._report.miss(missing)

    def warn(self, sentence: str) -> None:
        """Add a warning about the run as a whole."""
        self._report.warn(sentence)

    def show_progress(self, status: FleetStatus) -> None:
        """Show how far the run is."""
        counts = f"{status.changed:,} changed, {status.failed:,} failed"
        self._progress.update(status.done, status.matched, is_complete=status.is_complete, counts=counts)

    def result(self, status: FleetStatus, unfinished: Sequence[ListedUpload] = ()) -> Result:
        """The result of the module. `unfinished` are the uploads that are not of this run."""
        for sentence in self._warnings.sentences():
            self.warn(sentence)
        self._warn_of_deletions()
        self._warn_of_uploads(unfinished)
        seconds = self._task.clock.monotonic() - self._began
        result = self._report.result(status, api_calls=self._task.clients.calls.requests, seconds=seconds)
        result["summary"] |= {"deleted": self._deleted, "bytes": self._bytes}
        result["unfinished_uploads"] = [upload._asdict() for upload in unfinished[:_MOST_LISTED]]
        return result

    def _warn_of_deletions(self) -> None:
        if self._task.check_mode and self._deleted > _MANY_DELETIONS:
            side = "objects" if self._task.params["dest"] is None else "files"
            self.warn(f"{self._deleted:,} {side} would be deleted.")

    def _warn_of_uploads(self, unfinished: Sequence[ListedUpload]) -> None:
        if not unfinished:
            return
        uploads = "1 upload" if len(unfinished) == 1 else f"{len(unfinished):,} uploads"
        named = first_names([upload.key for upload in unfinished])
        self.warn(
            f"{uploads} in parts below the prefix, begun before this task, are not finished: {named}. S3 keeps their "
            "parts, and bills them. If no other task is writing there, abort them (AbortMultipartUpload), or let a "
            "lifecycle rule (AbortIncompleteMultipartUpload) do it."
        )
