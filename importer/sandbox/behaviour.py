"""Which plausible Kanbert the sandbox plays, and whom it knows: switches, tokens and their scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from importer.sandbox.countries import country_named
from importer.sandbox.ids import Ids  # noqa: TC001  # seed files check switches against their types

__all__ = ["EVERY_SCOPE", "OFFER_SCOPE", "READ_SCOPE", "WRITE_SCOPE", "Behaviour", "Token"]

READ_SCOPE = "contact-data:read"
WRITE_SCOPE = "contact-data:write"
OFFER_SCOPE = "offer:read"
EVERY_SCOPE = frozenset({READ_SCOPE, WRITE_SCOPE, OFFER_SCOPE, "integration"})

_LEAST = {"page_size_max": 1, "throttle": 1, "throttle_window": 0.01, "maintenance_retry_after": 0, "max_body": 1}
_MOST = 10**9


@dataclass(frozen=True, slots=True)
class Token:
    """Whom a bearer token stands for: the integration's slug, which is the default origin, and its scopes."""

    slug: str
    scopes: frozenset[str] = EVERY_SCOPE
    user_id: str = "1"
    """The user that the integration acts as: `me.id` of a filter, `triggered_by` of a webhook."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Which of the plausible Kanberts the sandbox plays; the defaults are those of the framework it is built on.

    Raises:
        ValueError: a number is out of bounds, or the country is none; says which.
    """

    duplicate: Literal[422, 409, 500, "accept"] = 422
    """What a create with an external_id that is taken gets; `accept` stores a second company."""
    race: Literal["serialised", "error", "accept"] = "serialised"
    """Two creates of one external_id at once: the later one sees the earlier, or both pass the check, and the later
    one then breaks a unique index (500) or is stored too."""
    folds_external_id: bool = False
    """Finding and uniqueness of external_id ignore case, accents and trailing spaces, as MySQL's collations do."""
    unique_in: Literal["origin", "space"] = "origin"
    origin_without_id: Literal["slug", "none"] = "slug"
    """The external_origin of a company that has no external_id: as for any other, or null."""
    shows_archived: bool = False
    """GET of one company answers an archived one, with its deleted_at."""
    archived_frees_id: bool = False
    """The external_id of an archived company may be taken by another."""
    restore_of_taken: Literal["accept", "refuse"] = "accept"
    """Restoring a company whose external_id a live one holds by now."""
    restore_status: Literal[201, 200] = 201
    identifier_taken: Literal["refuse", "take"] = "refuse"
    """PUT external-identifier with an external_id that is taken: 422, or it is taken away from its holder."""
    patch_nulls_absent: bool = False
    """PATCH clears the nullable fields that its body does not name."""
    tags_on_patch: Literal["replace", "add"] = "replace"
    custom_fields_on_patch: Literal["merge", "replace"] = "merge"
    unknown_custom_field: Literal["ignore", "store", "refuse"] = "ignore"
    """A slug that is not in `SandboxOptions.custom_fields`."""
    unknown_title: Literal["create", "refuse"] = "create"
    """A company_size, company_revenue or tag that does not exist yet."""
    null_country_id: Literal["clears", "keeps"] = "clears"
    """`address_X_country_id: null` empties the country, or has no effect."""
    folds_business_field: bool = False
    """A business_field is found without regard to case."""
    answers_tags: bool = True
    """Answers hold the optional property `tags`."""
    ids: Ids = "text"
    """Ids are whole numbers, sent as text or as JSON numbers, or UUIDs."""
    finds_id_prefix: bool = False
    """A path that is not a number finds the id it begins with, as MySQL compares: "12abc" finds 12. Not for UUIDs."""
    empty_custom_fields: Literal["list", "object"] = "list"
    dates: Literal["atom", "zulu", "micro"] = "atom"
    """`2019-08-24T14:15:22+00:00`, `...22Z`, `...22.000000Z`."""
    meta_keys: Literal["page_url", "cursor_url", "both", "no_next_cursor"] = "page_url"
    """How a page's meta spells its urls: as the framework does, as the documentation does, both, or as the framework's
    version 8 does, which has no next_cursor."""
    page_size_max: int = 30
    stable_sort: bool = False
    """A sorted list ends its order with the key, so that a walk by cursor loses no row."""
    null_in_cursor: Literal["lost", "error"] = "lost"
    """A page of a sorted list that would begin behind a null: nothing is beyond it, or the framework's 500."""
    case_sensitive_filter: bool = False
    """Lists mind the case of texts, in filters and in the order of a sort."""
    throttle: int | None = None
    """Requests in each window for each token; None is no limit, and no X-RateLimit headers."""
    throttle_window: float = 60.0  # seconds
    trims: Literal["unicode", "ascii"] = "unicode"
    """What is cut off at both ends of every text that comes in: white space and invisible characters of Unicode, or
    the framework's version 8's six of ASCII."""
    invalid_message: Literal["summary", "fixed"] = "summary"
    """The message of a 422: the first error and the number of the others, or "The given data was invalid." as of the
    framework's version 8."""
    anonymous: Literal["redirect", "error", "empty"] = "redirect"
    """A 401 for who does not ask for JSON: a redirect to the login, a 500 page, or a 401 without a body."""
    maintenance: bool = False
    """Every request is answered with 503."""
    maintenance_retry_after: int | None = None  # seconds
    """The Retry-After of that 503, which has none if the operator gave none."""
    max_body: int = 8 * 1024 * 1024
    """Bytes that a body may have before it is a 413; PHP's post_max_size."""
    default_country: str = "AT"
    """The space's country, alpha-2, which takes the place of what is not a country."""

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and not least <= value <= _MOST:
                msg = f"{name} must be from {least:g} to {_MOST}, not {value}"
                raise ValueError(msg)
        if country_named(self.default_country) is None:
            msg = f"default_country must be a country, such as AT, not {self.default_country}"
            raise ValueError(msg)
