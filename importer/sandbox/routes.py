"""Method and path below /api/v1 -> the endpoint and the id it is about, or the framework's 404 and 405."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from importer.sandbox.behaviour import OFFER_SCOPE, READ_SCOPE, WRITE_SCOPE
from importer.sandbox.wire.answers import ApiError

__all__ = ["PREFIX", "Endpoint", "Route", "kind_of", "route"]

PREFIX = ("api", "v1")


class Endpoint(StrEnum):
    """What can be asked; the words that statistics count by."""

    LIST = "list"
    SHOW = "show"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    IDENTIFY = "external-identifier"
    RESTORE = "restore"
    OFFERS = "offers"
    OFFER = "offer"
    LINE_ITEMS = "line-items"
    PDF = "pdf"

    @property
    def scope(self) -> str:
        """The scope that a token needs."""
        if self in (Endpoint.OFFERS, Endpoint.OFFER, Endpoint.LINE_ITEMS, Endpoint.PDF):
            return OFFER_SCOPE
        return READ_SCOPE if self in (Endpoint.LIST, Endpoint.SHOW) else WRITE_SCOPE

    @property
    def writes(self) -> bool:
        """Whether it changes companies."""
        return self.scope == WRITE_SCOPE


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint, and the id from the path; empty where there is none."""

    endpoint: Endpoint
    identity: str = ""


_TABLE: dict[str, dict[str, Endpoint]] = {
    "/companies": {"GET": Endpoint.LIST, "HEAD": Endpoint.LIST, "POST": Endpoint.CREATE},
    "/companies/{id}": {
        "GET": Endpoint.SHOW,
        "HEAD": Endpoint.SHOW,
        "PATCH": Endpoint.UPDATE,
        "DELETE": Endpoint.DELETE,
    },
    "/companies/{id}/external-identifier": {"PUT": Endpoint.IDENTIFY},
    "/companies/{id}/restore": {"POST": Endpoint.RESTORE},
    "/offers": {"GET": Endpoint.OFFERS, "HEAD": Endpoint.OFFERS},
    "/offers/{id}": {"GET": Endpoint.OFFER, "HEAD": Endpoint.OFFER},
    "/offers/{id}/line-items": {"GET": Endpoint.LINE_ITEMS, "HEAD": Endpoint.LINE_ITEMS},
    "/offers/{id}/pdf": {"GET": Endpoint.PDF, "HEAD": Endpoint.PDF},
}


def kind_of(segments: tuple[str, ...]) -> str | None:
    """Tell the path's template, or None where no route is like it."""
    match segments:
        case ("companies" | "offers" as collection,):
            return f"/{collection}"
        case ("companies" | "offers" as collection, identity, *rest) if identity and len(rest) <= 1:
            kind = "/".join(("", collection, "{id}", *rest))
            return kind if kind in _TABLE else None
        case _:
            return None


def route(method: str, segments: tuple[str, ...]) -> Route:
    """Find the endpoint for the segments below /api/v1."""
    path = "/".join((*PREFIX, *segments))
    kind = kind_of(segments)
    if kind is None:
        raise ApiError(404, f"The route {path} could not be found.")
    methods = _TABLE[kind]
    if method not in methods:
        allowed = ", ".join(methods)
        message = f"The {method} method is not supported for route {path}. Supported methods: {allowed}."
        raise ApiError(405, message, headers={"Allow": allowed})
    return Route(methods[method], segments[1] if len(segments) > 1 else "")
