"""Why: what every test from outside needs: the real binary, a client, fake providers, a database. Standard library only."""


class Skipped(Exception):
    """A real part that cannot be had here; the text says which."""
