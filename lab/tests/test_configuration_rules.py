# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What S3 refuses in the configurations of a bucket, and what it adds to them. Most errors are recorded ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError
from client_calls import raises_client_error

from sealed_lab import RunningLab

pytestmark = pytest.mark.behaviour

MALFORMED = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
)
Case = tuple[tuple[str, str], dict[str, str], Any]


def check_refusals(put: Callable[[Any], Any], cases: list[Case]) -> None:
    """Put each document, and compare the code, the message and the fields of the error."""
    for (code, message), fields, document in cases:
        with pytest.raises(ClientError) as caught:
            put(document)
        error: dict[str, Any] = {**caught.value.response["Error"]}
        assert error == {"Code": code, "Message": message, **fields}, document
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def argument(name: str, value: str) -> dict[str, str]:
    """The fields of an error about an argument."""
    return {"ArgumentName": name, "ArgumentValue": value}


def rule(**members: Any) -> dict[str, Any]:
    """A lifecycle configuration with one rule."""
    return {"Rules": [{"Status": "Enabled", **members}]}


def test_lifecycle_rules_that_are_not_valid(s3: Any, bucket: str) -> None:
    days = {"Expiration": {"Days": 7}}
    twice = {"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}
    tag = {"Tag": {"Key": "a", "Value": "1"}}
    abort = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
    at_two = {"Expiration": {"Date": datetime(2023, 1, 1, 2, 2, tzinfo=timezone.utc)}}
    named = {"Status": "Enabled", "ID": "a", "Filter": {}, **days}

    def put(document: dict[str, Any]) -> None:
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=document)

    cases: list[Case] = [
        (MALFORMED, {}, {"Rules": []}),
        (MALFORMED, {}, rule(**days)),
        (MALFORMED, {}, rule(Filter={}, Prefix="", **days)),
        (MALFORMED, {}, rule(Filter={"And": {"Prefix": "a"}, "Prefix": ""}, **days)),
        (MALFORMED, {}, rule(Filter={"ObjectSizeGreaterThan": 500, "Prefix": ""}, **days)),
        (MALFORMED, {}, rule(Filter={}, NoncurrentVersionExpiration={}, **days)),
        (MALFORMED, {}, rule(Filter={}, Expiration={"Days": 1, "ExpiredObjectDeleteMarker": True})),
        (MALFORMED, {}, rule(Filter={}, Expiration={})),
        (("InvalidArgument", "'Date' must be at midnight GMT"), argument("Date", "2023-01-01T02:02:00.000Z"),
         rule(Filter={}, **at_two)),
        (("InvalidRequest", "Duplicate Tag Keys are not allowed."), {}, rule(Filter={"And": {"Tags": twice}}, **days)),
        (("InvalidRequest", "At least one action needs to be specified in a rule."), {}, rule(Filter={})),
        (("InvalidArgument", "'Days' for Expiration action must be a positive integer"), argument("Days", "0"),
         rule(Filter={}, Expiration={"Days": 0})),
        (("InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Tags."), {},
         rule(Filter=tag, **abort)),
        (("InvalidArgument", "ID length should not exceed allowed limit of 255"), {},
         rule(ID="a" * 256, Filter={}, **days)),
        (("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule"), argument("ID", "a"),
         {"Rules": [named, named]}),
    ]  # fmt: skip
    check_refusals(put, cases)
    with raises_client_error("NoSuchLifecycleConfiguration", 404):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)


def test_ids_that_s3_adds(s3: Any, bucket: str) -> None:
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration=rule(Filter={"Prefix": ""}, Expiration={"Days": 1})
    )
    assert len(s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]["ID"]) == 48
    topic = {"TopicArn": "arn:aws:sns:us-east-1:000000000000:t", "Events": ["s3:ObjectCreated:*"]}
    filters = [{"Name": "prefix", "Value": "a"}, {"Name": "SUFFIX", "Value": ""}]
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "TopicConfigurations": [{**topic, "Filter": {"Key": {"FilterRules": filters}}}],
            "EventBridgeConfiguration": {},
        },
        SkipDestinationValidation=True,
    )
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert found["EventBridgeConfiguration"] == {}
    assert found["TopicConfigurations"][0]["Id"]
    stored = found["TopicConfigurations"][0]["Filter"]["Key"]["FilterRules"]
    assert stored == [{"Name": "Prefix", "Value": "a"}, {"Name": "Suffix", "Value": ""}]


def test_the_minimum_size_for_transitions(s3: Any, bucket: str) -> None:
    configuration = rule(ID="a", Filter={"Prefix": ""}, Expiration={"Days": 7})

    def put(value: str) -> dict[str, Any]:
        response: dict[str, Any] = s3.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration=configuration, TransitionDefaultMinimumObjectSize=value
        )
        return response

    assert put("varies_by_storage_class")["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    check_refusals(put, [(("InvalidRequest", "Invalid TransitionDefaultMinimumObjectSize found: value"), {}, "value")])


def test_the_target_of_access_logs(s3: Any, bucket: str, lab: RunningLab) -> None:
    def put(target: str, source: str = bucket, **more: Any) -> None:
        enabled = {"TargetBucket": target, "TargetPrefix": "log", **more}
        s3.put_bucket_logging(Bucket=source, BucketLoggingStatus={"LoggingEnabled": enabled})

    for name in ("far", "near"):
        region = {"far": "us-west-2", "near": "us-east-2"}[name]
        s3.create_bucket(Bucket=f"{name}-logs", CreateBucketConfiguration={"LocationConstraint": region})
    lab.client("s3", account="222222222222").create_bucket(Bucket="foreign-logs")
    missing = ("InvalidTargetBucketForLogging", "The target bucket for logging does not exist")
    owner = "The owner for the bucket to be logged and the target bucket must be the same."
    cases: list[Case] = [
        (missing, {"TargetBucket": "missing-logs"}, "missing-logs"),
        (("InvalidTargetBucketForLogging", owner), {"TargetBucket": "foreign-logs"}, "foreign-logs"),
    ]
    check_refusals(put, cases)
    with pytest.raises(ClientError) as caught:
        put("far-logs")
    error: dict[str, Any] = {**caught.value.response["Error"]}
    assert (error["Code"], error["TargetBucketLocation"]) == ("CrossLocationLoggingProhibitted", "us-west-2")
    assert "SourceBucketLocation" not in error
    with pytest.raises(ClientError) as caught:
        lab.client("s3", region="us-east-2").put_bucket_logging(
            Bucket="near-logs",
            BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": ""}},
        )
    error = {**caught.value.response["Error"]}
    assert (error["SourceBucketLocation"], error["TargetBucketLocation"]) == ("us-east-2", "us-east-1")


def test_grants_of_access_logs(s3: Any, bucket: str) -> None:
    def put(permission: str) -> None:
        grantee = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}
        grants = [{"Grantee": grantee, "Permission": permission}]
        enabled = {"TargetBucket": bucket, "TargetPrefix": "", "TargetGrants": grants}
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": enabled})

    refused = ("AccessControlListNotSupported", "Target grants not allowed for bucket owner enforced buckets")
    check_refusals(put, [(refused, {}, "READ")])
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    put("READ_ACP")
    grants = s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]["TargetGrants"]
    assert grants[0]["Permission"] == "READ_ACP"
    check_refusals(put, [(MALFORMED, {}, "OTHER")])


def test_replication_needs_versioning_and_a_valid_rule(s3: Any, bucket: str) -> None:
    s3.create_bucket(Bucket="replicas")
    with_filter = {"Filter": {}, "Priority": 0, "DeleteMarkerReplication": {"Status": "Disabled"}}

    def put(members: dict[str, Any]) -> None:
        entry = {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::replicas"}, **members}
        rules = [entry] if members else []
        configuration = {"Role": "arn:aws:iam::000000000000:role/r", "Rules": rules}
        s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)

    source = "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
    destination = "Destination bucket must have versioning enabled."
    schema = (
        "this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more "
        "information."
    )
    check_refusals(put, [(MALFORMED, {}, {}), (("InvalidRequest", source), {}, with_filter)])
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    check_refusals(put, [(("InvalidRequest", destination), {}, with_filter)])
    s3.put_bucket_versioning(Bucket="replicas", VersioningConfiguration={"Status": "Enabled"})
    no_deletions = {"Filter": {}, "Priority": 0}
    old = {"Prefix": "", "DeleteMarkerReplication": {"Status": "Enabled"}}
    cases: list[Case] = [
        (("InvalidRequest", f"DeleteMarkerReplication must be specified for {schema}"), {}, no_deletions),
        (("InvalidRequest", f"DeleteMarkerReplication cannot be used for {schema}"), {}, old),
    ]
    check_refusals(put, cases)
    put(with_filter)
    with raises_client_error("InvalidBucketState", 409):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert len(s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Rules"][0]["ID"]) == 48


def test_replication_of_objects_under_kms_keys_names_a_key(s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.create_bucket(Bucket="replicas")
    for name in (bucket, "replicas"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    def put(members: tuple[dict[str, Any], dict[str, Any]]) -> None:
        criteria, encryption = members
        destination = {"Bucket": "arn:aws:s3:::replicas", **encryption}
        rule = {"Status": "Enabled", "Prefix": "", "Destination": destination, **criteria}
        configuration = {"Role": "arn:aws:iam::000000000000:role/r", "Rules": [rule]}
        s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)

    selected = {"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}}}
    encryption = {"EncryptionConfiguration": {"ReplicaKmsKeyID": key["Arn"]}}
    cases: list[Case] = [
        (("InvalidRequest", "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present."), {},
         ({}, encryption)),
        (("InvalidRequest", "EncryptionConfiguration must be specified if SseKmsEncryptedObjects is enabled."), {},
         (selected, {})),
    ]  # fmt: skip
    check_refusals(put, cases)
    put((selected, encryption))


def test_website_configurations_that_are_not_valid(s3: Any, bucket: str) -> None:
    def put(configuration: dict[str, Any]) -> None:
        s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=configuration)

    def routing(**members: Any) -> dict[str, Any]:
        return {"IndexDocument": {"Suffix": "index.html"}, "RoutingRules": [members]}

    to_all = {"RedirectAllRequestsTo": {"HostName": "test"}}
    suffix = "The IndexDocument Suffix is not well formed"
    protocol = (
        "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically."
    )
    both = {"ReplaceKeyPrefixWith": "a", "ReplaceKeyWith": "b"}
    cases: list[Case] = [
        (("InvalidArgument", suffix), argument("IndexDocument", "/i"), {"IndexDocument": {"Suffix": "/i"}}),
        (("InvalidArgument", "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules."),
         argument("RedirectAllRequestsTo", "not null"), {**to_all, "IndexDocument": {"Suffix": "i"}}),
        (("InvalidArgument", "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty"),
         argument("IndexDocument", "null"), {"ErrorDocument": {"Key": "e"}}),
        (("InvalidRequest", protocol), {}, routing(Redirect={"Protocol": "ftp"})),
        (("InvalidRequest", protocol), {}, {"RedirectAllRequestsTo": {"HostName": "test", "Protocol": "ftp"}}),
        (("InvalidRequest", "You can only define ReplaceKeyPrefix or ReplaceKey but not both."), {},
         routing(Redirect=both)),
        (("InvalidRequest", "Condition cannot be empty. To redirect all requests without a condition, the condition "
          "element shouldn't be present."), {}, routing(Condition={}, Redirect={"HostName": "a"})),
        (("InvalidRequest", "The provided HTTP redirect code (200) is not valid. Valid codes are 3XX except 300."), {},
         routing(Redirect={"HttpRedirectCode": "200"})),
        (MALFORMED, {}, {"IndexDocument": {"Suffix": "i"}, "RoutingRules": []}),
    ]  # fmt: skip
    check_refusals(put, cases)


def test_notification_configurations_that_are_not_valid(s3: Any, bucket: str) -> None:
    def put(document: tuple[str, dict[str, Any]]) -> None:
        kind, members = document
        entry = {"Events": ["s3:ObjectCreated:*"], **members}
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={kind: [entry]})

    queue = "arn:aws:sqs:us-east-1:000000000000:q"
    function = "arn:aws:lambda:us-east-1:000000000000:function:f"
    missing = ("InvalidArgument", "Unable to validate the following destination configurations")
    unparsed = ("InvalidArgument", "The ARN could not be parsed")

    def filtered(**members: str) -> tuple[str, dict[str, Any]]:
        return "QueueConfigurations", {"QueueArn": queue, "Filter": {"Key": {"FilterRules": [members]}}}

    cases: list[Case] = [
        (unparsed, argument("Queue", "q"), ("QueueConfigurations", {"QueueArn": "q"})),
        (unparsed, argument("Topic", queue), ("TopicConfigurations", {"TopicArn": queue})),
        (unparsed, argument("CloudFunction", "f"), ("LambdaFunctionConfigurations", {"LambdaFunctionArn": "f"})),
        (missing, {"ArgumentName1": queue, "ArgumentValue1": "The destination queue does not exist"},
         ("QueueConfigurations", {"QueueArn": queue})),
        (missing, {"ArgumentName1": f"{function}, null",
                   "ArgumentValue1": f"Not authorized to invoke function [{function}]"},
         ("LambdaFunctionConfigurations", {"LambdaFunctionArn": function})),
        (MALFORMED, {}, filtered()),
        (MALFORMED, {}, filtered(Name="prefix")),
        (MALFORMED, {}, filtered(Value="a")),
        (("InvalidArgument", "filter rule name must be either prefix or suffix"),
         argument("FilterRule.Name", "INVALID"), filtered(Name="INVALID", Value="a")),
        (("InvalidArgument", "A specified event is not supported for notifications"), {},
         ("QueueConfigurations", {"QueueArn": queue, "Events": ["s3:Other"]})),
    ]  # fmt: skip
    check_refusals(put, cases)


def test_acceleration_needs_a_name_without_dots(s3: Any, bucket: str) -> None:
    def put(document: tuple[str, str]) -> None:
        s3.put_bucket_accelerate_configuration(Bucket=document[0], AccelerateConfiguration={"Status": document[1]})

    s3.create_bucket(Bucket="with.dots")
    dots = "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"
    cases: list[Case] = [
        (MALFORMED, {}, (bucket, "enabled")),
        (("InvalidRequest", dots), {}, ("with.dots", "random")),
    ]
    check_refusals(put, cases)
    put((bucket, "Suspended"))
    assert s3.get_bucket_accelerate_configuration(Bucket=bucket)["Status"] == "Suspended"


def test_the_ids_of_inventories_and_metrics(s3: Any, bucket: str) -> None:
    target = {"Bucket": f"arn:aws:s3:::{bucket}", "Format": "CSV"}
    inventory = {
        "Id": "i",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": target},
    }

    def put_inventory(changes: dict[str, Any]) -> Any:
        return s3.put_bucket_inventory_configuration(
            Bucket=bucket, Id="i", InventoryConfiguration={**inventory, **changes}
        )

    def put_metrics(name: str, requested: str = "m") -> None:
        s3.put_bucket_metrics_configuration(Bucket=bucket, Id=requested, MetricsConfiguration={"Id": name})

    no_arn = {"Destination": {"S3BucketDestination": {**target, "Bucket": bucket}}}
    cases: list[Case] = [
        (("IdMismatch", "Document ID does not match the specified configuration ID."), {}, {"Id": "other"}),
        (("InvalidS3DestinationBucket", "Invalid bucket ARN."), {}, no_arn),
        (MALFORMED, {}, {"OptionalFields": ["Other"]}),
    ]
    check_refusals(put_inventory, cases)
    check_refusals(put_metrics, [(MALFORMED, {}, "other")])
    assert put_inventory({})["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_metrics_are_listed_in_pages_of_100(s3: Any, bucket: str) -> None:
    assert "MetricsConfigurationList" not in s3.list_bucket_metrics_configurations(Bucket=bucket)
    for number in range(101):
        name = str(100 + number)
        s3.put_bucket_metrics_configuration(Bucket=bucket, Id=name, MetricsConfiguration={"Id": name})
    first = s3.list_bucket_metrics_configurations(Bucket=bucket)
    token = first["NextContinuationToken"]
    second = s3.list_bucket_metrics_configurations(Bucket=bucket, ContinuationToken=token)
    assert [len(first["MetricsConfigurationList"]), first["IsTruncated"]] == [100, True]
    assert [each["Id"] for each in second["MetricsConfigurationList"]] == ["200"]
    assert [second["IsTruncated"], second["ContinuationToken"]] == [False, token]
