"""The journal of runs, in SQLite, in the user's state folder."""
