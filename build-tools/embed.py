#!/usr/bin/env python3
"""Why: the binary carries its SQL and its browser app. Writes every file below a folder as a C table
(struct embedded_file, base/embedded.h), sorted by name. A missing folder makes an empty table."""
import os
import sys

prefix, folder, output, depfile = sys.argv[1:]
names = []
for directory, _, files in os.walk(folder):
    names += [os.path.relpath(os.path.join(directory, f), folder) for f in files if not f.endswith(".md")]
names.sort()
lines = ['#include "base/embedded.h"']
for index, name in enumerate(names):
    with open(os.path.join(folder, name), "rb") as f:
        data = f.read()
    body = ",".join(str(byte) for byte in data + b"\0")
    lines.append(f"static const unsigned char file_{index}[] = {{{body}}};")
lines.append(f"const struct embedded_file embedded_{prefix}[] = {{")
for index, name in enumerate(names):
    lines.append(f'    {{"{name}", (const char *)file_{index}, sizeof file_{index} - 1}},')
lines.append("    {0, 0, 0}};")
lines.append(f"const size_t embedded_{prefix}_count = {len(names)};")
with open(output, "w") as f:
    f.write("\n".join(lines) + "\n")
with open(depfile, "w") as f:
    # A folder's own time stamp changes when files come or go; the parent's when a missing folder appears.
    parent = os.path.dirname(folder)
    present = folder if os.path.isdir(folder) else parent if os.path.isdir(parent) else None
    folders = sorted({os.path.dirname(os.path.join(folder, n)) for n in names} | ({present} if present else set()))
    f.write(f"{os.path.basename(output)}: " + " ".join([os.path.join(folder, n) for n in names] + folders) + "\n")
