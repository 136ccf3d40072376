"""Verification of the catalogue: each standard-library entry is called, and what it does is observed.

``lab`` builds the world a call happens in, ``syscalls`` and ``observe`` watch the call, ``cases`` says
how to call what. Contributors' machinery: the analyser never imports it.
"""
