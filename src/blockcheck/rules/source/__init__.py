"""The source itself and the comments that steer blockcheck (BCK9xx)."""
