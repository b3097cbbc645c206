"""Programs run by Zexus and by CPython, compared in everything a user can see."""
