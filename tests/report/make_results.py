#!/usr/bin/python3
"""Writes a made-up but realistic results.json, as docs/results.md describes it.

The report's tests need documents of every shape: no valid trial, one block, twelve models.
Nothing here is measured; the same arguments give the same bytes.

    make_results.py [--blocks N] [--models N | --models NAME,NAME] OUT.json
"""
import argparse
import json
import math
import pickle
import random

MODELS = ["sequential", "threads", "processes", "coroutines", "null-loop", "uring", "epoll-pool",
          "actors", "green-threads", "prefork", "callbacks", "work-stealing"]
SUITE = ["sequential", "threads", "thread-per-request", "processes", "process-per-request", "process-loops", "coroutines",
         "coroutine-threads", "callbacks", "stackless", "multi-poll", "executor", "epoll", "io-uring"]
ORDER_STATISTIC = {6: (0, 5, .969), 7: (0, 6, .984), 8: (0, 7, .992), 9: (1, 7, .961), 10: (1, 8, .979),
                   11: (1, 9, .988), 12: (2, 9, .961)}
SINGLE = ("sequential",)
# relative cost of a request at one in flight, growth with log2 c, MiB base, MiB per worker, start-up us per worker
COST = {"sequential": (1.0, 0, 8.4, 0, 0), "threads": (.95, .035, 8.5, .041, 22), "processes": (1.0, .22, 8.6, 1.02, 410),
        "coroutines": (1.05, -.05, 8.7, .026, 6)}


def median(values):
    v = sorted(values)
    h = len(v) // 2
    return v[h] if len(v) % 2 else (v[h - 1] + v[h]) / 2


def metric(values, digits=None):
    if not values:
        return {"median": None, "low": None, "high": None, "coverage": None, "n": 0, "reason": "no valid trial"}
    out = {"median": median(values), "low": None, "high": None, "coverage": None, "n": len(values), "reason": None}
    bounds = ORDER_STATISTIC.get(len(values))
    if bounds:
        v = sorted(values)
        out.update(low=v[bounds[0]], high=v[bounds[1]], coverage=bounds[2])
    else:
        out["reason"] = f"no interval with n = {len(values)}; 6 are needed"
    if digits is not None:
        for key in ("median", "low", "high"):
            if out[key] is not None:
                out[key] = round(out[key], digits)
    return out


def edge(value):
    """The lower edge of the bucket of common/hist.h."""
    shift = max(int(value).bit_length() - 7, 0)
    return (int(value) >> shift) << shift


def cost_of(model, index):
    if model in COST:
        return COST[model]
    return (.8 + .09 * index, .02 * (index % 5), 8 + index * .4, .01 * index, 5 * index)


SCENARIOS = [
    {"name": "slow-origin", "title": "Waiting for a slow origin",
     "question": "When most of the time is spent waiting, what does waiting cost each model?",
     "delay": 20, "bytes": 1024, "concurrency": [1, 8, 32, 128], "requests": 25, "per_worker": 4, "base_us": 150},
    {"name": "fast-origin", "title": "A fast origin",
     "question": "When nothing waits, what does one request cost?",
     "delay": 0, "bytes": 1024, "concurrency": [1, 64], "requests": 5000, "per_worker": 1, "base_us": 48},
    {"name": "mini-ab", "title": "A hundred requests at once",
     "question": "One hundred requests, all at once, one page each: pool or coroutines?",
     "delay": 100, "bytes": 152551, "concurrency": [100], "requests": 100, "per_worker": 1, "base_us": 310},
]


MADE = {}  # what build() has made in this process: to read it again takes a twentieth of the time


def one_trial(rng, spec, model, index, c, requests, block, position, started):
    base, growth, mib, mib_each, start_us = cost_of(model, index)
    noise = rng.lognormvariate(0, .03)
    cpu = spec["base_us"] * base * (1 + growth * math.log2(c)) * noise * 1e3
    delay = spec["delay"] * 1e6
    latency = delay + cpu * (1 if delay else c) + 90e3
    measured = max(requests / c * (delay + 200e3), requests * cpu * 1.02) * rng.lognormvariate(0, .006)
    startup = 5.2e6 + start_us * 1e3 * (c if model not in SINGLE else 0)
    counts = {}
    for _ in range(min(requests, 800)):
        value = edge(latency * rng.lognormvariate(0, .02) + (rng.expovariate(1 / 9e5) if rng.random() < .08 else 0))
        counts[value] = counts.get(value, 0) + requests // min(requests, 800)
    document = {"contract": 1, "model": model, "task": "http", "requests": requests, "concurrency": c, "ok": requests,
                "failed": {}, "bytes_received": requests * spec["bytes"], "connections_opened": c, "units_created": c,
                "peak_in_flight": c, "setup_ns": int(4e5 + start_us * 400 * c), "measured_ns": int(measured),
                "teardown_ns": 90000, "cpu_measured_ns": int(cpu * requests), "overflow": 0,
                "latency_ns": [[k, counts[k]] for k in sorted(counts)],
                "latency_sum_ns": int(latency * requests), "latency_min_ns": min(counts), "latency_max_ns": max(counts),
                "phases_ns": {"dns": None, "connect": int(60e3 * noise), "tls": None, "first_byte": int(delay + 150e3 * noise)},
                "knobs": {"libcurl": "7.88.1", "buffer_bytes": 16384}}
    total = int(cpu * requests + startup)
    switches = {"coroutines": .02}.get(model, 1.1)
    return {"pass": "timed", "scenario": spec["name"], "model": model, "concurrency": c, "requests": requests,
            "block": block, "position": position, "attempt": 0, "started_s": round(started, 3),
            "command": [f"runner-{model}", "-n", str(requests), "-c", str(c), "--result-fd", "3",
                        f"http://127.0.0.1:40000/bytes/{spec['bytes']}?delay_ms={spec['delay']}"],
            "valid": True, "invalid_reason": None, "exit_code": 0, "signal": None, "stderr": None,
            "placement": {"runner_cpus": "0", "origin_cpus": "1"}, "wall_ns": int(measured + startup),
            "cpu_total_ns": total, "cpu_user_ns": total * 2 // 5, "cpu_system_ns": total - total * 2 // 5,
            "max_rss_bytes": int((mib + (mib_each * c if model == "threads" else .3)) * 2**20) // 4096 * 4096,
            "launcher_rss_bytes": 1 << 20, "tree_memory_bytes": None, "tree_memory_source": None,
            "voluntary_switches": int(requests * switches), "involuntary_switches": int(requests * .01),
            "minor_faults": 700 + 30 * c, "major_faults": 0,
            "origin": {"requests": requests, "peak_in_flight": c, "connections": c, "cpu_ns": requests * 18000},
            "health": {"steal_ticks": 0, "load1": 0.8, "swapped_pages": 0}, "document": document}


def latency_of(trials):
    counts = {}
    for t in trials:
        for lower, count in t["document"]["latency_ns"]:
            counts[lower] = counts.get(lower, 0) + count
    edges = sorted(counts)
    total = sum(counts.values())
    def at(q):
        rank, seen = math.ceil(q * total), 0
        for e in edges:
            seen += counts[e]
            if seen >= rank:
                return e + max(1 << max(e.bit_length() - 7, 0), 1) // 2
    wanted = [0, .1, .2, .25, .3, .4, .5, .6, .7, .75, .8, .85]
    wanted += [round(1 - s / 10**k, 8) for k in range(1, 6) for s in (1, .8, .6, .5, .4, .3, .2, .15)]
    spectrum = [[q, at(q)] for q in wanted if total * (1 - q) >= 10]
    named = {n: (at(q) if total * (1 - q) >= 10 else None) for n, q in (("p50", .5), ("p90", .9), ("p99", .99), ("p999", .999))}
    missing = [n for n, v in named.items() if v is None]
    return {"count": total, "overflow": 0, "mean": sum(e * c for e, c in counts.items()) // total, "min": edges[0],
            "max": edges[-1], **named, "spectrum": spectrum, "histogram": [[e, counts[e]] for e in edges],
            "reason": f"fewer than 10 observations beyond {', '.join(missing)}" if missing else None}


def summary_of(trials, memory, bound):
    pick = lambda f, digits=1: metric([f(t) for t in trials], digits)
    d = lambda t: t["document"]
    tree = metric([memory["tree_memory_bytes"]])
    tree["reason"] = "one memory pass per cell"
    tree["source"] = memory["source"]
    out = {k: pick(lambda t, k=k: t[k], 0) for k in ("wall_ns", "cpu_total_ns", "cpu_user_ns", "cpu_system_ns", "max_rss_bytes")}
    out |= {
        "cpu_startup_ns": pick(lambda t: t["cpu_total_ns"] - d(t)["cpu_measured_ns"], 0),
        "cpu_per_request_ns": pick(lambda t: d(t)["cpu_measured_ns"] / t["requests"]),
        "throughput_per_s": pick(lambda t: d(t)["ok"] / d(t)["measured_ns"] * 1e9, 3),
        "setup_ns": pick(lambda t: d(t)["setup_ns"], 0), "measured_ns": pick(lambda t: d(t)["measured_ns"], 0),
        "tree_memory_bytes": tree,
        "voluntary_switches_per_request": pick(lambda t: t["voluntary_switches"] / t["requests"], 4),
        "involuntary_switches_per_request": pick(lambda t: t["involuntary_switches"] / t["requests"], 4),
        "minor_faults_per_request": pick(lambda t: t["minor_faults"] / t["requests"], 4),
        "origin_cpu_ratio": pick(lambda t: t["origin"]["cpu_ns"] / d(t)["measured_ns"], 4),
        "runner_cpu_ratio": pick(lambda t: d(t)["cpu_measured_ns"] / d(t)["measured_ns"], 4),
        "latency_ns": latency_of(trials),
        "phases_ns": {k: (int(median([d(t)["phases_ns"][k] for t in trials])) if d(trials[0])["phases_ns"][k] else None)
                      for k in ("dns", "connect", "tls", "first_byte")},
        "bound": bound}
    return out


def compare(spec, models, cells, baseline, blocks):
    rows = []
    for (model, c), cell in cells.items():
        if model == baseline or not cell["summary"]:
            continue
        against = cells.get((baseline, c)) or cells.get((baseline, 1))
        for name in ("throughput_per_s", "cpu_per_request_ns", "tree_memory_bytes"):
            a, b = cell["summary"][name]["median"], against["summary"][name]["median"]
            ratio, paired = a / b, name != "tree_memory_bytes" and blocks >= 6
            low, high = (ratio * .97, ratio * 1.035) if paired else (None, None)
            word = None
            if paired:
                word = "same" if .98 < low and high < 1.02 else "different" if low > 1.02 or high < .98 else \
                       "small" if low > 1 or high < 1 else "inconclusive"
            rows.append({"scenario": spec["name"], "concurrency": c, "model": model, "baseline": baseline,
                         "baseline_concurrency": against["concurrency"], "metric": name, "ratio": round(ratio, 4),
                         "low": low and round(low, 4), "high": high and round(high, 4), "coverage": .958 if paired else None,
                         "n": blocks if name != "tree_memory_bytes" else 1, "verdict": word,
                         "reason": None if paired else "one memory pass per cell" if name == "tree_memory_bytes" else
                         f"{blocks} blocks are too few; 6 are needed"})
    return rows


def say(document, *pieces):
    """Lets the first scenario's verdict say these pieces, each a text or {"model": name} or {"interval": text}."""
    pieces = [{"text": piece} if isinstance(piece, str) else piece for piece in pieces]
    document["scenarios"][0]["verdict"].update(pieces=pieces, sentence="".join(text for piece in pieces for text in piece.values()))


def build(blocks=12, model_count=4, seed=20261120, scenarios=None, names=None):
    """The document as a dict; tests bend it further. names are the models, else the first model_count of MODELS."""
    made = repr((blocks, model_count, seed, scenarios or SCENARIOS, names))
    if made not in MADE:
        MADE[made] = pickle.dumps(build_anew(blocks, model_count, seed, scenarios, names))
    return pickle.loads(MADE[made])


def build_anew(blocks, model_count, seed, scenarios, names):
    rng = random.Random(seed)
    names = names or MODELS[:model_count]
    doc = {"schema_version": 1, "warnings": [], "scenarios": [], "cells": [], "comparisons": []}
    plan = []
    for spec in scenarios or SCENARIOS:
        models = [m for m in names if not (spec["name"] == "mini-ab" and m == "sequential")]
        for model in models:
            for c in ([1] if model in SINGLE else spec["concurrency"]):
                plan.append((spec, model, c, max(spec["requests"], spec["per_worker"] * c)))
    trials, clock = {}, 1.0
    for block in range(blocks):
        order = plan[:]
        rng.shuffle(order)
        for position, (spec, model, c, requests) in enumerate(order):
            t = one_trial(rng, spec, model, names.index(model), c, requests, block, position, clock)
            clock += t["wall_ns"] / 1e9 + .004
            trials.setdefault((spec["name"], model, c), []).append(t)
    total = len(plan) * blocks
    for spec in scenarios or SCENARIOS:
        cells = {}
        mine = [(m, c, r) for s, m, c, r in plan if s is spec]
        for model, c, requests in mine:
            base, growth, mib, mib_each, _ = cost_of(model, names.index(model))
            memory = {"tree_memory_bytes": int((mib + mib_each * c) * 2**20), "source": "pss-sampled", "reason": None,
                      "plateau_samples": 40, "samples": 61, "delay_ms": 400, "processes": 1 + (c if model == "processes" else 0),
                      "trial": None}
            bound = "waiting-bound" if spec["delay"] else "runner-bound"
            done = trials.get((spec["name"], model, c), [])
            cells[model, c] = {"scenario": spec["name"], "model": model, "concurrency": c, "requests": requests,
                               "status": "ok" if done else "invalid", "reason": None if done else "no valid trial",
                               "summary": summary_of(done, memory, bound) if done else None, "memory": memory, "trials": done}
        models = list(dict.fromkeys(m for m, _, _ in mine))
        baseline = "sequential" if "sequential" in models else models[0]
        doc["cells"] += cells.values()
        doc["comparisons"] += compare(spec, models, cells, baseline, blocks)
        top = max(spec["concurrency"])
        winner = "coroutines" if "coroutines" in models else models[-1]
        best = cells[winner, top]["summary"]
        form = "winner" if blocks >= 6 else "descriptive"
        pieces = [{"text": f"At concurrency {top} against a {spec['delay']} ms origin, "}, {"model": winner},
                  {"text": f" served {best['throughput_per_s']['median']:,.0f} requests/s with the least CPU and memory of "
                           f"{len(models)} models (n = {blocks})."}] if best else [{"text": "No trial is valid."}]
        doc["scenarios"].append({
            "name": spec["name"], "title": spec["title"], "question": spec["question"], "task": "http", "models": models,
            "baseline": baseline, "placement": "split",
            "origin": {"bytes": spec["bytes"], "delay_ms": spec["delay"], "jitter_ms": 0, "tail_ppm": 0, "tail_ms": 0},
            "load": {"concurrency": spec["concurrency"], "requests": spec["requests"], "requests_per_worker": spec["per_worker"],
                     "keepalive": True, "timeout_ms": 10000},
            "limits": {"trial_seconds": 30},
            "verdict": {"form": form, "sentence": "".join(text for piece in pieces for text in piece.values()), "pieces": pieces,
                        "caveat": "One machine, loopback, closed loop: a network would add latency that all models wait for alike."}})
    doc["run"] = {"id": "20261120T071500Z-made-up", "started": "2026-11-20T07:15:00Z", "finished": "2026-11-20T07:17:31Z",
                  "wall_s": 151.2, "seed": seed, "preset": "default" if blocks >= 6 else "quick", "blocks": max(blocks, 1), "complete": True,
                  "command": ["concbench", "run"], "suite_version": "0.1.0", "build_type": "Release", "git_commit": None,
                  "git_dirty": None, "url": None, "trials_planned": total, "trials_run": total, "trials_invalid": 0}
    doc["environment"] = {
        "cpu": {"model": "AMD EPYC 7B13", "count": 2, "governor": None, "smt": False},
        "memory": {"total_bytes": 8335106048, "swap_bytes": 0}, "kernel": {"release": "6.18.1", "hz": 250},
        "libraries": {"libcurl": "7.88.1", "libevent": "2.1.12-stable", "openssl": "3.0.17"},
        "build": {"compiler": "gcc 12.2.0", "type": "Release"}, "limits": {"nofile": 1048576, "nproc": None},
        "placement": {"runner_cpus": "0", "origin_cpus": "1", "machine": [
            {"package": 0, "node": 0, "cache": 0, "cache_bytes": 33554432, "cores": 1, "threads": 1, "cpus": str(cpu), "use": use}
            for cpu, use in enumerate(("runner", "origin"))]}}
    doc["warnings"] = [{"id": "littles-law", "where": "fast-origin/processes/64",
                        "text": "in flight is 11 % below throughput x latency; look at the connect phase"}]
    return doc


CALLS = {"sequential": {"poll": 5.02, "recvfrom": 1, "sendto": 1}, "threads": {"poll": 5, "recvfrom": 1, "sendto": 1, "futex": .4},
         "coroutines": {"poll": 2, "recvfrom": 1, "sendto": 1, "epoll_wait": .554, "timerfd_settime": .554, "futex": -.02}}


def trace_of(lanes, requests, latency_ns=20000000, cpus=(0,), **tables):
    """cell.trace of workers that make one request after the other, computing for the last tenth of each."""
    rows = []
    for number in range(requests):
        lane = number % lanes
        start = number // lanes * latency_ns + lane * 1000
        end = start + latency_ns - 100000
        rows.append([number, start, end, lane, end - latency_ns // 10, cpus[lane % len(cpus)]])
    return {"setup_ns": 3000000, "of": requests, "rows": rows, **tables, "reason": None}


def with_traces(doc, lanes=None, requests=40, **changes):
    """Adds traces to the cells: of as many lanes as requests are in flight, or so many at most."""
    for cell in doc["cells"]:
        at_once = min(cell["concurrency"], lanes or cell["concurrency"])
        cell["trace"] = trace_of(at_once, max(requests, at_once), **changes)
    return doc


def with_everything(doc, counters=True, traced=True):
    """Adds what a run of today has and an older file lacks: intervals of percentiles, A/A, counters, system calls."""
    one = lambda v: {"median": v, "low": None, "high": None, "coverage": None, "n": 1 if v else 0,
                     "reason": "one trial: no interval" if v else "no counter of instructions: a virtual machine"}
    doc["run"]["delta"] = {m: {"value": v, "source": "floor"} for m, v in
                           (("throughput_per_s", .012), ("cpu_per_request_ns", .031), ("tree_memory_bytes", .01))}
    doc["environment"]["unknown"] = {"cpu.governor": "no cpufreq here"}
    doc["environment"]["mitigations"] = {"mds": "Not affected", "tsa": "Not affected", "spectre_v1": "Mitigation: barriers"}
    doc["controls"] = []
    for scenario in doc["scenarios"][:1]:
        cell = next(c for c in doc["cells"] if c["scenario"] == scenario["name"] and c["model"] == scenario["baseline"])
        rows = [{"metric": m, "ratio": 1.003, "low": .99, "high": 1.01, "coverage": .958, "n": 12, "verdict": v, "reason": None,
                 "blocks_needed": None, "log_ratio_sd": .01} for m, v in (("throughput_per_s", "same"), ("cpu_per_request_ns", "inconclusive"))]
        doc["controls"].append({**{k: v for k, v in cell.items() if k != "trials"}, "arm": "A/A", "trials": [], "comparisons": rows})
    for number, cell in enumerate(doc["cells"]):
        latency = (cell["summary"] or {}).get("latency_ns")
        for name in ("p50", "p90", "p99") if latency else ():
            known = latency[name] is not None
            latency[name + "_low"] = int(latency[name] * .98) if known else None
            latency[name + "_high"] = int(latency[name] * 1.02) if known else None
        for trial in cell["trials"]:
            trial["disturbed"] = []
        if number == 0 and cell["trials"]:
            cell["trials"][0]["disturbed"] = [{"reason": "steal", "value": 7, "limit": 1}]
        calls = CALLS.get(cell["model"])
        cell["syscalls"] = {"source": "strace", "per_request": round(sum(calls.values()), 4), "by_name": calls, "requests": 512,
                            "reason": None} if calls and traced else \
            {"source": None, "per_request": None, "by_name": None, "requests": None, "reason": "neither strace nor perf is installed"}
        values = {"instructions": 91000, "cycles": 120000, "cache_misses": 310, "branch_misses": 540, "context_switches": 1400}
        cell["counters"] = {k: {"value": v * 500 if counters else None, "running_ratio": 1 if counters else None,
                                "reason": None if counters else "no such counter here"} for k, v in values.items()}
        for name in ("instructions", "cycles", "cache_misses", "branch_misses") if cell["summary"] else ():
            cell["summary"][name + "_per_request"] = one(values[name] if counters else None)
        if cell["summary"]:
            cell["summary"]["energy_per_request_uj"] = one(None) | {"reason": "no powercap here"}
    with_traces(doc)
    return with_expectations(doc) if doc["scenarios"] else doc


def with_expectations(doc):
    """Adds a teaching text and predictions of each outcome to the first scenario."""
    scenario = doc["scenarios"][0]
    item = {"metric": "throughput_per_s", "model": "threads", "concurrency": 32, "to": "sequential", "to_concurrency": 1,
            "at_least": 8, "at_most": None, "scenario": scenario["name"]}
    scenario["why"] = "Waiting needs no CPU. So thirty-two wait together. " * 5
    scenario["expect"] = [{k: v for k, v in item.items() if k != "scenario" and v is not None} | {"says": "32 wait together."}]
    words = "throughput_per_s(threads, 32) / throughput_per_s(sequential, 1) >= "
    doc["expectations"] = [
        item | {"says": "32 wait together.", "because": "Nobody computes.", "inequality": words + "8", "outcome": "held",
                "value": 31.2, "measured": "31.2", "reason": None},
        item | {"says": "32 wait together.", "because": "Nobody computes.", "inequality": words + "80", "outcome": "not-held",
                "value": 31.2, "measured": "31.2", "reason": None, "at_least": 80},
        item | {"says": "<b>Nobody</b> waits.", "because": None, "inequality": words + "9", "outcome": "unknown", "value": None,
                "measured": None, "reason": "threads at 32 has 1 valid trial; 2 are needed", "at_least": 9}]
    return doc


def dump(doc, path):
    with open(path, "w", encoding="utf-8") as f:
        f.write(json.dumps(doc, sort_keys=True, ensure_ascii=False) + "\n")  # with an indent it takes five times as long


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--blocks", type=int, default=12)
    p.add_argument("--models", default="4", help="how many, or their names, or suite: the fourteen of the suite")
    p.add_argument("out")
    a = p.parse_args()
    given = SUITE if a.models == "suite" else a.models.split(",")
    dump(build(a.blocks, int(a.models)) if a.models.isdigit() else build(a.blocks, names=given), a.out)
