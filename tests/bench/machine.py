"""What a benchmark ran on."""

import os
import platform
import subprocess
import time

PACKAGES = ["g++", "libgrpc++-dev", "libprotobuf-dev", "libabsl-dev", "librocksdb-dev", "libssl-dev", "libboost1.81-dev"]


def _output(*command):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def sync_latency_us(folder):
    """Median and 99th percentile of 300 times appending 4 KiB and fdatasync."""
    path = os.path.join(folder, "sync_probe")
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    times = []
    for _ in range(300):
        began = time.perf_counter()
        os.write(file, bytes(4096))
        os.fdatasync(file)
        times.append((time.perf_counter() - began) * 1e6)
    os.close(file)
    os.remove(path)
    times.sort()
    return times[len(times) // 2], times[len(times) * 99 // 100]


def _cpu_model():
    with open("/proc/cpuinfo") as lines:
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def describe(data):
    """An ordered list of (what, value); `data` is the folder that the stores are in."""
    median, p99 = sync_latency_us(data)
    versions = _output("dpkg-query", "-W", "-f=${Package} ${Version}, ", *PACKAGES).strip(", ")
    changed = " with changes" if _output("git", "status", "--porcelain", "--", "*.cc", "*.h", "*.proto") else ""
    return [
        ("processor", f"{_cpu_model()}, {len(os.sched_getaffinity(0))} of {os.cpu_count()} logical processors usable"),
        ("memory", f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB"),
        ("kernel", platform.release()),
        ("file system", _output("findmnt", "-n", "-o", "FSTYPE,SOURCE", "-T", data)),
        ("sync of 4 KiB", f"median {median:.0f} µs, p99 {p99:.0f} µs"),
        ("load average before", f"{os.getloadavg()[0]:.2f}"),
        ("source", _output("git", "rev-parse", "--short=12", "HEAD") + changed),
        ("versions", versions),
    ]
