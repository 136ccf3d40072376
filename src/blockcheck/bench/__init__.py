"""What the reported patterns cost, measured on this machine.

Every rule of the families 1xx to 4xx names a scenario: a bad and a good implementation of identical work.
This package stands apart from the analyser and needs the standard library only.
"""
