"""Help for code that is not clean yet: known findings set aside, and only what a change touches reported."""
