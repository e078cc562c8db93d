"""The rows of a source in batches, which are looked at and mapped at once."""

from __future__ import annotations

import gc
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from importer.errors import SourceError
from importer.readers import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from importer.model import Row

__all__ = ["few_collections", "in_batches"]


def in_batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Put as many rows together as a block has; more are not quicker, and stay longer in memory. No batch is empty.

    Those before a place that cannot be read come before its error.
    """
    batch: list[Row] = []
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == BLOCK:
                yield batch
                batch = []
    except SourceError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


@contextmanager
def few_collections() -> Iterator[None]:
    """Have Python look for cycles of garbage less often while rows go by, and not among what is there before.

    Rows and payloads are no cycles: they go when nobody has them. To look for some took an eighth of a `validate`, and
    a twentieth of what writing costs.
    In a thread beside others nothing is changed, since that would be for all of them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
