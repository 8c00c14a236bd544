"""concbench conform: our own runners keep every point; what is wrong is named by its point."""

import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import uuid

import pytest
from conftest import BIN, MODELS, SOURCE, WITHOUT_LIBCURL, processes_with_token, run_program, wait_until_gone, why_not

SANITIZED = os.environ["CONCBENCH_SANITIZE"] != ""
# Under the sanitizers one of each kind is enough for conform; contract/ has the same faults for all of them.
CONFORMING = ["sequential", "threads", "processes", "coroutines", "stackless", "epoll"] if SANITIZED else MODELS
FAKE = BIN.parent / "tests" / "fake-runner"


def conform(*command, mode=None, limit_s=300):
    """Runs conform --json; returns exit code and {point: its object}."""
    # several run at a time here, which harnesses of one machine otherwise refuse
    environment = dict(os.environ, CONCBENCH_LOCK_NAME=f"conform-{uuid.uuid4()}", **({"FAKE_MODE": mode} if mode else {}))
    done = run_program("concbench", "conform", "--json", "--limit-s", limit_s, *command,
                       timeout=900, env=environment)
    assert done.returncode in (0, 4), done.stderr
    answer = json.loads(done.stdout)
    assert answer["conforms"] == (done.returncode == 0)
    assert answer["ok"] + answer["failed"] + answer["skipped"] == len(answer["points"])
    return done.returncode, {point["name"]: point for point in answer["points"]}


def names(points, status):
    return {name for name, point in points.items() if point["status"] == status}


@pytest.fixture(scope="module", name="ours")
def check_all_of_ours():
    """{model: (exit code, points)}; several at a time, as they wait most of it."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        checks = {model: pool.submit(conform, BIN / f"runner-{model}")
                  for model in CONFORMING + ["null"] if not why_not(model)}
        return {model: check.result() for model, check in checks.items()}


@pytest.mark.parametrize("model", MODELS)
def test_our_runners_conform(ours, model):
    if model not in CONFORMING:
        pytest.skip("contract/ asks it the same under the sanitizers")
    code, points = ours[model]
    failed = {name: points[name]["text"] for name in names(points, "failed")}
    if SANITIZED and failed.get("describe", "").startswith("--stack-bytes "):
        pytest.skip("a sanitizer's frames do not fit on the smallest stack: " + failed["describe"])
    assert failed == {}
    assert names(points, "skipped") == ({"together"} if model == "sequential" else
                                        {"failed-tls"} if model in WITHOUT_LIBCURL else set())
    assert code == 0


def test_a_runner_without_requests_is_asked_only_what_it_can_answer(ours):
    code, points = ours["null"]
    assert code == 0
    assert {"help", "document", "stdout", "flags", "bad-flags", "counts"} <= names(points, "ok")
    assert {"bytes", "keepalive", "failed-reset", "sigterm"} <= names(points, "skipped")


def test_arguments_of_the_command_are_its_own():
    code, points = conform(BIN / "runner-coroutines", "--guard", "canary")
    assert code == 0 and not names(points, "skipped")


# Mode of the fake runner, and what is found at which point.
FAULTS = [
    ("wrong-counts", "counts", "ok + failed: expected 50, found 49"),
    ("wrong-histogram", "counts", "latency_ns counts + overflow: expected 50, found 51"),
    ("failed-requests", "counts", "ok: expected 50, found 49"),
    ("daemon-left", "leftovers", "expected no process after its end, found 1"),
    ("workers-left", "leftovers", "expected no process after its end, found 4"),
    ("list-fds", "quiet", "expected nothing on stderr, found 'fds 0 1 2 3'")]
UNSOUND = [
    ("bad-json", "document:1:25"), ("deep-json", "nested deeper"),
    ("no-document", "found nothing"), ("crash", "killed by signal 11"),
    ("exit-3", "expected exit code 0, found 3: more"), ("huge-document", "larger than allowed"),
    ("flood-stderr", "larger than allowed"), ("hang", "still running"),
    ("ignore-and-hang", "still running"), ("workers-hang", "still running")]


@pytest.fixture(scope="module", name="fake")
def check_the_fake():
    """{mode: (exit code, points)}; several at a time, as some hang until they are stopped."""
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        checks = {mode: pool.submit(conform, FAKE, mode=mode, limit_s=20) for mode, *_ in FAULTS}
        checks |= {mode: pool.submit(conform, FAKE, mode=mode, limit_s=1) for mode, _ in UNSOUND}
        checks["good"] = pool.submit(conform, FAKE, mode="good")
        return {mode: check.result() for mode, check in checks.items()}


def test_what_a_runner_claims_and_does_not_do_is_found(tmp_path):
    """The spans of its trace are whole, and are not what the document tells of. Its warm requests are none. It does not say how
    often a consumer waited."""
    lies = tmp_path / "runner-lies"
    lies.write_text(f"""#!/bin/bash
set -o pipefail
case " $* " in *" --trace "* | *" --task pipeline "*) {BIN}/runner-sequential "$@" 3>&1 >/dev/null |
    sed -E 's/("latency_sum_ns": ?)[0-9]+/\\1999999999999/; s/"consumer_waits": ?[0-9]+,?//' >&3 ;;
*" --warm-requests 3 "*) exec {BIN}/runner-sequential ${{@/--warm-requests/--turns}} ;;
*) exec {BIN}/runner-sequential "$@" ;; esac
""")
    lies.chmod(0o755)
    code, points = conform(lies)
    assert "--task pipeline: expected producer_waits, consumer_waits and the knob queue_slots" in points["describe"]["text"]
    assert points["warm"]["text"] == "warm_requests: expected 3, found 0"
    assert code == 4 and "spans that add up to latency_sum_ns 999999999999 within 2 %, found" in points["trace"]["text"]


@pytest.mark.parametrize("mode,point,found", FAULTS)
def test_a_fault_is_named_by_its_point(fake, mode, point, found):
    code, points = fake[mode]
    assert code == 4
    assert points[point]["status"] == "failed"
    assert points[point]["text"] == found
    assert points[point]["hint"]
    assert points["document"]["status"] == "ok"


def test_a_runner_that_makes_no_request_is_found_out(fake):
    """The fake says that all went well, whatever it is asked, and does nothing."""
    _, points = fake["good"]
    assert {"document", "stdout", "quiet", "flags", "leftovers"} <= names(points, "ok")
    assert names(points, "failed") >= {
        "bad-flags", "no-url", "counts", "bytes", "times", "cpu", "keepalive", "no-keepalive",
        "in-flight", "redirect", "trace", "failed-status", "failed-connect", "failed-reset",
        "failed-short", "failed-timeout", "failed-protocol", "failed-tls", "open-loop", "lag",
        "sigterm", "sigint", "sigkill"}


@pytest.mark.parametrize("mode,found", UNSOUND)
def test_without_a_document_the_rest_is_skipped(fake, mode, found):
    code, points = fake[mode]
    assert code == 4
    assert points["document"]["status"] == "failed"
    assert found in points["document"]["text"]
    assert points["counts"]["text"] == "needs 'document'"


def test_a_line_for_each_point():
    done = run_program("concbench", "conform", FAKE, env=dict(os.environ, FAKE_MODE="good"))
    lines = done.stdout.splitlines()
    assert done.returncode == 4 and done.stderr == ""
    assert [line.split()[:2] for line in lines[:2]] == [["ok", "help"], ["ok", "document"]]
    bad = next(i for i, line in enumerate(lines) if line.startswith("FAILED   bytes "))
    assert lines[bad].endswith("bytes_received: expected 0, found 10240")
    assert lines[bad + 1].strip().startswith("hint: read the whole body")
    assert lines[-1].startswith("does not conform: ")


def test_a_program_in_path_is_found(tmp_path):
    (tmp_path / "my-runner").symlink_to(BIN / "runner-null")
    done = run_program("concbench", "conform", "my-runner",
                       env=dict(os.environ, PATH=f"/nonexistent:{tmp_path}:{os.environ['PATH']}"))
    assert done.returncode == 0


@pytest.mark.parametrize("args,code,named", [
    ([], 2, "command"), (["--frobnicate", "/bin/true"], 2, "--frobnicate"),
    (["--limit-s"], 2, "--limit-s"), (["--limit-s", "0", "/bin/true"], 2, "--limit-s"),
    (["/no/such/runner"], 3, "/no/such/runner"), (["no-such-runner-anywhere"], 3, "no-such"),
    (["/tmp"], 3, "/tmp"), (["python3 mine.py"], 3, "separate words")])
def test_what_cannot_be_started_is_one_line(args, code, named):
    done = run_program("concbench", "conform", *args)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (code, 1, "")
    assert named in done.stderr


def test_a_script_without_an_interpreter_does_not_start(tmp_path):
    script = tmp_path / "runner"
    script.write_text("exit 0\n")
    script.chmod(0o755)
    done = run_program("concbench", "conform", script)
    assert done.returncode == 3
    assert "Exec format error" in done.stderr


def test_nothing_remains_of_an_interrupted_conform():
    """Ctrl-C in the middle: the launcher, the runner, the origin and its workers all end."""
    token = f"conform-{os.getpid()}"
    process = subprocess.Popen([BIN / "concbench", "conform", FAKE], stdout=subprocess.DEVNULL,
                               env=dict(os.environ, FAKE_MODE="workers-hang",
                                        CONCBENCH_TEST_TOKEN=token))
    while len(processes_with_token(token)) < 4:
        assert process.poll() is None
    process.kill()
    process.wait(timeout=300)
    wait_until_gone(token)


@pytest.fixture(scope="module", name="documented")
def read_documentation(tmp_path_factory):
    """What docs/adding-a-runner.md has its reader save: ({name: folder}, text of the scenario)."""
    text = (SOURCE / "docs/adding-a-runner.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    scenario, = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 2
    folders = {}
    for name, block in zip(["first", "second"], blocks):
        folders[name] = tmp_path_factory.mktemp(name)
        (folders[name] / "mine.py").write_text(block)
    shutil.copy(SOURCE / "runners/external/contract.py", folders["second"])
    (folders["first"] / "python.json").write_text(scenario)
    return folders


@pytest.mark.skipif(SANITIZED, reason="the documented runner is not built with sanitizers")
def test_the_documented_runner_keeps_what_the_document_says(documented):
    """The first fails at the five points that the document names, the second at none."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda name: conform("python3", documented[name] / "mine.py"),
                                 ["first", "second"])
    assert names(first[1], "failed") == {"flags", "bad-flags", "trace", "open-loop", "lag"}
    assert names(first[1], "skipped") == {"failed-tls", "describe"}
    assert {name: second[1][name]["text"] for name in names(second[1], "failed")} == {}
    assert names(second[1], "skipped") == set()


def test_the_documented_scenario_finds_its_runner(documented):
    plan = run_program("concbench", "run", "--dry-run", "--json", "./python.json", cwd=documented["first"])
    assert plan.returncode == 0, plan.stderr
    mine = [cell for cell in json.loads(plan.stdout)["cells"] if cell["model"] == "mine"]
    assert [cell["skip_reason"] for cell in mine] == [None] * 3
