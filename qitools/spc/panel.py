"""Many series at once in flat arrays.

A panel says where each segment (a series, or one phase of it) begins in arrays that hold all rows, sorted once. What
is asked of a segment is then one pass over all rows: no loop over teams, measures or points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Signs: TypeAlias = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Panel:
    """Segments of at least one row each, one after the other.

    Args:
        starts: first row of each segment, rising from 0.
        size: number of rows.

    >>> panel = Panel(np.array([0, 3]), 5)
    >>> panel.total(np.array([1.0, 2.0, 3.0, 10.0, 20.0])).tolist()
    [6.0, 30.0]
    """

    starts: Ints
    size: int

    @classmethod
    def of(cls, group: Ints) -> Panel:
        """Segments of neighbouring rows of one group.

        >>> Panel.of(np.array([4, 4, 7, 4])).starts.tolist()
        [0, 2, 3]
        """
        new = np.ones(len(group), bool)
        np.not_equal(group[1:], group[:-1], out=new[1:])
        return cls(np.flatnonzero(new), len(group))

    @cached_property
    def lengths(self) -> Ints:
        """Rows in each segment."""
        ends = np.empty_like(self.starts)
        ends[:-1], ends[-1:] = self.starts[1:], self.size
        return ends - self.starts

    @cached_property
    def rows(self) -> Ints:
        """The number of each row, from 0."""
        return np.arange(self.size)

    @cached_property
    def ids(self) -> Ints:
        """The segment of each row."""
        return np.repeat(np.arange(len(self.starts)), self.lengths)

    def spread(self, per_segment: NDArray[Any]) -> NDArray[Any]:
        """A value of each segment, given to each of its rows."""
        return np.repeat(per_segment, self.lengths)

    def total(self, values: Floats) -> Floats:
        """Sum of each segment; each is added up by itself, so that no segment changes another's last digit."""
        return np.add.reduceat(values, self.starts) if self.size else np.zeros(0)

    def count(self, mask: Bools) -> Ints:
        """How many rows of each segment the mask holds."""
        if mask.all():
            return self.lengths
        return np.add.reduceat(mask, self.starts, dtype=np.int64)

    def mean(self, values: Floats, mask: Bools) -> Floats:
        """Mean of the masked rows of each segment, NaN where there are none."""
        whole = bool(mask.all())
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.total(values if whole else np.where(mask, values, 0.0)) / self.count(mask)

    def rank(self, mask: Bools) -> Ints:
        """How many masked rows a segment holds up to and with each row."""
        so_far = np.cumsum(mask)
        before: Ints = self.spread(so_far[self.starts] - mask[self.starts])
        return so_far - before

    def median(self, values: Floats, mask: Bools) -> Floats:
        """Median of the masked rows of each segment, NaN where there are none."""
        counts, kept = self.count(mask), values[mask]
        begin, out = np.cumsum(counts) - counts, np.full(len(counts), np.nan)
        width = np.ceil(np.log2(np.maximum(counts, 1))).astype(np.int64)
        for size in np.unique(width[counts > 0]):  # segments of like size side by side, padded at the end
            rows = np.flatnonzero((width == size) & (counts > 0))
            n = counts[rows]
            column = np.arange(n.max())
            at = np.minimum(begin[rows, None] + column, len(kept) - 1)
            block = np.sort(np.where(column < n[:, None], kept[at], np.inf), axis=1)
            line = np.arange(len(rows))
            out[rows] = (block[line, (n - 1) // 2] + block[line, n // 2]) / 2
        return out

    def cuts(self, most: int) -> list[int]:
        """Rows at which to cut, so that parts hold whole segments and little more than ``most`` rows.

        >>> Panel(np.array([0, 3, 6, 9]), 12).cuts(5)
        [0, 6, 12]
        """
        if self.size <= most:
            return [0, self.size]
        place = np.searchsorted(self.starts, np.arange(most, self.size, most))
        return [int(row) for row in np.unique([0, *self.starts[place[place < len(self.starts)]], self.size])]

    def split(self, begins: Bools) -> Panel:
        """The same rows in finer segments: one begins at each marked row and at each old start."""
        marked = begins.copy()
        marked[self.starts] = True
        return Panel(np.flatnonzero(marked), self.size)


def stretches(first: Ints, length: Ints) -> Ints:
    """All places of some stretches, one stretch after the other.

    >>> stretches(np.array([2, 9]), np.array([3, 2])).tolist()
    [2, 3, 4, 9, 10]
    """
    begin = np.cumsum(length) - length
    return np.repeat(first - begin, length) + np.arange(int(length.sum()))


@dataclass(frozen=True, eq=False)
class Runs:
    """Neighbours of one sign, over the rows that take part.

    ``points`` are the rows of ``panel`` that take part; ``begin`` (a place in ``points``), ``side``, ``length`` and
    ``segment`` are per run.
    """

    panel: Panel
    points: Ints
    begin: Ints
    side: Signs
    length: Ints

    @cached_property
    def run(self) -> Ints:
        """The run of each of ``points``."""
        return np.repeat(np.arange(len(self.begin)), self.length)

    @cached_property
    def first(self) -> Ints:
        """The first row of each run."""
        return self.points[self.begin]

    @cached_property
    def segment(self) -> Ints:
        """The segment of each run."""
        return self.panel.ids[self.first]

    def spans(self, runs: Bools) -> tuple[Ints, Ints, Signs]:
        """First row, last row and side of the given runs."""
        which = np.flatnonzero(runs)
        begin = self.begin[which]
        return self.points[begin], self.points[begin + self.length[which] - 1], self.side[which]

    def marked(self, runs: Bools, size: int) -> Signs:
        """The side of every point that belongs to one of the given runs, 0 elsewhere."""
        out, which = np.zeros(size, np.int8), np.flatnonzero(runs)
        places = stretches(self.begin[which], self.length[which])
        out[self.points[places]] = np.repeat(self.side[which], self.length[which])
        return out


def find_runs(panel: Panel, side: Signs, takes_part: Bools | None = None) -> Runs:
    """Runs of equal ``side`` within each segment; rows that do not take part neither count nor break.

    >>> runs = find_runs(Panel(np.array([0]), 5), np.array([1, 1, 0, 1, -1], np.int8), np.array([1, 1, 0, 1, 1], bool))
    >>> runs.length.tolist(), runs.side.tolist()
    ([3, 1], [1, -1])
    """
    if takes_part is None or takes_part.all():
        points, sign, breaks = panel.rows, side, np.zeros(panel.size, bool)
        breaks[panel.starts] = True
    else:
        points = np.flatnonzero(takes_part)
        sign, breaks = side[points], np.diff(panel.ids[points], prepend=-1) != 0
    breaks[1:] |= sign[1:] != sign[:-1]
    begin = np.flatnonzero(breaks)
    length = np.empty_like(begin)
    np.subtract(begin[1:], begin[:-1], out=length[:-1])
    length[-1:] = len(points) - begin[-1:]
    return Runs(panel, points, begin, sign[begin], length)
