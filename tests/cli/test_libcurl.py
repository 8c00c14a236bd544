"""concbench run --libcurl: the same models with another libcurl. The other one is the system's, copied,
with another version written into it, so that what a runner reports tells which one it has loaded."""

import json
import os
import pathlib
import re
import struct
import subprocess

import pytest

from conftest import BIN
from cli_helpers import concbench, runs_in, write_scenario
from schemas import errors


def version_of(*env):
    done = subprocess.run(["env", *env, BIN / "runner-null", "--version"], capture_output=True, text=True, check=True)
    return dict(re.findall(r"^(\w+): (.*)$", done.stdout, re.M))


OWN = version_of()
OTHER = OWN["libcurl"][:-1] + ("8" if OWN["libcurl"][-1] == "9" else "9")


def put_libcurl(folder, version):
    """A copy of the runners' libcurl that calls itself so; the same length."""
    folder.mkdir()
    content = pathlib.Path(OWN["libcurl_file"]).read_bytes()
    changed = content.replace(OWN["libcurl"].encode(), version.encode())
    assert len(changed) == len(content)
    (folder / "libcurl.so.4").write_bytes(changed)
    return folder


@pytest.fixture(name="other")
def make_other(tmp_path):
    return put_libcurl(tmp_path / "other", OTHER)


def planned(*args):
    done = concbench("run", *args, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    return [cell["model"] for cell in json.loads(done.stdout)["cells"]]


def refusal(*args):
    """What is said of a command line that is wrong: one line."""
    done = concbench("run", *args, "--dry-run")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    return done.stderr


def test_a_runner_tells_which_one_it_has_loaded(other):
    told = version_of(f"LD_LIBRARY_PATH={other}")
    assert (told["libcurl"], told["libcurl_file"]) == (OTHER, str(other / "libcurl.so.4"))
    assert OWN["libcurl_file"] != told["libcurl_file"]


def test_both_are_measured(tmp_path, other):
    path = write_scenario(tmp_path, models=["threads", "process-per-request", "epoll"])
    done = concbench("run", path, "--libcurl", other, "--out", tmp_path / "out", "--blocks", 2, "--concurrency", "2")
    assert done.returncode == 0, done.stderr
    run = runs_in(tmp_path / "out")[0]
    text = (run / "results.json").read_text()
    results = json.loads(text)
    assert errors("results", results) == []
    cells = {cell["model"]: cell for cell in results["cells"]}
    assert list(cells) == ["threads", f"threads.libcurl-{OTHER}", "process-per-request",
                           f"process-per-request.libcurl-{OTHER}", "epoll"]
    for name, cell in cells.items():
        for trial in cell["trials"]:
            has_other = name.endswith(OTHER)
            assert trial["valid"], trial["invalid_reason"]
            assert trial["document"]["model"] == name.removesuffix(f".libcurl-{OTHER}")
            assert trial["document"]["knobs"]["libcurl"] == (
                OTHER if has_other else "none" if name == "epoll" else OWN["libcurl"])
            assert (trial["command"][0] == "LD_LIBRARY_PATH=other") == has_other
    assert results["environment"]["libraries"]["libcurl"] == OWN["libcurl"]
    assert results["scenarios"][0]["runners"][0] == {
        "name": f"threads.libcurl-{OTHER}", "model": "threads", "libcurl": "other"}
    assert str(tmp_path) not in text
    assert concbench("validate", run / "results.json").returncode == 0
    assert f"threads.libcurl-{OTHER}" in (run / "summary.md").read_text()


def test_variants_stand_beside_what_they_are_variants_of(tmp_path, other):
    path = write_scenario(tmp_path, models=["coroutines", "epoll"], load={"concurrency": [4], "requests": 8},
                          runners=[{"name": "small", "model": "threads", "flags": ["--buffer-bytes", "2048"]},
                                   {"name": "theirs", "command": ["true"]}])
    assert planned(path, "--libcurl", other, "--sweep", "switch=ucontext") == [
        "coroutines.ucontext", f"coroutines.ucontext.libcurl-{OTHER}", "epoll",
        "small", f"small.libcurl-{OTHER}", "theirs"]


def test_two_of_the_same_version(tmp_path, other):
    """Two files, as when comparing two builds."""
    path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [4], "requests": 8})
    again = put_libcurl(tmp_path / "again", OTHER)
    own = put_libcurl(tmp_path / "own", OWN["libcurl"])
    assert planned(path, "--libcurl", other, "--libcurl", own, "--libcurl", again) == [
        "threads", f"threads.libcurl-{OTHER}", f"threads.libcurl-{OWN['libcurl']}", f"threads.libcurl-{OTHER}-2"]


def test_a_scenario_may_name_one(tmp_path, other):
    """Beside the file; the model is skipped where it is not there."""
    path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [4], "requests": 8}, runners=[
        {"name": "new", "model": "threads", "libcurl": "./other"},
        {"name": "absent", "model": "threads", "libcurl": "./absent"}])
    done = concbench("run", path, "--out", tmp_path / "out", "--blocks", 1, "--no-report")
    assert done.returncode == 0, done.stderr
    results = json.loads((runs_in(tmp_path / "out")[0] / "results.json").read_text())
    cells = {cell["model"]: cell for cell in results["cells"]}
    assert cells["new"]["trials"][0]["document"]["knobs"]["libcurl"] == OTHER
    assert (cells["absent"]["status"], cells["absent"]["reason"]) == ("skipped", "./absent has no libcurl.so.4")
    assert other.is_dir()


def test_who_has_another_one_already(tmp_path, other):
    """The runners' own is then that one, and the variable is replaced, not there twice."""
    third = put_libcurl(tmp_path / "third", OTHER[:-1] + "7")
    path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [4], "requests": 8})
    env = {**os.environ, "LD_LIBRARY_PATH": str(other)}
    done = concbench("run", path, "--libcurl", third, "--out", tmp_path / "out", "--blocks", 1, "--no-report", env=env)
    assert done.returncode == 0, done.stderr
    results = json.loads((runs_in(tmp_path / "out")[0] / "results.json").read_text())
    assert [(cell["model"], cell["trials"][0]["document"]["knobs"]["libcurl"]) for cell in results["cells"]] == [
        ("threads", OTHER), (f"threads.libcurl-{OTHER[:-1]}7", OTHER[:-1] + "7")]
    done = concbench("run", path, "--libcurl", other, "--dry-run", env=env)
    assert done.returncode == 2 and "the same file as the runners' own" in done.stderr


def test_refusals(tmp_path, other):
    path = write_scenario(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "there is no libcurl.so.4" in refusal(path, "--libcurl", empty)
    assert "there is no libcurl.so.4" in refusal(path, "--libcurl", tmp_path / "nowhere")
    own = pathlib.Path(OWN["libcurl_file"]).parent
    assert f"libcurl {OWN['libcurl']} there is the same file as the runners' own" in refusal(path, "--libcurl", own)
    assert "the same file as one given already" in refusal(path, "--libcurl", other, "--libcurl", other)
    (empty / "libcurl.so.4").write_bytes(b"not a library")
    assert "runner-null does not start with that libcurl: error while loading shared libraries" in refusal(
        path, "--libcurl", empty)
    assert "none of the models uses it" in refusal(path, "--models", "epoll", "--libcurl", other)
    odd = put_libcurl(tmp_path / "a:b", OTHER)
    assert "cannot be searched for libraries" in refusal(path, "--libcurl", odd)


def put_changed(folder, *changes):
    """A copy of the runners' libcurl with other bytes of the same length in the place of some."""
    folder.mkdir()
    content = pathlib.Path(OWN["libcurl_file"]).read_bytes()
    for old, new in changes:
        assert old in content and len(old) == len(new)
        content = content.replace(old, new)
    (folder / "libcurl.so.4").write_bytes(content)
    return folder


def test_a_libcurl_that_lacks_something(tmp_path):
    """Each refusal names what is missing, in the loader's words and one line."""
    path = write_scenario(tmp_path)
    content = pathlib.Path(OWN["libcurl_file"]).read_bytes()
    needed = re.search(rb"\0(lib\w+\.so\.\d)\0", content).group(1)
    tag = re.search(rb"\0(CURL_\w*\d)\0", content).group(1)
    for name, old, new, said in [
            ("library", needed, needed.replace(b"lib", b"lob"), "cannot open shared object file"),
            ("function", b"\0curl_easy_perform\0", b"\0curl_easy_perfect\0", "undefined symbol: curl_easy_perform"),
            ("tag", b"\0" + tag + b"\0", b"\0" + tag[:-1] + b"X\0", f"version `{tag.decode()}' not found")]:
        line = refusal(path, "--libcurl", put_changed(tmp_path / name, (old, new)))
        assert "runner-null does not start with that libcurl: " in line
        assert said in line


VERDEF, NOTHING = struct.pack("<Q", 0x6ffffffc), struct.pack("<Q", 0x60000fff)  # entries of .dynamic


def test_a_libcurl_without_version_tags(tmp_path):
    """What curl's own configure builds; the loader says so each time, and it works."""
    bare = put_changed(tmp_path / "bare", (VERDEF, NOTHING), (OWN["libcurl"].encode(), OTHER.encode()))
    path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [4], "requests": 8})
    done = concbench("run", path, "--libcurl", bare, "--out", tmp_path / "out", "--blocks", 1, "--no-report")
    assert done.returncode == 0, done.stderr
    results = json.loads((runs_in(tmp_path / "out")[0] / "results.json").read_text())
    trial = results["cells"][1]["trials"][0]
    assert trial["document"]["knobs"]["libcurl"] == OTHER
    assert "no version information available" in trial["stderr"]


def test_more_models_than_there_may_be(tmp_path, other):
    path = write_scenario(tmp_path, models=["threads"], runners=[
        {"name": f"t{i}", "model": "threads"} for i in range(12)])
    assert "--libcurl: more than 24 models" in refusal(path, "--libcurl", other)
