"""Locks: what is done while they are held (BCK4xx)."""
