"""What webhooks are told before they start: who subscribes to what, and how deliveries are timed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from yarl import URL

from importer.sandbox.wire.loopback import is_loopback

__all__ = ["EVENTS", "DeliveryOptions", "Subscription", "SubscriptionError"]

EVENTS = ("company:create", "company:update", "company:delete")
"""All that is documented; nothing is sent of a restore."""

_MAX_URL = 2000
_MAX_SECRET = 255

Messages: TypeAlias = "dict[str, list[str]]"


class SubscriptionError(ValueError):
    """A subscription cannot be as it is asked for; `messages` says so by field."""

    def __init__(self, messages: Messages) -> None:
        self.messages = messages
        super().__init__(" ".join(message for found in messages.values() for message in found))


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants to hear of which events; an empty `secret` is made when it is stored.

    Raises:
        SubscriptionError: the address is not one of this machine's own, or an event is not known.
    """

    url: str
    """http or https, and the host is literally 127.x.y.z, ::1 or localhost: the sandbox makes no request elsewhere."""
    events: tuple[str, ...] = EVENTS
    secret: str = field(default="", repr=False)
    active: bool = True
    """What happens while it is not active is never delivered."""

    def __post_init__(self) -> None:
        found = {
            "url": _url_problem(self.url),
            "events": _events_problem(self.events),
            "secret": _secret_problem(self.secret),
        }
        messages = {name: [problem] for name, problem in found.items() if problem}
        if messages:
            raise SubscriptionError(messages)


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How deliveries are timed and signed; of two documented time limits the stricter is the default."""

    quiet: float = 1.0
    """Seconds without a further event of the company that a delivery waits for."""
    timeout: float = 3.0
    """Seconds that a receiver has for its whole answer."""
    tries: int = 3
    backoff: float = 1.0
    """Seconds before the second try; twice as long before each further one."""
    parallel: int = 8
    """Companies that one subscription hears of at a time."""
    glance: float = 1.0
    """Seconds between looks at what other sandboxes on the same file wrote, and whether the one that delivers is gone."""
    signature_header: str = "X-Kanbert-Signature"
    """Inferred: that a signature is sent is documented, the header's name is not."""

    def delay(self, attempts: int) -> float:
        """Return the seconds to wait after so many attempts: backoff * 2 ** (attempts - 1)."""
        return float(self.backoff * 2 ** (attempts - 1))


def _url_problem(text: str) -> str | None:
    try:
        url = URL(text)
        host, port = url.host or "", url.port
    except ValueError:
        return "The url must be an http or https address."
    is_address = url.scheme in ("http", "https") and host and port and url.raw_user is None
    if not is_address or len(text) > _MAX_URL or not _is_unicode(text):
        return f"The url must be an http or https address of at most {_MAX_URL} characters, without user and password."
    if not is_loopback(host):
        return "The url must be on this machine: its host is 127.x.y.z, ::1 or localhost, and nothing else is called."
    return None


def _events_problem(events: tuple[str, ...]) -> str | None:
    if not events or any(event not in EVENTS for event in events):
        return f"The events must be some of {', '.join(EVENTS)}."
    return None


def _secret_problem(secret: str) -> str | None:
    if len(secret) > _MAX_SECRET or not _is_unicode(secret):
        return f"The secret must be text of at most {_MAX_SECRET} characters."
    return None


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)
