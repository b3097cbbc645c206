"""`python -m zexus`: the same as the command `zexus`."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        # The folder in which this is called holds the program's modules; the command sets its own.
        sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    from zexus.cli import main

    main()
