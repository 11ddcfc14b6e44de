# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""pytest plugin that runs localstack's own tests against a lab in the place of AWS, and keeps each recorded answer.

Their tests compare each answer with the one that they recorded from AWS: the same code judges the lab here. Only the
fixtures that start localstack are replaced. The plugin runs in an environment of the fetched sources, see ``count.py``.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Generator
from functools import partial
from typing import Any

import pytest
from deepdiff import DeepDiff
from localstack.testing.aws.util import base_aws_client_factory
from localstack.testing.aws.util import secondary_aws_session as other_account_session
from localstack.testing.snapshots.transformer_utility import (
    SNAPSHOT_BASIC_TRANSFORMER,
    TransformerUtility,
)
from localstack_snapshot.snapshots.transformer import RegexTransformer

from .caller import Caller
from .cases import case_of
from .etags import with_any_random_etag
from .observing import Observation, Observer, start_with_an_empty_lab

_caller = Caller()
_observer = Observer()
_observer.install()


def pytest_configure(config: pytest.Config) -> None:
    """Accept the markers of the tests."""
    config.addinivalue_line("markers", "snapshot_validated: recorded")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what localstack skips because its own servers do not support it: AWS's answers are recorded all the same."""
    for item in items:
        for node in item.listchain():
            node.own_markers = [each for each in node.own_markers if each.name != "skip"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Start each test with an empty lab."""
    start_with_an_empty_lab()
    _caller.become_user(os.environ["LAB_URL"])
    _observer.now = Observation()


@pytest.fixture(scope="session")
def aws_session() -> Any:
    """The session of the default account."""
    return _caller.session()


@pytest.fixture(scope="session")
def secondary_aws_session() -> Any:
    """The session of another account."""
    return other_account_session()


@pytest.fixture(scope="session")
def aws_client_factory(aws_session: Any) -> Any:
    """Clients of the default account."""
    return base_aws_client_factory(aws_session)


@pytest.fixture(scope="session")
def secondary_aws_client_factory(secondary_aws_session: Any) -> Any:
    """Clients of another account."""
    return base_aws_client_factory(secondary_aws_session)


@pytest.fixture(scope="session")
def aws_client(aws_client_factory: Any) -> Any:
    """Clients of the default account in the default region."""
    return aws_client_factory()


@pytest.fixture(scope="session")
def secondary_aws_client(secondary_aws_client_factory: Any) -> Any:
    """Clients of another account in the default region."""
    return secondary_aws_client_factory()


@pytest.fixture
def snapshot(request: Any, _snapshot_session: Any, account_id: str, region_name: str) -> Any:
    """The recorded answers of a test, with the replacements that were made when they were recorded."""
    session = _snapshot_session
    session.transform = TransformerUtility
    session.verify = False  # a difference does not end the test: the answers after it are compared too
    session.skip_verification_paths = []
    for pattern, replacement in ((account_id, "1" * 12), (region_name, "<region>"), ("arn:aws:", "arn:<partition>:")):
        session.add_transformer(RegexTransformer(pattern, replacement), priority=2)
    session.add_transformer(session.transform.remove_key("x-localstack"))
    session.add_transformer(SNAPSHOT_BASIC_TRANSFORMER, priority=2)
    if "s3control" in str(request.fspath):  # their recordings were made with this replacement, which moved since
        session.add_transformer(session.transform.key_value("HostId", reference_replacement=False))
    session.parts = {}
    compare = session.match

    def match(key: str, value: Any) -> Any:
        session.parts[key] = (_observer.now.find(value), copy.deepcopy(plain(value)))
        return compare(key, value)

    session.match = match
    return session


def plain(value: Any) -> Any:
    """Return a value without streams, which are not compared in another answer than their own."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return None if hasattr(value, "read") else value


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """Write the requests of a test whose fixtures failed."""
    report = yield
    if report.when == "setup" and not report.passed:
        _append(case_of(item.nodeid, [], _observer.now.requests))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: Any) -> Generator[None, Any, Any]:
    """Write what the test observed, whether it passed or not."""
    stopped: BaseException | None = None
    try:
        return (yield)
    except BaseException as error:
        stopped = error
        raise
    finally:
        _observer.now.is_teardown = True
        session = item.funcargs.get("snapshot")
        if session is not None and session.recorded_state:
            _write(item.nodeid, session, stopped)


def _write(test: str, session: Any, stopped: BaseException | None) -> None:
    seen = session._transform(dict(session.observed_state))
    sent = [each.shown.get("with", {}) for each in _observer.now.requests]
    normal = partial(with_any_random_etag, has_customer_key=any("SSECustomerKey" in each for each in sent))
    rows = []
    for name, answer in session.recorded_state.items():
        recorded = normal(answer)
        found = normal(seen[name]) if name in seen else None
        difference = DeepDiff(recorded, found, verbose_level=2).pretty() if name in seen else "not reached"
        step, value = session.parts.get(name, (None, None))
        rows.append({"name": name, "recorded": recorded, "difference": difference, "found": step, "value": value})
    result = case_of(test, rows, _observer.now.requests)
    result["stopped"] = repr(stopped)[:300] if stopped else None
    _append(result)


def _append(result: dict[str, Any]) -> None:
    with open(os.environ["RECORDED_OUT"], "a") as out:
        out.write(json.dumps(result) + "\n")
