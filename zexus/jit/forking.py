"""The locks that a fork must not find taken, by whatever thread: what they guard has to be whole in the child."""

from __future__ import annotations

import os
import threading

# Who has the first one may ask for the second one, never the other way round.
compiling, serving = threading.RLock(), threading.RLock()

for _lock in (serving, compiling):  # a fork takes them in the opposite order
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)
