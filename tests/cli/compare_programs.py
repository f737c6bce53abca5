"""Runs every command of two builds of the command line, and says where they answer differently.

    python3 tests/cli/compare_programs.py OLD NEW [POSTGRES_URI]

Each program works in an empty folder of its own; every command is run as a table and with --json.
Compared are stdout, stderr and the exit code, byte for byte, but for what two runs of one program
differ in: random ids (numbered as they appear), the time of day, measured times and sizes on disk.
"""

import os
import re
import struct
import subprocess
import sys
import tempfile

UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NOW = re.compile(rb"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?Z *")
HEADING = re.compile(rb"(CREATED|AT|SCORE) +(?=[A-Z])")  # As wide as the times below it.
MEASURED = [
    (re.compile(rb'"(microseconds|disk_bytes|bytes|ram_bytes|bytes_per_memory)":[0-9.e+-]+'), rb'"\1":N'),
    (re.compile(rb"\(?[0-9]+ us\)?"), rb"N us"),
    (re.compile(rb"[0-9.]+ (B|KiB|MiB)\b *"), rb"N bytes "),
    (re.compile(rb"(disk|RAM|bytes per memory) +[0-9]+"), rb"\1 N"),
    (re.compile(rb"\b[0-9a-f]{32}\b"), rb"DIGEST"),
]
FIXED = b"2026-0"  # Times that the commands below give; all others are of the clock.


def masked(text, folder, ids):
    def number(match):
        return b"<id %d>" % ids.setdefault(match.group(0), len(ids))

    text = text.replace(folder.encode(), b"<folder>")
    text = UUID.sub(number, text)
    text = NOW.sub(lambda m: m.group(0) if m.group(0).startswith(FIXED) else b"<now>", text)
    text = HEADING.sub(rb"\1 ", text)
    for pattern, replacement in MEASURED:
        text = pattern.sub(replacement, text)
    return text


def fvecs(path, rows):
    with open(path, "wb") as file:
        for row in rows:
            file.write(struct.pack("<i", len(row)) + struct.pack("<%df" % len(row), *row))


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def prepare(folder):
    lines = ['{"kind":"session","tenant_id":"acme","session_id":"s1","created_at":"2026-01-01T00:00:00Z"}']
    for i in range(12):
        lines.append(
            '{"kind":"memory","tenant_id":"acme","external_id":"m%d","session_id":"s1","agent_id":"aria",'
            '"project_id":"p","user_id":"u","memory_type":"conversation","text":"Tea number %d is %s tea",'
            '"tags":["tea","t%d"],"priority":%d,"strength":1.%d,"created_at":"2026-01-%02dT10:00:00Z",'
            '"metadata":{"n":%d.50,"long":12345678901234567890123}}'
            % (i, i, ["green", "black", "white"][i % 3], i, i % 10 + 1, i % 10, i + 1, i))
    lines.append('{"kind":"relation","tenant_id":"acme","source_id":"m1","target_id":"m2","strength":0.3}')
    write(folder + "/acme.jsonl", "\n".join(lines) + "\n")
    write(folder + "/bad.jsonl", '{"kind":"memory","tenant_id":"acme","text":"ok line","external_id":"ok"}\n'
          '{"kind":"memory","tenant_id":"acme","priority":11,"text":"x"}\n{"kind":\nno json\n'
          '{"kind":"relation","tenant_id":"acme","source_id":"later","target_id":"m1"}\n'
          '{"kind":"memory","tenant_id":"acme","external_id":"later","text":"it comes later"}\n')
    write(folder + "/foreign.jsonl", '[\n{"role":"user","content":"x"},\n{"role":"user","content":"y"}\n]\n')
    fvecs(folder + "/acme.fvecs", [[(i + 1) / 10, 1, 0.1 * i, 0.5] for i in range(12)])
    fvecs(folder + "/two.fvecs", [[1, 0, 0, 0], [0, 1, 0, 0]])
    write(folder + "/queries.jsonl", '{"query_id":"a","tenant_id":"acme","text":"green tea"}\n'
          '{"query_id":7,"tenant_id":"acme","text":"black tea","k":2,"filter":{"tags":{"any":["t1"]}}}\n'
          '{"query_id":"bad","tenant_id":"acme","k":0}\n{"query_id":1}\nno json\n'
          '{"query_id":"none","tenant_id":"nobody","text":"tea"}\n'
          '{"query_id":"recent","tenant_id":"acme","text":"tea","mode":"recent"}\n')
    write(folder + "/two.jsonl", '{"query_id":"a","tenant_id":"acme","text":"tea"}\n'
          '{"query_id":"b","tenant_id":"acme"}\n')
    write(folder + "/same.jsonl", "".join(
        '{"kind":"memory","tenant_id":"same","external_id":"d%d","agent_id":"a","project_id":"p",'
        '"text":"The router in rack %d was replaced on Monday.","embedding":[1,0.0%d,0,0],"memory_type":'
        '"decision","strength":%s,"use_count":%d,"created_at":"2026-01-0%dT00:00:00Z","last_used":'
        '"2026-01-0%dT00:00:00Z"}\n' % (i, i % 2, i, "2" if i > 5 else "0.5", i * 2, i + 1, i + 1)
        for i in range(8)))
    os.mkdir(folder + "/notes")


# {}: the folder. A list of commands, each a list of words; "<" first: stdin.
COMMANDS = [line.split(" ") for line in """
import {}/acme.jsonl --vectors {}/acme.fvecs
import {}/acme.jsonl
import {}/bad.jsonl
import {}/foreign.jsonl
import --strict {}/bad.jsonl
import --ack {}/acme.jsonl
import --vectors {}/two.fvecs {}/acme.jsonl
import {}/same.jsonl
import {}/nowhere.jsonl
import {}/acme.jsonl --zone nowhere
export
export {}/out.jsonl
export {}/out.jsonl --tenant acme --vectors {}/out.fvecs
export {}/out.jsonl --with-embeddings
export --tenant nobody
export --tenant same --vectors {}/out.fvecs --model nope {}/o2
add --tenant acme --text hello --external-id h --created-at 2026-02-01
add --tenant acme --text hello --external-id h
add --tenant acme --text hello --on-duplicate nope
add --tenant acme --text Vectors --external-id v --vector 1,2,3,4 --priority 9 --tag a --tag b --metadata {"a":1.50}
add --tenant acme --text Vectors --external-id v2 --vector 1,2,3
add --tenant acme --text x --priority 11
add --tenant acme --text x --priority high
add --json-record {"kind":"memory","tenant_id":"acme","external_id":"j","text":"json"}
add --json-record {"kind":"session"}
add --json-record nonsense --tenant acme
add --tenant other --json-record {"kind":"memory","tenant_id":"acme","text":"x"}
add --text x
add --tenant acme --text x --idempotency-key k1 --external-id key
add --tenant acme --text x --idempotency-key k1 --external-id key
update --tenant acme h --priority 7
update --tenant acme h --set {"text":"hello_world","tags":["x"]}
update --tenant acme h
update --tenant acme h --set {"nope":1}
update --tenant acme h --revision 1 --priority 3
update --tenant acme nope --priority 3
update --tenant acme v --vector 4,3,2,1
get --tenant acme h
get --tenant acme v --with-embeddings
get --tenant acme nobody
get --tenant acmee h
list --tenant acme
list --tenant acme --limit 3 --sort priority --order desc
list --tenant acme --sort nope
list --tenant acme --order nope
list --tenant acme --limit 0
list --tenant acme --limit 20000
list --tenant acme --cursor nonsense
list --tenant acme --filter {"tags":{"any":["t1","t2"]}}
list --tenant acme --filter {"agent_id":"nobody"}
list --tenant acme --filter {"nope":1}
list --tenant acme --filter nonsense
list --tenant acme --filter []
list --tenant acme --include-deleted --include-archived --include-expired
history --tenant acme h
history --tenant acme nobody
touch --tenant acme m1 m2
touch --tenant acme m1 nobody
archive --tenant acme m3
recover --tenant acme m3
recover --tenant acme m3
forget --tenant acme m4
erase --tenant acme m5
erase --tenant acme m6 --purge
relate --tenant acme m1 m2 --type causes --strength 0.25 --confidence 0.5 --metadata {"why":1}
relate --tenant acme m1 m7
relate --tenant acme m1 nobody
relate --tenant acme m1 m8 --strength 2
relate --tenant acme m1 m7 --remove
relate --tenant acme m1 m7 --remove
related --tenant acme m1
related --tenant acme m1 --hops 3 --types causes,related --direction out --limit 5
related --tenant acme m1 --direction nope
related --tenant acme m1 --hops 9
session put --tenant acme s2 --user u --summary Talk --metadata {"a":1} --created-at 2026-02-02 --ended-at 2026-02-03
session put --tenant acme s2 --created-at nonsense
session get --tenant acme s2
session get --tenant acme nobody
session list --tenant acme
session erase --tenant acme s2
session erase --tenant acme s2
search --tenant acme green tea
search --tenant acme --text tea --k 3 --explain --now 2026-03-01T00:00:00Z
search --tenant acme --vector 1,1,0,0.5
search --tenant acme --text tea --vector 1,1,0,0.5 --explain --now 2026-03-01T00:00:00Z
search --tenant acme --mode recent --k 3
search --tenant acme
search --tenant acme --mode nope tea
search --tenant acme --fusion nope tea
search --tenant acme --fusion rrf --text tea --vector 1,1,0,0.5 --vector-weight 0.3
search --tenant acme --text tea --context-weight 2
search --tenant acme --text tea --k 0
search --tenant acme --text the
search --tenant acme --text tea --decay-weight 0.5 --priority-weight 0.2 --recency-weight 0.1 --recency-half-life-days 10 --now 2026-03-01
search --tenant acme --text tea --now nonsense
search --tenant acme --text tea --deadline-ms 1000
search --tenant acme --text tea --deadline-ms -1
search --tenant acme --text tea --mmr 0.5
search --tenant acme --vector 1,2
search --tenant acme --vector 1,x
search --tenant acme --model nope --vector 1,2,3,4
search --tenant acme --text tea --touch
search --tenant acme --text tea --filter {"project_id":"q"}
search --tenant nobody tea
search --tenant acme --text tea --exact --ef 100 --timings
search --tenant acme --text=
search --queries {}/queries.jsonl
search --queries {}/queries.jsonl --mode text --tenant acme
search --queries {}/two.jsonl --vectors {}/two.fvecs --mode vector
search --queries {}/two.jsonl --vectors {}/acme.fvecs
search --queries {}/two.jsonl --explain --k 2
stats
verify
tenants
decay --tenant acme --at 2026-03-01T00:00:00Z
decay --tenant acme --at 2026-03-01T00:00:00Z --below 0.5 --limit 3
decay --tenant acme --below 2
decay --tenant acme --limit 0
decay --tenant same d0 --at 2026-01-05T00:00:00Z
decay --tenant acme m0 --at nonsense
gc --dry-run
gc --tenant acme --now 2026-06-01T00:00:00Z
gc --tenant nobody
consolidate --dry-run --now 2026-01-20T00:00:00Z
consolidate --tenant same --scan --now 2026-01-20T00:00:00Z
consolidate --tenant same --propose --now 2026-01-20T00:00:00Z
plans --tenant same
plans --tenant same show last
plans --tenant same apply last
plans --tenant same drop last
plans --tenant same show nonsense
consolidate --tenant same --now 2026-01-20T00:00:00Z --vault {}/notes
plans --tenant same
undo --tenant same last
undo --tenant same last
consolidate --tenant same --agents nope
consolidate --tenant same --agents decay,merge --process x
consolidate --tenant same --agents cluster --process x
consolidate --tenant same --redo-undone --now 2026-01-20T00:00:00Z --vault {}/notes
consolidate --tenant nobody
tasks --tenant same
tasks --tenant same --status open --agent merge
tasks --tenant same --status nope
tasks --tenant same --limit 1
tasks --tenant same claim --worker w
tasks --tenant same claim --worker w --lease 0
tasks --tenant same show nonsense
tasks --tenant same export {}/issues.jsonl
tasks --tenant same import {}/issues.jsonl
tasks --tenant same import {}/bad.jsonl
notes
notes --dry-run
notes --tenant same --vault {}/nowhere
notes --tenant same --forget-vault {}/notes
notes --tenant same --vault {}/notes
jobs --tenant same start --project p
jobs --tenant same start --project q --trigger nope
jobs --tenant same start --project q --from nonsense
jobs --tenant same start --project q
jobs --tenant same
jobs --tenant same --project q
jobs --tenant same show nonsense
jobs --tenant same resume 3b241101-e2bb-4255-8caf-4136c566a962
jobs --tenant same cancel nonsense
lineage --tenant same d1
lineage --tenant same d1 --depth 0
snapshot {}/snapshot
snapshot {}/snapshot
snapshot {}/later --since 3
verify
stats
""".strip().split("\n")]


def found(run, line, name):
    """The ids of a listing, for commands that need one."""
    text = run(line + ["--json"])[0]
    return re.findall(rb'"%s":"([^"]+)"' % name.encode(), text)


def run_all(program, uri):
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        ids, results = {}, []

        def run(words):
            done = subprocess.run([program, "--db", folder + "/db"] + words, cwd=folder,
                                  stdin=subprocess.DEVNULL, capture_output=True)
            return done.stdout, done.stderr, done.returncode

        def record(words):
            out, err, code = run(words)
            results.append((words, masked(out, folder, ids), masked(err, folder, ids), code))

        def both(words):
            words = [word.replace("{}", folder) for word in words]
            record(words)
            if "snapshot" in words or "--ack" in words:
                words = [word.replace("/snapshot", "/snapshot-json").replace("/later", "/later-json")
                         for word in words]
            record(words + ["--json"])

        for words in COMMANDS:
            both(words)
        for act, more in (("show", []), ("approve", []), ("reopen", []), ("reject", []),
                          ("close", ["--worker", "w"]), ("fail", ["--worker", "w", "--error", "no"])):
            tasks = sorted(found(run, ["tasks", "--tenant", "same"], "task_id"))
            for task in tasks[:3]:
                both(["tasks", "--tenant", "same", act, task.decode()] + more)
            both(["tasks", "--tenant", "same", "claim", "--worker", "w"])
        for job in found(run, ["jobs", "--tenant", "same"], "id")[:1]:
            both(["jobs", "--tenant", "same", "show", job.decode()])
        for name in found(run, ["list", "--tenant", "same", "--include-archived"], "id")[:12]:
            both(["lineage", "--tenant", "same", name.decode()])
        if uri:
            for words in (["sync", "--to", uri, "--schemas", "orchestrator", "--all-tenants",
                           "--namespace", "orchestrator=compare_programs"],
                          ["sync", "--to", uri, "--schemas", "nope"],
                          ["sync", "--to", uri, "--schemas", "orchestrator", "--namespace", "x"]):
                both(words)
            subprocess.run(["psql", uri, "-c", "DROP SCHEMA compare_programs CASCADE"],
                           capture_output=True)
        record(["restore", folder + "/snapshot", "--db", folder + "/second"])
        results = [([masked(w.encode(), folder, ids) for w in words], *rest)
                   for words, *rest in results]
        return results


def main():
    old, new = (os.path.abspath(program) for program in sys.argv[1:3])
    uri = sys.argv[3] if len(sys.argv) > 3 else None
    pairs = list(zip(run_all(old, uri), run_all(new, uri), strict=True))
    different = 0
    for before, after in pairs:
        if before[1:] == after[1:]:
            continue
        different += 1
        print("---", b" ".join(before[0]).decode())
        for name, a, b in zip(("stdout", "stderr", "exit code"), before[1:], after[1:]):
            if a != b:
                print("  %s was:  %s\n  %s now:  %s" % (name, a, name, b))
    print("%d commands, %d answered differently" % (len(pairs), different))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
