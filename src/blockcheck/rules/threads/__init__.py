"""Threads and processes: one per task, connection or call (BCK1xx)."""
