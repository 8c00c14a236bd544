"""The packages that `make package` makes, here of the build under test."""

import gzip
import os
import platform
import shutil
import subprocess
import tarfile

import pytest
from conftest import BIN, SOURCE, folder_for_all

PROGRAMS = {"concbench", "concbench-report", "concbench-origin", "concbench-launch", "runner-coroutines", "runner-threads"}


def said(*words, **how):
    done = subprocess.run(words, capture_output=True, text=True, **how)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


@pytest.fixture(scope="module")
def place():
    """Its name is one that scripts must quote."""
    with folder_for_all("concbench package ") as folder:
        yield folder


@pytest.fixture(scope="module")
def packages(place):
    """The folder with both and one for another processor, made by somebody whose files nobody else may read."""
    for program in ("cpack", "dpkg-deb", "dpkg-shlibdeps", "file"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    system = platform.freedesktop_os_release()
    kind = f"{system['ID']}{system.get('VERSION_ID', '')}"
    architecture = said("dpkg", "--print-architecture").strip()
    for processor in (architecture, "none"):  # and no older .deb
        (place / f"concbench-0.0.1-{kind}-{processor}.tar.gz").touch()
    said("cpack", "--config", BIN.parent / "CPackConfig.cmake", "-B", place, "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip",
         "-D", "CPACK_PACKAGE_CONTACT=A. Name <name@debian.org>", umask=0o077)
    return place


@pytest.fixture(scope="module")
def archive(packages):
    [path] = set(packages.glob("*.tar.gz")) - set(packages.glob("*-none.tar.gz"))
    return path


@pytest.fixture(scope="module")
def deb(packages):
    [path] = packages.glob("*.deb")
    return path


@pytest.fixture(scope="module")
def unpacked(deb, packages):
    said("dpkg-deb", "--raw-extract", deb, packages / "raw")
    return packages / "raw"


def test_the_version_names_commit_and_release(deb, archive):
    version = said("dpkg-deb", "--field", deb, "Version").strip()
    commit = subprocess.run(["git", "-C", SOURCE, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    if commit.returncode == 0:
        assert f".{commit.stdout.strip()}" in version
    upstream, release = version.rsplit("-", 1)
    architecture = said("dpkg", "--print-architecture").strip()
    assert deb.name == f"concbench_{version}_{architecture}.deb"
    assert archive.name == f"concbench-{upstream}-{release.split('~')[1]}-{architecture}.tar.gz"


def test_only_older_ones_of_the_same_kind_are_gone(packages, deb, archive):
    [other] = packages.glob("*-none.tar.gz")
    assert {path for path in packages.glob("concbench*") if path.is_file()} == {deb, archive, other}


def test_it_asks_for_libraries_and_gnuplot(deb):
    depends = said("dpkg-deb", "--field", deb, "Depends")
    for name in ("gnuplot-nox", "libc6 (>=", "libcurl", "libevent", "libjansson", "libhwloc", "libncursesw"):
        assert name in depends
    assert {"nginx-light", "python3", "strace"} <= set(said("dpkg-deb", "--field", deb, "Recommends").strip().split(", "))


def test_what_is_in_it(unpacked):
    files = {str(path.relative_to(unpacked)): path for path in unpacked.rglob("*") if not path.is_dir() or path.is_symlink()}
    assert {f"usr/lib/concbench/bin/{name}" for name in PROGRAMS} <= files.keys()
    assert {"usr/share/doc/concbench/copyright", "usr/share/doc/concbench/changelog.Debian.gz",
            "usr/share/man/man1/concbench-run.1.gz", "usr/share/concbench/scenarios/fast-origin.json"} <= files.keys()
    assert all(name.startswith(("usr/", "DEBIAN/")) for name in files)
    for name, path in files.items():
        if path.is_symlink():
            assert not os.readlink(path).startswith("/") and path.exists(), name
        else:
            assert path.stat().st_mode & 0o044 == 0o044, name
    summed = {line.split(maxsplit=1)[1] for line in (unpacked / "DEBIAN/md5sums").read_text().splitlines()}
    assert summed == {name for name, path in files.items() if name.startswith("usr/") and not path.is_symlink()}
    changes = gzip.decompress(files["usr/share/doc/concbench/changelog.Debian.gz"].read_bytes()).decode()
    assert changes.startswith("concbench (0.") and "\n -- A. Name <name@debian.org>  " in changes
    assert "Permission is hereby granted" in files["usr/share/doc/concbench/copyright"].read_text()
    programs = [path for name, path in files.items() if name.startswith("usr/lib/concbench/bin/")]
    assert all(os.access(path, os.X_OK) for path in programs)


def test_lintian_finds_no_error(deb):
    if not shutil.which("lintian"):
        pytest.skip("lintian is not installed")
    as_root = ["--allow-root"] if os.getuid() == 0 else []
    done = subprocess.run(["lintian", *as_root, "--fail-on", "error", deb], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_archive_runs_where_it_is_unpacked(packages, archive):
    """As somebody who owns nothing but a home."""
    with tarfile.open(archive) as tar:
        tar.extractall(packages / "else where")
    top = packages / "else where" / archive.name.removesuffix(".tar.gz")
    assert [top] == list((packages / "else where").iterdir())
    home = packages / "home"
    home.mkdir()
    home.chmod(0o777)
    as_nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    done = subprocess.run([top / "bin/concbench", "run", "ten-sleeps", "--preset", "quick", "--models", "threads", "-b", "1"],
                          capture_output=True, text=True, cwd="/", **as_nobody,
                          env={"PATH": "/usr/bin:/bin", "HOME": str(home),
                               "CONCBENCH_LOCK_NAME": os.environ["CONCBENCH_LOCK_NAME"]})
    assert done.returncode in (0, 4), done.stderr
    latest = home / ".local/state/concbench/latest"
    assert (latest / "report.html").stat().st_size > 10000 and (latest / "results.json").exists()
