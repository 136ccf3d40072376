"""Exceptions come out where they did, with their causes and notes of what ran before."""

import asyncio
import time


def fails(kind):
    time.sleep(0.12)
    raise kind("no")


def cleans(report):
    time.sleep(0.12)
    report("cleaned")


async def main(report):
    for kind in (ValueError, KeyError, LookupError):
        try:
            fails(kind)
        except (ValueError, KeyError) as error:
            report(repr(error))
        except LookupError as error:
            report(("lookup", error.args))
        finally:
            cleans(report)
    try:
        raise RuntimeError(str(len([1]))) from fails(OSError)
    except OSError as error:
        report(repr(error))
