"""Why: how much of PagerDuty's API Muster serves is counted, never claimed. The list of its 465 operations with their tier is test data
beside the checkout (MUSTER_PAGERDUTY_OPERATIONS); what is served is read from the running server's own description.

Served: the server describes it. Exercised: asked in this run. Passing: every answer had the right status, shape, keys, and every error its form.
`tests/contract/run --docs` writes the table into docs/api.md; every other run fails when it is out of date."""
import csv
import os
import re

from reference import ROOT

DOCS = os.path.join(ROOT, "docs", "api.md")
START, END = "<!-- coverage: written by tests/contract/run --docs -->", "<!-- coverage ends -->"
BESIDE = [os.path.join(ROOT, *[".."] * up, "shared", "reference", "pagerduty-operations.tsv") for up in (1, 2)]
METHODS = ("get", "post", "put", "delete", "patch")


def operations():
    """[(tier, tag, method, path)] of the published API; None when the list is not here."""
    named = os.environ.get("MUSTER_PAGERDUTY_OPERATIONS")
    for path in [named] if named else BESIDE:
        if os.path.exists(path):
            with open(path, encoding="utf-8", newline="") as file:
                return [(int(row["tier"]), row["tag"], row["method"], row["path"]) for row in csv.DictReader(file, delimiter="\t")]
    return None


def nameless(path):
    """Parameters are called differently here and there."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def served(description):
    return {(method.upper(), nameless(path)) for path, row in description["paths"].items() for method in row if method in METHODS}


def exercised(suites):
    """(method, path) -> whether everything about it was right."""
    found = {}
    for suite in suites:
        for (template, method), row in suite.coverage.items():
            if "calls" in row:
                key = (method, nameless(template))
                found[key] = found.get(key, True) and all(seen == right for seen, right in row.values())
    return found


class Count:
    def __init__(self):
        self.all = self.served = self.exercised = self.passing = 0

    def add(self, is_served, asked):
        self.all += 1
        self.served += is_served
        self.exercised += is_served and asked is not None
        self.passing += bool(is_served and asked)

    def cells(self):
        return (self.all, self.served, self.exercised, self.passing)


def judge(suite, description, suites, write_docs):
    """Prints the table; Tier 1 must be complete. Counts into `suite`."""
    listed = operations()
    if not listed:
        suite.skip("the list of PagerDuty's operations is not here (MUSTER_PAGERDUTY_OPERATIONS): COVERAGE IS NOT COUNTED")
        return
    ours, asked = served(description), exercised(suites)
    by_tag, by_tier = {}, {1: Count(), 2: Count(), 3: Count()}
    for tier, tag, method, path in listed:
        key = (method, nameless(path))
        counts = [by_tier[tier]] + ([by_tag.setdefault(tag, Count())] if tier == 1 else [])
        for count in counts:
            count.add(key in ours, asked.get(key))
        if tier == 1:
            suite.check(key in ours, "Tier 1: %s %s is not served" % (method, path))
            suite.check(key not in ours or key in asked, "Tier 1: %s %s was never asked" % (method, path))
            suite.check(asked.get(key, True), "Tier 1: %s %s did not do everything right" % (method, path))
        elif key in ours and key not in asked:
            print("never asked: %s %s (Tier %d)" % (method, path, tier))
    report = table(by_tag, by_tier)
    print("\n" + report)
    others = sorted(tier_and_path for tier_and_path in ((tier, method, path) for tier, _, method, path in listed)
                    if tier_and_path[0] > 1 and (tier_and_path[1], nameless(tier_and_path[2])) in ours)
    docs(suite, report + "\n\n" + further(others), write_docs)


def table(by_tag, by_tier):
    lines = ["| operations of | published | served | exercised | passing |", "|---|---|---|---|---|"]
    lines += ["| Tier 1: %s | %d | %d | %d | %d |" % (tag, *by_tag[tag].cells()) for tag in sorted(by_tag)]
    lines += ["| **Tier %d** | **%d** | **%d** | **%d** | **%d** |" % (tier, *by_tier[tier].cells()) for tier in sorted(by_tier)]
    return "\n".join(lines)


def further(others):
    """Beyond the first tier every operation that is served is named."""
    by_path = {}
    for _, method, path in others:
        by_path.setdefault(path, []).append(method)
    return "Served of Tiers 2 and 3:\n\n" + "\n".join("- %s `%s`" % (", ".join("`%s`" % method for method in sorted(by_path[path])), path) for path in sorted(by_path))


def docs(suite, report, write):
    with open(DOCS, encoding="utf-8") as file:
        text = file.read()
    before, found, rest = text.partition(START)
    _, ends, after = rest.partition(END)
    if not suite.check(bool(found and ends), "docs/api.md has no place for the coverage table"):
        return
    wanted = "%s%s\n\n%s\n\n%s%s" % (before, START, report, END, after)
    if write:
        with open(DOCS, "w", encoding="utf-8") as file:
            file.write(wanted)
    else:
        suite.check(text == wanted, "the coverage table of docs/api.md is out of date: run tests/contract/run --docs")
