"""A store with something of every kind, a database of its own, and all five schemas synced into it."""

import json
import os
import struct
import sys
import tempfile
import urllib.parse
import uuid

import psycopg2
import psycopg2.extras

import records
from command_line import Store

SCHEMAS = ("orchestrator", "guild", "consolidation", "compass", "cortex")
NOW = "2026-10-01T00:00:00Z"  # Long after the demo's memories, which fade by then.
LATER = "2026-10-01T01:00:00Z"
APPROVED = 3  # Of each agent's tasks that wait; the others go on waiting.

# What setUpModule() of the tests needs; filled by make().
store = uri = folder = lines_at = server = None


def vectors_of(path):
    with open(path, "rb") as file:
        data = file.read()
    place, rows = 0, []
    while place < len(data):
        (dim,) = struct.unpack_from("<i", data, place)
        rows.append(struct.unpack_from("<%df" % dim, data, place + 4))
        place += 4 * (dim + 1)
    return rows


def questions():
    """The vectors of the demo's questions."""
    return vectors_of(os.path.join(os.path.dirname(lines_at), "questions.fvecs"))


def vault(tenant):
    return os.path.join(folder.name, "vault of " + tenant)


def consolidate(tenant, *options):
    return store.ask("consolidate", "--tenant", tenant, "--vault", vault(tenant), *options)


def approve_some(tenant):
    waiting = store.pages("tasks", "tasks", "--tenant", tenant, "--approval", "waiting")
    for agent in ("decay", "cluster", "merge", "relations"):
        of_agent = [task for task in waiting if task.get("agent", "merge") == agent]
        for task in of_agent[:APPROVED]:
            store.text("tasks", "--tenant", tenant, "approve", task["task_id"])


def run_agents():
    """Leaves results of all five agents: applied, approved, waiting, proposed, undone, and of a run that
    changed nothing."""
    store.text("jobs", "--tenant", records.TENANT, "start", "--project", records.PROJECT, "--by", "the test")
    consolidate("maya", "--now", NOW)
    approve_some("maya")
    for _ in range(20):
        if consolidate("maya", "--now", LATER)["changes"] == 0:
            break
    consolidate("harbor", "--now", NOW, "--propose")
    consolidate(records.TENANT, "--now", NOW, "--agents", "relations")
    store.text("undo", "--tenant", records.TENANT, "last")
    store.text("forget", "--tenant", records.TENANT, "keel/bare")


def make_store(program, lines):
    global store
    store = Store(program, os.path.join(folder.name, "store"))
    vectors = os.path.splitext(lines)[0] + ".fvecs"
    dim = len(vectors_of(vectors)[0])
    own = os.path.join(folder.name, "own.jsonl")
    records.write(own, dim)
    for told in (store.ask("import", lines, "--vectors", vectors), store.ask("import", own)):
        if told["rejected"]:
            sys.exit("the import refused %s" % told["errors"])
    run_agents()


def sync(to, *options):
    return json.loads(store.run("sync", "--to", to, "--schemas", ",".join(SCHEMAS), "--all-tenants", *options))


def make(program, lines, on):
    """Makes all of it; unmake() takes it away again."""
    global folder, uri, lines_at, server
    lines_at, server = lines, on
    folder = tempfile.TemporaryDirectory(prefix="tulving-readers.")
    make_store(program, lines)
    store.is_at_rest = True
    uri = make_database()
    sync(uri)


def make_database():
    name = "tulving_readers_%s" % uuid.uuid4().hex[:12]
    run_on(server, 'CREATE DATABASE "%s"' % name)
    databases.append(name)
    return urllib.parse.urlsplit(server)._replace(path="/" + name).geturl()


def run_on(server, statement):
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def unmake():
    while databases:
        run_on(server, 'DROP DATABASE IF EXISTS "%s" WITH (FORCE)' % databases.pop())
    if folder:
        folder.cleanup()


databases = []  # Those made, to be dropped.


def connect(schema):
    """As an application of one of the five systems does: its tables lie on its search path."""
    connection = psycopg2.connect(uri, options="-c search_path=%s,public -c timezone=UTC" % schema)
    psycopg2.extras.register_uuid(conn_or_curs=connection)
    return connection


def written(vector):
    """A vector as pgvector reads it."""
    return json.dumps([float(number) for number in vector])
