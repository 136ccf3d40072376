"""Executors: how large, how many, how fed (BCK3xx)."""
