"""blockcheck: blocking calls on the event loop and misuse of threads, executors and locks, found statically."""

__version__ = "0.1.0"
