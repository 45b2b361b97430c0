"""Why: what every test from outside needs: the real binary, a client, fake providers, a database. Standard library only."""
