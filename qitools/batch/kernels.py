"""Warm kernels: a real kernel for every notebook, without paying for its imports every time.

Most of what a short notebook costs is the start of its kernel: the interpreter and the same imports, again and again.
Here one *parent* (``warm_parent``) does that once and then waits. ``warm`` starts it and makes ``WarmProvisioner`` the
one that Jupyter asks for kernels, so papermill, nbclient, Voila and JupyterLab stay as they are and notebooks keep the
ordinary ``python3``. For each kernel the provisioner asks the parent, over a private socket, for a fork, which becomes
a stock ipykernel: isolation stays that of a process. Whatever cannot be done warm (another system, another interpreter,
a setting that is read only when an interpreter starts) is done by an ordinary kernel, with the same result.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import multiprocessing.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

PROVISIONER = "qitools-warm"  # the name of the entry point in pyproject.toml
SOCKET = "QITOOLS_WARM_SOCKET"  # the variable by which workers, Voila and JupyterLab find the parent of their run

# A library that starts threads when it is imported cannot be forked; and one notebook at a time needs one thread.
SINGLE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "BLIS", "VECLIB", "NUMEXPR")}
# Bytes. A kernel lives for one notebook, so what is freed in it is kept for what comes next instead of being given back
# to the system and asked for again, page by page: half of the page faults of a report (glibc's ``mallopt``).
KEPT_FREE = {"MALLOC_TRIM_THRESHOLD_": f"{64 << 20}", "MALLOC_MMAP_THRESHOLD_": f"{32 << 20}"}
READY = "ready"  # what the parent says when it may be asked
KERNEL_NAME = 13  # characters of a kernel's name in the names of its files
TEMPORARY_NAME = 60  # bytes; a socket's whole path may have 107, and our own folder and names take 42
REPLY_SECONDS = 30.0  # a fork takes some milliseconds; a parent silent for this long is as good as gone


@contextlib.contextmanager
def warm(modules: Sequence[str]) -> Iterator[str]:
    """Give every kernel started inside the ``with`` block, here or in a child process, a warm start.

    Args:
        modules: what to do once for all kernels: import each ``module``, call each ``module:function`` (one that fills
            a cache, say). What fails is left for the notebook to report.

    Yields:
        "" where kernels are warm, otherwise the reason why they are ordinary, for whoever tells people so.
        A second use inside the first, or in a worker of the same run, finds the parent that is there.
    """
    reason = _unable()
    if reason or _connectable():
        yield reason
        return
    folder = Path(tempfile.mkdtemp(prefix="qitools-kernels-"))  # for this user alone: mode 0700
    try:
        with (
            _parent(folder / "socket", modules) as reason,
            contextlib.nullcontext() if reason else _in_force(_settings(folder / "socket")),
        ):
            yield reason
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel as a fork of the warm parent, or as an ordinary process where that cannot be."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Have kernel and client talk through files in the private folder: no port that two workers could both pick."""
        manager: Any = self.parent
        folder = Path(os.environ.get(SOCKET, "")).parent
        if os.environ.get(SOCKET) and folder.is_dir() and "ipykernel_launcher" in self.kernel_spec.argv:
            place = str(folder / self.kernel_id[:KERNEL_NAME])
            manager.connection_file = manager.connection_file or f"{place}.json"  # it holds the key
            if manager.transport == "tcp" and not self.ports_cached:
                manager.transport, manager.ip = "ipc", place
                if manager.transport_encryption == "auto":
                    manager.transport_encryption = "disabled"  # nobody else can reach these files
        return dict(await super().pre_launch(**kwargs))

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel that ``cmd`` describes; arguments and result are those of ``LocalProvisioner``."""
        try:
            kernel = _fork(cmd, {key: value for key, value in kwargs.items() if value is not None})
        except (_NotWarmError, OSError, EOFError) as reason:
            _say_once(str(reason) or "the warm parent ended when it was asked")
            return await super().launch_kernel(cmd, **kwargs)
        self.process = kernel  # type: ignore[assignment]  # all of Popen that is asked of it
        self.pid, self.pgid = kernel.pid, None  # no group: the parent does the signalling
        self.cwd = kwargs.get("cwd") or Path.cwd()
        await self._sockets(kernel)
        return self.connection_info

    async def _sockets(self, kernel: ForkedKernel) -> None:
        """Wait until the kernel listens: a client that comes too early looks again only after a tenth of a second."""
        manager: Any = self.parent
        if manager.transport != "ipc" or manager.curve_publickey:  # with a cipher, the kernel writes its file anew
            return
        sockets = [Path(f"{manager.ip}-{port}") for port in manager.ports]
        until = time.monotonic() + 1.0
        while time.monotonic() < until and kernel.poll() is None and not all(path.exists() for path in sockets):
            await asyncio.sleep(0.005)


@functools.cache
def _say_once(reason: str) -> None:
    logging.getLogger("qitools").warning("An ordinary kernel instead of a warm one: %s", reason)


class _NotWarmError(Exception):
    """The reason why this one kernel has to be an ordinary one."""


class ForkedKernel:
    """What Jupyter asks of a ``subprocess.Popen``, for a kernel that is a child of the parent and not of this process.

    The connection that asked for the kernel stands for it: signals go out on it, the exit code comes back, and the
    parent ends the kernel when it closes. So a number is never signalled after it has passed to another process.
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: Connection, pid: int) -> None:
        self._connection = connection
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code (negative for a signal), or None while the kernel lives."""
        return self._listen(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait ``timeout`` seconds, or for ever, for the exit code."""
        return self._listen(timeout)

    def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel and all it has started; returns once SIGKILL has worked, or after a second."""
        if self.poll() is not None:
            return
        with contextlib.suppress(OSError):  # the parent has gone: the next poll says so
            self._connection.send_bytes(bytes([signum]))
        if signum == signal.SIGKILL:  # a few milliseconds here spare the tenth of a second at which Jupyter looks again
            self._listen(1.0)

    def kill(self) -> None:
        """End the kernel at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def _listen(self, seconds: float | None) -> int | None:
        if self.returncode is None and self._connection.poll(seconds):
            try:
                self.returncode = int(self._connection.recv_bytes())
            except (EOFError, OSError):  # the parent was killed, and its kernels with it
                self.returncode = -signal.SIGKILL
            self._connection.close()
        return self.returncode


def _fork(cmd: Sequence[str], options: Mapping[str, Any]) -> ForkedKernel:
    """Ask the parent for the kernel that ``cmd`` and ``options`` (those of ``Popen``) describe."""
    beyond = sorted(options.keys() - {"env", "cwd", "extra_arguments", "kernel_id"})
    if beyond or not _is_this_python(cmd):
        raise _NotWarmError(f"it was asked for {', '.join(beyond) or ' '.join(cmd[:3])}")
    folder = Path(options.get("cwd", "")).absolute()
    if not folder.is_dir():
        raise _NotWarmError(f"there is no folder {folder}")
    connection = _connect()
    connection.send_bytes(json.dumps({"argv": cmd[3:], "cwd": str(folder), "env": dict(options["env"])}).encode())
    if not connection.poll(REPLY_SECONDS):
        raise _NotWarmError(f"the warm parent gave no answer in {REPLY_SECONDS:.0f} seconds")
    reply = json.loads(connection.recv_bytes())
    if reply["reason"]:
        raise _NotWarmError(reply["reason"])
    return ForkedKernel(connection, reply["pid"])


def _is_this_python(cmd: Sequence[str]) -> bool:
    """Whether the command starts a plain ipykernel with the interpreter, and the environment, of this process."""
    program = Path(cmd[0])
    same = program.parent == Path(sys.executable).parent and program.resolve() == Path(sys.executable).resolve()
    return same and list(cmd[1:3]) == ["-m", "ipykernel_launcher"]


def _connect() -> Connection:
    """A connection to the parent, which has been handed this process's output streams."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.connect(os.environ.get(SOCKET, ""))
        except OSError as error:
            raise _NotWarmError("the warm parent of this run has gone") from error
        socket.send_fds(client, [b"\0"], [1, 2])
        return Connection(client.detach())


def _connectable() -> bool:
    """Whether this process already has a parent to ask."""
    try:
        _connect().close()
    except (_NotWarmError, OSError):
        return False
    return True


def _unable() -> str:
    """Why this machine cannot fork kernels, or the empty string where it can."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return "only Linux can start one kernel from another"
    if len(os.fsencode(tempfile.gettempdir())) > TEMPORARY_NAME:
        return f"the name of the folder for temporary files is too long for sockets ({tempfile.gettempdir()})"
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError as error:
        return f"this Linux cannot watch a process ({error.strerror})"
    if not entry_points(group=KernelProvisionerFactory.GROUP_NAME, name=PROVISIONER):
        return "qitools is not installed, so Jupyter does not know its kernels"
    return ""


@contextlib.contextmanager
def _parent(address: Path, modules: Sequence[str]) -> Iterator[str]:
    """Start the parent, yield why it refuses ("" when it is ready), and end it with all its kernels."""
    command = [sys.executable, "-m", "qitools.batch.warm_parent", str(address), *modules]
    env = {key: value for key, value in os.environ.items() if key != "JPY_PARENT_PID"}
    env = KEPT_FREE | env | _settings(address)
    parent = subprocess.Popen(  # noqa: S603  (our own module, no shell)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, start_new_session=True
    )
    with parent, cast(IO[bytes], parent.stdin) as lifeline, cast(IO[bytes], parent.stdout) as answer:
        # A worker forked from this process must not hold the lifeline after this process has gone.
        multiprocessing.util.register_after_fork(lifeline, lambda pipe: pipe.close())
        words = answer.readline().decode().strip()
        yield "" if words == READY else words or "the warm parent ended before it was ready"


def _settings(address: Path) -> dict[str, str]:
    """What the environment of parent, workers and kernels says while kernels are warm."""
    return {
        **SINGLE_THREAD,
        SOCKET: str(address),
        KernelProvisionerFactory.default_provisioner_name_env: PROVISIONER,
    }


@contextlib.contextmanager
def _in_force(settings: Mapping[str, str]) -> Iterator[None]:
    """Put the settings into the environment, and the provisioner into a factory that has read it before."""
    factory = KernelProvisionerFactory.instance()
    name, before = factory.default_provisioner_name, {key: os.environ.get(key) for key in settings}
    factory.default_provisioner_name = PROVISIONER
    os.environ.update(settings)
    try:
        yield
    finally:
        factory.default_provisioner_name = name
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
