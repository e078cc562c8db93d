"""Many texts at once: what a converter surely makes of each, told by one search over all of them.

Texts are trimmed, printable and without line breaks, "" for a blank. A quick converter gives a value for each, "" for a
blank, and None where it is not sure: then the converter itself decides. What it gives is what the converter gives; tests
hold one against the other. A search over all texts takes a tenth of the time of a call for each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

__all__ = ["Quick", "as_they_stand"]

Quick: TypeAlias = Callable[[Sequence[str]], "Sequence[str | None]"]


def as_they_stand(form: str, longest: int) -> Quick:
    """Take texts of this form, a regular expression without groups, as they are; longer ones are not sure."""
    doubtful = re.compile(rf"^(?!(?=.{{1,{longest}}}$)(?:{form})$).+$", re.MULTILINE)

    def quick(texts: Sequence[str]) -> Sequence[str | None]:
        doubts = set(doubtful.findall("\n".join(texts)))
        return [None if words in doubts else words for words in texts] if doubts else texts

    return quick
