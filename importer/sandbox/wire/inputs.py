"""The bytes of a request -> its input, read as PHP and the framework read it: forgiving, trimmed, "" made null.

Nothing here raises on what a client sends: a body that cannot be read is an empty input, not an error.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn, TypeAlias
from urllib.parse import parse_qsl

__all__ = ["BLANKS", "INVISIBLE", "Input", "Json", "body_input", "integer", "leading_number", "query_input"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Input: TypeAlias = "dict[str, Json]"

INVISIBLE = "".join(
    map(
        chr,
        [
            *(0x00, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0xAD, 0x034F, 0x061C, 0x115F, 0x1160, 0x1680),
            *(0x17B4, 0x17B5, 0x180E, *range(0x2000, 0x2010), 0x2028, 0x2029, 0x202F, *range(0x205F, 0x2066)),
            *(*range(0x206A, 0x2070), 0x2800, 0x3000, 0x3164, 0xFEFF, 0xFFA0, 0x1D159, *range(0x1D173, 0x1D17B)),
            0xE0020,
        ],
    )
)
"""What the framework's 13.x trims at both ends: white space and invisible characters."""

BLANKS = " \t\n\r\v\0"
"""What its 8.x trims: PHP's trim()."""

_MAX_VARIABLES = 1000  # PHP's max_input_vars: the rest of a query is dropped
_MAX_NESTING = 64  # PHP's max_input_nesting_level: deeper query names are dropped
_SURROGATE = re.compile(r"\\u[dD][89abAB]|\\u[dD][c-fC-F]")
_MAX_DEPTH = 512  # PHP's json_decode: what is nested deeper is not JSON
_BIGGEST = 2**63  # beyond it, PHP's integers become floats
_LEADING = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
_SHORT = re.compile(r"[+-]?[0-9]{1,18}")


def body_input(content_type: str, raw: bytes, blanks: str = INVISIBLE) -> Input:
    """Read a body: its keys, or nothing when it is not JSON by its type or by its bytes; `blanks` are trimmed."""
    if "/json" not in content_type and "+json" not in content_type:
        return {}
    try:
        value = _cleaned(_json(raw), blanks)
    except (ValueError, RecursionError):  # not UTF-8, not JSON, nested too deeply
        return {}
    return value if isinstance(value, dict) else {}  # a scalar or a list becomes an array without names


def query_input(raw: str, blanks: str = INVISIBLE) -> Input:
    """Read a query as PHP does: `a[b]=1` is a map, of `a=1&a=2` the last one counts; `blanks` are trimmed."""
    if not raw:
        return {}
    found: Input = {}
    for name, value in parse_qsl(raw, keep_blank_values=True, errors="replace")[:_MAX_VARIABLES]:
        _put(found, name, value.strip(blanks) or None)
    return found


def integer(value: Json) -> int:
    """Convert as PHP's `(int)` does: a leading number counts, cut to a whole one of 64 bits, and other text is 0."""
    number = leading_number(value) if isinstance(value, str) else 0
    if abs(number) >= _BIGGEST:
        return _BIGGEST - 1 if number > 0 else -_BIGGEST
    return int(number)


def leading_number(text: str) -> int | float:
    """Return the number that a text begins with as PHP and MySQL read it, "1.5e1x" as 15; 0 where there is none."""
    match = _LEADING.match(text)
    if match is None:
        return 0
    return int(match[1]) if _SHORT.fullmatch(match[1]) else float(match[1])


def _json(raw: bytes) -> Json:
    text = raw.decode("utf-8")
    value: Json = json.loads(text, parse_constant=_refuse, parse_int=_number)
    if _SURROGATE.search(text):
        json.dumps(value, ensure_ascii=False).encode()  # fails on a lone surrogate, which PHP calls malformed
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity are not JSON


def _number(digits: str) -> int | float:
    number = int(digits) if len(digits) <= len(str(_BIGGEST)) + 1 else None
    return number if number is not None and -_BIGGEST <= number < _BIGGEST else float(digits)


def _cleaned(value: Json, blanks: str) -> Json:
    """Trim all texts, in place and without recursion; ValueError where it is nested too deeply."""
    top: list[Json] = [value]
    level: list[list[Json] | dict[str, Json]] = [top]
    for _ in range(_MAX_DEPTH + 1):
        inner: list[list[Json] | dict[str, Json]] = []
        for place in level:
            if isinstance(place, dict):
                place.update({name: _trimmed(item, blanks) for name, item in place.items()})
            else:
                place[:] = [_trimmed(item, blanks) for item in place]
            inner += [
                item for item in (place.values() if isinstance(place, dict) else place) if isinstance(item, list | dict)
            ]
        level = inner
    if level:
        raise ValueError("nested too deeply")
    return top[0]


def _trimmed(value: Json, blanks: str) -> Json:
    return (value.strip(blanks) or None) if isinstance(value, str) else value


def _put(found: Input, name: str, value: Json) -> None:
    first, *rest = name.split("[")
    keys = [first.replace(".", "_").replace(" ", "_"), *(key.partition("]")[0] for key in rest)]
    if not first or len(keys) > _MAX_NESTING:
        return
    place = found
    for key in keys[:-1]:
        inner = place.get(key)
        if not isinstance(inner, dict):
            inner = place[key] = {}
        place = inner
    place[keys[-1] or str(len(place))] = value
