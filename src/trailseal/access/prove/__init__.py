"""
A proof that nobody outside a list can read, over all principals, known or not.

Policies look at strings through finitely many patterns, so they tell finitely many kinds of strings
apart. One witness of each kind is decided by the ordinary engine; a bound that is reached ends in
UNKNOWN, never in PROVEN.
"""
