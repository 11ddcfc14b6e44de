from __future__ import annotations
import pytest, os
from .account_world import *
def test_it(lab, at_aws, monkeypatch):
    world = make_account_world(lab, monkeypatch)
    import boto3
    s = boto3.Session(region_name="us-east-1")
    print(s.client("sts").get_caller_identity())
    print(s.client("organizations").list_accounts())
    for n in MEMBERS:
        c = s.client("sts").assume_role(RoleArn=world.role_arn(n), RoleSessionName="x")
    print(c["AssumedRoleUser"])
    assert 0
