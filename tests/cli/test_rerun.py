"""concbench rerun measures again what a results.json says, names what differs first, and compares."""

import contextlib
import json
import os
import subprocess

import pytest

from conftest import BIN
from cli_helpers import concbench, runs_in, write_scenario
from schemas import errors


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """The folder of a run whose scenario is no longer there."""
    folder = tmp_path_factory.mktemp("old")
    path = write_scenario(folder, models=["sequential", "threads", "coroutines"],
                          load={"concurrency": [1, 4], "requests": 8})
    done = concbench("run", path, "--out", folder / "out", "--models", "threads,coroutines", "--blocks", 2,
                     "--seed", 5, "--delta", "3%", "--no-report")
    assert done.returncode == 0, done.stderr
    path.unlink()
    found, = runs_in(folder / "out")
    return found


def read(run):
    return json.loads((run / "results.json").read_text())


def edited(old, folder, change):
    """A results.json as the run's, changed."""
    results = read(old)
    change(results)
    path = folder / "edited.json"
    path.write_text(json.dumps(results))
    return path


def test_a_rerun_keeps_the_plan_and_compares(old, tmp_path):
    done = concbench("rerun", old, "--out", tmp_path / "out", "--no-report")
    assert done.returncode == 0, done.stderr
    new, = runs_in(tmp_path / "out")
    then, now = read(old), read(new)
    assert errors("results", now) == []
    assert now["scenarios"][0]["load"] == then["scenarios"][0]["load"]
    assert now["scenarios"][0]["models"] == ["threads", "coroutines"]
    for key in ("seed", "blocks", "preset", "delta", "url", "work_tests_per_us", "trials_planned"):
        assert now["run"][key] == then["run"][key], key
    assert now["run"]["command"][:2] == ["concbench", "rerun"]
    orders = [{(cell["model"], cell["concurrency"], trial["block"], trial["position"])
               for cell in results["cells"] for trial in cell["trials"]} for results in (then, now)]
    assert orders[0] == orders[1] and len(orders[0]) == 8
    assert "Environment: no fact differs." in done.stderr.split("blocks (")[0]
    compared = concbench("compare", old, new)
    assert compared.returncode == 0
    assert done.stdout.endswith(compared.stdout) and old.name in compared.stdout


def test_what_differs_is_named_before_the_plan(old, tmp_path):
    def change(results):
        environment = results["environment"]
        environment["cpu"].update(model="Another CPU", count=77, load1_at_start=99)
        environment["kernel"]["release"] = "2.6.32"
        environment["memory"]["total_bytes"] = 4096
        environment["libraries"]["libcurl"] = "7.1.0"
        environment["build"].update(compiler="GNU 1.0", suite_version="0.0.1")
        environment["placement"]["runner_cpus"] = "70-76"

    done = concbench("rerun", edited(old, tmp_path, change), "--dry-run")
    assert done.returncode == 0, done.stderr
    differences, plan = done.stdout.split("scenario  ")
    for fact in ("cpu.model", "cpu.count", "kernel.release", "memory.total_bytes", "libraries.libcurl",
                 "build.compiler", "build.suite_version", "placement.runner_cpus"):
        assert fact in differences, fact
    assert "load1" not in differences and "Another CPU" in differences
    assert "2 blocks (default, seed 5)" in plan and "threads" in plan and "sequential" not in plan


def test_a_model_that_is_no_longer_there_is_named(old, tmp_path):
    def change(results):
        scenario = results["scenarios"][0]
        scenario["models"] = ["threads", "gone"]
        if scenario.get("baseline") == "coroutines":
            scenario["baseline"] = "gone"
        for cell in results["cells"]:
            cell["model"] = "gone" if cell["model"] == "coroutines" else cell["model"]

    done = concbench("rerun", edited(old, tmp_path, change), "--dry-run")
    assert "gone" in done.stdout + done.stderr
    assert done.returncode == 2 or "skipped" in done.stdout


@pytest.mark.parametrize("change, word", [
    (lambda r: r["run"].update(seed=-1), "seed"),
    (lambda r: r["run"].update(seed="5"), "seed"),
    (lambda r: r["run"].update(blocks=0), "blocks"),
    (lambda r: r["run"].update(blocks=10**9), "blocks"),
    (lambda r: r["run"].pop("preset"), "preset"),
    (lambda r: r["run"].update(preset="check"), "concbench check"),
    (lambda r: r["run"].update(url="http://***@127.0.0.1:1/"), "--url"),
    (lambda r: r["run"].update(url="x"), "--url"),
    (lambda r: r["run"].update(url="http://a.invalid/", resolve="b.invalid:80:127.0.0.1"), "--resolve"),
    (lambda r: r["run"].update(resolve="a.invalid:80:127.0.0.1"), "--resolve"),
    (lambda r: r.pop("environment"), "environment"),
    (lambda r: r.update(scenarios=[]), "plans 0"),
    (lambda r: r["scenarios"][0].update(task="no-such-task"), "task"),
    (lambda r: r["scenarios"][0]["load"].update(requests=10), "requests"),
    (lambda r: r["scenarios"][0]["load"].update(concurrency=[1, 1 << 40]), "concurrency"),
    (lambda r: r["cells"].pop(), "cells"),
    (lambda r: r.update(schema_version=2), "schema_version"),
])
def test_results_that_say_no_run_are_refused(old, tmp_path, change, word):
    done = concbench("rerun", edited(old, tmp_path, change), "--out", tmp_path / "out", "--no-report")
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert word in done.stderr.splitlines()[-1]
    assert done.stdout == "" and runs_in(tmp_path / "out") == []


@contextlib.contextmanager
def started(*flags, token=None):
    """The address of an origin of its own."""
    read_end, write_end = os.pipe()
    with open(token or os.devnull, "rb") as orders:
        flags = [*flags, *(["--token-fd", str(orders.fileno())] if token else [])]
        process = subprocess.Popen([BIN / "concbench-origin", "--ready-fd", str(write_end), *flags], pass_fds=[write_end, orders.fileno()])
    os.close(write_end)
    with process, os.fdopen(read_end) as ready:
        try:
            yield ready.readline().strip()
        finally:
            process.terminate()


def the_same_again(folder, *args):
    """rerun of the only run in folder: (results of then, of now), the same but for what was measured."""
    run, = runs_in(folder)
    done = concbench("rerun", run, "--out", folder / "again", "--no-report", *args)
    assert done.returncode == 0, done.stderr
    now, = runs_in(folder / "again")
    results = [read(run), read(now)]
    assert errors("results", results[1]) == []
    cells = [[(cell["scenario"], cell["model"], cell["concurrency"], cell["requests"], cell["status"]) for cell in one["cells"]]
             for one in results]
    assert cells[0] == cells[1]
    for then, now in zip(*(one["scenarios"] for one in results), strict=True):
        del then["verdict"], now["verdict"]
        assert then == now
    for key in {*results[0]["run"], *results[1]["run"]} - {"id", "started", "finished", "wall_s", "command"}:
        assert results[0]["run"][key] == results[1]["run"][key], key
    return results


def test_a_sweep_and_what_the_command_line_changed(tmp_path):
    """The headline of then, and a prediction that does not count for another number of requests."""
    path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [2], "requests": 8}, sweep={"buffer_bytes": [1024, 16384]},
                          headline={"metric": "cpu_per_request_ns", "as": "CPU"},
                          expect=[{"metric": "throughput_per_s", "model": "threads.buffer-1024",
                                   "to": "threads.buffer-16384", "concurrency": 2, "at_most": 100, "says": "Alike.", "because": "It is a test."}])
    done = concbench("run", path, "--out", tmp_path / "out", "-n", 10, "-b", 1, "--no-report")
    assert done.returncode == 0, done.stderr
    then, _ = the_same_again(tmp_path / "out")
    assert then["scenarios"][0]["overridden"] == ["--requests"] and then["scenarios"][0]["headline"]["as"] == "CPU"
    assert len(then["cells"]) == 2 and then["scenarios"][0]["expect"]


def test_a_server_by_name_over_tls(tmp_path):
    """What was trusted has to be given again; the address of the name is that of then, or another."""
    with started("--tls", "--ca-out", tmp_path / "ca.pem") as origin:
        url = origin.replace("127.0.0.1", "localhost")  # which the certificate has
        port = url.rsplit(":", 1)[1]
        path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [2], "requests": 8})
        args = ["--resolve", f"localhost:{port}:127.0.0.1", "--cacert", tmp_path / "ca.pem"]
        done = concbench("run", path, "--out", tmp_path / "out", "-b", 1, "--no-report", "--url", url + "/bytes/9", *args)
        assert done.returncode == 0, done.stderr
        run, = runs_in(tmp_path / "out")
        for words, why in (([], "trusted ca.pem; give it again"), ([*args[2:], "--insecure"], "verified certificates; leave"),
                           ([*args[2:], "--resolve", "x"], "--resolve"), ([*args[2:], "--url", url], "is not the address of the run")):
            done = concbench("rerun", run, "--dry-run", *words)
            assert done.returncode == 2 and why in done.stderr, done.stderr
        done = concbench("rerun", run, "--dry-run", "--resolve", f"localhost:{port}:127.0.0.2", *args[2:])
        assert done.returncode == 0, done.stderr
        the_same_again(tmp_path / "out", *args[2:])


def test_an_origin_on_another_host(tmp_path):
    token = tmp_path / "token"
    token.write_text("0123456789abcdef-a-token")
    with started(token=token) as origin:
        path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [2], "requests": 8})
        args = ["--origin-token", token]
        done = concbench("run", path, "--out", tmp_path / "out", "-b", 1, "--no-report", "--origin", origin, *args)
        assert done.returncode == 0, done.stderr
        run, = runs_in(tmp_path / "out")
        refused = concbench("rerun", run, "--dry-run")
        assert refused.returncode == 2 and "--origin needs the token" in refused.stderr
        assert the_same_again(tmp_path / "out", *args)[1]["run"]["origin"] == origin


def test_a_command_whose_file_is_elsewhere_has_to_be_given_again(old, tmp_path):
    """Results have the last part of a path alone."""
    def change(results):
        scenario = results["scenarios"][0]
        scenario.update(models=["threads", "mine"], runners=[{"name": "mine", "command": ["python3", "lost.py"]}])
        for one in [scenario, *results["cells"]]:
            one.update({key: "mine" for key in ("model", "baseline") if one.get(key) == "coroutines"})

    path = edited(old, tmp_path, change)
    done = concbench("rerun", path, "--dry-run")
    assert done.returncode == 2 and "runner mine: there is no lost.py here; give its command again with --runner" in done.stderr
    (tmp_path / "lost.py").write_text("")
    done = concbench("rerun", path, "--dry-run", "--runner", f"mine=python3 {tmp_path / 'lost.py'}")
    assert done.returncode == 0 and "mine" in done.stdout, done.stderr


def test_it_takes_one_run(old, tmp_path):
    (tmp_path / "text.json").write_text("no JSON")
    merged = tmp_path / "merged.json"
    other = edited(old, tmp_path, lambda r: r["run"].update(id="another"))
    assert concbench("merge", merged, old, other).returncode == 0
    for words in ([], [old, old], [tmp_path / "none"], [tmp_path / "text.json"], [merged], ["--seed", 4, old]):
        done = concbench("rerun", *words)
        assert done.returncode == 2 and done.stderr.startswith("concbench: "), words
        assert done.stdout == ""
