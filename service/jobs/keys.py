"""Every Redis key of the queue. All begin with `{queue_name}`, whose braces put them into one slot of a Redis Cluster.

| Key after `{queue_name}:` | Type | What | Lives |
|---|---|---|---|
| `job:ID` | hash | the record (fields: `records.py`) | until job_ttl_s after its end |
| `job:ID:events` | stream | the last ~500 events | until 24 h after the end |
| `live` | hash | ID -> [tenant, cost_s, bucket, once] of each outstanding job | entries until the end |
| `queued`, `running` | zset | outstanding jobs by microsecond of creation, of start | entries until the end |
| `pending` | zset | admitted jobs that BullMQ may not have yet, by microsecond | seconds |
| `deadlines` | zset | jobs with cancel_after_s by microsecond of their deadline | entries until the end |
| `ended` | zset | ended jobs that nobody was told of yet, by microsecond of their end | job_ttl_s after the last end |
| `totals` | hash | `cost_s`: sum over outstanding jobs | while there are any |
| `tenant:T:live` | set | outstanding jobs of a tenant | while there are any |
| `tenant:T:jobs` | zset | a tenant's jobs by microsecond of creation | job_ttl_s (twice) after the last submission |
| `once:HASH` | hash | `job`, `sha`, `open_until`: an Idempotency-Key | idempotency_ttl_s |
| `workers` | zset | workers by microsecond of their last heartbeat | 10 times lock_s after the last |
| `buckets` | set | buckets that have ever had a job | for ever (a handful) |
| `tending` | string | somebody audits in this interval | stalled_check_s |
| `wake` | channel | job IDs with news; `*` when there may be work | - |
| `gen-BUCKET:...` | | BullMQ's own keys; ended jobs are kept there up to 1,000 per bucket | BullMQ's rules |

BullMQ's event stream, which nobody here reads, is capped at about 100 entries.
"""

import hashlib
import re
from dataclasses import dataclass

WORK = "*"  # the message on the wake channel that there may be work
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Keys:
    """Names of keys under one queue name."""

    queue_name: str

    @property
    def prefix(self) -> str:
        """What every key begins with, without the colon."""
        return "{" + self.queue_name + "}"

    def of(self, *parts: str) -> str:
        """A key from its parts, for example `of("job", id)`."""
        return ":".join((self.prefix, *parts))


def bull_queue(bucket: str) -> str:
    """BullMQ's queue of a bucket; raises ValueError for a name that would not make a clean key."""
    if not _PLAIN.fullmatch(bucket):
        raise ValueError(f"the bucket {bucket!r} must be 1 to 64 letters, digits, '_', '.' or '-'")
    return f"gen-{bucket}"


def once_hash(tenant: str, key: str) -> str:
    """The key's name in Redis: two tenants may use the same Idempotency-Key."""
    return hashlib.sha256(f"{tenant}\0{key}".encode()).hexdigest()
