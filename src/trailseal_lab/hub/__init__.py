"""Security Hub: its own rules over the live estate, written apart from trailseal's, and its API."""
