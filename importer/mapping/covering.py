"""The fewest rows that together make use of everything that any row makes use of: greedily, a few more at most.

Choosing the very fewest is the set cover problem, for which nothing quick is known. The greedy way takes at most
1 + ln(parts of one row) times as many, and hardly ever more than one too many in a real file.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

__all__ = ["Covering"]

_MOST_SETS = 10_000
_KEPT = 16  # sets for each part, when there are too many: the largest ones


@dataclass(slots=True)
class Covering:
    """Takes the parts of one row after the other, as bits, and chooses among them; memory: distinct sets, not rows."""

    sets: dict[int, int] = field(default_factory=dict)  # by its parts, the first row
    covered: int = 0

    def add(self, row: int, parts: int) -> None:
        """Take note of a row."""
        self.covered |= parts
        if parts not in self.sets:
            self.sets[parts] = row
            if len(self.sets) > max(_MOST_SETS, 2 * _KEPT * self.covered.bit_count()):
                self._forget_small_ones()

    def _forget_small_ones(self) -> None:
        """Keep for each part the sets with most others."""
        largest = sorted(self.sets, key=lambda parts: (-parts.bit_count(), self.sets[parts]))
        left = dict.fromkeys(range(self.covered.bit_length()), _KEPT)
        kept = {}
        for parts in largest:
            wanted = [bit for bit in _bits(parts) if left[bit]]
            if wanted:
                kept[parts] = self.sets[parts]
            for bit in wanted:
                left[bit] -= 1
        self.sets = kept

    def chosen(self) -> list[int]:
        """Choose rows whose parts are all that are covered, in the order of the file; the earliest of those alike."""
        heap = [(-parts.bit_count(), row, parts) for parts, row in self.sets.items()]
        heapq.heapify(heap)
        missing, taken = self.covered, list[tuple[int, int]]()
        while missing and heap:
            _, row, parts = heapq.heappop(heap)
            gain = (parts & missing).bit_count()
            if heap and (-gain, row) > heap[0][:2]:
                if gain:
                    heapq.heappush(heap, (-gain, row, parts))
                continue
            missing &= ~parts
            taken.append((row, parts))
        return sorted(row for row, _ in _without_idle(taken))


def _without_idle(taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Leave out rows that those taken later have made needless, the smallest ones first."""
    needed = list(taken)
    for one in sorted(taken, key=lambda pair: (pair[1].bit_count(), -pair[0])):
        others = 0
        for other in needed:
            others |= other[1] if other != one else 0
        if one[1] & ~others == 0:
            needed.remove(one)
    return needed


def _bits(parts: int) -> list[int]:
    return [bit for bit in range(parts.bit_length()) if parts >> bit & 1]
