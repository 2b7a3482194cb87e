"""What measurements of the service come to: percentiles, jobs counted exactly once, rows against bars."""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from benchmarks.table import Cell, cell, table


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was measured; `met` is None where there is no bar."""

    what: str
    measured: Cell
    bar: str = ""
    met: bool | None = None

    @classmethod
    def at_most(cls, what: str, measured: float, limit: float, unit: str = "") -> Self:
        """A number that must not be larger than a limit."""
        return cls(_named(what, unit), measured, f"at most {cell(limit)}", measured <= limit)

    @classmethod
    def exactly(cls, what: str, measured: int, wanted: int) -> Self:
        """A count that must be right."""
        return cls(what, measured, str(wanted), measured == wanted)

    @classmethod
    def told(cls, what: str, measured: Cell, unit: str = "") -> Self:
        """A number without a bar."""
        return cls(_named(what, unit), measured)


def rows_table(rows: Sequence[Row]) -> str:
    """All rows as a table in Markdown."""
    return table(
        ("what", "measured", "bar", "met"),
        [(row.what, cell(row.measured), row.bar, "" if row.met is None else cell(row.met)) for row in rows],
    )


def percentile(values: Collection[float], share: float) -> float:
    """The smallest value that at least a share (0..1) of all values do not exceed; raises ValueError for none."""
    if not values:
        raise ValueError("nothing was measured, so there is no percentile")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def bucket_percentile(before: Mapping[float, float], after: Mapping[float, float], share: float) -> float:
    """A percentile from cumulative buckets (upper bound to count) of a Prometheus histogram, read twice.

    Within a bucket values are taken as spread evenly, as Prometheus does; what lies over the last finite bound counts
    as that bound.
    """
    counts = {bound: after[bound] - before.get(bound, 0.0) for bound in sorted(after)}
    rank, below, lower = share * counts[math.inf], 0.0, 0.0
    for bound, count in counts.items():
        if count >= rank and count > below:
            return lower if bound == math.inf else lower + (bound - lower) * (rank - below) / (count - below)
        below, lower = count, lower if bound == math.inf else bound
    raise ValueError("nothing was counted between the two readings")


@dataclass(frozen=True, slots=True)
class Tally:
    """How often accepted jobs ended, and how often they were begun."""

    accepted: int
    ended_once: int
    lost: int
    ended_again: int
    executions: int
    succeeded: int

    @property
    def executions_each(self) -> float:
        """Executions for one accepted job; 1 is perfect."""
        return self.executions / self.accepted


def tally(
    accepted: Collection[str], done: Mapping[str, int], statuses: Mapping[str, str], starts: Sequence[str]
) -> Tally:
    """Count jobs.

    Args:
        accepted: ids that were answered with 202.
        done: number of `done` events by id.
        statuses: the status in each record.
        starts: the id of every execution that was begun.
    """
    ends = {id_: done.get(id_, 0) if statuses.get(id_) not in {None, "queued", "running"} else 0 for id_ in accepted}
    begun = Counter(starts)
    return Tally(
        accepted=len(ends),
        ended_once=sum(n == 1 for n in ends.values()),
        lost=sum(n == 0 for n in ends.values()),
        ended_again=sum(n > 1 for n in ends.values()),
        executions=sum(begun[id_] for id_ in ends),
        succeeded=sum(statuses.get(id_) == "succeeded" for id_ in ends),
    )


def in_order_once(seen: Sequence[str], written: Sequence[str]) -> bool:
    """Whether what a client saw is what was written: every id once and in order."""
    return list(seen) == list(written)


def _named(what: str, unit: str) -> str:
    return f"{what}, {unit}" if unit else what
