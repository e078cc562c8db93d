"""A report's page read as a browser would read it, but by Python's own parser."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "rect"}


@dataclass(slots=True)
class Node:
    """An element, with its text and its elements in order."""

    tag: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(one if isinstance(one, str) else one.text for one in self.children)

    @property
    def original(self) -> str:
        """The text as it was before characters that cannot be seen became their numbers."""
        if self.tag == "i":
            return chr(int(self.text.removeprefix("U+"), 16))
        return "".join(one if isinstance(one, str) else one.original for one in self.children)

    def all(self, tag: str, **attributes: str) -> list[Node]:
        nodes = [one for one in self.children if isinstance(one, Node)]
        inner = [found for one in nodes for found in one.all(tag, **attributes)]
        mine = self.tag == tag and all(self.attributes.get(name.rstrip("_")) == attributes[name] for name in attributes)
        return [*([self] if mine else []), *inner]

    def one(self, tag: str, **attributes: str) -> Node:
        (found,) = self.all(tag, **attributes)
        return found


class Page(HTMLParser):
    """A tree of nodes; `problems` is what is never closed, or closed without being open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = Node("", {})
        self.problems: list[str] = []
        self._open = [self.root]
        self.feed(html)
        self.close()
        self.problems += [f"<{one.tag}> is never closed" for one in self._open[1:]]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self._open[-1].tag != tag:
            self.problems.append(f"</{tag}> at {self.getpos()} closes <{self._open[-1].tag}>")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def row_numbers(page: Page) -> list[int]:
    return [int(re.sub("^r", "", row.attributes["id"])) for row in page.root.all("article")]


def columns(page: Page) -> tuple[str, ...]:
    return tuple(item.one("span").original for item in page.root.one("ol", class_="columns").all("li"))


def cells(row: Node) -> dict[str, str]:
    """The cells that the page shows of a row, by their columns' names; three blanks after each are the page's own."""
    found: dict[str, str] = {}
    name = None
    for one in [inner for outer in row.one("p", class_="cells").children for inner in _flat(outer)]:
        if isinstance(one, Node) and one.tag == "b":
            name = one.original
            found[name] = ""
        elif name is not None:
            found[name] += one if isinstance(one, str) else "" if one.tag == "em" else one.original
    return {name: text.removeprefix(" ").removesuffix("   ") for name, text in found.items()}


def _flat(child: Node | str) -> list[Node | str]:
    return child.children if isinstance(child, Node) and child.tag == "mark" else [child]


def issues(row: Node) -> list[dict[str, str]]:
    return [_issue(item) for item in row.one("ul").all("li")]


def _issue(item: Node) -> dict[str, str]:
    named = {"column": "n", "cell": "a", "message": "m", "hint": "h"}
    found = {name: "".join(one.original for one in item.all("span", class_=named[name])) for name in named}
    return {"code": item.one("code").text, **found}
