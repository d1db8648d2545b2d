"""What a job uses is looked at, and what its kernel has started counts."""

import subprocess
import sys
import time

from qitools.batch.watch import Limits, Watch

HOLD = "held = bytearray(60_000_000)\nprint('held', flush=True)\ninput()"


def test_the_memory_of_what_a_kernel_has_started_is_its_own():
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD!r}])"
    command = [sys.executable, "-c", start]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as kernel:
        assert kernel.stdout.readline() == b"held\n"
        watch = Watch(Limits(memory=50_000_000))
        watch._began = time.monotonic()
        verdict = watch._passed(kernel.pid)
        kernel.communicate(b"\n")
    assert verdict and verdict[0] == "memory"


def test_the_memory_of_a_kernel_that_has_ended_is_nothing():
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    watch = Watch(Limits(memory=1))
    watch._began = time.monotonic()
    assert watch._passed(ended.pid) is None
