"""The origin on another host: two network namespaces stand for two hosts."""

import json
import os
import subprocess

import pytest
from cli_helpers import write_scenario
from conftest import BIN, SOURCE, run_program
from schemas import errors

TOKEN = "0123456789abcdef-a-token"


def two_hosts(*words):
    return subprocess.run([SOURCE / "scripts" / "two-hosts", "--bin", BIN, *map(str, words)], capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def away(tmp_path_factory):
    """The results of scenarios that ask for all that the origin can do."""
    folder = tmp_path_factory.mktemp("two")
    small = {"models": ["threads", "coroutines"], "load": {"concurrency": [4], "requests": 12}}
    paths = [write_scenario(folder, "plain", **small, origin={"bytes": 100, "delay_ms": 200}),
             write_scenario(folder, "faults", **small, origin={"bytes": 100, "fault": "short", "fault_ppm": 1000000}),
             write_scenario(folder, "freeze", **small, origin={"bytes": 100, "freeze_ms": 60}),
             write_scenario(folder, "asleep", **small, task="sleep", origin=None, options={"sleep_ms": 1}),
             write_scenario(folder, "tls", **small, origin={"bytes": 100, "tls": True})]
    done = two_hosts(*paths, "--preset", "quick", "-b", "1", "--no-report", "--progress", "none", "--out", folder)
    if done.returncode == 3:
        pytest.skip(done.stderr.strip())
    assert done.returncode in (0, 4), done.stderr
    return json.loads((folder / "latest" / "results.json").read_text())


def trials(results, scenario):
    return [trial for cell in results["cells"] if cell["scenario"] == scenario for trial in cell["trials"]]


def test_all_cpus_here_are_the_runners(away):
    placement = away["environment"]["placement"]
    assert not errors("results", away) and away["run"]["origin"].startswith("http://10.99.0.2:")
    assert placement["origin_cpus"] is None and placement["origin_threads"] == 1
    assert placement["runner_cpus"] == trials(away, "plain")[0]["placement"]["runner_cpus"]
    assert {entry["use"] for entry in placement["machine"]} == {"runner"}


def test_counts_faults_and_freezes_come_over_the_network(away):
    for trial in trials(away, "plain"):
        assert trial["valid"] and trial["origin"]["requests"] == 12 and trial["origin"]["peak_in_flight"] == 4
        assert trial["origin"]["cpu_ns"] > 0
    assert all(sum(trial["document"]["failed"].values()) == 12 for trial in trials(away, "faults"))
    assert all(trial["document"]["latency_max_ns"] >= 60e6 for trial in trials(away, "freeze"))
    assert all(trial["valid"] and trial["origin"] is None for trial in trials(away, "asleep"))


def test_what_cannot_be_there_says_why(away):
    assert {cell["reason"] for cell in away["cells"] if cell["scenario"] == "tls"} == {
        "it needs TLS, which an origin given with --origin does not speak"}


def test_a_slow_line_needs_netem():
    done = two_hosts("--rtt", "20ms", "ten-requests", "--dry-run")
    if done.returncode == 3:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0 and "ten-requests" in done.stdout


def test_the_token_is_asked_for_and_checked(tmp_path):
    origin = subprocess.Popen(["bash", "-c", 'exec "$0" --token-fd 3 3<<<"$1"', BIN / "concbench-origin", TOKEN], stdout=subprocess.PIPE, text=True)
    try:
        url = origin.stdout.readline().strip()
        file = tmp_path / "token"
        file.write_text(TOKEN + "\n")
        words = ("concbench", "run", "ten-requests", "--dry-run", "--origin", url)
        assert run_program(*words, "--origin-token", file).returncode == 0
        assert subprocess.run([BIN / words[0], *words[1:]], env={**os.environ, "CONCBENCH_ORIGIN_TOKEN": TOKEN},
                              capture_output=True, timeout=300).returncode == 0
        by_name = run_program("concbench", "run", "ten-requests", "--dry-run", "--origin", url.replace("127.0.0.1", "localhost"),
                              "--origin-token", file)
        assert by_name.returncode == 0 or "cannot resolve localhost" in by_name.stderr  # a machine without /etc/hosts
        for text, code, why in ((None, 2, "--origin needs the token"), ("short", 2, "16 to 256 visible"), ("", 2, "it is empty"),
                                ("x" * 40, 3, "is the token the one")):
            file.write_text(text or "")
            done = run_program(*words, *([] if text is None else ["--origin-token", file]))
            assert (done.returncode, done.stderr.count("\n")) == (code, 1) and why in done.stderr, done.stderr
    finally:
        origin.terminate()
        origin.wait()


@pytest.mark.parametrize("words, code, why", [
    (["--origin", "http://127.0.0.1"], 2, "is not http://HOST:PORT"), (["--origin", "https://h:1"], 2, "is not http://HOST:PORT"),
    (["--origin", "http://:1"], 2, "is not http://HOST:PORT"), (["--origin", "http://127.0.0.1:0"], 2, "is not http://HOST:PORT"),
    (["--origin", "http://127.0.0.1:1"], 3, "does not answer /stats: Connection refused"),
    (["--origin", "http://127.0.0.1:1", "--url", "http://127.0.0.1:1/"], 2, "exclude each other"),
    (["--origin", "http://127.0.0.1:1", "--cpus-origin", "0"], 2, "exclude each other")])
def test_a_wrong_origin_is_told(tmp_path, words, code, why):
    (tmp_path / "token").write_text(TOKEN)
    done = run_program("concbench", "run", "ten-requests", "--dry-run", "--origin-token", tmp_path / "token", *words)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1) and why in done.stderr, done.stderr
