"""Why: the rules of the house that a compiler does not check, each a function from files to findings.

A finding is (path, line, text). Rules read plain text with comments and string literals blanked where that matters; they know
no C grammar, so a rule is only here when plain text decides it."""
import re

RANKS = {"base": 0, "core": 1, "inbound": 2, "store": 2, "net": 2, "channel": 3, "engine": 4, "audit": 5, "api": 6, "cli": 7}
MAIN_RANK = 8
PURE = ("core", "inbound")
LINES_WARN, LINES_FAIL = 500, 700

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)
CALL = r"(?<![A-Za-z0-9_.>])%s\s*\("

BANNED = ("strcpy", "strcat", "sprintf", "vsprintf", "strtok", "strtok_r", "atoi", "atol", "atof", "gets", "alloca", "tmpnam", "mktemp",
          "system", "popen")
REGEX = ("regcomp", "regexec", "g_regex_new", "g_regex_match", "g_regex_match_simple", "pcre_compile", "pcre2_compile")
CLOCK_AND_CHANCE = ("time", "clock", "clock_gettime", "gettimeofday", "ftime", "g_get_real_time", "g_get_monotonic_time",
                    "g_date_time_new_now", "g_date_time_new_now_utc", "g_date_time_new_now_local", "getrandom", "getentropy", "rand", "srand", "random", "drand48",
                    "randombytes_buf", "randombytes_random", "randombytes_uniform", "RAND_bytes", "arc4random")
# The password hash draws its own salt inside libsodium; that is no decision of ours.
CLOCK_FILES = ("src/base/env.c", "src/base/log.c")
IMPURE_INCLUDES = ("stdio.h", "time.h", "unistd.h", "pthread.h", "fcntl.h", "errno.h", "sqlite3.h", "libpq-fe.h", "microhttpd.h", "signal.h", "poll.h",
                   "sys/socket.h", "sys/time.h", "sys/epoll.h", "sys/stat.h", "netdb.h", "arpa/inet.h", "netinet/in.h", "curl/curl.h", "base/log.h", "base/env.h",
                   "base/embedded.h", "base/config.h")
IMPURE_CALLS = ("malloc", "calloc", "realloc", "free", "strdup", "strndup", "g_malloc", "g_new", "g_free", "log_line", "log_error", "log_warning",
                "log_info", "log_debug", "printf", "fprintf", "puts", "fputs", "fopen", "open", "read", "write", "socket", "getenv", "env_now", "env_random",
                "env_monotonic_us", "id_new_object", "id_new_key", "arena_new", "sleep", "usleep", "nanosleep")
SQL_STATEMENT = re.compile(r'"\s*(SELECT\s.+\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+TABLE\s)')
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/\w+)/")
REGISTRY_HOST = re.compile(r"https?://[\w.-]*(?:artifactory|nexus|verdaccio|pkg-mirror|registry\.(?!npmjs\.org))[\w.-]*", re.I)
GLOBAL = re.compile(r"^(?:static\s+)?(?!const\b|extern\b|typedef\b|return\b|struct\s+\w+\s*\{|enum\b|union\b|#)(?:unsigned\s+|struct\s+)?\w+[\s*]+\w+(?:\[[^\]]*\])*\s*(?:=[^;]*)?;", re.M)


def blank_comments(text):
    """The same text, same line numbers, with comments replaced by spaces. String literals stay."""
    def blank(match):
        token = match.group(0)
        return token if token[0] in "\"'" else re.sub(r"[^\n]", " ", token)
    return re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', blank, text, flags=re.S)


def blank_strings(text):
    return re.sub(r'"(?:\\.|[^"\\\n])*"', lambda match: '"' + " " * (len(match.group(0)) - 2) + '"', text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def folder_of(path):
    """The ranked folder of a source file; None for the files beside main.c."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else None


def is_source(path):
    return path.startswith("src/") and path.endswith((".c", ".h"))


def is_test(path):
    return path.endswith(("_test.c", "_test.h"))


def calls(text, names):
    code = blank_strings(blank_comments(text))
    for name in names:
        for match in re.finditer(CALL % re.escape(name), code):
            yield line_of(code, match.start()), name


def ranks(path, text):
    """A file includes its own folder and lower ranks, never sideways, never up."""
    if not is_source(path):
        return
    folder = folder_of(path)
    if folder is not None and folder not in RANKS:
        yield path, 1, "folder src/%s has no rank" % folder
        return
    own = MAIN_RANK if folder is None else RANKS[folder]
    for match in INCLUDE.finditer(blank_comments(text)):
        name, line = match.group(1), line_of(text, match.start(0) + match.group(0).index("#"))
        if not name:
            continue
        other = name.split("/")[0] if "/" in name else None
        if other is None:
            if folder is not None:
                yield path, line, 'include "%s" without its folder' % name
            continue
        if other not in RANKS:
            yield path, line, 'include "%s": unknown folder' % name
        elif other != folder and RANKS[other] >= own:
            yield path, line, "%s (rank %d) may not include %s (rank %d)" % (folder, own, name, RANKS[other])


def purity(path, text):
    """core/ and inbound/: no clock, allocation, log, store, socket; no state of their own."""
    if not is_source(path) or folder_of(path) not in PURE or is_test(path):
        return
    code = blank_comments(text)
    for match in INCLUDE.finditer(code):
        name = match.group(1) or match.group(2)
        if name in IMPURE_INCLUDES:
            yield path, line_of(code, match.start()), "%s/ is pure and may not include %s" % (folder_of(path), name)
    for line, name in calls(text, IMPURE_CALLS):
        yield path, line, "%s/ is pure and may not call %s()" % (folder_of(path), name)
    if path.endswith(".c"):
        for match in GLOBAL.finditer(blank_strings(code)):
            if "(" not in match.group(0).split("=")[0]:
                yield path, line_of(code, match.start()), "%s/ is pure and may hold no global: %s" % (folder_of(path), match.group(0).split("\n")[0].strip())


def banned(path, text):
    """Calls that have no place anywhere, and regular expressions on what a person types."""
    if not is_source(path):
        return
    for line, name in calls(text, BANNED):
        yield path, line, "%s() is banned" % name
    for line, name in calls(text, REGEX):
        yield path, line, "%s(): no regular expressions" % name


def environment(path, text):
    """The clock and chance come in through base/env.h only."""
    if not is_source(path) or path in CLOCK_FILES or is_test(path):  # a test may time itself
        return
    for line, name in calls(text, CLOCK_AND_CHANCE):
        yield path, line, "%s() outside base/env.c" % name


def first_comment(path, text):
    """Every file starts with a comment that says why it exists."""
    body = text.split("\n", 1)[1] if text.startswith("#!") and "\n" in text else text
    if path.endswith((".c", ".h", ".ts", ".tsx", ".css")):
        good = body.lstrip().startswith(("/*", "//"))
    elif path.endswith(".py") or text.startswith("#!/usr/bin/python3"):
        good = body.lstrip().startswith(('"""', "#"))
    elif path.endswith(".sql"):
        good = body.lstrip().startswith("--")
    elif text.startswith("#!"):
        good = body.lstrip().startswith("#")
    else:
        return
    if not good:
        yield path, 1, "does not start with a comment that says why it exists"


def length(path, text):
    if not path.endswith((".c", ".h", ".py", ".ts", ".tsx", ".sql")):
        return
    lines = text.count("\n")
    if lines > LINES_FAIL:
        yield path, lines, "has %d lines; more than %d are two subjects" % (lines, LINES_FAIL)


def long_files(path, text):
    """Not a failure yet: said so that it does not grow unseen."""
    if path.endswith((".c", ".h", ".py", ".ts", ".tsx", ".sql")):
        lines = text.count("\n")
        if LINES_WARN < lines <= LINES_FAIL:
            yield path, lines, "has %d lines (warning above %d)" % (lines, LINES_WARN)


def machines(path, text):
    """No path of a particular machine, no private registry."""
    if path.startswith("tests/tidy/"):
        return
    for number, line in enumerate(text.split("\n"), 1):
        if MACHINE_PATH.search(line):
            yield path, number, "names a path of a machine"
        if REGISTRY_HOST.search(line):
            yield path, number, "names a registry host"


def sql_home(path, text):
    """SQL lives in sql/; the store may speak to its database about itself."""
    if not is_source(path) or path.startswith("src/store/") or is_test(path):
        return
    code = blank_comments(text)
    for match in SQL_STATEMENT.finditer(code):
        yield path, line_of(code, match.start()), "SQL outside sql/: %s" % match.group(0)[:40]


def unfinished(path, text):
    """No word of a thing left open in what the product is made of."""
    if not (is_source(path) or path.startswith(("sql/", "web/src/"))):
        return
    for number, line in enumerate(text.split("\n"), 1):
        match = re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line)
        if match:
            yield path, number, "says %s" % match.group(1)


RULES = [ranks, purity, banned, environment, first_comment, length, machines, sql_home, unfinished]
