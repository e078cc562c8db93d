"""`python -m tests.ordeal [--kills 500] [--seed N]`: kills runs and servers at random instants, and looks what is left.

Each trial is drawn from a seed of its own and can be repeated alone: `--seed N --trials 1`. Ends with 1 where a promise
was broken.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.ordeal.processes import filled
from tests.ordeal.trials import Trial, Verdict, drawn
from tests.ordeal.workload import SLUGS, rows, seed

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> int:
    """Run trials until so many kills have hit, and say what came of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.ordeal", description=__doc__)
    parser.add_argument("--kills", type=int, default=500, help="of the run; those of the server come besides")
    parser.add_argument("--seed", type=int, default=0, help="of the first trial; the next one has the next")
    parser.add_argument("--trials", type=int, default=None, help="at most so many")
    parser.add_argument("--seconds", type=float, default=None, help="begin no trial after so many")
    parser.add_argument("--each", type=int, default=6, help="rows of each of the 16 kinds")
    parser.add_argument("--keep", type=Path, default=None, help="the folder that keeps what a broken trial left")
    words = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = folder / "template.db"
        filled(template, seed(rows(words.each)), SLUGS)
        verdicts = list(_verdicts(words, template, folder, began))
    return _told(verdicts, time.monotonic() - began)


def _verdicts(words: argparse.Namespace, template: Path, folder: Path, began: float) -> Iterator[Verdict]:
    kills, number = 0, words.seed
    while kills < words.kills and (words.trials is None or number < words.seed + words.trials):
        if words.seconds is not None and time.monotonic() - began > words.seconds:
            return
        place = folder / str(number) if words.keep is None else words.keep / str(number)
        place.mkdir(parents=True)
        verdict = Trial(drawn(number, each=words.each), place).judged(template)
        if verdict.broken:
            _print(f"seed {number}: {verdict.plan!s}")
            for broken in verdict.broken:
                _print(f"  {broken}")
        kills += verdict.kills.total()
        number += 1
        yield verdict


def _told(verdicts: list[Verdict], seconds: float) -> int:
    stages = sum((verdict.kills for verdict in verdicts), Counter[str]())
    seeds = [verdict.plan.seed for verdict in verdicts]
    broken = [verdict.plan.seed for verdict in verdicts if verdict.broken]
    _print(f"trials {len(verdicts)} (seeds {min(seeds)} to {max(seeds)}), {seconds:.0f} s")
    _print(f"kills of the run {stages.total()}: {', '.join(f'{stage} {n}' for stage, n in sorted(stages.items()))}")
    _print(f"  that left intents open: {sum(verdict.with_intents for verdict in verdicts)}")
    _print(f"  instants after its end: {sum(verdict.late for verdict in verdicts)}")
    _print(f"kills of the server {sum(verdict.server_kills for verdict in verdicts)}")
    _print(f"trials with faults {sum(len(verdict.plan.faults) > 1 for verdict in verdicts)}")
    _print(f"trials with another Kanbert {sum(bool(verdict.plan.behaviour) for verdict in verdicts)}")
    _print(f"runs to the end after the kills, at most {max(verdict.runs for verdict in verdicts)}")
    _print(f"broken promises in {len(broken)} trials{f': seeds {broken}' if broken else ''}")
    return 1 if broken else 0


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
