"""What a list needs to know of its surroundings -> one value, made from the space or by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from importer.sandbox.ids import Ids
    from importer.sandbox.space import Space

__all__ = ["ListSettings", "list_settings"]


@dataclass(frozen=True, slots=True)
class ListSettings:
    """How a list answers; `path` is its own url, without a query."""

    path: str
    now: dt.datetime
    me: str = ""  # the user id that `me.id` stands for
    ids: Ids = "text"  # how the API writes ids
    custom_fields: frozenset[str] | None = frozenset()  # slugs that may be asked for; None is any
    page_size_max: int = 30
    meta_keys: Literal["page_url", "cursor_url", "both", "no_next_cursor"] = "page_url"
    stable_sort: bool = False
    null_in_cursor: Literal["lost", "error"] = "lost"
    case_sensitive: bool = False


def list_settings(space: Space, path: str) -> ListSettings:
    """Say how the space's lists answer."""
    behaviour = space.behaviour
    return ListSettings(
        path=path,
        now=space.now.astimezone(dt.UTC),
        me=space.user_id,
        ids=behaviour.ids,
        custom_fields=None if behaviour.unknown_custom_field == "store" else space.custom_fields,
        page_size_max=behaviour.page_size_max,
        meta_keys=behaviour.meta_keys,
        stable_sort=behaviour.stable_sort,
        null_in_cursor=behaviour.null_in_cursor,
        case_sensitive=behaviour.case_sensitive_filter,
    )
