"""`python -m importer` and the console script `kanbert-import`."""

from __future__ import annotations

import signal
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; SIGTERM is an interruption like Ctrl-C, so that everything is closed in order.

    Also one that comes while the program is still being loaded ends in order, and not in a traceback.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        from importer.cli import main as command_line  # noqa: PLC0415 - it takes long enough to be interrupted in

        command_line()
    except KeyboardInterrupt:
        sys.stderr.write("kanbert-import: interrupted before it began. Run the same command again.\n")
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
