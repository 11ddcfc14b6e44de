# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The controls of AWS that findings name, with the requirements of other frameworks that AWS relates to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from .rules import Severity

# When every line of the table was last compared with its source.
CHECKED = date(2026, 11, 27)

# The frameworks, as reports show them.
FSBP = "AWS Foundational Security Best Practices v1.0.0"
CIS_5 = "CIS AWS Foundations Benchmark v5.0.0"
CIS_3 = "CIS AWS Foundations Benchmark v3.0.0"
CIS_1_4 = "CIS AWS Foundations Benchmark v1.4.0"
CIS_1_2 = "CIS AWS Foundations Benchmark v1.2.0"
NIST_800_53 = "NIST SP 800-53 Rev. 5"
NIST_800_171 = "NIST SP 800-171 Rev. 2"
PCI_4 = "PCI DSS v4.0.1"
PCI_3 = "PCI DSS v3.2.1"

Requirements = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Control:
    """A control of AWS.

    `id` is that of the service that checks it. `severity` is None, and `config_rule` empty, where AWS names none.
    `requirements` are frameworks, each with the ids of its requirements. `source` is the page that says so.
    """

    id: str
    title: str
    severity: Severity | None
    config_rule: str
    requirements: Requirements
    source: str


_S3 = "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#"
_KMS = "https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html#"

# By the control of a finding. A standard is among the requirements only where its own list has the control, too:
# https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html
# https://docs.aws.amazon.com/securityhub/latest/userguide/cis-aws-foundations-benchmark.html
CONTROLS: Mapping[str, Control] = {
    "Security Hub S3.5": Control(
        "S3.5",
        "S3 general purpose buckets should require requests to use SSL",
        Severity.MEDIUM,
        "s3-bucket-ssl-requests-only",
        (
            (FSBP, ("S3.5",)),
            (CIS_5, ("2.1.1",)),
            (CIS_3, ("2.1.1",)),
            (CIS_1_4, ("2.1.2",)),
            (
                NIST_800_53,
                (
                    "AC-17(2)",
                    "AC-4",
                    "IA-5(1)",
                    "SC-12(3)",
                    "SC-13",
                    "SC-23",
                    "SC-23(3)",
                    "SC-7(4)",
                    "SC-8",
                    "SC-8(1)",
                    "SC-8(2)",
                    "SI-7(6)",
                ),
            ),
            (NIST_800_171, ("3.13.8", "3.13.15")),
            (PCI_4, ("4.2.1",)),
            (PCI_3, ("4.1",)),
        ),
        f"{_S3}s3-5",
    ),
    # It is not in the Foundational Security Best Practices. SSE-KMS and DSSE-KMS pass.
    "Security Hub S3.17": Control(
        "S3.17",
        "S3 general purpose buckets should be encrypted at rest with AWS KMS keys",
        Severity.MEDIUM,
        "s3-default-encryption-kms",
        (
            (
                NIST_800_53,
                ("SC-12(2)", "CM-3(6)", "SC-13", "SC-28", "SC-28(1)", "SC-7(10)", "CA-9(1)", "SI-7(6)", "AU-9"),
            ),
            (NIST_800_171, ("3.8.9", "3.13.11", "3.13.16")),
            (PCI_4, ("3.5.1",)),
        ),
        f"{_S3}s3-17",
    ),
    "Config s3-default-encryption-kms (kmsKeyArns)": Control(
        "s3-default-encryption-kms (kmsKeyArns)",
        "The key of the default encryption of a bucket is one of those in the parameter of the rule",
        None,
        "s3-default-encryption-kms",
        (),
        "https://docs.aws.amazon.com/config/latest/developerguide/s3-default-encryption-kms.html",
    ),
    "Macie allowsUnencryptedObjectUploads": Control(
        "allowsUnencryptedObjectUploads",
        "The bucket policy requires the header of a server-side encryption in uploads",
        None,
        "",
        (),
        "https://docs.aws.amazon.com/macie/latest/APIReference/datasources-s3.html",
    ),
    # The Config rule is one that Security Hub makes for itself.
    "Security Hub KMS.3": Control(
        "KMS.3",
        "AWS KMS keys should not be deleted unintentionally",
        Severity.CRITICAL,
        "kms-cmk-not-scheduled-for-deletion-2",
        ((FSBP, ("KMS.3",)), (NIST_800_53, ("SC-12", "SC-12(2)"))),
        f"{_KMS}kms-3",
    ),
    # It is not in the Foundational Security Best Practices.
    "Security Hub KMS.4": Control(
        "KMS.4",
        "AWS KMS key rotation should be enabled",
        Severity.MEDIUM,
        "cmk-backing-key-rotation-enabled",
        (
            (CIS_5, ("3.6",)),
            (CIS_3, ("3.6",)),
            (CIS_1_4, ("3.8",)),
            (CIS_1_2, ("2.8",)),
            (NIST_800_53, ("SC-12", "SC-12(2)", "SC-28(3)")),
            (PCI_4, ("3.7.4",)),
            (PCI_3, ("3.6.4",)),
        ),
        f"{_KMS}kms-4",
    ),
    "Security Hub KMS.5": Control(
        "KMS.5",
        "KMS keys should not be publicly accessible",
        Severity.CRITICAL,
        "kms-key-policy-no-public-access",
        ((FSBP, ("KMS.5",)),),
        f"{_KMS}kms-5",
    ),
}
