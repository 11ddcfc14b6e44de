# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Strategies of hypothesis: rows of a report whose texts are anything that AWS or a file of results can hold."""

from __future__ import annotations

from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import (
    Aspect,
    Observation,
    ReportedFinding,
    Resource,
    ResourceKind,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.report_world import HOSTILE_NAMES

# What is hostile in the middle of a name, and to readers of CSV, SARIF and XML.
MORE_NAMES = (
    *("\r=1", "\n=1", "a;=1", 'a",=1', "a|@b", "'=1", "\uff1d1", " \u00a0=1", "''", "'", ";", "\r", "\x85", "&amp;"),
    *("[x](https://example.com)", "](", "\\](", "{0}", "}{", "..", ".", "a/../b", "//x", "http://x", "a//b"),
)
TEXTS = st.one_of(
    st.sampled_from(HOSTILE_NAMES),
    st.text(max_size=12),
    st.lists(st.sampled_from([*MORE_NAMES, "x", " "]), max_size=6).map("".join),
)
RESOURCES = st.builds(
    Resource,
    st.sampled_from(ResourceKind),
    TEXTS.filter(bool),
    arn=TEXTS,
    account_id=TEXTS,
    account_name=TEXTS,
    region=TEXTS,
)
OBSERVATIONS = st.builds(
    Observation,
    RESOURCES,
    st.sampled_from(Aspect),
    is_compliant=st.sampled_from([True, False, None]),
    findings=st.lists(
        st.builds(ReportedFinding, st.sampled_from(Rule), TEXTS, st.one_of(st.none(), TEXTS.filter(bool))), max_size=3
    ).map(tuple),
    error=st.one_of(st.just(""), TEXTS),
)
ROWS = st.lists(OBSERVATIONS, max_size=4)
