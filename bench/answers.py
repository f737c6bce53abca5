#!/usr/bin/env python3
"""How many answers are found: recall@1, 3 and 10, and the median time, by text, vector and hybrid.

    bench/answers.py PROGRAM [PROGRAM...] [--data FOLDER] [--sets NAME,...] [--runs N] [--args "..."]

PROGRAM is a `tulving`; several, an older and a newer one say, are measured in turns, run by run, so that
what else the machine does strikes both. FOLDER (or TULVING_DATA) holds the sets, see bench/README.md:

    locomo    questions about conversations; relevant is the evidence of qrels.jsonl
    turns     the same memories without their sessions: no context to lend a turn relevance
    mixed     the same conversations cut into memories of 70 to 2,200 characters
    chat      made of locomo: each turn is answered at length, by a text that says its words again among
              forty sentences of other conversations; the turns are what is looked for
    clinc     an utterance looks for the other utterances of its label

Recall at k is the mean, over the questions, of the share of relevant memories among the first k; of a
label's 29 others no more than k can be, so there it is the share of min(k, 29).
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import struct
import subprocess
import sys
import tempfile

CUTS = (1, 3, 10)
MODES = ("text", "vector", "hybrid")


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write_lines(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read_vectors(path):
    """The rows of an fvecs file, as bytes: they are only passed on."""
    rows = []
    data = pathlib.Path(path).read_bytes()
    at = 0
    while at < len(data):
        end = at + 4 + 4 * struct.unpack_from("<i", data, at)[0]
        rows.append(data[at:end])
        at = end
    return rows


class Task:
    """Records to put in, questions, and for each the names of what answers it."""

    def __init__(self, records, vectors, queries, query_vectors, relevant):
        self.records, self.vectors = records, vectors
        self.queries, self.query_vectors, self.relevant = queries, query_vectors, relevant

    def write(self, folder):
        write_lines(folder / "records.jsonl", self.records)
        (folder / "records.fvecs").write_bytes(b"".join(self.vectors))
        write_lines(folder / "queries.jsonl", self.queries)
        (folder / "queries.fvecs").write_bytes(b"".join(self.query_vectors))


def conversations(folder):
    return Task(
        read_lines(folder / "records.jsonl"),
        read_vectors(folder / "records.fvecs"),
        read_lines(folder / "queries.jsonl"),
        read_vectors(folder / "queries.fvecs"),
        [set(line["relevant"]) for line in read_lines(folder / "qrels.jsonl")],
    )


def turns(folder):
    task = conversations(folder)
    for record in task.records:
        record.pop("session_id", None) if record["kind"] == "memory" else None
    task.records = [record for record in task.records if record["kind"] == "memory"]
    return task


def chat(folder):
    task = conversations(folder)
    draw = random.Random(7)
    memories = [record for record in task.records if record["kind"] == "memory"]
    sessions = [record for record in task.records if record["kind"] != "memory"]
    records, vectors = [], []
    for record, vector in zip(memories, task.vectors):
        others = [m for m in draw.sample(memories, 60) if m["tenant_id"] != record["tenant_id"]]
        sentences = [m["text"].partition(": ")[2] for m in others[: draw.randint(8, 40)]]
        words = record["text"].partition(": ")[2].split()
        for start in range(0, len(words), 12):  # the turn said again, here and there
            sentences.insert(draw.randint(0, len(sentences)), " ".join(words[start : start + 12]))
        answer = dict(record, external_id=record["external_id"] + "/answer", agent_id="assistant")
        answer["text"] = "\n".join(sentences)
        records += [record, answer]
        vectors += [vector, task.vectors[draw.randrange(len(memories))]]
    task.records, task.vectors = sessions + records, vectors
    return task


def utterances(folder):
    records = read_lines(folder / "records.jsonl")
    vectors = read_vectors(folder / "records.fvecs")
    by_label = {}
    for record in records:
        by_label.setdefault(record["metadata"]["label"], set()).add(record["external_id"])
    queries, relevant = [], []
    for record in records:
        name = record["external_id"]
        # Its own utterance is shut out after the search, so one more is asked for.
        queries.append({"query_id": name, "tenant_id": record["tenant_id"], "text": record["text"], "k": 11})
        relevant.append(by_label[record["metadata"]["label"]] - {name})
    return Task(records, vectors, queries, vectors, relevant)


SETS = {
    "locomo": ("locomo-dev", conversations),
    "turns": ("locomo-dev", turns),
    "mixed": ("mixed-dev", conversations),
    "chat": ("locomo-dev", chat),
    "clinc": ("clinc-dev", utterances),
}


def search(program, store, folder, mode, extra):
    command = [program, "--db", str(store), "--json", "search", "--queries", str(folder / "queries.jsonl")]
    command += ["--vectors", str(folder / "queries.fvecs"), "--mode", mode, "--timings"] + extra
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def recalls(task, answers):
    sums = dict.fromkeys(CUTS, 0.0)
    for query, relevant, answer in zip(task.queries, task.relevant, answers):
        found = [hit.get("external_id") for hit in answer["results"]]
        if query["query_id"] in relevant or query["k"] == 11:
            found = [name for name in found if name != query["query_id"]]
        for k in CUTS:
            most = len(relevant) if query["k"] == 10 else min(k, len(relevant))
            sums[k] += len(relevant.intersection(found[:k])) / most
    return [100 * sums[k] / len(task.queries) for k in CUTS]


def measure(programs, task, name, runs, extra, folder):
    task.write(folder)
    for number, program in enumerate(programs):
        files = [str(folder / "records.jsonl"), "--vectors", str(folder / "records.fvecs")]
        command = [program, "--db", str(folder / f"store{number}"), "import"] + files
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    for mode in MODES:
        times = [[] for _ in programs]
        for _ in range(runs):
            for number, program in enumerate(programs):
                answers = search(program, folder / f"store{number}", folder, mode, extra[number])
                times[number].append(statistics.median(a["microseconds"] for a in answers))
                if len(times[number]) == 1:
                    times[number].append(recalls(task, answers))
        for number, program in enumerate(programs):
            at = times[number].pop(1)
            row = "  ".join(f"{value:5.1f}" for value in at)
            p50 = statistics.median(times[number])
            print(f"{name:8} {mode:7} {row}  {p50:7.1f}  {program} {' '.join(extra[number])}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="+", metavar="PROGRAM")
    parser.add_argument("--data", default=os.environ.get("TULVING_DATA"))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--args", default="", help="more arguments of search, for the last PROGRAM")
    options = parser.parse_args()
    if not options.data:
        sys.exit("answers.py: --data or TULVING_DATA must name the folder of the data sets")
    extra = [[] for _ in options.programs]
    extra[-1] = options.args.split()
    print(f"{'set':8} {'mode':7} {'R@1':>5}  {'R@3':>5}  {'R@10':>5}  {'p50 us':>7}")
    for name in options.sets.split(","):
        source, make = SETS[name]
        with tempfile.TemporaryDirectory() as folder:
            task = make(pathlib.Path(options.data) / source)
            measure(options.programs, task, name, options.runs, extra, pathlib.Path(folder))


if __name__ == "__main__":
    main()
