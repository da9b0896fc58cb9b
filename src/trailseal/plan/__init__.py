"""From intent and snapshot to an ordered, reviewable list of steps with their inverses."""
