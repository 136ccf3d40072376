"""Source files: which there are, what they are called, what they say, what their comments ask for."""
