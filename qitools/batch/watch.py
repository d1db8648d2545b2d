"""What a job may use, and the watch that ends its kernel when it uses more.

A thread beside papermill looks a few times a second at the clock, at the memory of the kernel and all its children, and
at what was printed. Past a limit it ends the kernel; nbclient then reports a dead kernel, as it would for any other.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psutil
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.paths import jupyter_path


@dataclass(frozen=True)
class Limits:
    """What one job may use: wall-clock seconds, bytes of memory, and characters printed."""

    seconds: float = 1200
    memory: int = 4 * 1024**3
    printed: int = 10_000_000


class WatchedKernel(AsyncKernelManager):
    """An ordinary kernel manager that says which kernel it started last; a worker runs one at a time."""

    current: ClassVar[WatchedKernel | None] = None

    def __init__(self, **given: Any) -> None:
        # Where kernels are looked for is said here, or IPython would be imported to ask for one folder of them.
        own = os.environ.get("IPYTHONDIR") or Path.home() / ".ipython"
        kernels = KernelSpecManager(kernel_dirs=[*jupyter_path("kernels"), str(Path(own, "kernels"))])
        cipher = {"transport_encryption": "auto"}  # for a kernel on TCP
        super().__init__(**{"kernel_spec_manager": kernels, **cipher, **given})

    async def _async_start_kernel(self, *args: Any, **kwargs: Any) -> None:
        WatchedKernel.current = self
        await super()._async_start_kernel(*args, **kwargs)

    start_kernel = _async_start_kernel

    @classmethod
    def pid(cls) -> int | None:
        return getattr(getattr(cls.current, "provisioner", None), "pid", None)


class Watch:
    """While it is entered, ends the kernel that goes past its limits; a file for papermill to print into.

    ``verdict`` is the code and the words of the limit passed, or None.
    """

    LOOK = 0.25  # seconds between two looks
    CENSUS = 2.0  # seconds between two searches for what a kernel has started: each reads every process there is

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.verdict: tuple[str, str] | None = None
        self._printed = 0
        self._family: list[psutil.Process] = []
        self._counted = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        WatchedKernel.current = None
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        WatchedKernel.current = None

    def write(self, text: str) -> None:
        self._printed += len(text)

    def flush(self) -> None:
        """Nothing is kept back."""

    def _look(self) -> None:
        while not self._done.wait(self.LOOK):
            pid = WatchedKernel.pid()
            if self.verdict is None:
                self.verdict = self._passed(pid)
            if self.verdict and pid:
                _end(pid)

    def _passed(self, pid: int | None) -> tuple[str, str] | None:
        if time.monotonic() - self._began > self.limits.seconds:
            return "time", f"The notebook was stopped after {_duration(self.limits.seconds)}, the time it is allowed."
        if self._printed > self.limits.printed:
            return "output", f"The notebook was stopped after it printed {self.limits.printed / 1e6:.0f} MB."
        if pid and self._memory(pid) > self.limits.memory:
            return (
                "memory",
                f"The notebook was stopped when it used more than {self.limits.memory / 1024**3:.3g} GB of memory.",
            )
        return None

    def _memory(self, pid: int) -> int:
        """Bytes held by a kernel and all it has started."""
        total = 0
        with contextlib.suppress(psutil.Error):  # it ended meanwhile
            if not self._family or self._family[0].pid != pid or time.monotonic() > self._counted + self.CENSUS:
                kernel = psutil.Process(pid)
                self._family, self._counted = [kernel, *kernel.children(recursive=True)], time.monotonic()
        for each in self._family:
            with contextlib.suppress(psutil.Error):
                total += each.memory_info().rss
        return total


def _duration(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} seconds"


def _end(pid: int) -> None:
    """Kill a kernel and, where it leads a group of its own, all it started."""
    try:
        if hasattr(os, "killpg") and os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            psutil.Process(pid).kill()
    except (OSError, psutil.Error):
        pass  # it ended meanwhile
