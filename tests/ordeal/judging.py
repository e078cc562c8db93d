"""What the server's own file and the journal hold after a run -> everything in which a promise was broken.

The server's history says who did what: it survives a kill, and nothing of the importer has part in it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.ordeal.processes import ACTOR
from tests.ordeal.workload import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.ordeal.workload import Fate, Row

__all__ = ["Kept", "broken_promises", "kept_by", "stage_of"]

_SOMEBODY = "somebody-else"  # whom the sandbox's faults act as
_COMPANIES = """
    SELECT c.*, (SELECT code FROM countries WHERE countries.id = c.address_invoice_country_id) AS country,
      (SELECT json_group_array(n.name) FROM company_tags t JOIN names n ON n.id = t.tag_id WHERE t.company_id = c.id)
      AS tags,
      (SELECT actor FROM company_changes h WHERE h.company_id = c.id AND event = 'create' ORDER BY h.id LIMIT 1) AS maker,
      (SELECT count(*) FROM company_changes h WHERE h.company_id = c.id AND actor = ?) AS touched
    FROM companies c ORDER BY c.id
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the server's file holds."""

    companies: list[dict[str, Any]]

    def live(self, external_id: str) -> list[dict[str, Any]]:
        """Return the live companies of our origin with an external_id."""
        return [
            one
            for one in self.companies
            if one["deleted_at"] is None and (one["external_origin"], one["external_id"]) == (ORIGIN, external_id)
        ]

    @property
    def made(self) -> Counter[str]:
        """Count the creates by us that were accepted, by external_id."""
        return Counter(str(one["external_id"]) for one in self.companies if one["maker"] == ACTOR)


def kept_by(data: Path) -> Kept:
    """Read a sandbox's file, also while it runs."""
    with closing(sqlite3.connect(f"{data.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return Kept([dict(row) for row in connection.execute(_COMPANIES, [ACTOR])])


def broken_promises(
    export: Sequence[Row], behaviour: Mapping[str, Any], kept: Kept, journal: Path, document: Mapping[str, Any]
) -> list[str]:
    """Name everything that is not as it must be after the last run; empty where all is well.

    What an earlier run has brought into Kanbert and ended is unchanged for the next one.
    """
    return [
        *_unbalanced(export, document),
        *_astray(export, kept),
        *(wrong for row in export for wrong in _wrong(row, row.fate(behaviour), behaviour, kept)),
        *_wrong_outcomes(export, behaviour, kept, journal),
    ]


def _unbalanced(export: Sequence[Row], document: Mapping[str, Any]) -> Iterator[str]:
    counts = dict(document["counts"])
    read = counts.pop("read")
    if read != len(export) or read != sum(counts.values()) or document["pending"]:
        yield f"out of balance: {read} of {len(export)} read, {counts}, {document['pending']} pending"
    if document["exit_code"] not in {0, 1}:
        yield f"ended with {document['exit_code']}: {document.get('error')}"


def _astray(export: Sequence[Row], kept: Kept) -> Iterator[str]:
    """Companies that no row accounts for, and bystanders that were touched."""
    ours = {row.external_id for row in export}
    for one in kept.companies:
        named = f"company {one['id']} ({one['external_id']}, {one['company_name']})"
        if one["maker"] == ACTOR and one["external_id"] not in ours:
            yield f"{named} was made for no row"
        if "bystander" in str(one["homepage"]) and one["touched"]:
            yield f"{named} is a bystander, and was touched"
    for external_id, count in kept.made.items():
        if count > 1:
            yield f"{external_id} was created {count} times"


def _wrong(row: Row, fate: Fate, behaviour: Mapping[str, Any], kept: Kept) -> Iterator[str]:
    """Tell what is wrong with the company of a row."""
    live = kept.live(row.external_id)
    theirs = [one for one in live if one["maker"] == _SOMEBODY]
    if not fate.there:
        if [one for one in live if one["maker"] == ACTOR]:
            yield f"{row.external_id}: must not be in Kanbert, and was made"
        return
    if len(live) != 1:
        yield f"{row.external_id}: {len(live)} live companies"
        return
    yield from _wrong_maker(row, fate, kept, live[0], theirs=bool(theirs))
    for name, wanted, found in _fields(row, behaviour, live[0]):
        if wanted != found:
            yield f"{row.external_id}: {name} is {found!r}, not {wanted!r}"


def _wrong_maker(row: Row, fate: Fate, kept: Kept, company: Mapping[str, Any], *, theirs: bool) -> Iterator[str]:
    """Tell where a company is another one than it must be, or was made once too often."""
    if fate.old and company["homepage"] != row.mark:
        yield f"{row.external_id}: is company {company['id']}, not the one that was there"
    if fate.new and not theirs and kept.made[row.external_id] != 1:
        yield f"{row.external_id}: {kept.made[row.external_id]} creates accepted"
    if (fate.old or theirs) and kept.made[row.external_id]:
        yield f"{row.external_id}: was there, and was created"


def _fields(row: Row, behaviour: Mapping[str, Any], company: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    custom = json.loads(company["custom_fields"])
    tags = set(json.loads(company["tags"]))
    shown = behaviour.get("answers_tags", True) or row.kind == "new"
    yield "name", row.cells["name"], company["company_name"]
    yield "phone", row.cells["phone"], company["phone"]
    yield "country", "NL", company["country"]
    if company["maker"] not in {ACTOR, _SOMEBODY}:
        yield "email", "kept@example.com", company["email"]
    if row.cells["group"]:
        yield "custom field", row.cells["group"], custom.get("vat_group")
    if row.cells["labels"] and shown and company["maker"] != _SOMEBODY:
        yield "our tag", True, "ours" in tags
    if row.kind == "tagged":
        yield "their tag", True, "theirs" in tags
        yield "their custom field", "theirs", custom.get("note")


def _wrong_outcomes(export: Sequence[Row], behaviour: Mapping[str, Any], kept: Kept, journal: Path) -> Iterator[str]:
    """Hold the journal's outcomes against what the server knows."""
    with closing(sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True)) as connection:
        (ended,) = connection.execute("SELECT count(*) FROM run WHERE state = 'ended'").fetchone()
        outcomes = dict(connection.execute("SELECT number, outcome FROM row"))
        opened = connection.execute("SELECT external_id FROM operation WHERE outcome IS NULL OR outcome = 'unknown'")
        left_open = [str(found) for (found,) in opened]
        made: defaultdict[str, int] = defaultdict(int)
        for (external_id,) in connection.execute("SELECT external_id FROM operation WHERE outcome = 'created'"):
            made[external_id] += 1
    for external_id in left_open:
        yield f"{external_id}: an intent was never settled"
    for number, row in enumerate(export, 2):
        theirs = any(one["maker"] == _SOMEBODY for one in kept.live(row.external_id))
        fate = row.fate(behaviour)
        allowed = fate.outcomes | ({"created", "updated"} if theirs and fate.new else set())
        allowed |= {"unchanged"} if ended > 1 and fate.there else set()
        if outcomes.get(number) not in allowed:
            yield f"row {number} ({row.external_id}): {outcomes.get(number)}, not {'/'.join(sorted(allowed))}"
        if not theirs and made[row.external_id] != kept.made[row.external_id]:
            yield f"{row.external_id}: {made[row.external_id]} created by the journal, {kept.made[row.external_id]} by Kanbert"


def stage_of(journal: Path, before: int) -> tuple[str, int, int]:
    """Say from a journal how far a killed run had got, how many intents are open, and the number of its last run.

    `before` is the number of the last run that was there before.
    """
    if not journal.exists():
        return "start", 0, before
    with closing(sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'run'").fetchone():
            return "start", 0, before
        (run,) = connection.execute("SELECT coalesce(max(id), 0) FROM run").fetchone()
        (operations,) = connection.execute("SELECT count(*) FROM operation WHERE run = ?", [run]).fetchone()
        (intents,) = connection.execute("SELECT count(*) FROM operation WHERE outcome IS NULL").fetchone()
        (rows,) = connection.execute("SELECT count(*) FROM row WHERE outcome IS NULL").fetchone()
    if run == before:
        return "start" if run == 0 else "reading again", intents, run
    return ("writing" if operations else "looking") if rows else "end", intents, run
