"""`python -m tests.fuzz NAME [--seconds N]`: changes files of one format by what its readers' code does with them.

NAME is one of csv, html, xml-2003, xlsx, xlsb, xls, ods, any. It needs `pip install atheris` (Linux; no dependency of
the project: it is for a person with an hour, not for each change). Ends with 1 where a reader broke its promise (see
`tests.fuzz.targets`), took more than 20 s for a file, or more than 1 GiB; the input is kept, and read again with
`--input FILE`, which needs no atheris. What was found becomes a test of its own beside the reader.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path

_SECONDS_A_FILE = 20
_MEMORY_MIB = 1024
_INSTRUMENTED = ["importer.readers", "csv", "zipfile", "html", "xlrd", "openpyxl", "defusedxml"]


def main() -> None:
    """Fuzz one target until its time is up, or something breaks; does not return."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument(
        "--keep", type=Path, default=None, help="the folder of inputs that reach new code, to go on with"
    )
    parser.add_argument("--input", type=Path, default=None, help="read this one input, and no other")
    parser.add_argument("--bytes", type=int, default=8192, help="the longest input")
    words = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))  # noqa: S108
    if words.input is not None:
        _read_once(words.name, words.input, folder / "input")
    else:
        _fuzz(words, folder)


def _read_once(name: str, data: Path, path: Path) -> None:
    targets = importlib.import_module("tests.fuzz.targets")
    rows = targets.tried(data.read_bytes(), targets.TARGETS[name](), path)
    sys.stdout.write(f"{path}: {'refused' if rows is None else f'{rows} rows'}\n")


def _fuzz(words: argparse.Namespace, folder: Path) -> None:
    try:
        atheris = importlib.import_module("atheris")  # has no stubs, and is not there where nobody fuzzes
    except ImportError:
        sys.exit("python -m tests.fuzz: pip install atheris (Linux only)")
    with atheris.instrument_imports(include=_INSTRUMENTED):
        targets = importlib.import_module("tests.fuzz.targets")
    if words.name not in targets.TARGETS:
        sys.exit(f"python -m tests.fuzz: there is no {words.name}; there are {', '.join(targets.TARGETS)}")
    target = targets.TARGETS[words.name]()
    inputs = words.keep or folder / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (inputs / f"seed-{number}").write_bytes(seed)

    def try_one(data: bytes) -> None:
        targets.tried(data, target, folder / "input")

    limits = [f"-max_total_time={words.seconds}", f"-timeout={_SECONDS_A_FILE}", f"-rss_limit_mb={_MEMORY_MIB}"]
    kept = [f"-artifact_prefix={inputs.parent}/{words.name}-", f"-max_len={words.bytes}", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], str(inputs), *limits, *kept], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
