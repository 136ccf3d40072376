"""Blocking on the event loop (BCK2xx)."""
