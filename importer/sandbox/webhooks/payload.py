"""A company and who changed it -> the signed bytes of a webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING

from importer.sandbox.companies.finding import by_id
from importer.sandbox.companies.rendering import rendered
from importer.sandbox.embedded.rendering import users
from importer.sandbox.ids import Thing, public_id

if TYPE_CHECKING:
    import sqlite3

    from importer.sandbox.behaviour import Behaviour
    from importer.sandbox.webhooks.debounce import Notice
    from importer.sandbox.wire.inputs import Json

__all__ = ["payload", "signature"]


def payload(db: sqlite3.Connection, behaviour: Behaviour, company_id: int, notice: Notice) -> bytes:
    """Return the body that tells of a company as it is now, archived or not.

    Spelled as PHP does by default: signs beyond ASCII and slashes are escaped, so that only the bytes as they came
    have the signature, and not what another library makes of the same JSON.
    """
    (company,) = rendered(db, [by_id(db, company_id)], behaviour)
    body: Json = {
        "event": notice.event,
        "resource": {"type": "company", "id": public_id(company_id, Thing.COMPANY, behaviour.ids)},
        "triggered_by": _user(db, behaviour, notice.user_id),
        "data": company,
    }
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()


def signature(secret: str, body: bytes) -> str:
    """Return the HMAC-SHA256 of a body in hexadecimal digits."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _user(db: sqlite3.Connection, behaviour: Behaviour, user_id: int | None) -> Json:
    """Render the user; where nobody is known, the space's first."""
    (known,) = db.execute("SELECT id FROM users ORDER BY id IS ? DESC, id LIMIT 1", [user_id]).fetchone()
    return users(db, [known], behaviour)[known]
