"""The process that warm kernels are forked from: ``python -m qitools.batch.warm_parent SOCKET MODULE…``.

It imports what every notebook needs, makes sure that it may be forked (a fork takes one thread along: with a second
thread, or a ZeroMQ context, the child could hang), and then only waits: for a request, for a kernel that ends, for a
signal to pass on. Apart from ``kernels``, which runs everywhere, because it needs what only Linux has.

Nothing outlives its owner. This process ends when its standard input closes, that is, when the run ends or is killed.
It ends a kernel, and all the kernel has started, when the connection that asked for it closes. And a kernel is killed
when the pipe whose other end this process holds closes; unlike ``PR_SET_PDEATHSIG`` that hangs on no thread.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from qitools.batch.kernels import READY

# What a stock kernel imports until it has run its first cell, found by comparing ``sys.modules`` before and after.
EVERY_KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",  # debugpy: more than half of it
    "tornado.platform.asyncio",
    "tornado.queues",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.debugger_backport",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "faulthandler",
    "psutil",
    "sqlite3",
    "pydoc",
    "mimetypes",
    "stringprep",
    "encodings.ascii",
    "encodings.idna",
    "encodings.latin_1",
    "zmq.utils.garbage",
)
# Imported by jsonschema, which altair imports, to check "iri" text; it takes about a second, and no chart holds an iri.
LEFT_OUT = "rfc3987_syntax"
# What registers with the kernel it is imported in, and so must be told of a kernel that came after it.
WIDGETS = "ipywidgets"
# Variables that Python, its C library or a preloaded library reads only once, when it starts.
READ_AT_START = ("PYTHON", "LD_", "LC_", "LANG", "OPENBLAS_", "OMP_", "MKL_")

LIFELINE = 0  # standard input: closed by the run's end, however it comes
ASK_SECONDS = 5.0  # a request comes as one piece; whoever sends half of one must not hold the others up


@dataclass(frozen=True)
class Request:
    """What a kernel is asked to be: arguments after the module's name, folder, environment and the owner's streams."""

    owner: Connection
    streams: tuple[int, ...]
    argv: list[str]
    cwd: str
    env: dict[str, str]


@dataclass(frozen=True)
class Kernel:
    """A kernel that lives: its number, the descriptor that tells its end, whose it is, and the pipe it hangs on."""

    pid: int
    ended: int
    owner: Connection
    leash: int


def main(address: str, *modules: str) -> None:
    """Preload, then serve; in a child, become the kernel that was asked for."""
    if Path(sys.path[0]) == Path.cwd():
        del sys.path[0]  # which ``-m`` puts there
    run = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # the run reads one line there: what a module prints when it is imported goes to standard error
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # else debugpy prints advice when it is imported
    gc.disable()
    before = dict(os.environ)
    reason = preload([*EVERY_KERNEL, *modules])
    imported = {name: value for name, value in os.environ.items() if before.get(name) != value}
    sys.stdout.flush()  # or every child would print it again
    gc.freeze()  # what is here now is shared with every child: collecting it would copy it
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        if not reason:
            listener.bind(address)
            listener.listen(128)
        with run:
            print(reason or READY, file=run)
        asked = None if reason else Nursery(listener).serve()
    if asked:
        become(*asked, imported)
    else:
        shutil.rmtree(Path(address).parent, ignore_errors=True)
        os._exit(0)  # nothing is left to be done, and taking thousands of modules down takes a tenth of a second


def preload(modules: Iterable[str]) -> str:
    """Import each module, call each ``module:function``; "" when this process may be forked then, else the obstacle."""
    sys.modules[LEFT_OUT] = None  # type: ignore[assignment]  # how Python notes that there is no such module
    for name in modules:
        with contextlib.suppress(Exception):  # the notebook that needs it will say so, in its own words
            module, _, function = name.partition(":")
            loaded = importlib.import_module(module)
            if function:
                getattr(loaded, function)()
        threads = len(list(Path("/proc/self/task").iterdir()))
        if threads > 1:
            names = ", ".join(thread.name for thread in threading.enumerate()[1:]) or "not Python's own"
            return f"{name} started {threads - 1} thread(s) ({names}), and a process with threads cannot fork"
    del sys.modules[LEFT_OUT]
    return ""


class Nursery:
    """The kernels that live, and the socket where new ones are asked for."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.kernels: list[Kernel] = []
        self.start = settings_read_at_start(os.environ)

    def serve(self) -> tuple[Request, int] | None:
        """Wait; returns only at the end of the run (None) or in a child (what it shall be, and its leash)."""
        while True:
            owners = [kernel.owner for kernel in self.kernels if not kernel.owner.closed]
            ready = wait([LIFELINE, self.listener, *owners, *(kernel.ended for kernel in self.kernels)])
            if LIFELINE in ready:
                self.end()
                return None
            for kernel in list(self.kernels):
                if kernel.ended in ready:
                    self.bury(kernel)
                elif kernel.owner in ready:
                    self.obey(kernel)
            if self.listener in ready and (request := self.admit()) and (asked := self.fork(request)):
                return asked

    def admit(self) -> Request | None:
        """The next request, or None where there was none to read."""
        client, _ = self.listener.accept()
        client.settimeout(ASK_SECONDS)
        streams: list[int] = []
        try:
            _, streams, _, _ = socket.recv_fds(client, 1, 2)
            client.setblocking(True)
            owner = Connection(client.detach())
            if not owner.poll(ASK_SECONDS):
                raise TimeoutError
            return Request(owner, tuple(streams), **json.loads(owner.recv_bytes()))
        except (EOFError, OSError):  # it only looked whether somebody is here, or has gone
            close(streams)
            client.close()
            return None

    def fork(self, request: Request) -> tuple[Request, int] | None:
        """Make a kernel; in the child, what it shall be and its leash."""
        pid, reason = -1, self.refusal(request)
        leash, hand = os.pipe()
        try:
            pid = pid if reason else os.fork()
        except OSError as error:
            reason = f"the system starts no further process ({error.strerror})"
        if pid == 0:
            os.close(hand)
            self.forget()
            request.owner.close()
            return request, leash
        close((leash, *request.streams))
        if pid > 0:
            self.kernels.append(Kernel(pid, os.pidfd_open(pid), request.owner, hand))
        else:
            os.close(hand)
        with contextlib.suppress(OSError):  # its owner has gone: the next turn ends the kernel
            request.owner.send_bytes(json.dumps({"reason": reason, "pid": pid}).encode())
        return None

    def refusal(self, request: Request) -> str:
        """Why a fork would not be the same as an ordinary kernel, or the empty string."""
        asked = settings_read_at_start(request.env)
        differ = sorted(key for key in asked.keys() | self.start.keys() if asked.get(key) != self.start.get(key))
        return f"{', '.join(differ)} must be set when Python starts" if differ else ""

    def obey(self, kernel: Kernel) -> None:
        """Pass a signal on; end the kernel whose owner has gone."""
        try:
            signum = kernel.owner.recv_bytes()[0]
        except (EOFError, OSError):
            kernel.owner.close()
            signum = signal.SIGKILL
        send_signal(kernel.pid, signum)

    def bury(self, kernel: Kernel) -> None:
        """Take a kernel that has ended off the list, with whatever it started and left behind, and tell its owner."""
        send_signal(kernel.pid, signal.SIGKILL)  # the number is still its own: it has not been waited for
        _, status = os.waitpid(kernel.pid, 0)
        self.kernels.remove(kernel)
        close((kernel.ended, kernel.leash))
        if not kernel.owner.closed:
            with contextlib.suppress(OSError):
                kernel.owner.send_bytes(str(os.waitstatus_to_exitcode(status)).encode())
            kernel.owner.close()

    def end(self) -> None:
        """End every kernel."""
        for kernel in list(self.kernels):
            send_signal(kernel.pid, signal.SIGKILL)
            self.bury(kernel)

    def forget(self) -> None:
        """In a child: let go of everything that belongs to the parent and its other kernels."""
        self.listener.close()
        for kernel in self.kernels:
            close((kernel.ended, kernel.leash))
            kernel.owner.close()


def become(request: Request, leash: int, imported: dict[str, str]) -> None:
    """Turn this fork into what an ordinary start gives; ``imported`` are the variables that the imports have set."""
    os.setsid()
    hang_on(leash)
    with Path(os.devnull).open("rb") as nothing:
        for stream, descriptor in enumerate((nothing.fileno(), *request.streams)):
            os.dup2(descriptor, stream)
    close(request.streams)
    os.chdir(request.cwd)
    os.environ.clear()
    os.environ.update(imported | request.env, JPY_PARENT_PID=str(os.getppid()))
    time.tzset()
    launcher = importlib.util.find_spec("ipykernel_launcher")
    told = [f"--InteractiveShellApp.extra_extensions={WIDGETS}"] if WIDGETS in sys.modules else []
    sys.argv[:] = [str(launcher.origin if launcher else ""), *request.argv, *told]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "numpy" in sys.modules:  # Python's own generator seeds itself anew after a fork
        sys.modules["numpy"].random.seed()
    gc.enable()
    sys.modules["ipykernel.kernelapp"].IPKernelApp.launch_instance(parent_handle=os.getppid())


def hang_on(leash: int) -> None:
    """Have this process and all it starts killed when the parent's end of the pipe closes."""
    fcntl.fcntl(leash, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(leash, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(leash, fcntl.F_SETFL, fcntl.fcntl(leash, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([leash], [], [], 0)[0]:  # it closed before we listened
        os.kill(0, signal.SIGKILL)


def settings_read_at_start(env: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that a process which has started can no longer take on.

    >>> settings_read_at_start({"PYTHONPATH": "lib", "HOME": "/home/ann"})
    {'PYTHONPATH': 'lib'}
    """
    return {key: value for key, value in env.items() if key.startswith(READ_AT_START)}


def send_signal(pid: int, signum: int) -> None:
    """Signal a kernel and all it has started; the kernel alone while it has no group of its own yet."""
    try:
        os.killpg(pid, signum)
    except ProcessLookupError:
        os.kill(pid, signum)


def close(descriptors: Iterable[int]) -> None:
    """Close descriptors."""
    for descriptor in descriptors:
        os.close(descriptor)


if __name__ == "__main__":
    main(*sys.argv[1:])
