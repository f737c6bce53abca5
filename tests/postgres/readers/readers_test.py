#!/usr/bin/python3
"""Reads the five schemas as their own applications do, after a sync, and compares with what the store says.

    readers_test.py TULVING RECORDS.jsonl [WHAT...]

  TULVING        the command line's program
  RECORDS.jsonl  the demo's records, with their vectors beside them in RECORDS.fvecs
  WHAT           sql, agents, orm, or a test by name, as plain_cortex.Cortex; default: the three

TULVING_TEST_POSTGRES names the server on which a database of its own is made. Ends with 77 (skipped) where
that, python3-psycopg2 or, for orm, python3-sqlalchemy is absent.
"""

import importlib.util
import os
import sys
import unittest

PARTS = {
    "sql": ["plain_orchestrator", "plain_guild", "plain_consolidation", "plain_compass", "plain_cortex"],
    "agents": ["results_of_agents"],
    "orm": ["orm_rows", "orm_links", "orm_writes"],
}


def skip(reason):
    print("skipped: %s" % reason)
    sys.exit(77)


def need(module):
    if importlib.util.find_spec(module) is None:
        skip("%s has no %s: apt-get install python3-%s" % (sys.executable, module, module))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program, lines = map(os.path.abspath, sys.argv[1:3])
    tests = [test for what in sys.argv[3:] or PARTS for test in PARTS.get(what, [what])]
    server = os.environ.get("TULVING_TEST_POSTGRES")
    if not server:
        skip("no server: TULVING_TEST_POSTGRES is not set")
    need("psycopg2")
    if any(test.startswith("orm") for test in tests):
        need("sqlalchemy")

    import world

    try:
        world.make(program, lines, server)
        suite = unittest.defaultTestLoader.loadTestsFromNames(tests)
        result = unittest.TextTestRunner(verbosity=2).run(suite)
    finally:
        world.unmake()
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
