"""The code of the scenarios, one file each: the variants that are compared, and ``run``, which measures one of them.

A measured process imports one of these files and little else, so that its start costs little: a variant is a function of
the work to do; ``run`` sets its surroundings up, enters ``probe.measuring()``, and returns what the variants must agree on.
"""
