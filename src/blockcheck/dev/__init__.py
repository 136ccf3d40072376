"""What those who work on blockcheck need besides the tests; nothing of it is used by the tool itself."""
