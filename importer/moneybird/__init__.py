"""Moneybird as a source: the contacts of an administration, read by its API and kept on this machine, as rows.

Nothing here changes anything at Moneybird. What asks it is in `api` and `fetching`, which take `transport`; the address
and the snapshot do without, so that commands which find their contacts kept start as quickly as with a file.
"""

from __future__ import annotations

from importer.moneybird.address import SCHEME, ContactsAddress, address_of, word_of
from importer.moneybird.snapshot import Draft, Snapshot, open_draft, read_snapshot

__all__ = ["SCHEME", "ContactsAddress", "Draft", "Snapshot", "address_of", "open_draft", "read_snapshot", "word_of"]
