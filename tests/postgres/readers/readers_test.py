#!/usr/bin/python3
"""Reads the five schemas as their own applications do, after a sync, and compares with what the store says.

    readers_test.py TULVING RECORDS.jsonl [TEST...]

  TULVING        the command line's program
  RECORDS.jsonl  the demo's records, with their vectors beside them in RECORDS.fvecs
  TEST           of those that unittest knows, as plain_cortex.Cortex; default: all

TULVING_TEST_POSTGRES names the server on which a database of its own is made. Ends with 77 (skipped) where
that, or python3-psycopg2, or python3-sqlalchemy is absent.
"""

import os
import sys
import unittest

MODULES = ["plain_orchestrator", "plain_guild", "plain_consolidation", "plain_compass", "plain_cortex"]


def skip(reason):
    print("skipped: %s" % reason)
    sys.exit(77)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    server = os.environ.get("TULVING_TEST_POSTGRES")
    if not server:
        skip("no server: TULVING_TEST_POSTGRES is not set")
    try:
        import psycopg2  # noqa: F401
        import sqlalchemy  # noqa: F401
    except ImportError as absent:
        skip("%s (python3-psycopg2 and python3-sqlalchemy)" % absent)

    import world

    program, lines = map(os.path.abspath, sys.argv[1:3])
    try:
        world.make(program, lines, server)
        suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[3:] or MODULES)
        result = unittest.TextTestRunner(verbosity=2).run(suite)
    finally:
        world.unmake()
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
