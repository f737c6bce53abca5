"""A search from Python beside the same one from C++, and from two threads beside one.

    PYTHONPATH=build/release/tools/python/package python3 bench/python/search_speed.py \\
        --peer build/release/bench/python/search_peer

One store of --memories texts with vectors, and a copy of it for the C++ process (search_peer.cc). Blocks
of searches go by turns; each finds the memory whose vector, text or both it asks with, or the program
fails. A search ends when ids and scores of its ten hits are read. Printed: the median of each side, and
of the rounds' ratios the median.
"""

import argparse
import array
import random
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import tulving

WORDS = [a + b for a in "ba de fi go lu mi no pe ra su".split() for b in "lar mon tis ver nak dul pos rin gat hem".split()]


def make(folder, args, rng):
    """The store, and its memories as (id, text, vector)."""
    memories = []
    with tulving.Store(folder, embedder=None) as store:
        tenant = store.tenant("bench")
        for number in range(args.memories):
            text = " ".join(rng.choices(WORDS, k=30)) + f" number{number}"
            vector = array.array("f", (rng.gauss(0, 1) for _ in range(args.dim)))
            made = tenant.add({"text": text}, vector=vector)
            memories.append((made["id"], text, vector))
    return memories


def ask(tenant, arm, memory):
    how = {} if arm == "text" else {"vector": memory[2]}
    hits = tenant.search(None if arm == "vector" else memory[1], **how)
    scores = hits.scores
    return hits.ids, scores


def block(tenant, arm, queries):
    """Microseconds of each search."""
    times = []
    for memory in queries:
        begin = time.perf_counter()
        ids, _ = ask(tenant, arm, memory)
        times.append((time.perf_counter() - begin) * 1e6)
        if ids[0] != memory[0]:
            raise SystemExit(f"a memory is not found first by its own {arm}")
    return times


def per_second(tenant, queries, threads, seconds):
    """Vector searches a second by so many threads."""
    ends = time.perf_counter() + seconds
    done = [0] * threads

    def run(slot):
        at = slot
        while time.perf_counter() < ends:
            ask(tenant, "vector", queries[at % len(queries)])
            done[slot] += 1
            at += 1

    all_threads = [threading.Thread(target=run, args=(slot,)) for slot in range(threads)]
    for thread in all_threads:
        thread.start()
    for thread in all_threads:
        thread.join()
    return sum(done) / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, help="the program search_peer")
    parser.add_argument("--memories", type=int, default=2000)
    parser.add_argument("--dim", type=int, default=1536)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as scratch:
        folder, copy, ids = (Path(scratch) / name for name in ("store", "copy", "ids"))
        memories = make(folder, args, rng)
        queries = rng.sample(memories, min(args.queries, len(memories)))
        ids.write_text("".join(memory[0] + "\n" for memory in queries))
        shutil.copytree(folder, copy)
        peer = subprocess.Popen(
            [args.peer, str(copy), str(ids)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with tulving.Store(folder, embedder=None) as store:
            tenant = store.tenant("bench")
            store.wait_for_indexing()
            compare(tenant, peer, queries, args.rounds)
            rates = [
                (per_second(tenant, queries, 1, 1.0), per_second(tenant, queries, 2, 1.0)) for _ in range(args.rounds)
            ]
            gain = statistics.median(two / one for one, two in rates)
            print(f"two threads over one: {gain:.2f} x  ({statistics.median(one for one, _ in rates):.0f}/s by one)")
        peer.stdin.close()
        if peer.wait() != 0:
            raise SystemExit("the C++ half failed")


def compare(tenant, peer, queries, rounds):
    for arm in ("vector", "text", "hybrid"):
        python, native, ratios = [], [], []
        for _ in range(rounds):
            print(arm, file=peer.stdin, flush=True)
            theirs = [float(number) for number in peer.stdout.readline().split()]
            if len(theirs) != len(queries):
                raise SystemExit("the C++ half failed")
            ours = block(tenant, arm, queries)
            python += ours
            native += theirs
            ratios.append(statistics.median(ours) / statistics.median(theirs))
        print(
            f"{arm}: Python {statistics.median(python):.1f} us, C++ {statistics.median(native):.1f} us, "
            f"{statistics.median(ratios):.2f} x"
        )


main()
