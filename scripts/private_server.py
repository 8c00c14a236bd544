"""What private-nginx and private-postgres share: start, stop, and between the two the keeper, which owns the server.

    start --> keeper --> server         the keeper ends the server and removes DIR
                 \\--> waits for: stop, the owner's end, the server's end

Whichever process is killed, at any time, the server ends too:
- start, before its line is out: the keeper waits for word of that, and notices when start ends
- the owner: the keeper has a pidfd of it
- the keeper: the kernel signals its children; DIR is left for stop"""

import contextlib
import ctypes
import fcntl
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

from clean_output import clean

START_S, QUIT_S = 55, 2  # together less than what start promises
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):
    """The server does not start; the text says why."""


class Ended(Exception):
    """The keeper was asked to end, or the owner or start has ended."""


def die(code, text):
    print(f"{os.path.basename(sys.argv[0])}: {clean(text)}", file=sys.stderr)
    sys.exit(code)


def caller():
    """The process that called. When it has ended already, our parent is the adopter of orphans, in another session."""
    parent = os.getppid()
    try:
        is_adopted = os.getsid(0) not in (os.getpid(), os.getsid(parent))
    except ProcessLookupError:
        is_adopted = True
    if is_adopted:
        die(3, "the calling process has ended; name another owner with --owner PID")
    return parent


def open_owner(pid):
    try:
        return os.pidfd_open(pid)
    except OSError as error:
        die(3, f"--owner {pid}: {error.strerror}")


def make_folder(folder):
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if os.listdir(folder):
            die(3, f"{folder} is not empty; name another directory, or stop the server that was there")
    except OSError as error:
        die(3, f"{folder}: {error.strerror}")


class PrivateServer:
    """A server in a folder. What differs between servers is in a subclass, which adds

    launch()     starts self.server, which is ready at self.deadline or earlier, and returns the line for the caller
    pid_file     where the server writes its number, below DIR: in the folder that it works in
    stop_signal  ends it at once"""

    def __init__(self, folder):
        self.folder = folder
        self.server = None

    # ---- start

    def start(self, owner_fd):
        """Prints the line of the server. When that fails, nothing is left."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a caller that ignores it would have us reap nobody
        ours, theirs = socket.socketpair()
        keeper = os.fork()
        if keeper == 0:
            try:
                ours.close()
                self.keep(owner_fd, theirs)
            finally:
                os._exit(0)
        theirs.close()
        with ours.makefile(encoding="utf-8") as answer:
            line = answer.readline().strip()
        if not line or line.startswith("!"):
            self.give_up(keeper, line[1:] or "the server was ended before it was ready")
        try:
            os.write(1, f"{line}\n".encode())  # of a print that is interrupted the rest would be written at exit
        except OSError as error:
            ours.close()
            self.give_up(keeper, f"stdout: {error.strerror}")
        with contextlib.suppress(OSError):  # the server may have ended since, with its owner
            ours.sendall(b"\n")

    def give_up(self, keeper, why):
        if os.waitpid(keeper, 0)[1]:  # it was killed
            self.end_server()
            self.remove()
        die(3, why)

    # ---- the keeper

    def keep(self, owner_fd, starter):
        """The keeper's whole life. It sends start the line, or '!' and the reason why there is none."""
        why = ""
        try:
            self.become_keeper(owner_fd, starter)
            self.hand_over(self.launch(), starter)
            self.wait_for(self.server)
        except Ended:
            pass
        except (Failure, OSError, subprocess.SubprocessError) as failure:
            why = f"!{failure}\n"
        finally:
            self.clean()
        starter.sendall(why.encode())

    def become_keeper(self, owner_fd, starter):
        """Leaves the caller's job and closes its files; signals are read from a pipe."""
        os.setsid()
        os.chdir("/")
        close_all_but(owner_fd, starter.fileno())
        self.deadline = time.monotonic() + START_S
        signalled, write_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.ends = [signalled, owner_fd, starter.fileno()]
        signal.set_wakeup_fd(write_end)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        # The lock shows that the keeper lives, even if another process gets its number later. The file has both when stop finds it.
        self.lock = open(f"{self.folder}/keeper.new", "w", encoding="ascii")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        print(os.getpid(), file=self.lock, flush=True)
        os.rename(self.lock.name, f"{self.folder}/keeper.pid")

    def hand_over(self, line, starter):
        """Waits until start has confirmed that the line is out; if start ends before, the server is of no use."""
        starter.sendall(f"{line}\n".encode())
        self.ends.remove(starter.fileno())
        self.wait(starter.fileno())
        if not starter.recv(1):
            raise Ended

    def wait(self, fd, until=None):
        """Waits until there is something to read (true) or the time is over (false)."""
        poll = select.poll()
        for each in (*self.ends, fd):
            poll.register(each, select.POLLIN)
        left_ms = None if until is None else max(0, (until - time.monotonic()) * 1000)
        ready = dict(poll.poll(left_ms))
        if any(end in ready for end in self.ends):
            raise Ended
        return bool(ready)

    def wait_for(self, process, until=None):
        """Waits until the process has ended (true) or the time is over (false)."""
        with open(os.pidfd_open(process.pid), "rb", buffering=0) as child:
            return self.wait(child.fileno(), until)

    def spawn(self, command, death_signal, **options):
        """A child that the kernel signals when the keeper ends, however it ends."""
        keeper = os.getpid()

        def die_with_keeper():  # after a change of user, which would undo it
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
                signal.signal(number, signal.SIG_DFL)  # ours is a handler, the caller's may be to ignore it
            libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
            if os.getppid() != keeper:
                os._exit(1)
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=self.folder, start_new_session=True,
                                preexec_fn=die_with_keeper, **options)

    def clean(self):
        if self.server:
            os.kill(self.server.pid, self.stop_signal)
            has_ended(os.pidfd_open(self.server.pid), QUIT_S)
            end_group(self.server)
        self.remove()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- stop

    def stop(self):
        if not os.path.isdir(self.folder):
            return
        try:
            with open(f"{self.folder}/keeper.pid", encoding="ascii") as lock:
                end_keeper(lock)
        except FileNotFoundError:
            if os.path.isdir(self.folder):
                die(2, f"{self.folder} is not the directory of a private server")
        self.end_server()
        if os.path.isdir(self.folder):
            self.remove()
        if os.path.isdir(self.folder):
            die(3, f"{self.folder} cannot be removed")

    def end_server(self):
        """Clears up after a keeper that was killed. The kernel has signalled the server by then."""
        path = os.path.realpath(f"{self.folder}/{self.pid_file}")
        try:
            with open(path, encoding="ascii") as file:
                pid = abs(int(file.readline()))  # initdb's own servers write it negative
            server = os.pidfd_open(pid)
            if os.path.realpath(f"/proc/{pid}/cwd") == os.path.dirname(path) and not has_ended(server, 3):
                end(server, signal.SIGKILL)
        except (OSError, ValueError):
            pass


def close_all_but(*kept):
    for fd in map(int, os.listdir("/proc/self/fd")):
        if fd > 2 and fd not in kept:
            with contextlib.suppress(OSError):  # of the listing itself
                os.close(fd)
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(nothing, fd)


def end_group(process):
    """Ends a process that has not been waited for, so that its number is still its own, and what is left of its group."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end_keeper(lock):
    """The holder of the lock is alive, so the number in the file is its own."""
    with contextlib.suppress(ProcessLookupError, ValueError):
        keeper = os.pidfd_open(int(lock.read()))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            end(keeper, signal.SIGTERM, 2 * QUIT_S) or end(keeper, signal.SIGKILL)


def end(pidfd, number, limit_s=1):
    signal.pidfd_send_signal(pidfd, number)
    return has_ended(pidfd, limit_s)


def has_ended(pidfd, limit_s):
    return bool(select.select([pidfd], [], [], limit_s)[0])
