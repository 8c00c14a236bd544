"""scripts/fleet with what it stands on: a Slurm of three nodes on this machine, and two SSH servers in network namespaces."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest
from cli_helpers import write_scenario
from conftest import BIN, SOURCE

LOCK = os.environ["CONCBENCH_LOCK_NAME"]


def need(*programs):
    missing = [program for program in programs if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")]
    if missing or os.geteuid() != 0:
        pytest.skip(f"not installed: {', '.join(missing)}; scripts/install-deps fleet" if missing else "network namespaces take root")
    veth = ["ip", "link", "add", "own", "type", "veth", "peer", "name", "other"]
    if subprocess.run(["unshare", "-nmpf", "--mount-proc", *veth], capture_output=True).returncode:
        pytest.skip("no network namespace with a pair of devices (veth) is to be had here")


def wait_until(true, what):
    """Waits for as long as a busy machine needs; the suite's own limit ends what hangs."""
    for _ in range(3000):
        value = true()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"never: {what}")


class Namespace:
    """A machine of its own: network, mounts and processes, which are gone when it is closed."""

    def __init__(self, name, net, other=None):
        self.holder = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "unshare", "-nmpf", "--kill-child", "--mount-proc",
                                        "sh", "-c", "echo; exec sleep infinity"],
                                       stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        [self.first] = pathlib.Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children").read_text().split()
        self.run("ip", "link", "set", "lo", "up")
        # Without an address besides lo's Slurm resolves no name. The other end of the pair is another namespace's, if one is given.
        self.run("ip", "link", "add", "own", "type", "veth", "peer", "name", f"to-{name}")
        self.run("ip", "addr", "add", f"10.98.{net}.1/24", "dev", "own")
        self.run("ip", "link", "set", "own", "up")
        if other:
            subprocess.run(["nsenter", "-t", self.first, "-n", "ip", "link", "set", f"to-{name}", "netns", other.first], check=True)
            other.run("ip", "addr", "add", f"10.98.{net}.2/24", "dev", f"to-{name}")
        (other or self).run("ip", "link", "set", f"to-{name}", "up")

    def words(self, *words):
        return ["nsenter", "-t", self.first, "-n", "-m", "-p", *map(str, words)]

    def start(self, *words, **options):
        return subprocess.Popen(self.words(*words), **options)

    def run(self, *words, **options):
        return subprocess.run(self.words(*words), check=True, capture_output=True, text=True, timeout=300, **options).stdout

    def close(self):
        self.holder.kill()
        self.holder.wait()


@pytest.fixture(scope="module")
def place():
    """A folder with a short path, for sockets, that programs which insist on it find closed to others."""
    with tempfile.TemporaryDirectory(prefix="fleet.", dir="/tmp") as folder:
        yield pathlib.Path(folder)


@pytest.fixture(scope="module")
def prefix(place):
    """An installation, in a path that scripts must quote."""
    folder = place / "the prefix"
    subprocess.run(["cmake", "--install", BIN.parent, "--prefix", folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def scenario(place):
    return write_scenario(place, "small", models=["sequential", "threads"])


def fleet(words, inside, **environment):
    return inside.start(SOURCE / "scripts" / "fleet", *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                        env={**os.environ, "CONCBENCH_BIN": str(BIN), "FLEET_POLL_S": "0.2", **environment})


def ended(process):
    out, error = process.communicate(timeout=900)
    return process.returncode, out, error


def merged(out):
    document = json.loads((out / "fleet.json").read_text())
    jobs = [(entry["label"], entry["results"]["environment"]["job"]) for entry in document["merged"]]
    return {label: job.get("attempt") for label, job in jobs if label == job["node"]}, document.get("missing", [])


@pytest.mark.parametrize("words, why", [
    ([], "usage: fleet slurm|ssh"), (["pdsh", "a"], "usage:"), (["ssh"], "usage:"), (["ssh", "--frobnicate", "a"], "usage:"),
    (["ssh", "--archive", "none.tar.gz", "a"], "none.tar.gz is not there"), (["ssh", "--archive", ".", "../a"], "'../a' is no name of a node")])
def test_a_wrong_command_line_is_told(tmp_path, words, why):
    if words[-1:] == ["../a"] and not shutil.which("parallel"):
        pytest.skip("GNU parallel is not installed; scripts/install-deps fleet")
    done = subprocess.run([SOURCE / "scripts" / "fleet", *words], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "CONCBENCH_BIN": str(BIN)})
    assert done.returncode == 2 and why in done.stderr, done.stderr


def test_an_attempt_is_never_overwritten(tmp_path):
    """What a node does, alone; the archive is of another processor, so nothing is measured."""
    def attempt(archive):
        return subprocess.run([SOURCE / "scripts" / "fleet-job", tmp_path, "1", archive, "slow-origin"], capture_output=True, text=True,
                              env={**os.environ, "FLEET_NODE": "n 1", "FLEET_ATTEMPT": "2", "TMPDIR": str(tmp_path)})
    assert attempt("first-other.tar.gz").returncode == 3 and attempt("second-other.tar.gz").returncode == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["n 1"] and [p.name for p in (tmp_path / "n 1").iterdir()] == ["attempt-2"]
    said = (tmp_path / "n 1" / "attempt-2" / "log").read_text()
    assert said.startswith("no archive for ") and said.endswith("among: first-other.tar.gz\n")


# --- Slurm

CONFIGURATION = """
ClusterName=fleet
SlurmctldHost={host}(10.98.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={place}/munge.socket,cred_expire=5
StateSaveLocation={place}/state
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd-%n.pid
SlurmdSpoolDir={place}/spool-%n
SlurmctldLogFile={place}/slurmctld.log
SlurmdLogFile={place}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_res
SlurmdTimeout=3
ReturnToService=2
MailProg=/bin/true
MpiDefault=none
NodeName=n[1-3] NodeHostname={host} NodeAddr=10.98.0.1 Port=[17001-17003] CPUs={cpus}
PartitionName=all Nodes=ALL Default=YES
"""


class Cluster(Namespace):
    def __init__(self, place):
        super().__init__("none", 0)
        self.place = place
        os.environ["SLURM_CONF"] = str(place / "slurm.conf")
        (place / "slurm.conf").write_text(CONFIGURATION.format(host=socket.gethostname().split(".")[0], place=place, cpus=os.cpu_count()))
        (place / "munge.key").write_bytes(os.urandom(1024))
        (place / "munge.key").chmod(0o600)
        self.daemon("munged", "--foreground", "--force", f"--key-file={place}/munge.key", f"--socket={place}/munge.socket",
                    f"--pid-file={place}/munge.pid", f"--log-file={place}/munge.log", f"--seed-file={place}/munge.seed")
        wait_until((place / "munge.socket").exists, "munged listens")
        self.daemon("slurmctld", "-D")
        for node in ("n1", "n2", "n3"):
            self.slurmd(node)
        wait_until(lambda: self.run("sinfo", "-h", "-o", "%T:%D") == "idle:3\n", "three nodes are idle")

    def daemon(self, *words):
        log = open(self.place / "daemons.log", "a")
        return self.start(*words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def slurmd(self, node):
        self.daemon("slurmd", "-D", "-N", node)

    def processes(self, word):
        """{pid: command line} of what runs in this cluster with the word in its environment or command line."""
        found = {}
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                environment = (folder / "environ").read_text(errors="replace")
                line = (folder / "cmdline").read_text(errors="replace").replace("\0", " ")
                if f"SLURM_CONF={self.place}/" in environment and word in environment + line:
                    found[int(folder.name)] = line
        return found

    def job(self, node):
        return self.processes(f"SLURMD_NODENAME={node}\0")

    def kill_slurmd(self, node):
        """As if it had crashed: the daemon and the step that it has started; the job lives on."""
        script = next(pid for pid, line in self.job(node).items() if "slurm_script" in line)
        step = int(re.search(r"\) \S (\d+)", pathlib.Path(f"/proc/{script}/stat").read_text())[1])
        [daemon] = [pid for pid, line in self.processes(f"slurmd -D -N {node}").items() if line.startswith("slurmd")]
        for pid in (daemon, step):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def cluster(place):
    need("slurmctld", "slurmd", "munged", "sbatch", "unshare", "ip")
    made = Cluster(place)
    yield made
    made.close()


def test_slurm(cluster, place, prefix, scenario):
    """n1 just measures. n2 crashes with all that runs there, comes back, and its job is started again. The slurmd of n3 is killed,
    and its job lives on to its end: Slurm would start it again, but it has sent its results."""
    out = place / "out"
    held = cluster.start("python3", "-c", "import socket, sys; s = socket.socket(socket.AF_UNIX); "
                         f"s.bind('\\0concbench.measures.{LOCK}'); s.listen(); print('held', flush=True); sys.stdin.read()",
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert held.stdout.readline() == "held\n" # the host's lock: all three wait for it
    running = fleet(["slurm", "--archive", prefix, "--out", out, "n[1-3]", "--", scenario, "--preset", "quick", "-b", "1"], cluster,
                    TMPDIR=str(place)) # what a crash leaves behind goes with it
    wait_until(lambda: all(list(out.glob(f"{node}/.new.*")) for node in ("n1", "n2", "n3")), "three jobs run")
    crashed = cluster.job("n2")
    cluster.kill_slurmd("n2")
    cluster.kill_slurmd("n3")
    for pid in crashed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    held.stdin.close()
    held.wait()
    wait_until(lambda: "down" in cluster.run("sinfo", "-h", "-n", "n2", "-o", "%T"), "Slurm sees that n2 is down")
    cluster.slurmd("n2")
    code, printed, error = ended(running)
    assert code == 0, (printed, error, (place / "slurmctld.log").read_text()[-3000:])
    attempts, missing = merged(out)
    assert set(attempts) == {"n1", "n2", "n3"} and attempts["n2"] > 0 and attempts["n3"] == 0 and missing == []
    assert "3 runs\n" in printed and printed.endswith(f"{out}/hosts.html\n")
    assert "3 hosts" in (out / "hosts.html").read_text()
    assert cluster.run("squeue", "-h", "--states=PENDING,RUNNING") == ""


def test_a_node_that_is_down_is_missing(cluster, place, prefix, scenario):
    out = place / "down"
    cluster.run("scontrol", "update", "nodename=n3", "state=down", "reason=test")
    running = fleet(["slurm", "--archive", prefix, "--out", out, "--wait", "0", "n3", "--", scenario], cluster)
    code, _, error = ended(running)
    assert code == 3 and "n3 is missing" in error and "no node has sent results" in error


# --- SSH

SSHD = """
Port 22
HostKey {place}/key
AuthorizedKeysFile {place}/key.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
SetEnv TMPDIR={place}/ssh-tmp
"""
SSH = """
Host a
  HostName 10.98.1.1
Host b
  HostName 10.98.2.1
Host c
  HostName 10.98.2.1
  Port 1
Host *
  IdentityFile {place}/key
  StrictHostKeyChecking no
  UserKnownHostsFile {place}/known
  BatchMode yes
"""


@pytest.fixture
def machines(place):
    """The namespace of the one who asks, from which the hosts a and b are reached; at c nobody listens."""
    need("sshd", "ssh", "ssh-keygen", "parallel", "unshare", "ip")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place / "key"], check=True)
    (place / "sshd.conf").write_text(SSHD.format(place=place))
    (place / "ssh.conf").write_text(SSH.format(place=place))
    with contextlib.ExitStack() as stack:
        here = stack.enter_context(contextlib.closing(Namespace("none", 0)))
        for net, name in enumerate("ab", start=1):
            host = stack.enter_context(contextlib.closing(Namespace(name, net, here)))
            host.run("sh", "-c", "mkdir -p /run/sshd && exec /usr/sbin/sshd -f $0", place / "sshd.conf")
        yield here


def test_ssh(machines, place, prefix):
    """The connection to b is lost at first. c is not to be had. Everyone gets the archive of his processor."""
    out, mine = place / "by ssh", os.uname().machine
    if shutil.which("dpkg"):
        mine = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    (place / "ssh-tmp").mkdir()
    subprocess.run(["tar", "czf", place / f"concbench-{mine}.tar.gz", "-C", place, prefix.name], check=True)
    (place / "concbench-other.tar.gz").write_text("of another processor")
    ssh = place / "ssh"
    ssh.write_text(f"#!/bin/bash\nif [ $1 = root@b ] && mkdir {place}/lost 2>/dev/null; then exit 255; fi\nexec ssh -F {place}/ssh.conf \"$@\"\n")
    ssh.chmod(0o755)
    archives = [word for name in ("other", mine) for word in ("--archive", place / f"concbench-{name}.tar.gz")]
    running = fleet(["ssh", *archives, "--out", out, "a", "root@b", "a", "c", "--", "ten-sleeps", "--models", "sequential,threads",
                     "-b", "1", "--seed", "7"], machines, FLEET_SSH=str(ssh))
    code, printed, error = ended(running)
    assert code == 4, (printed, error)
    assert merged(out) == ({"a": 0, "b": 1}, ["c"])
    assert json.loads((out / "a/attempt-0/results.json").read_text())["environment"]["job"]["id"] == out.name
    assert "c is missing" in error and "c is missing" in (out / "hosts.html").read_text()
    assert "refused" in (out / "c" / "attempt-1" / "log").read_text()
    assert list((place / "ssh-tmp").iterdir()) == [] # nothing stays on a node
