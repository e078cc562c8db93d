"""The company as the API takes and returns it: fields, types, limits, and what a written field reads back as.

Source: Kanbert's API reference for `POST /companies`, `PATCH /companies/{id}` and the CompanyData schema.
"""

from __future__ import annotations

from dataclasses import dataclass, field as slot
from enum import StrEnum
from typing import TYPE_CHECKING

import pydantic_core

from importer.model import Change, canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from importer.model import Json, Payload

__all__ = [
    "FIELDS",
    "IDENTITY",
    "MAX_LENGTH",
    "READ_NAMES",
    "UNIONS",
    "Field",
    "FieldType",
    "Remote",
    "arrived_otherwise",
    "as_text",
    "changed_unasked",
    "changes",
    "cleared_unasked",
    "differing",
    "not_shown",
    "not_shown_after",
    "plainly",
    "read_value",
    "same_value",
]

MAX_LENGTH = 255  # Unicode code points, as Laravel's `max:255` counts them (mb_strlen)


class FieldType(StrEnum):
    """What a field takes on the wire; it decides how it is compared with what is read back."""

    TEXT = "text"
    EMAIL = "email"  # one address, checked by the API
    BOOLEAN = "boolean"
    COUNTRY = "country"  # written as ISO 3166-1 alpha-2, read as {id, name, code}
    COUNTRY_ID = "country_id"  # written as an id, read inside the country object; wins over the country text
    CLIENT_ID = "client_id"  # written as an id, read as {id, ...}
    NAMED = "named"  # written as text, read as {id, name}
    TITLED = "titled"  # written as text, read as {id, title}
    TAGS = "tags"  # written as texts, read as [{id, title}]
    CUSTOM = "custom_fields"  # a map slug -> value, read back as a map, or [] when empty


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the create request; `nullable` says whether null (clear) is allowed on update."""

    name: str
    type: FieldType = FieldType.TEXT
    nullable: bool = True
    max_length: int | None = MAX_LENGTH
    read_name: str = ""  # its name in an answer; empty where it is the same
    reads_as: str = slot(init=False)
    """The field's name in an answer; kept, since every answer is compared field by field."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reads_as", self.read_name or self.name)


def _address(kind: str) -> Iterator[Field]:
    for part in ("title", "street", "street2", "house", "zip", "state", "town"):
        yield Field(f"address_{kind}_{part}")
    country = f"address_{kind}_country"
    yield Field(country, FieldType.COUNTRY, nullable=False, max_length=None)
    yield Field(f"{country}_id", FieldType.COUNTRY_ID, max_length=None, read_name=country)


def _fields() -> Iterator[Field]:
    yield Field("external_id")
    yield Field("external_origin", nullable=False)
    yield Field("vendor_identifier")
    yield Field("company_name")
    yield from map(Field, ("locale", "tax_uid"))
    yield Field("taxation", FieldType.BOOLEAN, nullable=False, max_length=None, read_name="taxation_enabled")
    yield from map(Field, ("iban", "bic", "email"))
    yield Field("email_general", FieldType.EMAIL)
    yield from map(Field, ("phone", "fax", "homepage"))
    yield Field("invoice_by_post", FieldType.BOOLEAN, nullable=False, max_length=None, read_name="invoices_by_post")
    yield Field("invoices_by_email", FieldType.BOOLEAN, nullable=False, max_length=None)
    yield from map(Field, ("person_attention_to", "delivery_person_attention_to"))
    yield from _address("invoice")
    yield Field("address_invoice_is_delivery", FieldType.BOOLEAN, nullable=False, max_length=None)
    yield from _address("delivery")
    yield Field("client_id", FieldType.CLIENT_ID, max_length=None, read_name="client")
    yield Field("business_field", FieldType.NAMED, max_length=None)
    yield Field("company_size", FieldType.TITLED, max_length=None)
    yield Field("company_revenue", FieldType.TITLED, max_length=None)
    yield Field("tags", FieldType.TAGS, nullable=False, max_length=None)
    yield Field("custom_fields", FieldType.CUSTOM, nullable=False, max_length=None)


FIELDS: Mapping[str, Field] = {field.name: field for field in _fields()}
"""The 43 fields of the create request, by written name, in the order of the API reference."""

_READS_AS: Mapping[str, str] = {field.name: field.reads_as for field in FIELDS.values()}

IDENTITY = frozenset({"external_id", "external_origin"})
"""Fields that PATCH ignores without a word; only create and PUT external-identifier take them."""

UNIONS = frozenset({"tags", "custom_fields"})
"""Fields that are sent together with what is there already."""

READ_NAMES: Mapping[str, str] = {
    "taxation_enabled": "taxation",
    "invoices_by_post": "invoice_by_post",
    "client": "client_id",
    "address_invoice_country_code": "address_invoice_country",
    "address_delivery_country_code": "address_delivery_country",
}
"""Names that an answer uses, or that people expect, to the written name: written, the API would ignore them."""


_FLAGS: Mapping[int | str, bool] = {1: True, 0: False, "1": True, "0": False}
"""How a database's booleans may be answered; True is 1 and False is 0 here."""

_MEMBER: Mapping[FieldType, str] = {
    FieldType.COUNTRY: "code",
    FieldType.COUNTRY_ID: "id",
    FieldType.CLIENT_ID: "id",
    FieldType.NAMED: "name",
    FieldType.TITLED: "title",
}


_SAYS: Mapping[str, str] = {
    field.name: "title" if field.type is FieldType.TAGS else _MEMBER[field.type]
    for field in FIELDS.values()
    if field.type is FieldType.TAGS or field.type in _MEMBER
}
"""By written name, the member of an object, or of each of several, that says what was written."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A company as Kanbert returned it; `body` is the whole answer."""

    kanbert_id: str
    external_id: str | None
    external_origin: str | None
    updated_at: str | None
    archived: bool
    body: dict[str, Json]
    read_at: float | None = slot(default=None, compare=False)  # by the monotonic clock, before it was asked for
    answer: str | None = slot(default=None, compare=False, repr=False)
    """The JSON that `body` was read from, where that holds nothing besides."""

    @property
    def text(self) -> str:
        """Its JSON: as it was answered, where that is known."""
        return as_text(self.body) if self.answer is None else self.answer


def as_text(value: Json) -> str:
    """Write JSON that is only read back, never compared as text: a fifth of the time of `canonical_json`."""
    return pydantic_core.to_json(value).decode()


def changes(payload: Payload, remote: Mapping[str, Json]) -> tuple[Change, ...]:
    """Compare what should be with what is, in the remote's shape; one change for each field that is known to differ.

    Tags and custom fields are a union of what is there and what is wanted: whether PATCH replaces or adds is
    undocumented, so the full set is sent and nothing is taken away. Identity fields are not compared.
    """
    found = []
    for name, wanted in payload.items():
        stored = remote.get(_READS_AS[name])
        if (type(stored) is type(wanted) and stored == wanted) or plainly(name, wanted, stored):
            continue  # most fields, most of the time
        field = FIELDS[name]
        if name in IDENTITY or (name in UNIONS and _not_known(field, remote)):
            continue
        before, after = read_value(field, remote), _wanted_value(field, wanted, remote)
        if not _equal(field, before, after):
            found.append(Change(field=name, before=before, after=after))
    return tuple(found)


def plainly(name: str, wanted: Json, stored: Json) -> bool:
    """Whether the object or the objects that are stored say just the text or the texts that are wanted.

    A quick answer where it is true; where it is false, the rules of `changes` decide.
    """
    key = _SAYS.get(name)
    if key is None:
        return False
    if type(wanted) is list and type(stored) is list and len(wanted) == len(stored):
        return all(
            type(text) is str and type(one) is dict and one.get(key) == text
            for text, one in zip(wanted, stored, strict=True)
        )
    return type(wanted) is str and type(stored) is dict and stored.get(key) == wanted


def not_shown(payload: Payload, remote: Mapping[str, Json]) -> tuple[str, ...]:
    """Name the fields that cannot be compared, since the answer does not have them.

    Tags are documented as optional in answers. Taken for none, they would be replaced and those of others lost.
    """
    return tuple(name for name in payload if name in UNIONS and _not_known(FIELDS[name], remote))


def not_shown_after(sent: Payload, stored: Mapping[str, Json]) -> tuple[str, ...]:
    """Name the fields that were sent with a value and that the answer does not show, so that nobody knows."""
    hidden = [name for name in sent if _READS_AS[name] not in stored or name in UNIONS]
    if not hidden:
        return ()
    given = {name: sent[name] for name in hidden if sent[name] not in (None, "", [], {})}
    absent = [name for name in given if _READS_AS[name] not in stored]
    return tuple(dict.fromkeys([*absent, *not_shown(given, stored)]))


def _not_known(field: Field, remote: Mapping[str, Json]) -> bool:
    """Whether what is there of one of `UNIONS` cannot be told: sent with what is wanted, what is not seen would be lost."""
    value = remote.get(field.reads_as)
    if field.reads_as not in remote:
        return True
    if field.type is FieldType.TAGS:
        return not all(isinstance(_member(tag, "title"), str) for tag in _list(value))
    return not isinstance(value, dict) and len(_slugs(value)) < len(_list(value))


def arrived_otherwise(sent: Payload, stored: Mapping[str, Json]) -> tuple[Change, ...]:
    """Compare what was sent with what the answer says is stored; `before` is the value sent, `after` the stored one.

    A field that the answer does not have at all (documented for tags) is not known, hence no difference.
    """
    return tuple(
        Change(field=change.field, before=change.after, after=change.before)
        for change in changes(sent, stored)
        if FIELDS[change.field].reads_as in stored
    )


def cleared_unasked(sent: Payload, before: Mapping[str, Json], stored: Mapping[str, Json]) -> tuple[str, ...]:
    """Name the fields that a PATCH did not send and that had a value before and have none after it.

    Whether PATCH leaves absent fields alone is documented only by their being optional.
    """
    if not before:  # of every create
        return ()
    return tuple(name for name in _kept(sent) if name in stored and before.get(name) and not stored[name])


def changed_unasked(sent: Payload, before: Mapping[str, Json], stored: Mapping[str, Json]) -> tuple[str, ...]:
    """Name the fields that a PATCH did not send and that are set to something else after it: somebody else did that."""
    if not before:
        return ()
    return tuple(
        name
        for name in _kept(sent)
        if name in before and stored.get(name) and not _same(name, before[name], stored[name])
    )


def differing(one: Mapping[str, Json], other: Mapping[str, Json]) -> tuple[str, ...]:
    """Name, as answers do, the fields that two answers show otherwise; what one leaves out is null there.

    Tags and custom fields that one of them leaves out are not known, hence no difference.
    """
    return tuple(name for name in _kept({}) if _is_known(name, one, other) and not _same_or_none(name, one, other))


def _is_known(name: str, one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    return name not in UNIONS or (name in one and name in other)


def _same_or_none(name: str, one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    first, second = one.get(name), other.get(name)
    if first and second:
        return _same(name, first, second)
    return not first and not second


def _kept(sent: Payload) -> list[str]:
    """List the fields that a PATCH leaves alone, by their names in an answer."""
    written = {FIELDS[name].reads_as for name in sent}
    return sorted({field.reads_as for field in FIELDS.values() if field.name not in IDENTITY} - written)


def _same(name: str, before: Json, stored: Json) -> bool:
    """Compare two answers; of an object inside them its id counts, since Kanbert may show more of it or less."""
    if isinstance(before, dict) and isinstance(stored, dict) and name != "custom_fields":
        return before.get("id") == stored.get("id")
    if isinstance(before, list) and isinstance(stored, list):  # in no order that means anything
        return sorted(map(canonical_json, before)) == sorted(map(canonical_json, stored))
    return before == stored


def read_value(field: Field, remote: Mapping[str, Json]) -> Json:
    """Read a field of an answer in the shape in which it is compared: text, boolean, code, id, titles or a map."""
    value = remote.get(field.reads_as)
    if field.type in _MEMBER:
        return _member(value, _MEMBER[field.type])
    if field.type is FieldType.TAGS:
        return [_member(tag, "title") for tag in _list(value)]
    if field.type is FieldType.CUSTOM:
        return value if isinstance(value, dict) else _slugs(value)
    if field.type is FieldType.BOOLEAN:
        return _FLAGS.get(value, value) if isinstance(value, (int, str)) else value
    return value


def same_value(field: Field, one: Json, other: Json) -> bool:
    """Compare two values of a field, both in the shape of `read_value`; a custom field of null is none."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_custom(one.get(slug)) == _custom(other.get(slug)) for slug in one.keys() | other.keys())
    return _equal(field, one, other)


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _slugs(value: Json) -> dict[str, Json]:
    """Read custom fields that come as a list of objects; PHP writes an empty map as []."""
    found: dict[str, Json] = {}
    for one in _list(value):
        slug = (
            next((one[key] for key in ("slug", "alias", "key", "name") if key in one), None)
            if isinstance(one, dict)
            else None
        )
        if isinstance(one, dict) and isinstance(slug, str) and "value" in one:
            found[slug] = one["value"]
    return found


def _wanted_value(field: Field, wanted: Json, remote: Mapping[str, Json]) -> Json:
    present = read_value(field, remote)
    if field.type is FieldType.TAGS and isinstance(wanted, list) and isinstance(present, list):
        return [*present, *(tag for tag in wanted if tag not in present)]
    if field.type is FieldType.CUSTOM and isinstance(wanted, dict) and isinstance(present, dict):
        return {**present, **wanted}
    if field.type is FieldType.CLIENT_ID and isinstance(client := remote.get("client"), dict):
        reference = referred(wanted)
        return present if reference and is_client(reference, client) else wanted
    return wanted


def _equal(field: Field, before: Json, after: Json) -> bool:
    if isinstance(before, list) and isinstance(after, list):
        return set(map(str, before)) == set(map(str, after))
    if isinstance(before, dict) and isinstance(after, dict):
        return all(_custom(before.get(slug)) == _custom(value) for slug, value in after.items())
    if field.type is FieldType.BOOLEAN:
        return before is after
    return _text(before) == _text(after)


def _text(value: Json) -> Json:
    """Fold what the API does not tell apart: surrounding blanks, empty text from null, a number from its digits."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def referred(value: Json) -> dict[str, str] | None:
    """Read a client that is named by its external_id, perhaps with its origin; None for an id, or for nothing."""
    return {name: str(text) for name, text in value.items()} if isinstance(value, dict) else None


def is_client(reference: Mapping[str, str], client: Mapping[str, Json]) -> bool:
    """Whether a client, as a company shows it, is the one that is named."""
    return client.get("id") is not None and all(_text(client.get(name)) == text for name, text in reference.items())


def _custom(value: Json) -> Json:
    """Fold what a custom field may do to a value: 5 sent as "5" can be stored as a number."""
    return str(value) if isinstance(value, float) else _text(value)


def _member(value: Json, key: str) -> Json:
    """Read the member of an object by which it is compared; a name may stand there without an object around it."""
    if isinstance(value, str) and key != "id":
        return value
    member = value.get(key) if isinstance(value, dict) else None
    return str(member) if isinstance(member, int) and not isinstance(member, bool) else member
