"""What the tool may do with the process that it runs in."""

#: Whether the process runs nothing but the tool, in one thread: then nobody else sees what is put in a module's place.
ours = False
