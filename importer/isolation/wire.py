"""What parent and child say to each other: a job, then orders one way and messages the other."""

from __future__ import annotations

import errno
import pickle
import struct
from dataclasses import dataclass
from enum import IntEnum

from importer.errors import ImporterError, Loss, LostChildError

__all__ = ["LENGTH", "MESSAGE", "ORDER", "Kind", "Limits", "Order", "preserved", "revived"]

_DETAIL = 300  # characters
_NO_ROOM = ("failed to map segment", "cannot allocate memory", "Cannot allocate memory")  # glibc and musl

LENGTH = struct.Struct("<Q")
ORDER = struct.Struct("<BI")  # order, pass
MESSAGE = struct.Struct("<BIQ")  # kind, pass, length of the body


class Order(IntEnum):
    """What the parent asks of the child."""

    NEXT = 0  # one more item of a pass; the first such begins it
    LEAVE = 1  # nothing more of that pass


class Kind(IntEnum):
    """What a message of the child is; all but an item end the pass."""

    ITEM = 0
    END = 1
    ERROR = 2  # an ImporterError
    LOST = 3  # the child cannot go on


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a child may take; None is without limit."""

    memory_bytes: int | None = None  # of address space, beyond what it has before its work; Linux alone heeds it
    seconds: float | None = None  # that its reader waits for it, all waits together


def preserved(error: BaseException) -> bytes:
    """Write an error down; one that is not ours is told as the loss of the child."""
    ours = error if isinstance(error, ImporterError) else _loss(error)
    try:
        return pickle.dumps((type(ours), ours.args, vars(ours)), 5)
    except Exception as unpicklable:  # noqa: BLE001 - whatever an attribute of the error says to it
        return preserved(_loss(unpicklable))


def _loss(error: BaseException) -> LostChildError:
    if isinstance(error, MemoryError):
        return LostChildError(Loss.MEMORY, "")
    if _is_short_of_memory(error):
        return LostChildError(Loss.MEMORY, "it is too little to begin in")
    return LostChildError(Loss.CRASH, f"{type(error).__name__}: {error}"[:_DETAIL])


def _is_short_of_memory(error: BaseException) -> bool:
    """Whether a library could not be loaded for want of memory, of which the loader speaks in these words alone."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, ImportError) and any(words in str(error) for words in _NO_ROOM)


def revived(body: bytes) -> ImporterError:
    """Make an error again without its constructor, whose arguments are not known."""
    kind, args, attributes = pickle.loads(body)  # noqa: S301 - of our own child
    error: ImporterError = kind.__new__(kind, *args)
    vars(error).update(attributes)
    return error
