"""Whatever bytes come from outside: a value, or one of the house's own errors, in bounded time and memory."""
