"""Why: docs/security claims things. What it names must exist, and the list of requirements must be whole: each Level 1 and 2 number of ASVS 5.0.0 once."""
import os
import re

from harness.server import ROOT

# Level of each requirement, in order, by section; 3 is not claimed. Numbers are facts of the standard (github.com/OWASP/ASVS, 5.0.0).
LEVELS = """
1.1=22 1.2=1111122223 1.3=112222222223 1.4=222 1.5=123 2.1=122 2.2=112 2.3=12223 2.4=23 3.1=3 3.2=113 3.3=12223 3.4=11222233 3.5=11122333
3.6=3 3.7=22333 4.1=12233 4.2=23333 4.3=22 4.4=1222 5.1=2 5.2=112333 5.3=113 5.4=222 6.1=122 6.2=111111112222 6.3=11223333 6.4=112233
6.5=22222333 6.6=2223 6.7=33 6.8=2222 7.1=222 7.2=1111 7.3=22 7.4=11222 7.5=223 7.6=22 8.1=1233 8.2=1123 8.3=133 8.4=23 9.1=111 9.2=1222
10.1=22 10.2=223 10.3=22223 10.4=1111122222233333 10.5=22222 10.6=22 10.7=222 11.1=2233 11.2=22233 11.3=11233 11.4=1222 11.5=23 11.6=23
11.7=33 12.1=12233 12.2=11 12.3=22223 13.1=2333 13.2=222223 13.3=2233 13.4=1222233 14.1=22 14.2=12223333 14.3=122 15.1=12233 15.2=12233
15.3=1222222 15.4=3333 16.1=2 16.2=22222 16.3=2222 16.4=222 16.5=2223 17.1=23 17.2=22223333 17.3=22
"""
MODULES = ("access", "binary", "http", "outside", "processes", "second_factor")


def read(*path):
    with open(os.path.join(ROOT, *path)) as file:
        return file.read()


def expected():
    numbers = {}
    for section in LEVELS.split():
        name, levels = section.split("=")
        numbers.update({"%s.%d" % (name, position): level for position, level in enumerate(levels, 1) if level in "12"})
    return numbers


def missing(reference):
    """Why a reference points to nothing; None when it points to something."""
    path, _, words = reference.partition("#")
    parts = path.split("/")
    if parts[0] in MODULES and len(parts) == 2:
        path, words = "tests/security/test_%s.py" % parts[0], "def test_%s(" % parts[1]
    elif parts[0] == "channel":
        path, words = "tests/channel/test_%s.py" % parts[1], "def test_%s(" % parts[2]
    elif parts[0] in ("story", "contract"):
        path = "tests/%s.py" % path
    if not os.path.exists(os.path.join(ROOT, path)):
        return "there is no " + path
    if words and words not in read(path):
        return "%s does not say '%s'" % (path, words)
    return None


def references(text):
    return [reference for reference in re.findall(r"`([^`\s]+/[^`]*|[^`\s]+\.md#[^`]*)`", text) if not re.match(r"(/|path#|\w+/x$|channel/f/x$|DATA/)", reference)]


def test_what_is_named_exists(folder):
    for name in ("asvs.md", "threats.md"):
        found = references(read("docs", "security", name))
        assert len(found) > 60, "%s names only %d places" % (name, len(found))
        wrong = {reference: missing(reference) for reference in found if missing(reference)}
        assert not wrong, wrong
    assert missing("access/a_case_that_nobody_wrote") and missing("src/none.c") and missing("src/main.c#words that are not there"), "the check can fail"


def test_every_requirement_stands_once(folder):
    text = read("docs", "security", "asvs.md")
    rows = re.findall(r"^\| (\d+\.\d+\.\d+) \| (\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text, re.M)
    numbers = expected()
    assert len(numbers) == 253 and sorted(number for number, *_ in rows) == sorted(numbers), "numbers are missing or stand twice"
    counts = {"met": 0, "not met": 0, "n.a.": 0}
    for number, level, short, status, where in rows:
        assert level == numbers[number], number
        assert status in counts and short.strip() and where.strip(), number
        assert status != "met" or references(where) or "there " in where, "%s is said to be met, and nothing shows it" % number
        counts[status] += 1
    assert "**%d met, %d not met, %d n.a.**" % tuple(counts.values()) in text, counts


def test_every_case_here_stands_in_a_table(folder):
    tables = read("docs", "security", "threats.md") + read("docs", "security", "asvs.md") + read("docs", "security", "README.md")
    for module in MODULES:
        for name in re.findall(r"^def test_(\w+)\(", read("tests", "security", "test_%s.py" % module), re.M):
            assert "`%s/%s`" % (module, name) in tables, "no table says what %s/%s is for" % (module, name)


def test_threats_name_real_requirements(folder):
    numbers, threats = expected(), read("docs", "security", "threats.md").split("## Not defended")[0]
    rows = [line for line in threats.split("\n") if line.startswith("| ") and not line.startswith("| threat")]
    assert len(rows) > 35
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 4 and references(cells[2]), row
        assert cells[3] and all(number in numbers for number in cells[3].split()), row
