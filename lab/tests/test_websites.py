# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Websites and S3 without TLS, which a client reads through the lab as an HTTP proxy."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from sealed_lab import RunningLab

pytestmark = pytest.mark.behaviour

INDEX = {"IndexDocument": {"Suffix": "index.html"}}
ERROR = {"ErrorDocument": {"Key": "error.html"}}


@pytest.fixture
def site(s3: Any, bucket: str) -> str:
    """A bucket whose objects everyone may list and read, with an index document and two folders."""
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    for key in ("index.html", "folder/index.html", "docs/k", "k"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), ContentType="text/html", ACL="public-read")
    s3.put_object(Bucket=bucket, Key="moved", WebsiteRedirectLocation="/k", ACL="public-read")
    return bucket


def get_page(lab: RunningLab, bucket: str, path: str, method: str = "GET", **headers: str) -> tuple[int, str, str]:
    """Return the status, the location of a redirect and the text."""
    connection = http.client.HTTPConnection(urlsplit(lab.url).netloc, timeout=20)
    host = bucket if "." in bucket else f"{bucket}.s3-website-us-east-1.amazonaws.com"
    connection.request(method, f"http://{host}/{path}", headers=headers)
    response = connection.getresponse()
    result = response.status, response.getheader("Location", ""), response.read().decode()
    connection.close()
    return result


def page_lines(text: str) -> list[str]:
    """Return the items of an error page without the ids of the request."""
    return [each for each in text.splitlines() if each.startswith("<li>") and "Id: " not in each]


def test_documents_and_folders(s3: Any, site: str, lab: RunningLab) -> None:
    s3.put_bucket_website(Bucket=site, WebsiteConfiguration=INDEX)
    etag = s3.head_object(Bucket=site, Key="k")["ETag"]
    cases = [
        ("", (200, "", "index.html")),
        ("folder/", (200, "", "folder/index.html")),
        ("folder", (302, "/folder/", "")),
        ("k", (200, "", "k")),
        ("moved", (301, "/k", "")),
    ]
    for path, expected in cases:
        assert get_page(lab, site, path) == expected
    assert get_page(lab, site, "k", "HEAD") == (200, "", "")
    assert get_page(lab, site, "k", **{"If-None-Match": etag})[0] == 304


def test_error_pages(s3: Any, site: str, lab: RunningLab) -> None:
    def check(path: str, status: int, *lines: str, bucket: str = site, method: str = "GET") -> None:
        found = get_page(lab, bucket, path, method)
        assert (found[0], page_lines(found[2])) == (status, [f"<li>{line}</li>" for line in lines])

    missing_site = "The specified bucket does not have a website configuration"
    missing_key = ("Code: NoSuchKey", "Message: The specified key does not exist.")
    check("", 404, "Code: NoSuchBucket", "Message: The specified bucket does not exist", "BucketName: missing-bucket",
          bucket="missing-bucket")  # fmt: skip
    check("", 404, "Code: NoSuchWebsiteConfiguration", f"Message: {missing_site}", f"BucketName: {site}")
    s3.put_bucket_website(Bucket=site, WebsiteConfiguration=INDEX)
    check("other/", 404, *missing_key, "Key: other/index.html")
    check("", 405, "Code: MethodNotAllowed", "Message: The specified method is not allowed against this resource.",
          "Method: POST", "ResourceType: OBJECT", method="POST")  # fmt: skip
    s3.put_object_acl(Bucket=site, Key="k", ACL="private")
    check("k", 403, "Code: AccessDenied", "Message: Access Denied")
    elsewhere = f"{site}.s3-website.eu-central-1.amazonaws.com"
    check("", 400, "Code: IncorrectEndpoint",
          "Message: The specified bucket exists in another region. Please direct requests to the specified endpoint.",
          f"Endpoint: {site}.s3-website-us-east-1.amazonaws.com", bucket=elsewhere)  # fmt: skip
    assert get_page(lab, "example.com", "")[0] == 403
    s3.put_bucket_website(Bucket=site, WebsiteConfiguration={**INDEX, **ERROR})
    check("other", 404, *missing_key, "Key: other", *missing_key, "Key: error.html")
    s3.put_object(Bucket=site, Key="error.html", Body=b"error", ACL="public-read")
    assert get_page(lab, site, "other") == (404, "", "error")


def test_redirects(s3: Any, site: str, lab: RunningLab) -> None:
    own = f"http://{site}.s3-website-us-east-1.amazonaws.com"
    rules = [
        ({"KeyPrefixEquals": "both/", "HttpErrorCodeReturnedEquals": "404"}, {"ReplaceKeyWith": "k"}),
        ({"KeyPrefixEquals": "host/"}, {"HostName": "random-hostname"}),
        ({"KeyPrefixEquals": "docs/"}, {"ReplaceKeyPrefixWith": ""}),
        ({"KeyPrefixEquals": "code/"}, {"HttpRedirectCode": "307", "Protocol": "https"}),
        ({"KeyPrefixEquals": "moved"}, {"ReplaceKeyWith": "rule"}),
        ({"HttpErrorCodeReturnedEquals": "404"}, {"ReplaceKeyWith": "any"}),
    ]
    routing = [{"Condition": condition, "Redirect": redirect} for condition, redirect in rules]
    s3.put_bucket_website(Bucket=site, WebsiteConfiguration={**INDEX, **ERROR, "RoutingRules": routing})
    cases = [
        ("both/x", 301, f"{own}/k"),
        ("host/x", 301, "http://random-hostname/host/x"),
        ("docs/k", 301, f"{own}/k"),
        ("code/x", 307, own.replace("http:", "https:") + "/code/x"),
        ("moved", 301, f"{own}/rule"),
        ("other", 301, f"{own}/any"),
        ("", 200, ""),
    ]
    for path, status, location in cases:
        assert get_page(lab, site, path)[:2] == (status, location), path
    s3.put_bucket_website(
        Bucket=site, WebsiteConfiguration={"RedirectAllRequestsTo": {"HostName": "a.b", "Protocol": "https"}}
    )
    assert get_page(lab, site, "x") == (301, "https://a.b/x", "")


def test_s3_without_tls(s3: Any, site: str, lab: RunningLab) -> None:
    s3.create_bucket(Bucket="with.dots")
    cases = [
        (f"{site}.s3.amazonaws.com", "k", 200, "k"),
        ("s3.us-east-1.amazonaws.com", f"{site}/k", 200, "k"),
        ("with.dots.s3.amazonaws.com", "", 403, "AccessDenied"),
        ("missing.dots.s3.amazonaws.com", "", 404, "NoSuchBucket"),
        ("kms.us-east-1.amazonaws.com", "", 403, "only to itself"),
    ]
    for host, path, status, text in cases:
        found = get_page(lab, host, path)
        assert (found[0], text in found[2]) == (status, True), host


def test_a_policy_that_requires_https_closes_a_website(s3: Any, site: str, lab: RunningLab) -> None:
    s3.put_bucket_website(Bucket=site, WebsiteConfiguration=INDEX)
    assert get_page(lab, site, "k")[0] == 200
    s3.put_bucket_policy(
        Bucket=site,
        Policy=f'{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Principal": "*", "Action": "s3:*", '
        f'"Resource": "arn:aws:s3:::{site}/*", "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}}}}',
    )
    assert get_page(lab, site, "k")[0] == 403


def test_conditions_on_the_requests_of_visitors(s3: Any, bucket: str, lab: RunningLab) -> None:
    """A policy against hotlinks, for example: aws:Referer."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"k")
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=INDEX)
    s3.delete_public_access_block(Bucket=bucket)
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    for condition, others in (
        ({"StringLike": {"aws:Referer": "https://site.example/*"}}, 403),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, 200),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, 200),
    ):
        policy = {"Version": "2012-10-17", "Statement": {**allow, "Condition": condition}}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
        assert get_page(lab, bucket, "k", Referer="https://site.example/page")[0] == 200
        assert get_page(lab, bucket, "k")[0] == others
