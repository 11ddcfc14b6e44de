# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Malformed policies: each is refused with the place of the error, and none meets code that does not expect it."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_document import (
    differing_statements,
    parse_policy,
    parse_valid_policy,
    same_policy,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_principals import new_principals
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.public_access import public_statements
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import DesiredPolicy, PolicyScope
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_lockout import find_lockout
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_policy import merge_policy
from ansible_collections.sealed.s3.tests.contract.scale import number

ROLE = "arn:aws:iam::111122223333:role/app"
SCOPE = PolicyScope("aws", "eu-west-1", "111122223333", "one")
VALID: dict[str, Any] = {
    "Version": "2012-10-17",
    "Id": "mine",
    "Statement": [
        {
            "Sid": "Root",
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::111122223333:root", ROLE], "Service": "s3.amazonaws.com"},
            "Action": ["kms:*"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {"kms:CallerAccount": ["111122223333"]},
                "Bool": {"aws:SecureTransport": True},
            },
        },
        {
            "Sid": "",
            "Effect": "Deny",
            "NotPrincipal": {"AWS": ROLE},
            "NotAction": "kms:Decrypt",
            "Resource": ["arn:aws:kms:*:*:key/*"],
        },
    ],
}
Path = tuple[Any, ...]


def replaced(path: Path, value: Any) -> str:
    """The valid policy with another value at this place; without the element if the value is `...`."""
    document = copy.deepcopy(VALID)
    *parents, last = path
    parent: Any = document
    for step in parents:
        parent = parent[step]
    if value is ...:
        del parent[last]
    else:
        parent[last] = value
    return json.dumps(document)


def without_resource() -> dict[str, Any]:
    """The first statement without its Resource."""
    return {name: value for name, value in VALID["Statement"][0].items() if name != "Resource"}


FIRST = ("Statement", 0)
MALFORMED: list[tuple[Path, Any, str]] = [
    (("Statement",), None, "at Statement: it is null"),
    (("Statement",), "Allow", "at Statement: it is a text"),
    (("Statement",), 1, "at Statement: it is a number"),
    (("Statement",), ..., "it has no Statement"),
    (("Statement",), [], "at Statement: it is empty"),
    (("Statement", 1), [], "at statement 2: it is a list"),
    (("Statement", 1), "x", "at statement 2: it is a text"),
    (("Statement", 1), None, "at statement 2: it is null"),
    (("Version",), 2012, "at Version: it is a number"),
    (("Version",), "2012-10-18", "at Version: '2012-10-18' is not a version"),
    (("Id",), None, "at Id: it is null"),
    (("Comment",), "x", "at Comment: a policy does not have this element"),
    ((*FIRST, "Sid"), 1, "at statement 1, Sid: it is a number"),
    ((*FIRST, "Effect"), ..., "at statement 1 (Root), Effect: it is missing"),
    ((*FIRST, "Effect"), "allow", "at statement 1 (Root), Effect: it is 'allow'"),
    ((*FIRST, "Effect"), ["Allow"], "at statement 1 (Root), Effect: it is a list"),
    ((*FIRST, "Principal"), ..., "at statement 1 (Root): it has no Principal"),
    ((*FIRST, "Principal"), [ROLE], "at statement 1 (Root), Principal: it is a list"),
    ((*FIRST, "Principal"), None, "at statement 1 (Root), Principal: it is null"),
    ((*FIRST, "Principal"), {}, "at statement 1 (Root), Principal: it is empty"),
    ((*FIRST, "Principal"), ROLE, "has no type"),
    ((*FIRST, "Principal"), {"AWS": {}}, "at statement 1 (Root), Principal, AWS: an object is not a value"),
    ((*FIRST, "Principal"), {"AWS": []}, "at statement 1 (Root), Principal, AWS: it is empty"),
    ((*FIRST, "Principal"), {"AWS": None}, "at statement 1 (Root), Principal, AWS: null is not a value"),
    ((*FIRST, "Principal"), {"AWS": 123456789012}, "123456789012 is a number, which loses its leading zeros"),
    ((*FIRST, "Principal"), {"CanonicalUser": "79a5"}, "only bucket policies accept"),
    ((*FIRST, "NotPrincipal"), "*", "it has both Principal and NotPrincipal"),
    ((*FIRST, "Action"), ..., "it has no Action"),
    ((*FIRST, "Action"), None, "at statement 1 (Root), Action: null is not a value"),
    ((*FIRST, "Action"), [1], "at statement 1 (Root), Action: a number is not a value"),
    ((*FIRST, "Action"), {}, "an object is not a value"),
    ((*FIRST, "Action"), [], "at statement 1 (Root), Action: it is empty"),
    ((*FIRST, "Action"), "Decrypt", "'Decrypt' has no service"),
    ((*FIRST, "Resource"), ..., "it has no Resource"),
    # KMS requires Resource, and accepts no NotResource in its place.
    ((*FIRST, "NotResource"), "arn:aws:s3:::bucket", "it has both Resource and NotResource"),
    (FIRST, {**without_resource(), "NotResource": "x"}, "at statement 1 (Root), NotResource: KMS does not accept it"),
    ((*FIRST, "Resource"), [None], "at statement 1 (Root), Resource: null is not a value"),
    ((*FIRST, "Condition"), [], "at statement 1 (Root), Condition: it is a list, and not an object"),
    ((*FIRST, "Condition"), "x", "at statement 1 (Root), Condition: it is a text, and not an object"),
    ((*FIRST, "Condition"), None, "at statement 1 (Root), Condition: it is null"),
    ((*FIRST, "Condition", "Bool"), [], "at statement 1 (Root), Condition, Bool: it is a list"),
    ((*FIRST, "Condition", "Bool"), "x", "Condition, Bool: it is a text"),
    ((*FIRST, "Condition", "Bool", "a:b"), None, "Condition, Bool, a:b: null is not a value"),
    ((*FIRST, "Condition", "Bool", "a:b"), [{}], "Condition, Bool, a:b: an object is not a value"),
    ((*FIRST, "Conditions"), {}, "at statement 1 (Root), Conditions: a statement does not have this element"),
    (("Statement", 1, "Effect"), "Allow", "at statement 2, NotPrincipal: AWS accepts it with Effect Deny only"),
    (("Statement", 1, "NotAction"), "", "at statement 2, NotAction: it is empty"),
]


def refusal(text: str) -> str:
    """The message of the refusal."""
    with pytest.raises(OperationError) as error:
        parse_valid_policy(text)
    assert error.value.failure.kind is FailureKind.INVALID
    assert error.value.failure.advice
    return error.value.failure.message


@pytest.mark.parametrize(("path", "value", "message"), MALFORMED, ids=[message for _p, _v, message in MALFORMED])
def test_a_malformed_policy_is_refused_with_the_place(path: Path, value: Any, message: str) -> None:
    """In words."""
    assert message in refusal(replaced(path, value))


def test_a_valid_policy_is_accepted() -> None:
    """Also with a single statement, and without the optional elements."""
    parse_valid_policy(json.dumps(VALID))
    parse_valid_policy(json.dumps({"Statement": VALID["Statement"][0]}))
    parse_valid_policy(json.dumps({**VALID, "Statement": [{**VALID["Statement"][0], "Principal": "*"}]}))


TEXTS = [
    (json.dumps(json.dumps(VALID)), "it is a JSON text within a JSON text"),
    (json.dumps(json.dumps([])), "it is a JSON text within a JSON text"),
    (json.dumps("Allow all"), "it is a text, and not an object"),
    ("[]", "it is a list, and not an object"),
    ("null", "it is null, and not an object"),
    ("{", "line 1, column 2: it is not JSON"),
    (str({"Version": 1}), "line 1, column 2: it is not JSON"),
    ('{"Statement": [], "Statement": []}', "at Statement: an object has this element twice"),
    ('{"Statement": {"Condition": {"Bool": {"a": "b"}, "Bool": {"c": "d"}}}}', "at Bool: an object has this element"),
    ('{"Statement": NaN}', "it is not JSON (NaN)"),
    ("[" * 100_000, "nested too deeply"),
    ('{"Statement": %s}' % ("9" * 5000), "at Statement: it is a number"),
]


@pytest.mark.parametrize(("text", "message"), TEXTS, ids=[message for _text, message in TEXTS])
def test_a_text_that_is_no_policy_is_refused(text: str, message: str) -> None:
    """A dictionary as Python's text, and a text of a text, with the filter to add or to leave out."""
    found = refusal(text)
    assert message in found or "it is not JSON" in found


def test_the_advice_names_the_filter() -> None:
    """to_json is missing, or is there once too often."""
    for text, advice in ((str(VALID), "add to_json"), (json.dumps(json.dumps(VALID)), "Leave out one to_json")):
        with pytest.raises(OperationError, match=advice):
            parse_policy(text)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
JSON = st.recursive(
    SCALARS | st.sampled_from(["*", ROLE, "Allow", "kms:*", 123456789012]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.text(max_size=3) | st.sampled_from(["AWS", "Effect", "Bool", "Principal"]), inner, max_size=2
        )
    ),
    max_leaves=5,
)


def paths(value: Any, path: Path = ()) -> list[Path]:
    """Every place of a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(inner for step, each in items for inner in paths(each, (*path, step)))]


@settings(max_examples=number(usual=150, soak=20_000))
@given(st.sampled_from(paths(VALID)), JSON, st.lists(st.sampled_from([ROLE]), max_size=1).map(tuple))
def test_any_json_at_any_place_is_refused_or_handled(path: Path, value: Any, users: tuple[str, ...]) -> None:
    """By everything that reads a policy, of the task or of KMS: no exception but OperationError."""
    text = replaced(path, value)
    try:
        parse_valid_policy(text)
        valid = True
    except OperationError:
        valid = False
    try:
        parse_policy(text)
    except OperationError:
        assert not valid
        return
    same_policy(text, text)
    public_statements(text)
    new_principals(None, text, SCOPE.account)
    find_lockout(text, SCOPE, Arn.parse(ROLE))
    differing_statements(text, json.dumps(VALID))
    for desired in (DesiredPolicy(users=users), DesiredPolicy(whole=text)):
        for current in (text, json.dumps(VALID)):
            with contextlib.suppress(OperationError):
                merge_policy(current, desired, SCOPE)
