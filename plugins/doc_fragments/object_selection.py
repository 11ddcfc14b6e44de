# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The option that selects objects. Written by scripts/generate_doc_fragments.py; change it there."""

from __future__ import annotations


class ModuleDocFragment:
    # The objects of a task that changes them.
    DOCUMENTATION = r"""
options:
  select:
    description:
      - Which objects of the bucket. An object has to match all of these criteria. If omitted, all objects match.
      - Everything but O(select.encryption) is known from the list, so an object that does not match it costs no
        request of its own. But the list contains all objects with O(select.prefix).
    type: dict
    suboptions:
      prefix:
        description:
          - What the keys begin with. Nothing is added to it, so V(logs) also selects C(logs-old/a).
        type: str
        default: ''
      suffix:
        description:
          - What the keys end with, such as V(.parquet).
        type: str
        default: ''
      older_than:
        description:
          - >-
            The objects that were last written before this time: a date such as V(2026-01-31), a time in ISO 8601 such
            as V(2026-01-31T12:00:00Z), or a duration before now in weeks, days, hours, minutes or seconds, such as
            V(2w), V(30d), V(12h), V(90m) or V(30s). Without an offset, it is in UTC.
          - A copy writes an object, so it is new again. A change in place keeps its time.
        type: str
      newer_than:
        description:
          - The objects that were last written after this time, as O(select.older_than).
        type: str
      larger_than:
        description:
          - >-
            The objects that are larger than this: a number of bytes, or a number with a unit such as V(1MiB). Units
            are multiples of 1024.
        type: str
      smaller_than:
        description:
          - The objects that are smaller than this, as O(select.larger_than).
        type: str
      storage_classes:
        description:
          - Their storage classes, such as V(STANDARD_IA). If omitted, all of them.
        type: list
        elements: str
      encryption:
        description:
          - The encryption by S3 that the objects have now. One of the elements has to match. If omitted, all match.
          - An element is the name of a kind, as V(SSE-S3), V(SSE-KMS), V(DSSE-KMS) or V(SSE-C), or V(NONE) for
            objects without encryption; or a KMS key in one of its four forms; or a dictionary with C(encryption),
            C(kms_key) or both.
        type: list
        elements: raw
"""

    # The objects of a task that reads them.
    INFO = r"""
options:
  select:
    description:
      - Which objects of the bucket. An object has to match all of these criteria. If omitted, all objects match.
      - All is known from the list, so an object that does not match it costs no request of its own. But the list
        contains all objects with O(select.prefix).
    type: dict
    suboptions:
      prefix:
        description:
          - What the keys begin with. Nothing is added to it, so V(logs) also selects C(logs-old/a).
        type: str
        default: ''
      suffix:
        description:
          - What the keys end with, such as V(.parquet).
        type: str
        default: ''
      older_than:
        description:
          - >-
            The objects that were last written before this time: a date such as V(2026-01-31), a time in ISO 8601 such
            as V(2026-01-31T12:00:00Z), or a duration before now in weeks, days, hours, minutes or seconds, such as
            V(2w), V(30d), V(12h), V(90m) or V(30s). Without an offset, it is in UTC.
          - A copy writes an object, so it is new again. A change in place keeps its time.
        type: str
      newer_than:
        description:
          - The objects that were last written after this time, as O(select.older_than).
        type: str
      larger_than:
        description:
          - >-
            The objects that are larger than this: a number of bytes, or a number with a unit such as V(1MiB). Units
            are multiples of 1024.
        type: str
      smaller_than:
        description:
          - The objects that are smaller than this, as O(select.larger_than).
        type: str
      storage_classes:
        description:
          - Their storage classes, such as V(STANDARD_IA). If omitted, all of them.
        type: list
        elements: str
"""
