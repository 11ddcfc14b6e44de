# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""How recorded answers become demands of the table, and which answers meet them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from recorded_answers.cases import expected_of
from recorded_answers.comparison import compare, compare_outcomes, unexpected_outcome
from recorded_answers.etags import with_any_random_etag
from recorded_answers.expectation import differences, expectation, kind_of_message, meets, sentence, unbound
from recorded_answers.references import References
from recorded_answers.request import Request
from recorded_answers.responses import http_parts
from recorded_answers.scope import outside
from recorded_answers.values import UNQUOTED, decode, encode, follow

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234"
RECORDED_ARN = "arn:<partition>:kms:<region>:111111111111:key/<key-id:1>"

# What was recorded, what the lab answers, the demand in the table, and answers that do not meet it.
DEMANDS: list[tuple[Any, Any, Any, list[Any]]] = [
    ("Enabled", "Enabled", "Enabled", ["Disabled", None, True]),
    (True, True, True, [False, 1, "true"]),
    (1, 1, 1, [True, 2, "1"]),
    ("datetime", NOW, {"$any": "time"}, ["datetime", None, 0]),
    ("bucket", None, {"$any": "nothing"}, ["", 0]),
    ("bucket", "b-1", {"$any": "text"}, [None, 1, b"", {}, NOW]),
    ("<expiration>", {"Days": 1}, {"$any": "object"}, [None, "text", []]),
    ("text", b"text", "text", [b"other", NOW]),
    ("<name:1>-x", "one-x", {"$like": "<name:1>-x"}, ["one-y", "-x", None]),
    (
        RECORDED_ARN,
        KEY_ARN,
        {"$like": "arn:<partition>:kms:<region>:<account>:key/<key-id:1>"},
        [KEY_ARN.replace("us-east-1", ""), KEY_ARN.replace("123456789012", "1"), KEY_ARN.replace("key/", "alias/")],
    ),
    ({"a": 1}, {"a": 1}, {"a": 1}, [{}, {"a": 1, "b": 2}, {"a": 2}, None, []]),
    ({}, {"a": 1}, {"a": {"$ignored": True}}, [{"b": 1}]),
    ([1, 2], [1, 2], [1, 2], [[2, 1], [1], [1, 2, 3], None]),
    (
        [{"Key": "b"}, {"Key": "a"}],
        [{"Key": "a"}, {"Key": "b"}],
        {"$unordered": [{"Key": "b"}, {"Key": "a"}]},
        [[{"Key": "a"}], [{"Key": "a"}, {"Key": "a"}], [{"Key": "a"}, {"Key": "b"}, {"Key": "c"}], None],
    ),
    ({"a": [1]}, '{"a": [1]}', {"$json": {"a": [1]}}, ['{"a": [2]}', '{"a": [1], "b": 1}', "{", None]),
    (
        {"Message": "The key <key:1> is disabled."},
        {"Message": "The key k-1 is disabled."},
        {"Message": {"$words": ["The", "disabled.", "is", "key", {"$like": "<key:1>"}]}},
        [{"Message": "The key k-1 is enabled."}, {"Message": "The key k-1 is disabled. Really."}, {"Message": "The"}],
    ),
]


@pytest.mark.parametrize(("recorded", "answer", "demand", "others"), DEMANDS)
def test_a_demand_is_met_by_its_answer_and_by_no_other(
    recorded: Any, answer: Any, demand: Any, others: list[Any]
) -> None:
    """The table holds what AWS answered wherever the recording has a value."""
    assert expectation(recorded, answer) == demand
    assert differences(demand, answer, {}) == []
    assert [other for other in others if meets(demand, other, {})] == []


def test_a_name_with_a_number_stands_for_one_value() -> None:
    """Unless a test replaced different values by one name."""
    known: dict[str, str] = {}
    demand = {"$like": "<id:1>"}
    assert meets(demand, "one", known)
    assert not meets(demand, "two", known)
    assert meets(unbound([demand]), ["two"], known)


def test_no_sentence_stands_in_the_table() -> None:
    """A sentence is kept as its words; a single word stays as it is."""
    assert sentence("Access is denied", "Access is denied") == {"$words": ["Access", "denied", "is"]}
    assert sentence("AccessDenied", "AccessDenied") == "AccessDenied"
    for value in ("arn:aws:kms:us-east-1:123456789012:key/1", RECORDED_ARN):
        assert kind_of_message(f"{value} is disabled.") == "disabled is"
    assert kind_of_message("The key 'k' [a, b] must not begin with aws: or 7.") == "aws begin key must not or the with"


def answer_of(status: int, **fields: Any) -> dict[str, Any]:
    """Return an answer as the SDK returns it."""
    return {"ResponseMetadata": {"HTTPStatusCode": status}, **fields}


REFUSED = answer_of(403, Error={"Code": "AccessDenied", "Message": "Access Denied", "Key": "k"})


@pytest.mark.parametrize(
    "other",
    [
        answer_of(400, Error=REFUSED["Error"]),
        answer_of(403, Error={**REFUSED["Error"], "Code": "AllAccessDisabled"}),
        answer_of(403, Error={**REFUSED["Error"], "Message": "Forbidden"}),
        answer_of(403, Error={**REFUSED["Error"], "Resource": "/b/k"}),
        answer_of(403, Error={"Code": "AccessDenied", "Message": "Access Denied"}),
        answer_of(200),
    ],
)
def test_status_code_message_and_fields_are_compared(other: dict[str, Any]) -> None:
    """Each change of an answer is found."""
    request = Request({"call": "s3.GetObject"}, kept=REFUSED)
    demand = expected_of({"recorded": REFUSED, "value": None}, [], request)
    assert demand == {
        "status": 403,
        "code": "AccessDenied",
        "message": "access denied",
        "fields": {"Error": {"Key": "k"}},
    }
    assert compare(demand, REFUSED, {}) == []
    assert compare(demand, other, {}) != []


def test_an_http_answer_is_compared_by_its_parts() -> None:
    """A test may add the status to the document, or remove its namespace."""
    parts = http_parts(404, {"ETag": "e"}, b'<Error xmlns="n"><Code>NoSuchKey</Code></Error>')
    request = Request({"http": "GET"}, kept=parts)
    document = {"Error": {"Code": "NoSuchKey"}}
    for value, demand in (
        (404, {"status": 404}),
        ({"etag": "e"}, {"headers": {"etag": "e"}}),
        (document, {"xml": {"Error": {"Code": "NoSuchKey", "@xmlns": {"$ignored": True}}}}),
    ):
        assert expected_of({"recorded": value, "value": value}, None, request) == demand
        assert compare(demand, parts, {}) == []
    with_status = {**document, "StatusCode": 404}
    found = expected_of({"recorded": with_status, "value": with_status}, None, request)
    assert found is not None
    assert found["status"] == 404
    assert compare(found, {**parts, "status": 403}, {}) != []
    assert compare(found, {**parts, "xml": {"Error": {"Code": "NoSuchBucket"}}}, {}) != []
    assert expected_of({"recorded": 1, "value": 1}, None, request) is None


def test_requests_without_a_recorded_answer_keep_their_outcome() -> None:
    """The state that a case needs must come about as it did."""
    call = {"call": "s3.GetObject"}
    assert unexpected_outcome(0, call, answer_of(200)) == []
    assert unexpected_outcome(0, call, REFUSED) != []
    assert unexpected_outcome(0, {**call, "fails": "AccessDenied"}, REFUSED) == []
    assert unexpected_outcome(0, {**call, "fails": "AccessDenied"}, answer_of(200)) != []
    assert compare_outcomes([[403, "AccessDenied"], [200, None]], [REFUSED, answer_of(200)]) == []
    assert len(compare_outcomes([[404, "AccessDenied"], [200, "NoSuchKey"]], [REFUSED, answer_of(200)])) == 2


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, True, None, "text"]},
        b"short",
        b"\xff\x00",
        b"ab" * 5_000,
        bytes(range(256)) * 3 + b"end",
        NOW + timedelta(seconds=90),
        NOW - timedelta(days=900),
        datetime(2026, 1, 5, tzinfo=timezone.utc),
    ],
)
def test_a_value_is_the_same_after_the_table(value: Any) -> None:
    """Encoded and decoded at the same time."""
    assert decode(encode(value, NOW), NOW, []) == value


def test_long_random_bytes_keep_their_size() -> None:
    """The table does not hold them."""
    content = decode({"$size": 20_000}, NOW, [])
    assert encode(content, NOW) == {"$size": 20_000}


def test_references_find_what_a_request_took_from_an_earlier_answer() -> None:
    """Whole values, values inside of a text, and ETags without quotes; not what the test itself sent before."""
    references = References()
    assert references.in_request({"Bucket": "chosen-by-the-test"}) == {"Bucket": "chosen-by-the-test"}
    answer = {"Id": "0123456789abc", "Bucket": "chosen-by-the-test", "ETag": '"fedcba987654"', "Blob": b"0123456789xyz"}
    references.add_answer(0, answer)
    sent = {
        "id": "0123456789abc",
        "arn": "arn:0123456789abc/x",
        "etag": "fedcba987654",
        "bucket": "chosen-by-the-test",
        "blob": b"0123456789xyz+",
    }
    shown = references.in_request(sent)
    assert shown["id"] == {"$from": [0, "Id"]}
    assert shown["arn"] == "arn:{{0|Id}}/x"
    assert shown["etag"] == {"$from": [0, "ETag", UNQUOTED]}
    assert shown["bucket"] == "chosen-by-the-test"
    assert decode(encode(shown, NOW), NOW, [answer]) == sent


def test_follow_fails_where_an_answer_has_no_such_part() -> None:
    """A reference to a field that the lab does not return is no empty text."""
    assert follow({"a": [{"b": 1}]}, ["a", "0", "b"]) == 1
    for path in (["x"], ["a", 1], ["a", 0, "b", "c"]):
        with pytest.raises((KeyError, IndexError, TypeError)):
            follow({"a": [{"b": 1}]}, path)


@pytest.mark.parametrize(
    ("answer", "has_customer_key", "is_random"),
    [
        ({"ServerSideEncryption": "aws:kms"}, False, True),
        ({"ServerSideEncryption": "aws:kms:dsse"}, False, True),
        ({"ServerSideEncryption": "AES256"}, False, False),
        ({}, False, False),
        ({}, True, True),
    ],
)
def test_only_random_etags_are_replaced(answer: dict[str, Any], has_customer_key: bool, is_random: bool) -> None:
    """An ETag that is the MD5 of the content is compared."""
    etag = f'"{"0a" * 16}-2"'
    found = with_any_random_etag({**answer, "Parts": [{"ETag": etag}]}, has_customer_key=has_customer_key)
    assert found["Parts"] == [{"ETag": '"<etag>-2"' if is_random else etag}]


def test_what_is_out_of_scope() -> None:
    """A test that needs a service that the lab does not have, or an operation that it leaves out."""
    assert outside([{"call": "s3.GetObject"}, {"http": "GET"}, {"call": "iam.CreateRole"}]) is None
    assert outside([{"call": "sqs.CreateQueue"}]) is not None
    assert outside([{"call": "s3.SelectObjectContent"}]) is not None
