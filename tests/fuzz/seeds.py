"""Why: where each fuzz target starts: inputs that its parser accepts and inputs that are nearly so, and words a fuzzer would not guess. Targets
whose seeds are files elsewhere (tests/inbound, the system's zone files) say so in run."""
import json

CRLF = "\r\n"


def http(head, body=b""):
    return CRLF.join(head).encode() + b"\r\n\r\n" + body


def document(value):
    return json.dumps(value, separators=(",", ":")).encode()


LAYER = {"name": "Layer", "start": "2026-01-05T09:00:00+01:00", "end": None, "rotation_virtual_start": "2026-01-05T09:00:00+01:00",
         "rotation_turn_length_seconds": 86400, "users": [{"user": {"id": "PANA"}}, {"user": {"id": "PBEN"}}], "restrictions": []}
MONTHS = {"start": "2026-01-31T00:00:00Z", "rotation_virtual_start": "2026-01-31T00:00:00Z", "rotation_turn_length_months": 1, "time_zone": "Pacific/Apia",
          "precedence": 2, "users": [{"user": {"id": "PANA"}}], "restrictions": [
              {"type": "weekly_restriction", "start_day_of_week": 5, "start_time_of_day": "22:30:00", "duration_seconds": 172800},
              {"type": "daily_restriction", "start_time_of_day": "02:30:00", "duration_seconds": 3600}]}
PAGE = {"kind": "page", "subject": "Checkout fails", "lines": ["Checkout fails", "since 03:12"], "details": "long\ntext", "html": "<p>long <b>text</b>", "said_by": "Ben", "at": "2026-02-10T03:12:00+01:00",
        "to_name": "Ana", "from_name": "Muster", "incident_count": 2, "code": 57, "repeat": True, "why": "You are on call", "thread": "QABC", "message_id": "m1",
        "links": {"acknowledge": "https://a/1"},
        "incidents": [{"number": 42, "id": "QABC", "title": "Checkout fails http://x.example", "service": "shop", "urgency": "high", "url": "https://a/42", "code": 57,
                       "since": "2026-02-10T03:12:00+01:00", "severity": "critical", "alerts": 3, "priority": "P1",
                       "links": {"acknowledge": "https://a/2", "resolve": "https://a/3", "escalate": "https://a/4", "page": "https://a/5"}}]}
POLICY = {"name": "P", "num_loops": 2, "on_call_handoff_notifications": "always", "catch_all": {"type": "user_reference", "id": "PUSER00"},
          "escalation_rules": [{"id": "PRULE00", "escalation_delay_in_minutes": 5, "escalation_rule_assignment_strategy": {"type": "round_robin"},
                                "targets": [{"type": "user_reference", "id": "PUSER00"}, {"type": "schedule_reference", "id": "PSCHED0"}]},
                               {"escalation_delay_in_seconds": 90, "targets": [{"type": "user", "id": "PUSER00"}]}]}
ANSWER = document({"sid": "SM1", "status": "queued", "error_code": None})


def frame(value):
    body = document(value)
    return len(body).to_bytes(4, "big") + body


EVENT = {"id": "PEVENT0", "name": "Days", "start_time": {"date_time": "2026-03-02T09:00:00", "time_zone": "Europe/Berlin"},
         "end_time": {"date_time": "2026-03-02T17:00:00", "time_zone": "Europe/Berlin"}, "effective_since": "2026-03-01T00:00:00Z", "effective_until": "2027-03-01T00:00:00Z",
         "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "EXDATE;VALUE=DATE:20260330"],
         "assignment_strategy": {"type": "rotating_member_assignment_strategy", "shifts_per_member": 2,
                                 "members": [{"type": "user_member", "user_id": "PUSER00"}, {"type": "empty_member"}]}}
NIGHT = dict(EVENT, id="PEVENT1", recurrence=["RRULE:FREQ=HOURLY;INTERVAL=12"], effective_until=None,
             assignment_strategy={"type": "every_member_assignment_strategy", "members": [{"type": "user_member", "user_id": "PUSER01"}]})
CLAIMS = {"iss": "https://id.example", "aud": "us", "sub": "ana", "nonce": "n1", "exp": 1770000300, "iat": 1769999990}
SEEDS = {
    "texts": [b"a,b, c", "Grüße aus Köln → 🚚".encode(), b"%41%zz+", b"aGFsbG8=", b"-9223372036854775808", b"ana@example.org", b"2026-02-10T03:12:00+01:00",
              b"see https://x.example/a?b and www.y.example", "a\u202eb\u200b\tc\n".encode()],
    "instant": [b"Europe/Berlin\n2026-03-29T02:30:00", b"Pacific/Apia\n2011-12-30T10:00:00+14:00", b"Africa/Casablanca\n2026-02-10", b"UTC\n2026-02-10 02:00:00.123456Z",
                b"Australia/Lord_Howe\n2026-04-05T01:45:00+0000 UTC", b"\n23:59:59", b"\n24:00", b"America/Sao_Paulo\n9999-12-31T23:59:59-12:00"],
    "id": [b"Q0000000000001", b"Q2Z8K1N4M7P0R3", b"\x01\x00\x00\x00\x00\x00\x00\x00", b"\xff" * 8, b"PABCDEF"],
    "phone_number": [b"49\n0151 2345678", b"0\n+49 (151) 2345-678", b"\n0049 151 2345678", b"1\n(555) 123-4567", b"44\n+49 151 2345678"],
    "reply": [b"ack 57", b"a57", b"4 57", b"57 4", b"57", b"4", b"Resolve #57, please.", b"don't ack 57", b"STOP", b"escalate", b"8 12 e", b"x" * 300],
    "authorization": [b"Token token=abcDEF123", b'Token token="abc"', b"Bearer abc.def-ghi", b"token  token=x", b"Basic YTpi", b"Bearer "],
    "sms_text": ["Checkout fails: “quote” – 20 €".encode(), "Плохо дело".encode(), "🚚🚚".encode(), b"[]{}|^~\\", "e\u0301".encode()],
    "config": [b"# comment\nlisten = 127.0.0.1:8080\nname = \"a # b\" # c\n[provider sms-a]\ntype = twilio\n", b"a=b\n[x]\n=\n\"", b"key = value # comment\r\n"],
    "sql_library": [b"queries/a.sql\n-- query: user_get\nSELECT id FROM users WHERE id = :id\n-- if: name\n AND name = :name\n-- end\n"],
    "frames": [b"\x07" + frame({"type": "ready"}) + frame({"type": "outcome", "id": 1, "outcome": "accepted"}), b"\xff" + frame({"type": "verdict", "id": 2, "valid": True}),
               b"\x00\xff\xff\xff\xff{}"],
    "mime": ["ana@example.org\x1fMuster\x1fÄna\x1fSubject\r\nBcc: x@y\x1fid1\x1fthread\x1fplain\n.\nFrom x\x1f<p>html</p>".encode(), b"a@b\x1f\"q\" <x>\x1f\x1f\x1f\x1f\x1f\x1f",
             b"a@b\r\nRCPT TO:<x@y>\x1f" + b"\x1f".join([b"x" * 300] * 7)],
    "markup": [b"<p>We <b>found</b> it: <a href='https://x.example/?a=1&amp;b=2'>here</a></p><ul><li>one<li>two</ul>", b"<pre>\n  a\n</pre><br/>&lt;&#38;&#x1F525;&nbsp;",
               b"<script>x</script ><style>y</style><!-- z --><h1>t</h1>", b"<blockquote><p>a<p>b</blockquote></p><a href=\"javascript:x\">y</a>", b"1 < 2 <b title=\">\">x"],
    "content": [document(PAGE), document({"kind": "code", "subject": "Code", "lines": ["123456"]}), document({"kind": "handoff", "subject": "You are on call", "lines": []}),
                document({"kind": "notice", "said_by": "Ben", "details": "found", "html": "<p>found <b>it</b>", "incidents": PAGE["incidents"]})],
    "form": [b"c2lnbmF0dXJl\nFrom=%2B49151&To=%2B4930&Body=ack+57&MessageSid=SM1&MessageStatus=delivered", b"\na=1&a=2&b=%C3%A4&=x&c", b"sig\nBody=%3CSay%3E%26"],
    "provider_answer": [b"201\n" + ANSWER, b"400\n" + document({"code": 21211, "message": "bad number", "status": 400}), b"429\n", b"502\n<html>", b"200\nnot json"],
    "link": [b"PUSER00\nx", b"acknowledge-17-42-1770689525-PXXXXXX-0123456789abcdef0123456789abcdef", b"PABCDEF\n\x05abc"],
    "id_token": [document(CLAIMS), document(dict(CLAIMS, aud=["us", "them"], azp="us", nbf=1769999990)), document(dict(CLAIMS, exp=1769999941.5, iat=1770000060)), document(dict(CLAIMS, iss="x")),
                 b"eyJhbGciOiJub25lIn0.e30.\n" + document({"keys": []}), b"eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.e30.AA\n" + document(
                     {"keys": [{"kty": "RSA", "kid": "r", "n": "u" * 342, "e": "AQAB"}, {"kty": "EC", "kid": "e", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}]}),
                 b"eyJhbGciOiJFUzI1NiIsImtpZCI6ImUifQ.e30." + b"A" * 86 + b"\n" + document({"keys": [{"kty": "EC", "kid": "e", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}]})],
    "schedule": [document({"name": "S", "time_zone": "Europe/Berlin", "schedule_layers": [LAYER]}),
                 document({"name": "S", "description": "d", "time_zone": "Australia/Lord_Howe", "schedule_layers": [dict(LAYER, precedence=1, id="PLAYER0"), MONTHS]}),
                 document({"name": "S", "time_zone": "UTC", "schedule_layers": []}),
                 document({"name": "S", "time_zone": "Europe/Berlin", "rotations": [{"id": "PROT000", "events": [EVENT, NIGHT]}, {"id": "PROT001", "events": []}]})],
    "recurrence": [b"RRULE:FREQ=WEEKLY;BYDAY=MO,TU;INTERVAL=2;WKST=SU\nEXDATE:20260309T093000", b"RRULE:FREQ=MONTHLY;BYDAY=-1FR,2MO;COUNT=40\nRDATE;VALUE=DATE:20260401,20260402",
                   b"RRULE:FREQ=HOURLY;INTERVAL=7;BYMONTHDAY=1,-1;UNTIL=20270101T000000Z", b"EXDATE;TZID=Europe/Berlin:20260310T093000\nRRULE:FREQ=DAILY;BYMONTH=2,3",
                   b"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"],
    "incident_body": [document({"incident": {"id": "QBR5HT4FLVJHSD", "type": "incident_reference", "status": "acknowledged", "title": "T", "urgency": "high", "priority": {"id": "PPRIO00", "type": "priority_reference"},
                                             "assignments": [{"assignee": {"id": "PANA", "type": "user_reference"}}], "resolution": "done", "escalation_level": 2,
                                             "conference_bridge": {"conference_number": "+1 555", "conference_url": "https://x"}}}),
                      document({"incident": {"type": "incident", "title": "T", "service": {"id": "PSERV00", "type": "service_reference"}, "body": {"type": "incident_body", "details": "d"},
                                             "incident_key": "k", "escalation_policy": {"id": "PPOL000", "type": "escalation_policy_reference"}},
                                "source_incidents": [{"id": "QBR5HT4FLVJHSD", "type": "incident_reference"}]})],
    "resource_body": [document({"user": {"type": "user", "name": "Ana", "email": "ana@example.org", "role": "admin", "time_zone": "Europe/Berlin", "job_title": None, "description": "d"}}),
                      document({"team": {"type": "team", "name": "T", "description": "d", "default_role": "manager"}}), document({"service": {
                          "type": "service", "name": "S", "auto_resolve_timeout": 14400, "acknowledgement_timeout": 600, "status": "active", "alert_creation": "create_alerts_and_incidents",
                          "escalation_policy": {"id": "PPOL000", "type": "escalation_policy_reference"}, "teams": [{"id": "PTEAM00", "type": "team_reference"}]}}),
                      document({"contact_method": {"type": "sms_contact_method", "label": "L", "address": "5551234", "country_code": 1}}),
                      document({"maintenance_window": {"type": "maintenance_window", "start_time": "2026-02-10T02:00:00Z", "end_time": "2026-02-10T04:00:00Z",
                                                       "services": [{"id": "PSERV00", "type": "service_reference"}]}})],
    "http": [http(["GET /a%2Fb?x=1&y=%20 HTTP/1.1", "Host: m", "Authorization: Token token=x", "Cookie: a=b; session=s3"]),
             http(["POST / HTTP/1.1", "Host: m", "Content-Length: 3"], b"one") + http(["GET / HTTP/1.1", "Host: m", "Connection: close"]),
             http(["POST / HTTP/1.1", "Host: m", "Transfer-Encoding: chunked"], b"3\r\ntwo\r\n0\r\n\r\n"), http(["OPTIONS * HTTP/1.1", "Host: m"]),
             http(["POST / HTTP/1.1", "Host: m", "Content-Length: 3", "Transfer-Encoding: chunked"], b"0\r\n\r\n"), http(["GET http://m.example/x?y HTTP/1.0", "Host: m"]),
             http(["POST / HTTP/1.1", "Host: m", "Content-Length: 2000", "Expect: 100-continue"], b"x" * 2000), http(["HEAD / HTTP/1.1", "Host: m", "X: a", " b"])],
    "question": [b"/incidents?statuses[]=triggered&statuses[]=resolved&since=2026-01-01&until=2026-02-01T00:00:00Z&sort_by=created_at:desc,urgency&limit=10&offset=5&total=true",
                 b"/users?query=ana&include[]=contact_methods&include%5B%5D=teams", b"/schedules/PSCHED0?since=2026-03-20&until=2026-04-03&time_zone=Pacific/Apia&overflow=true",
                 b"/oncalls?earliest=true&user_ids[]=PUSER00&schedule_ids[]=PSCHED0&time_zone=UTC", b"/services?team_ids[]=PTEAM00&sort_by=name:desc", b"/log_entries?is_overview=true",
                 b"/users/PUSER00/notification_rules", b"/escalation_policies?include[]=targets", b"/teams/PTEAM00/members", b"/priorities", b"/vendors", b"/maintenance_windows?filter=open",
                 b"/schedules/PSCHED0/overrides?since=2026-01-01&until=2026-02-01&editable=true", b"/schedules/PSCHED0/users?since=2026-03-01&until=2026-03-08", b"/openapi.json", b"/abilities"],
    "policy": [document(POLICY), document({"escalation_rules": [{"escalation_delay_in_minutes": 1, "targets": [{"type": "user", "id": "PNOBODY"}]}]})],
    # An event, its page accepted, minutes pass, an acknowledgement; a crash while nobody answers; two events, a merge and an answer in words.
    "engine": [bytes([0, 0, 0, 13, 0, 6, 0, 6, 8, 13, 6, 3, 0, 1, 0, 13, 11]), bytes([0, 8, 1, 6, 4, 13, 5, 12, 9, 13, 7, 6, 0, 10, 1, 13, 10]),
               bytes([0, 0, 0, 0, 0, 9, 6, 0, 9, 0, 3, 7, 1, 9, 10, 250]) + b"ack 10\n" + bytes([13, 15, 11, 3, 40, 12, 0, 13, 4, 0, 6, 0])],
}

WORDS = {
    "instant": ["T", "Z", "+01:00", " UTC", "2026-03-29", "02:30:00"] + ["Europe/Dublin\\x0a", "Africa/El_Aaiun\\x0a", "Antarctica/Troll\\x0a", "America/St_Johns\\x0a"],
    "reply": ["acknowledge", "resolve", "escalate", "close", "stop", "help", "ack", "please"],
    "authorization": ["Token", "token=", "Bearer", "\\x22"],
    "recurrence": ["RRULE:", "EXDATE", "RDATE", ";TZID=", ";VALUE=DATE:", "FREQ=", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "INTERVAL=", "COUNT=", "UNTIL=", "BYDAY=", "BYMONTHDAY=",
                   "BYMONTH=", "WKST=", "MO", "-1SU", "5FR", "20260329", "T023000", "T010000Z", "\\x0a"],
    "phone_number": ["+", "00", "0049", "(0)", "ext", "\\x0a"],
    "zone_file": ["TZif", "TZif2", "TZif3", "\\x0aCET-1CEST,M3.5.0,M10.5.0/3\\x0a", "\\x0aIST-1GMT0,M10.5.0,M3.5.0/1\\x0a", "<+1030>", "J60", "/-1", "/26"],
    "config": ["[provider ", "]", " # ", "\\x22", " = ", "listen", "type", "twilio"],
    "sql_library": ["-- query: ", "-- if: ", "-- else", "-- end", "-- fragment: ", "-- include: ", "-- sqlite:", "-- postgres:", "@list(", "@now", "@returning(", "@autoid", ":x", "\\x0a==== queries/",
                    "\\x0a==== migrations/0001_a.sql\\x0a"],
    "http": ["Content-Length: ", "Transfer-Encoding: chunked\\x0d\\x0a", "Host: m\\x0d\\x0a", "HTTP/1.1\\x0d\\x0a", "HTTP/1.0", "Expect: 100-continue", "\\x0d\\x0a\\x0d\\x0a", "Connection: close\\x0d\\x0a",
             "Connection: Upgrade", "Cookie: session=", "POST / ", "GET /", "\\x0d\\x0a 0\\x0d\\x0a", "%00", ";ext=1"],
    "form": ["Body=", "From=", "MessageStatus=", "CallStatus=", "Digits=", "&", "%3C", "\\x0a"],
    "mime": ["\\x1f", "\\x0d\\x0a", "Bcc: ", "=?utf-8?", "@", "\\xc3\\xa4"],
    "question": ["/incidents", "/users", "/schedules", "/oncalls", "/services", "/log_entries", "/teams", "/escalation_policies", "/maintenance_windows", "/priorities", "/vendors",
                 "/alerts", "/notes", "/PUSER00", "/PSCHED0", "/PTEAM00", "?", "&", "[]=", "since=", "until=", "time_zone=", "limit=", "offset=", "total=true", "sort_by=", "include[]=", "statuses[]=",
                 "ids[]=", "query=", "urgencies[]=", "date_range=all", "incident_key=", "earliest=true", "%5B%5D", "2026-03-29T02:30:00", "Europe/Berlin"],
    "provider_answer": ["200\\x0a", "429\\x0a", "500\\x0a", "\\x22code\\x22:", "21610", "30003", "\\x22sid\\x22:"],
}
JSON_WORDS = ["{", "}", "[", "]", ":", ",", "null", "true", "\\x22id\\x22:", "\\x22type\\x22:", "\\x22name\\x22:", "1e9", "-1", "\\x22\\x22", "\\\\u0000", "9223372036854775807"]
for name, value in (("content", PAGE), ("schedule", {"a": LAYER, "b": MONTHS, "c": EVENT}), ("policy", POLICY), ("incident_body", json.loads(SEEDS["incident_body"][0])),
                    ("resource_body", [json.loads(seed) for seed in SEEDS["resource_body"]]), ("frames", {"type": "outcome"})):
    WORDS[name] = JSON_WORDS + sorted({'\\x22%s\\x22:' % key for key in __import__("re").findall(r'"(\w+)":', json.dumps(value))})
