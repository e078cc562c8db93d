"""How a space is set up <-> the maps of a seed file and of the store: who may call it, its fields, its switches."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType, NoneType, UnionType
from typing import TYPE_CHECKING, Literal, Union, get_args, get_origin, get_type_hints

from importer.sandbox.behaviour import EVERY_SCOPE, Behaviour, Token
from importer.sandbox.documents import nearest
from importer.sandbox.ids import number_of
from importer.sandbox.seed_error import SeedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.sandbox.wire.inputs import Json

__all__ = ["SETTINGS", "Settings", "overlaid", "settings_of"]

SETTINGS = ("behaviour", "tokens", "custom_fields")
"""The names of a seed file that say how the space is set up; they are kept in its file and hold after a restart."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a running sandbox goes by."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    tokens: Mapping[str, Token] = field(default_factory=lambda: MappingProxyType({}))
    custom_fields: frozenset[str] = frozenset()


def settings_of(given: Mapping[str, Json]) -> Settings:
    """Check what a seed file says of settings.

    Raises:
        SeedError: a name or a value that means nothing.
    """
    return overlaid(Settings(), given)


def overlaid(base: Settings, given: Mapping[str, Json]) -> Settings:
    """Return the settings that hold when `given` has the last word.

    A space whose custom fields are named ignores others, as Kanbert does, unless `behaviour` says otherwise.

    Raises:
        SeedError: a name or a value that means nothing.
    """
    behaviour, fields_given = base.behaviour, base.custom_fields
    if "custom_fields" in given:
        fields_given = _slugs(given["custom_fields"])
        behaviour = replace(behaviour, unknown_custom_field="ignore")
    behaviour = _behaviour(given.get("behaviour"), behaviour)
    tokens = {**base.tokens, **_tokens(given.get("tokens"))}
    return Settings(behaviour, tokens, fields_given)


def _slugs(given: Json) -> frozenset[str]:
    if not isinstance(given, list) or not all(isinstance(slug, str) for slug in given):
        raise SeedError("custom_fields", "custom_fields must be a list of slugs, such as [chamber_of_commerce]")
    return frozenset(str(slug) for slug in given)


def _behaviour(given: Json, base: Behaviour) -> Behaviour:
    if given is None:
        return base
    if not isinstance(given, dict):
        raise SeedError("behaviour", "behaviour must be a map of switches, such as {throttle: 60}")
    types = get_type_hints(Behaviour)
    for name, value in given.items():
        if name not in types:
            raise _switch_error(name, f"`{name}` is no switch; {nearest(name, types)}")
        if not _fits(value, types[name]):
            raise _switch_error(name, f"{name} must be {_wanted(types[name])}, not {value!r}")
    try:
        return replace(base, **given)  # type: ignore[arg-type]  # each value was held against the type of its switch
    except ValueError as error:
        raise _switch_error(str(error).partition(" ")[0], str(error)) from None


def _switch_error(name: str, reason: str) -> SeedError:
    key = f"behaviour.{name}"
    return SeedError(key, reason)


def _token_error(text: str, reason: str) -> SeedError:
    key = f"tokens.{text}"
    return SeedError(key, reason)


def _fits(value: Json, wanted: object) -> bool:
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if get_origin(wanted) is Literal:
        return any(type(value) is type(choice) and value == choice for choice in get_args(wanted))
    if get_origin(wanted) in (UnionType, Union):
        return any(_fits(value, choice) for choice in get_args(wanted))
    return type(value) is wanted


def _wanted(wanted: object) -> str:
    if get_origin(wanted) is Literal:
        return f"one of {', '.join(map(str, get_args(wanted)))}"
    if get_origin(wanted) in (UnionType, Union):
        return " or ".join(map(_wanted, get_args(wanted)))
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "text", NoneType: "null"}
    return words[wanted] if isinstance(wanted, type) else str(wanted)


def _tokens(given: Json) -> dict[str, Token]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise SeedError("tokens", "tokens must be a map: the token, then {slug: ..., scopes: [...]}")
    if "" in given:
        raise SeedError("tokens", "a token must not be empty")
    return {text: _token(text, value, str(place)) for place, (text, value) in enumerate(given.items(), start=2)}


def _token(text: str, given: Json, own_user: str) -> Token:
    names = [item.name for item in fields(Token)]
    if not isinstance(given, dict):
        raise _token_error(text, f"the token {text} needs a map, such as {{slug: reports}}")
    for name in given:
        if name not in names:
            raise _token_error(text, f"`{name}` is nothing that a token has; {nearest(name, names)}")
    slug, scopes, user_id = (
        given.get("slug"),
        given.get("scopes", sorted(EVERY_SCOPE)),
        str(given.get("user_id", own_user)),
    )
    if not isinstance(slug, str) or not slug:
        raise _token_error(text, f"the token {text} needs a slug: its integration's name, the default origin")
    if not isinstance(scopes, list) or not all(isinstance(scope, str) and scope in EVERY_SCOPE for scope in scopes):
        raise _token_error(text, f"the scopes of the token {text} must be among {', '.join(sorted(EVERY_SCOPE))}")
    if number_of(user_id) is None:
        raise _token_error(text, f"the user_id of the token {text} must be a whole number")
    return Token(slug, frozenset(map(str, scopes)), user_id)
