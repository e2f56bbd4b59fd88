"""How Markdown is read here, and how its tokens become HTML that is cleaned afterwards."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from commentsvc.publishing.bare_links import bare_link_rule
from commentsvc.publishing.cost import Meter, metered
from commentsvc.publishing.hidden import isolated, shown
from commentsvc.publishing.links import host_of, names_another_host

REL = "nofollow ugc noopener"
DEEPEST = 60  # levels of lists (two each) and quotes; words that stand deeper are refused
KEEP = ' translate="no"'  # code means nothing in another language: translation services leave it alone

Env = MutableMapping[str, Any]


class CommentRenderer(RendererHTML):
    """Makes every link, so it is the one place where `rel` is set; an image becomes a link to it."""

    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        """Text as it was typed, which turns nothing that stands beside it."""
        return _escaped(isolated(tokens[idx].content))

    def code_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        """Code, with what is hidden in it."""
        return f"<code{KEEP}>{_escaped(shown(tokens[idx].content))}</code>"

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        """Code that is indented."""
        return f"<pre><code{KEEP}>{_escaped(shown(tokens[idx].content))}</code></pre>\n"

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        """Code between fences; words behind the opening one are code where no code follows."""
        token = tokens[idx]
        if not token.content.strip():
            return f"<pre><code{KEEP}>{_escaped(shown(token.info))}</code></pre>\n"
        language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
        marked = f' class="language-{escapeHtml(language)}"' if language else ""
        return f"<pre><code{marked}{KEEP}>{_escaped(shown(token.content))}</code></pre>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        """The start of a link, and what its end has to say of where it leads."""
        token = tokens[idx]
        label = self.renderInlineAsText(_tokens_within(tokens, idx), options, env)
        env["link"] = _real_host(label, str(token.attrs["href"]))
        title = token.attrs.get("title")
        attributes = {"href": token.attrs["href"], "rel": REL} | (
            {"title": isolated(str(title))} if title else {}
        )
        return (
            "<a" + "".join(f' {name}="{escapeHtml(str(value))}"' for name, value in attributes.items()) + ">"
        )

    def link_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        """The end of a link; see `link_open`."""
        return f"{env.pop('link', '')}</a>"

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        """A link to the image, which nobody's browser loads."""
        source = str(tokens[idx].attrs["src"])
        label = self.renderInlineAsText(tokens[idx].children or (), options, env).strip() or source
        if not source or "link" in env:  # a link within a link is none
            return _escaped(isolated(label))
        real_host = _real_host(label, source)
        return f'<a href="{escapeHtml(source)}" rel="{REL}">{_escaped(isolated(label))}{real_host}</a>'


def reader_of_markdown(meter: Meter, is_web_address: Callable[[str], bool]) -> MarkdownIt:
    """Give a reader of the Markdown that comments may have; each of its steps pays to *meter*."""
    markdown = MarkdownIt(renderer_cls=CommentRenderer)
    metered(markdown, "commonmark", {"html": False, "breaks": True, "maxNesting": DEEPEST}, meter)
    markdown.enable("strikethrough")
    # Headings would cut through the headings of the page. One long reference definition, used
    # 1,650 times, made 20 MB of HTML out of 10,000 characters.
    markdown.disable(["heading", "lheading", "reference"])
    markdown.inline.ruler.at("linkify", bare_link_rule(meter))
    markdown.enable("linkify")
    # An address is shown as it was typed: undone, its escapes could turn text round, and a
    # host in Punycode could pass for another.
    markdown.normalizeLinkText = str  # type: ignore[assignment]
    markdown.validateLink = is_web_address  # type: ignore[method-assign, assignment]
    return markdown


def _tokens_within(tokens: Sequence[Token], opening: int) -> Sequence[Token]:
    """What stands between the start of a link and its end; links do not nest."""
    end = next(at for at in range(opening, len(tokens)) if tokens[at].type == "link_close")
    return tokens[opening + 1 : end]


def _real_host(label: str, href: str) -> str:
    return f" ({_escaped(host_of(href))})" if names_another_host(label, href) else ""


def _escaped(text: str) -> str:
    """For text between tags, where a quote is no markup; each entity costs bleach as much as a word."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
