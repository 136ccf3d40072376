"""A small asynchronous service that blocks its event loop, two calls away from where anyone would look."""
