"""The front of the runners in other languages: what it says of a broken runner.json and of a bad command line, and what it
tells the program. The program here is a shell that prints its words."""

import json
import os
import re
import subprocess

import pytest
from conftest import BIN

SAID = {"about": "a shell", "family": "threads", "tasks": ["http", "sleep", "cpu", "pipeline"], "units": "worker", "needs": {"descriptors": 1},
        "program": ["sh", "program"]}
# Writes the document of one request that took a millisecond; on stderr, what it was told.
PROGRAM = r"""
for word; do case $word in head=*) head=${word#head=} ;; result_fd=*) fd=${word#*=} ;; requests=*) n=${word#*=} ;; esac; done
printf '%s\n' "$@" >&2
eval "exec >&$fd"
printf '%s,"sh":"1"},"ok":%d,"failed":{},"measured_ns":1000000}\n' "$head" "$n"
"""


@pytest.fixture(scope="module", name="path")
def write_runner(tmp_path_factory):
    folder = tmp_path_factory.mktemp("front") / "sh-words"
    folder.mkdir()
    (folder / "program").write_text(PROGRAM)
    (folder / "runner.json").write_text(json.dumps(SAID))
    return folder / "runner.json"


def front(path, *words):
    return subprocess.run([BIN / "concbench-foreign", path, *map(str, words)], capture_output=True, text=True, timeout=300, check=False)


def error(done):
    """The one line that it says, with code 2 and nothing on stdout."""
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
    return done.stderr.rstrip()


@pytest.mark.parametrize("changes, why", [
    ({"about": None}, "about: missing"),
    ({"about": ""}, "about: expected a string"),
    ({"about": ["a"]}, "about: expected a string"),
    ({"family": 1}, "family: expected a string"),
    ({"units": "thread"}, "units: expected worker or request"),
    ({"units": None}, "units: missing"),
    ({"tasks": "http"}, "tasks: expected an array"),
    ({"tasks": []}, "tasks: expected a word at least"),
    ({"tasks": ["http", ""]}, "tasks[1]: expected a string"),
    ({"program": None}, "program: missing"),
    ({"program": []}, "program: expected a word at least"),
    ({"program": ["sh", 1]}, "program[1]: expected a string"),
    ({"program": ["sh"] * 25}, "program: expected an array of at most 24 items"),
    ({"probe": []}, "probe: expected a word at least"),
    ({"takes": "resolve"}, "takes: expected an array"),
    ({"has_libcurl": "7.88"}, "has_libcurl: expected true or false"),
    ({"is_single": "no"}, "is_single: expected true or false"),
    ({"needs": {"kib": -1}}, "needs.kib: expected a whole number"),
    ({"needs": {"fds": 1}}, "needs.fds: unknown key"),
    ({"progam": ["sh"]}, "progam: unknown key; did you mean 'program'?")])
def test_a_broken_runner_json_is_told_by_its_key(tmp_path, changes, why):
    path = tmp_path / "runner.json"
    path.write_text(json.dumps({key: value for key, value in {**SAID, **changes}.items() if value is not None}))
    assert f"{path}: {why}" in error(front(path, "--describe"))


@pytest.mark.parametrize("text", ["", "[]", '{"about": "a", "about": "b"}'])
def test_a_file_that_is_no_object_is_told_by_its_name(tmp_path, text):
    path = tmp_path / "runner.json"
    path.write_text(text)
    assert str(path) in error(front(path, "--describe"))


@pytest.mark.parametrize("words", [[], ["/"], ["/no/such/runner.json"], ["/etc"]])
def test_what_is_no_file_is_told(words):
    done = subprocess.run([BIN / "concbench-foreign", *words], capture_output=True, text=True, timeout=300, check=False)
    assert "runner" in error(done)


def test_a_folder_may_have_any_name(tmp_path):
    folder = tmp_path / os.fsdecode(b"a\xff")
    folder.mkdir()
    (folder / "runner.json").write_text(json.dumps(SAID))
    (folder / "program").write_text(PROGRAM)
    for words in (["--describe"], ["-n1", "--task", "sleep", "--json"]):
        done = front(folder / "runner.json", *words)
        assert done.returncode == 0 and json.loads(done.stdout), done


@pytest.mark.parametrize("url, why", [
    ("ftp://127.0.0.1/", "not an http or https URL"),
    ("http://", "not an http or https URL"),
    ("http://:80/", "not an http or https URL"),
    ("http://user:secret@/", "not an http or https URL"),
    ("http://[::1/", "not an http or https URL"),
    ("http://[::1]80/", "not an http or https URL"),
    *((url, "the URL's port is not a number from 1 to 65535") for url in (
        "http://host:0/", "http://host:65536/", "http://host:/", "http://host:80x?a", "http://user:1@host:0", "http://[::1]:0/",
        "http://host:99999999999999999999/"))])
def test_a_bad_url_is_told_without_its_secrets(path, url, why):
    said = error(front(path, url))
    assert said == f"sh-words: {why}"


@pytest.mark.parametrize("url", ["http://host:1/", "HTTPS://host:65535", "http://host/a:0/b", "http://host?a=b:0/", "http://u:0@host/",
                                 "http://[::1]/", "http://[::1]:8080/", "http://[::0]#a:0"])
def test_a_colon_elsewhere_is_no_port(path, url):
    done = front(path, "-n1", url)
    assert done.returncode == 0 and f"url={url}" in done.stderr.splitlines(), done.stderr


@pytest.mark.parametrize("host", ["127.0.0.10", "127.0.0.1.example", "localhost", "127.0.0.1@host", "[::1]"])
def test_addresses_need_the_first_one(path, host):
    assert "--addresses needs a URL whose host is 127.0.0.1" in error(front(path, "--addresses", 2, f"http://{host}:80/"))


def test_each_address_is_a_url(path):
    done = front(path, "-n2", "--addresses", 2, "http://127.0.0.1:x@127.0.0.1:80/127.0.0.1")
    assert [line for line in done.stderr.splitlines() if line.startswith("url=")] == [
        f"url=http://127.0.0.1:x@127.0.0.{i}:80/127.0.0.1" for i in (1, 2)]


@pytest.mark.parametrize("n, said", [(1, "1 request, 1 at a time"), (2, "2 requests, 1 at a time")])
def test_the_summary_counts_in_english(path, n, said):
    done = front(path, "-n", n, "--task", "sleep")
    assert done.stdout.splitlines()[0] == f"sh-words: {said}" and f"requests={n}" in done.stderr


def test_the_head_has_what_could_bias_a_comparison(path):
    done = front(path, "-n1", "--json", "--task", "cpu", "--work", 100, "--cpus", 1)
    knobs = json.loads(done.stdout)["knobs"]
    assert (knobs["work_tests"], knobs["cpus"], knobs["sh"]) == (100, 1, "1")


def test_a_pipeline_has_a_queue_and_something_to_compute(path):
    done = front(path, "-n1", "--json", "--task", "pipeline", "--queue-slots", 5)
    knobs, told = json.loads(done.stdout)["knobs"], done.stderr.splitlines()
    assert (knobs["queue_slots"], knobs["work_tests"]) == (5, 1000) and "queue_slots=5" in told and "work=1000" in told
    told = front(path, "-n1", "--task", "pipeline", "--work-us", 7).stderr.splitlines()
    assert {"queue_slots=64", "work=0", "work_us=7"} <= set(told)
    assert "queue_slots" not in json.loads(front(path, "-n1", "--json", "--task", "cpu").stdout)["knobs"]


@pytest.mark.parametrize("words", [("--rate", 10), ("--warm-requests", 1)])
def test_a_pipeline_has_no_open_loop_and_nothing_to_warm(path, words):
    assert words[0] in error(front(path, "-n1", "--task", "pipeline", *words))


@pytest.mark.parametrize("tasks, has_queue", [(["cpu"], False), (["cpu", "pipeline"], True)])
def test_a_queue_is_described_where_there_is_one(tmp_path, tasks, has_queue):
    (tmp_path / "runner.json").write_text(json.dumps({**SAID, "tasks": tasks}))
    flags = {flag["name"]: flag for flag in json.loads(front(tmp_path / "runner.json", "--describe").stdout)["flags"]}
    assert ("queue-slots" in flags) == has_queue
    assert not has_queue or (flags["queue-slots"]["min"], flags["queue-slots"]["default"]) == (1, 64)
    assert has_queue or "does not run task 'pipeline'" in error(front(tmp_path / "runner.json", "-n1", "--task", "pipeline"))


def test_the_probe_is_of_the_program_and_of_its_libraries(path, tmp_path):
    def probe(**changes):
        (tmp_path / "runner.json").write_text(json.dumps({**SAID, **changes}))
        return front(tmp_path / "runner.json", "--probe")
    assert probe().returncode == 0
    done = probe(program=["no-such-language"])
    assert (done.returncode, "no-such-language is not installed" in done.stderr) == (3, True)
    done = probe(probe=["sh", "-c", "echo no library >&2; exit 7"])
    assert (done.returncode, done.stderr) == (7, "no library\n")


def test_nothing_but_the_document_is_left_open(path, tmp_path):
    """A descriptor too many would keep the pipe open behind the program's end."""
    (tmp_path / "runner.json").write_text(json.dumps({**SAID, "program": ["sh", "-c", "ls -l /proc/self/fd >&2; exit 5", "sh"]}))
    done = front(tmp_path / "runner.json", "-n1", "--task", "sleep")
    assert done.returncode == 5 and re.findall(r"(\d+) -> pipe:", done.stderr) == ["1", "2", "3"], done.stderr
