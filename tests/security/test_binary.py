"""Why: what compiler, linker and service manager can do against an intruder is switched on in the binary that is shipped, not only in a build file."""
import glob
import json
import os
import re
import shutil
import subprocess

from harness import Skipped
from harness.server import ROOT, binary

UNIT = os.path.join(ROOT, "packaging", "muster.service")
EXPOSURE_MAX = 1.5


def readelf(*arguments):
    return subprocess.run(["readelf", "-W", *arguments, binary()], check=True, capture_output=True, text=True).stdout


def test_position_independent_and_no_writable_code(folder):
    assert re.search(r"Type:\s+DYN \(Position-Independent", readelf("-h")), readelf("-h")
    segments = [line.split() for line in readelf("-l").split("\n") if re.match(r"\s+(LOAD|GNU_STACK)\s", line)]
    assert any(words[0] == "GNU_STACK" for words in segments) and len(segments) > 2
    for words in segments:
        rights = "".join(words[6:-1])
        assert not ("W" in rights and "E" in rights), words


def test_what_the_loader_resolves_is_read_only_before_main(folder):
    assert "GNU_RELRO" in readelf("-l")
    dynamic = readelf("-d")
    assert "BIND_NOW" in dynamic and re.search(r"FLAGS_1.*NOW.*PIE", dynamic), dynamic
    for tag in ("RPATH", "RUNPATH", "TEXTREL"):
        assert "(%s)" % tag not in dynamic, "a path or text that somebody else may write"


def test_stack_and_buffers_are_checked(folder):
    symbols = readelf("--dyn-syms")
    assert "__stack_chk_fail" in symbols
    checked = set(re.findall(r"(__\w+_chk)@", symbols))
    assert {"__snprintf_chk", "__memcpy_chk"} & checked and len(checked) >= 5, checked


def test_jumps_are_tracked_where_the_processor_can(folder):
    if "X86-64" not in readelf("-h"):
        raise Skipped("another processor than x86-64")
    # The mark of the whole binary needs the C library's start files to carry it, and Debian 12's do not; so each object of ours is asked.
    objects = glob.glob(os.path.join(os.path.dirname(binary()), "libmuster.a.p", "**", "*.o"), recursive=True)
    assert len(objects) > 100, objects
    for path in objects:
        notes = subprocess.run(["readelf", "-W", "-n", path], check=True, capture_output=True, text=True).stdout
        assert re.search(r"x86 feature:.*IBT.*SHSTK", notes), path


def test_every_file_is_compiled_with_the_flags(folder):
    commands = os.path.join(os.path.dirname(binary()), "compile_commands.json")
    with open(commands) as file:
        ours = [entry["command"] for entry in json.load(file) if "/src/" in entry["file"] or "../src/" in entry["file"]]
    assert len(ours) > 100
    for flag in ("-fstack-protector-strong", "-fstack-clash-protection", "-ftrivial-auto-var-init=zero", "-fno-strict-overflow",
                 "-fno-delete-null-pointer-checks", "-Werror=format-security"):
        assert all(flag in command for command in ours), "not everywhere: " + flag
    assert all(re.search(r"-fPI[CE]", command) for command in ours)
    assert all(re.search(r"-D_FORTIFY_SOURCE=[23]", command) for command in ours)


def test_the_kernel_refuses_what_a_role_gave_up(folder):
    """./test unit runs this with sanitizers, where little can be refused; here it is the build that is shipped."""
    program = os.path.join(os.path.dirname(binary()), "cli-confine_test")
    ran = subprocess.run([program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "skipped here: start a program" not in ran.stdout, "this build does not refuse anything"
    missing = re.findall(r"skipped here: (.*)", ran.stdout)
    if missing:
        raise Skipped("this kernel cannot refuse: " + ", ".join(missing))


def test_the_unit_exposes_little(folder):
    if not shutil.which("systemd-analyze"):
        raise Skipped("systemd-analyze is not installed")
    path = os.path.join(folder, "muster.service")
    shutil.copy(UNIT, path)
    ran = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", path], capture_output=True, text=True)
    found = re.search(r"Overall exposure level for muster.service: ([\d.]+)", ran.stdout)
    if not found:
        raise Skipped("systemd-analyze cannot judge a file here: %s" % (ran.stderr.strip() or "no output"))
    assert float(found.group(1)) <= EXPOSURE_MAX, ran.stdout[-3000:]
    verified = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True)
    complaints = [line for line in verified.stderr.split("\n") if "muster.service" in line and "is not executable" not in line]
    assert not complaints, complaints
