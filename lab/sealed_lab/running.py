# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""A lab in this process, with the methods that tests use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .aws_clients import DEFAULT_REGION, aws_client, aws_environment
from .call_log import CallLog, CallRecord
from .clock import Clock
from .faults import Fault, FaultKind, FaultOptions
from .http_server import ServerThread
from .identity.directory import DEFAULT_ACCOUNT
from .lab import Lab, SavedState
from .s3.object_series import SeriesOptions, add_series
from .similar_accounts import add_similar_accounts
from .transport import Transport

if TYPE_CHECKING:
    from typing_extensions import Unpack  # a part of typing since Python 3.11


class Faults:
    """The active fault rules. See ``sealed_lab.faults.Fault`` for their fields."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def add(self, kind: FaultKind, **options: Unpack[FaultOptions]) -> Fault:
        """Activate a rule."""
        return self._lab.add_fault(Fault.from_mapping({"kind": kind, **options}))

    def clear(self) -> None:
        """Remove all rules."""
        self._lab.faults.clear()

    def hits(self) -> int:
        """Return how many calls have failed by a rule so far."""
        return sum(rule.hits for rule in self._lab.faults.rules)


class RunningLab:
    """A lab that listens: its address, clients, call log, faults and clock.

    Use it as a context manager, or start and stop it.
    """

    def __init__(self, *, port: int = 0, enforcing: bool = False, tls: bool = False, blocks_sse_c: bool = True) -> None:
        """``tls`` adds a port for https. For ``blocks_sse_c`` see the property."""
        self._lab = Lab(enforcing=enforcing, blocks_sse_c=blocks_sse_c)
        self._thread = ServerThread(self._lab, port, tls_port=0 if tls else None)
        self.faults = Faults(self._lab)

    def start(self) -> RunningLab:
        """Listen on 127.0.0.1. Return when the lab responds."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        self._thread.stop()

    def __enter__(self) -> RunningLab:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The endpoint URL for every service."""
        return self._thread.url

    @property
    def tls_url(self) -> str:
        """The endpoint URL for every service over https. ``ca_file`` verifies it."""
        return self._thread.tls_url

    @property
    def ca_file(self) -> Path:
        """The certificate of the lab's authority, for ``AWS_CA_BUNDLE``."""
        return self._thread.ca_file

    def aws_environment(self) -> dict[str, str]:
        """Return the variables with which an SDK finds the lab in the place of AWS, under AWS's host names."""
        return aws_environment(self.url, self.ca_file)

    @property
    def calls(self) -> CallLog:
        """The call log."""
        return self._lab.calls

    @property
    def clock(self) -> Clock:
        """The lab's clock."""
        return self._lab.clock

    @property
    def enforcing(self) -> bool:
        """Whether signatures and policies are enforced. Can be set."""
        return self._lab.enforcing

    @enforcing.setter
    def enforcing(self, value: bool) -> None:
        self._lab.enforcing = value

    @property
    def blocks_sse_c(self) -> bool:
        """Whether new buckets block SSE-C, as at AWS since April 2026. Can be set."""
        return self._lab.blocks_sse_c

    @blocks_sse_c.setter
    def blocks_sse_c(self, value: bool) -> None:
        self._lab.blocks_sse_c = value

    @property
    def transport(self) -> Transport:
        """How requests over the plain port count as sent: for policies, and for the rules about encryption. Can be set.

        Requests over TLS have their own version.
        """
        return self._lab.transport

    @transport.setter
    def transport(self, value: Transport) -> None:
        self._lab.transport = value

    @property
    def rotation_seconds(self) -> float:
        """How long KMS takes for a rotation on demand after its response, by the lab's clock. Can be set."""
        return self._lab.state.kms.rotation_seconds

    @rotation_seconds.setter
    def rotation_seconds(self, value: float) -> None:
        self._lab.state.kms.rotation_seconds = value

    @property
    def index_seconds(self) -> float:
        """How long the index of the tagging API lags behind the tags of keys, by the lab's clock. Can be set."""
        return self._lab.state.kms.index_seconds

    @index_seconds.setter
    def index_seconds(self, value: float) -> None:
        self._lab.state.kms.index_seconds = value

    def add_objects(self, bucket: str, key: str, count: int, **options: Unpack[SeriesOptions]) -> int:
        """Add many objects that are like the object ``key``, and return the number of their versions.

        They have its bytes, encryption, time and properties. The options name them: a ``prefix``, then a number with
        ``digits`` digits (7), which begins with ``start`` and increases by ``step``, then a ``suffix``. In a versioned
        bucket, each has as many ``versions`` as demanded. Raise ``ValueError`` if one of the keys exists.
        """
        return add_series(self._lab, bucket, key, count, options)

    def add_accounts(self, like: str, accounts: Sequence[str]) -> int:
        """Add accounts that are like the account ``like``, and return the number of their buckets.

        They have its roles, managed policies, KMS keys with aliases, and buckets without objects, and are in its
        organization. In all names, ARNs and policies, their number is in the place of that account's. Raise
        ``ValueError`` if an account exists, or if a bucket's name does not contain the number of its account.
        """
        return add_similar_accounts(self._lab, like, accounts)

    def set_region(self, account: str, region: str, *, enabled: bool) -> None:
        """Enable or disable a region in an account. Raise ``ValueError`` for a region that every account has.

        All regions are enabled at first.
        """
        self._lab.set_region(account, region, enabled=enabled)

    def set_account_state(self, account: str, state: str) -> None:
        """Set the state of an account: ``ACTIVE``, ``SUSPENDED`` or ``PENDING_ACTIVATION``. CloseAccount closes one.

        Raise ``ValueError`` for another state.
        """
        self._lab.set_account_state(account, state)

    def reset(self) -> None:
        """Start with an empty state."""
        self._lab.reset()

    def save(self) -> SavedState:
        """Return a copy of the state and the clock, for ``restore``: buckets that take long to fill are filled once."""
        return self._lab.save()

    def restore(self, saved: SavedState) -> None:
        """Go back to a state that this lab saved. Real time has gone on. Faults, calls and settings stay."""
        self._lab.restore(saved)

    def client(
        self,
        service: str,
        *,
        region: str = DEFAULT_REGION,
        account: str = DEFAULT_ACCOUNT,
        credentials: Mapping[str, Any] | None = None,
        tls: bool = False,
        **config: Any,
    ) -> Any:
        """Return a boto3 client, for the TLS port if ``tls``. See ``aws_client`` for the other options."""
        url, ca_file = (self.tls_url, self.ca_file) if tls else (self.url, None)
        return aws_client(
            url, service, region=region, account=account, credentials=credentials, ca_file=ca_file, **config
        )

    def writes(self) -> list[CallRecord]:
        """Return the calls that can change a resource."""
        return self._lab.calls.writes()
