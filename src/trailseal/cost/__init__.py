"""Estimates of what a choice costs, with the assumptions that they rest on."""
