"""install-deps, with a package manager that only writes down what it was asked."""

import os
import pathlib
import subprocess

import pytest

pytestmark = pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="no program of ours runs in it")
SCRIPT = pathlib.Path(os.environ["CONCBENCH_SOURCE"]) / "scripts" / "install-deps"


@pytest.fixture(name="install")
def make_install(tmp_path):
    """install(groups, missing, uid, sudo) runs the script; returns it and the calls of apt-get."""
    calls = tmp_path / "calls"
    folder = tmp_path / "bin"
    folder.mkdir()

    def stub(name, body):
        path = folder / name
        path.write_text(f"#!/bin/bash\n{body}\n")
        path.chmod(0o755)

    def run(*groups, missing=(), uid=1000, sudo=False, apt_status=0):
        absent = "|".join(missing) or "-"
        stub("dpkg-query", f'case "${{@: -1}}" in {absent}) exit 1;; *) printf installed;; esac')
        stub("id", f"echo {uid}")
        stub("sudo", 'shift; exec "$@"' if sudo else "exit 1")
        stub("apt-get", f'echo "$@" >>{calls}; exit {apt_status}')
        done = subprocess.run([SCRIPT, *groups], capture_output=True, text=True, timeout=300, check=False,
                              stdin=subprocess.DEVNULL, env={"PATH": f"{folder}:/usr/bin:/bin", "CONCBENCH_ETC": str(tmp_path / "etc")})
        return done, calls.read_text().splitlines() if calls.exists() else []
    return run


def test_nothing_missing_is_silent_and_asks_apt_nothing(install):
    done, calls = install("build", "test", "lint", "peers", "external", uid=0)
    assert (done.returncode, done.stdout, done.stderr, calls) == (0, "", "", [])


@pytest.mark.parametrize("who", [{"uid": 0}, {"uid": 1000, "sudo": True}])
def test_missing_packages_are_installed(install, who):
    done, calls = install("build", "lint", missing=("gcc", "clang-tidy"), **who)
    assert done.returncode == 0, done.stderr
    assert len(calls) == 2 and calls[0].endswith(" update")
    assert calls[1].endswith(" install --no-install-recommends -y clang-tidy gcc")


def test_without_root_the_one_command_is_printed(install):
    done, calls = install("build", missing=("gcc",))
    assert (done.returncode, done.stdout, calls) == (3, "", [])
    assert done.stderr.splitlines()[1:] == [
        "    sudo apt-get update && sudo apt-get install --no-install-recommends -y gcc"]


@pytest.mark.parametrize("who", [{"uid": 0}, {"uid": 1000, "sudo": True}])
def test_postgresql_comes_without_a_server_for_the_system(install, who, tmp_path):
    written = tmp_path / "etc" / "postgresql-common" / "createcluster.conf"
    done, calls = install("db", missing=("libpq-dev",), **who)
    assert done.returncode == 0 and len(calls) == 2 and not written.exists()
    done, _ = install("db", missing=("postgresql", "libpq-dev"), **who)
    assert done.returncode == 0, done.stderr
    assert written.read_text() == "create_main_cluster = false\n"
    written.write_text("mine")
    done, calls = install("db", missing=("postgresql",), **who)
    assert done.returncode == 0 and calls[-1].endswith(" -y postgresql") and written.read_text() == "mine"


def test_without_root_postgresql_takes_two_commands(install, tmp_path):
    done, calls = install("db", missing=("postgresql",))
    assert (done.returncode, calls) == (3, [])
    first, second = done.stderr.splitlines()[1:]
    assert first == ("    echo 'create_main_cluster = false' | sudo install -D -m 644 /dev/stdin "
                     f"{tmp_path}/etc/postgresql-common/createcluster.conf")
    assert second.endswith(" -y postgresql")


def test_a_failing_apt_is_reported(install):
    done, calls = install("build", missing=("gcc",), uid=0, apt_status=100)
    assert done.returncode == 3 and len(calls) == 1
    assert done.stderr.splitlines()[-1].startswith("install-deps: apt-get failed")


def test_groups_are_checked(install):
    assert install()[0].returncode == 2
    done, _ = install("build", "nope")
    assert done.returncode == 2 and "no group 'nope'" in done.stderr
