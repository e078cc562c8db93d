"""A filter in any of its three spellings -> one tree, that of the JSON spelling.

- JSON: `[{"field": "company_name", "op": "eq", "value": "Acme"}]`; a list is AND, `{"and": [..]}` and `{"or": [..]}`.
- form: `filter[0][field]=company_name&filter[0][op]=eq&filter[0][value]=Acme`; maps with numbered keys are lists.
- the readable one, `company_name eq "Acme"`, of the module `sentences`. A text that begins with [ or { is JSON.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

from importer.sandbox.lists.sentences import tree_of_sentence
from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    from importer.sandbox.wire.inputs import Json

__all__ = ["tree_of"]


def tree_of(given: Json) -> Json:
    """Read a filter as it stood in the query; 400 for a text that is no filter."""
    if isinstance(given, dict):
        return _numbered(given)
    text = str(given).strip()
    return _json(text) if text[:1] in ("[", "{") else tree_of_sentence(text)


def _numbered(given: Json) -> Json:
    if not isinstance(given, dict):
        return given
    items = {key: _numbered(value) for key, value in given.items()}
    return list(items.values()) if all(key.isdigit() for key in items) else items


def _json(text: str) -> Json:
    try:
        tree: Json = json.loads(text, parse_constant=_refuse)
        json.dumps(tree, ensure_ascii=False).encode()  # half of a surrogate pair is not JSON to the framework
    except (ValueError, RecursionError):
        raise ApiError(400, "The filter is not valid JSON.") from None
    return tree


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
