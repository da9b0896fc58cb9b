"""From a policy document, JSON text or parsed, to statements with their places. Nothing is guessed."""
