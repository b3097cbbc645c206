"""`python -m zexus`: the same as the command `zexus`."""

from __future__ import annotations

from zexus.cli import main

if __name__ == "__main__":
    main()
