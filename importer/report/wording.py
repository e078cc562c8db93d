"""Durations in the words of a summary."""

from __future__ import annotations

from importer.model import number_text, plural

__all__ = ["duration_text", "number_text", "plural"]


def duration_text(duration: float) -> str:
    """Say a duration in seconds as a person would: 0.4 s, 12 s, 3 min 5 s, 2 h 10 min."""
    if duration < 10:
        return f"{duration:.1f} s"
    minutes, seconds = divmod(round(duration), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{number_text(hours)} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
