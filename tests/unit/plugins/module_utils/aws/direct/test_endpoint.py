# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The endpoint to which direct requests go."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config

from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.endpoint import path_style_endpoint


@pytest.mark.parametrize(
    ("region", "options", "url"),
    [
        pytest.param("us-east-1", {}, "https://s3.amazonaws.com", id="us-east-1"),
        pytest.param("eu-west-1", {}, "https://s3.eu-west-1.amazonaws.com", id="another region"),
        pytest.param("cn-north-1", {}, "https://s3.cn-north-1.amazonaws.com.cn", id="another partition"),
        pytest.param(
            "us-east-1", {"use_fips_endpoint": True}, "https://s3-fips.us-east-1.amazonaws.com", id="FIPS in us-east-1"
        ),
        pytest.param(
            "eu-west-1",
            {"use_dualstack_endpoint": True},
            "https://s3.dualstack.eu-west-1.amazonaws.com",
            id="dual stack",
        ),
        pytest.param(
            "eu-west-1", {"s3": {"addressing_style": "virtual"}}, "https://s3.eu-west-1.amazonaws.com", id="virtual"
        ),
    ],
)
def test_the_endpoint_is_that_of_the_region(region: str, options: dict[str, Any], url: str) -> None:
    """With the variants of the configuration, such as FIPS."""
    assert url == path_style_endpoint(_client(region, None, **options))


@pytest.mark.parametrize("url", ["http://127.0.0.1:5000", "https://store.example:9000", "https://store.example/base"])
def test_a_custom_endpoint_is_not_changed(url: str) -> None:
    """It keeps its port and its path."""
    assert url == path_style_endpoint(_client("eu-west-1", url, s3={"addressing_style": "path"}))


def _client(region: str, url: str | None, **options: Any) -> Any:
    return boto3.client(
        "s3",
        region_name=region,
        endpoint_url=url,
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(signature_version="s3v4", **options),
    )
