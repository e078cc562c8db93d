"""The fault script that is on -> the page that shows it, counts what it did, and takes another."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anyio import to_thread

from importer.sandbox.control import set_faults
from importer.sandbox.faults import parse_faults
from importer.sandbox.pages.visits import Page, Redirect, Visit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from importer.sandbox.faults import Faults

__all__ = ["EXAMPLES", "Counted", "Example", "cleared", "described", "script_text", "shown", "with_example", "written"]

_MAX_SCRIPT = 64 * 1024  # characters
_WRONG = re.compile(r"faults:(\d+): (.*)", re.DOTALL)
_ITEM = re.compile(r"^( *)- ", re.MULTILINE)
_LIST = re.compile(r"^faults:", re.MULTILINE)
_CONTEXT = 2  # lines shown before and after a wrong one
_MAX_COUNTED = 200
_DONE = {"set": "The faults are on. Counting began anew.", "cleared": "No faults are on."}


@dataclass(frozen=True, slots=True)
class Counted:
    """A fault that is on, as its script writes it, with the requests it matched and those it fired on."""

    text: str
    seen: int
    fired: int


@dataclass(frozen=True, slots=True)
class Example:
    """A fault that can be put into the script by a button."""

    name: str
    title: str
    text: str


EXAMPLES = (
    Example(
        "busy",
        "Every fifth request is told to wait two seconds",
        '{on: "*", every: 5, do: status, status: 429, retry_after: 2}',
    ),
    Example(
        "lost", "The third create is stored, but its answer is lost", '{on: "POST /companies", nth: 3, do: reset_after}'
    ),
    Example("broken", "One read in twenty fails", '{on: "GET /companies*", chance: 0.05, do: status, status: 500}'),
    Example(
        "stored",
        "Every tenth create is stored, but answered with an error",
        '{on: "POST /companies", every: 10, do: status, status: 500, commit: true}',
    ),
    Example("slow", "Every answer takes 200 ms longer", '{on: "*", do: latency, ms: 200}'),
    Example(
        "silent",
        "Two requests about company 1042 never get an answer",
        '{on: "*", external_id: "1042", times: 2, do: hang}',
    ),
    Example(
        "maintenance",
        "The next three requests meet maintenance",
        '{on: "*", times: 3, do: status, status: 503, body: html}',
    ),
    Example("expired", "The token expires at request 50", '{on: "*", nth: 50, do: expire_token}'),
)


async def shown(visit: Visit) -> Page:
    """Show the faults that are on, with a form that holds them."""
    return _page(visit, script_text(visit.exchanges.faults), done=_DONE.get(visit.query.get("done", ""), ""))


async def written(visit: Visit) -> Page | Redirect:
    """Put the form's script in place of the one that is on; where it is wrong, show where, and keep what was typed."""
    text = visit.form.get("script", "")
    for example in EXAMPLES:
        if visit.form.get("insert") == example.name:
            return _page(
                visit, with_example(text, example.text), done="The example is in the script below. It is not on yet."
            )
    if len(text) > _MAX_SCRIPT:
        return _page(visit, text, problem=f"The script is longer than {_MAX_SCRIPT:,} characters.")
    try:
        script = await to_thread.run_sync(parse_faults, text)  # YAML is slow, and text may be hostile
    except ValueError as error:
        return _wrong(visit, text, str(error))
    set_faults(visit.exchanges, *script.faults, seed=script.seed)
    return Redirect("/faults?done=set" if script.faults else "/faults?done=cleared")


async def cleared(visit: Visit) -> Redirect:
    """Take all faults away."""
    set_faults(visit.exchanges)
    return Redirect("/faults?done=cleared")


def described(faults: Faults) -> list[Counted]:
    """Describe the faults that are on, in their order; far more than anybody writes are cut off."""
    return [Counted(_flow(fault), fault["seen"], fault["fired"]) for fault in faults.described()[:_MAX_COUNTED]]


def script_text(faults: Faults) -> str:
    """Write the script that is on as YAML that reads back as the same script."""
    if not faults.script.faults:
        return ""
    seed = [f"seed: {faults.script.seed}"] if faults.script.seed else []
    return "\n".join([*seed, "faults:", *(f"  - {_flow(fault)}" for fault in faults.described()), ""])


def with_example(text: str, example: str) -> str:
    """Put a fault at the end of a script, in line with those that are there."""
    before = text if not text or text.endswith("\n") else f"{text}\n"
    if not _LIST.search(before):
        before += "faults:\n"
    items = _ITEM.findall(before)
    return f"{before}{items[-1] if items else '  '}- {example}\n"


def _wrong(visit: Visit, text: str, message: str) -> Page:
    found = _WRONG.fullmatch(message)
    line, reason = (int(found[1]), found[2]) if found else (1, message)
    lines = text.split("\n")
    first = max(0, line - 1 - _CONTEXT)
    excerpt = list(enumerate(lines[first : line + _CONTEXT], first + 1))
    return _page(visit, text, problem=f"Line {line}: {reason}", excerpt=excerpt, line=line)


def _page(
    visit: Visit,
    text: str,
    *,
    problem: str = "",
    excerpt: Sequence[tuple[int, str]] = (),
    line: int = 0,
    done: str = "",
) -> Page:
    faults = visit.exchanges.faults
    values = {
        "faults": described(faults),
        "on": len(faults.script.faults),
        "text": text,
        "problem": problem,
        "excerpt": excerpt,
        "line": line,
        "done": done,
        "examples": EXAMPLES,
    }
    return Page("faults.html", values, 422 if problem else 200)


def _flow(fault: Mapping[str, object]) -> str:
    settings = (f"{name}: {_value(name, value)}" for name, value in fault.items() if name not in ("seen", "fired"))
    return f"{{{', '.join(settings)}}}"


def _value(name: str, value: object) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if name in ("do", "body"):  # words of ours
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08X}" for sign in quoted)
