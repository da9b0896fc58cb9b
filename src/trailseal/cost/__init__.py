"""What each way of encrypting costs: an estimate with its assumptions, never a bill."""
