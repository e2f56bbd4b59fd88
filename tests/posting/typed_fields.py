"""What people type as a name, an e-mail address and a website, and what each is taken for."""

from __future__ import annotations

NAMES = [
    ("Ada", "Ada"),
    ("  Ada \t  Sample\n", "Ada Sample"),
    ("Ada\u00a0\u3000Sample", "Ada Sample"),
    ("Jose\u0301", "José"),
    ("O’Brien-Smith, Jr.", "O’Brien-Smith, Jr."),
    ("<b>&amp;", "<b>&amp;"),
    ("王小明", "王小明"),
    ("נועה", "נועה"),
    ("محمد", "محمد"),
    ("\u200fנועה", "\u200fנועה"),
    ("👩‍👩‍👧", "👩‍👩‍👧"),
    ("👍🏽 ❤️ 🇩🇪", "👍🏽 ❤️ 🇩🇪"),
    (
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ),
    ("محمد‌رضا", "محمد‌رضا"),
    ("क्‍ष", "क्‍ष"),
    ("葛\U000e0100城", "葛\U000e0100城"),
    ("A\u200bd\u2060a\ufeff", "Ada"),
    ("\u00adAda\u200e \u061cSam\u200dple", "Ada Sample"),
    ("Ada\u3164", "Ada"),
    ("Jose\u200b\u0301", "José"),
    ("Ada\ufe0f\U000e0041", "Ada"),
    ("\u200b" * 100 + "Ada", "Ada"),
    ("@ada", "@ada"),
    ("@ada@social.example", "@ada@social.example"),
    ("Ada @ Home", "Ada @ Home"),
    ("Ada @ St. Pauls", "Ada @ St. Pauls"),
    ("Dr. A. Sample", "Dr. A. Sample"),
    ("3", "3"),
    ("?", "?"),
    ("null", "null"),
    ("x" * 80, "x" * 80),
    ("é" * 80, "é" * 80),
    ("e\u0301" * 80, "é" * 80),
]

NO_NAMES = [
    "", " ", "\n\t", "\u3000", "\u200b", "\u200d\u200c", "\u2800", "\u3164", "\u0301", "\ufeff", "x" * 81, "é" * 81,
    "a\0b", "a\x07b", "a\x7fb", "a\x80b", "a\u202eb", "a\u2066b", "a\ufffeb", "a\U0010ffffb",
]  # fmt: skip

NAMES_WITH_EMAIL = [
    "ada@paper.example", "Ada <ada@paper.example>", "Ada (ADA@Paper.Example)", "ada＠paper.example", "ada @ paper.example",
    "ada@paper。example", "ada﹫paper．example", "ada\u200b@paper\u00ad.example", "mailto:ada@paper.example", "ада@почта.example",
    "a.b+c@mail.paper.example", "“ada@paper.example”", "@ ada@paper.example", "Ada,ada@paper.example", "ada@ paper.example",
]  # fmt: skip

EMAILS = [
    "ada@paper.example", "  ada@paper.example\n", "ADA@PAPER.EXAMPLE", "a.b+c@mail.paper.example", "ada@bücher.example",
    "ада@почта.example", "o'brien@paper.example", "a@b.co", "x" * 64 + "@paper.example",
    "ada@printer.local", "ada@nas.home.arpa", "ada@paper.test", "ada@paper.internal", "ada@paper.photography", "ada@xn--bcher-kva.example",
    ".a..b.@docomo.example", "a..b@docomo.example", "a.@docomo.example", '".a..b."@docomo.example', '"ada"@paper.example',
    "\ufeffada@paper.example\u200b", "\u00a0ada@paper.example\u3000", "ada@paper.example,", "ada@paper.example.", "<ada@paper.example>;",
    "ada＠paper.example", "ａｄａ＠ｐａｐｅｒ．ｅｘａｍｐｌｅ", "ada@paper。example", "वी@डाटा.example", "ada@1and1.example",
]  # fmt: skip

NO_EMAILS = [
    "", " ", "ada", "ada@", "@paper.example", "ada@paper", "a b@paper.example", "ada@paper..example", "ada@-paper.example",
    "ada@paper.example, bo@paper.example", "Ada <ada@paper.example>", "ada@paper.example\nBcc: x@y.example", "a\0@b.example",
    "a@" + "x" * 250 + ".example", "a@" + "x." * 2000 + "example", "ada@paper.example\u202e",
    "<script>@paper.example", "a@[127.0.0.1]", "mailto:a@b.example ", "ada@localhost", "ada@paper.invalid", "ada@1.0.0.127.in-addr.arpa",
    "...@docomo.example", "." * 250 + "a@docomo.example", "a" + "." * 250 + "@docomo.example", '"a b"@paper.example', "@", "<>",
]  # fmt: skip

EMAILS_WITH_MORE = [
    "mailto:ada@paper.example",
    "Ada <ada@paper.example>",
    "ada@paper.example;bo@paper.example",
]

SPELLINGS_OF_EMAILS = [
    ("\ufeff<ada@paper.example>,\u200b", "ada@paper.example"),
    ("ａｄａ＠ｐａｐｅｒ．ｅｘａｍｐｌｅ", "ada@paper.example"),
    ('".a..b."@Docomo.example', ".a..b.@docomo.example"),
    ("E\u0301.@paper.example", "É.@paper.example"),
]

WEBSITES = [
    ("\ufeffhttps://bo.example/\u200b\u00a0", "https://bo.example/"),
    ("https://social.example/@bo", "https://social.example/@bo"),
    ("", None),
    ("  ", None),
    ("https://bo.example/", "https://bo.example/"),
    (" http://bo.example ", "http://bo.example"),
    ("bo.example", "https://bo.example"),
    ("www.bo.example/blog?a=1#b", "https://www.bo.example/blog?a=1#b"),
    ("bo.example:8080/x", "https://bo.example:8080/x"),
    ("https://bo.example:8443/a?b=c&d=%20#e", "https://bo.example:8443/a?b=c&d=%20#e"),
    ("https://bücher.example/straße", "https://bücher.example/straße"),
    ("https://[2001:db8::1]/", "https://[2001:db8::1]/"),
    ("https://" + "x" * 184 + ".example", "https://" + "x" * 184 + ".example"),
]

NO_WEBSITES = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "\x01javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
    "ftp://bo.example/", "mailto:bo@paper.example", "//bo.example/", "/bo", "bo", "bo.example:80x", "bo:8080", "java.script:alert(1)", "http:", "http://", "https:///x",
    "https://bo@bank.example/", "https://bank.example:pw@evil.example/", "http://bo.example:99999/", "http://bo.example:x/",
    "http://[::1", "https://bo.example/a b", 'https://bo.example/"onload=', "https://bo.example/<b>", "https://bo.example/\\",
    "https://bo.example/\0", "https://bo.example/`", "https://" + "x" * 193 + ".example", "vbscript:x", "blob:https://bo.example/x",
]  # fmt: skip

INITIALS = [
    ("\u0600.", "\u0600."),  # a sign that is one character with what follows, and not seen by itself
    ("\u06017 Sample", "\u06017S"),
    ("Ada", "A"),
    ("ada sample", "AS"),
    ("Ada de la Sample", "AS"),
    ("王小明", "王"),
    ("🇩🇪", "🇩🇪"),
    ("🇩🇪 Ada", "A"),
    ("👩‍👩‍👧 👍🏽", "👩‍👩‍👧👍🏽"),
    ("👍🏽x", "X"),
    ("\u200fנועה", "נ"),
    ("\u200bAda \u2060Sample", "AS"),
    ("कि", "कि"),
    ("x\u0304ada", "X\u0304"),
    ("“Ada” (Sample)", "AS"),
    ("ßeta", "ß"),
    ("?", "?"),
    ("3 Monkeys", "3M"),
]
