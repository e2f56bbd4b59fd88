"""How PostgreSQL's tables and a rendered page grow with the comments, for `docs/scale.md`.

python -m bench.growth
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import text

from bench.seed import fill, fill_spread
from commentsvc.app import create_app
from commentsvc.service import Service
from commentsvc.settings import PREFIX, Settings
from commentsvc.storage import schema
from deploy.cluster.databases import primary

STEPS = (10_000, 40_000, 160_000)  # comments added, beside threads of 100 each
THREADS = 100
READS = 60


def milliseconds(client: FlaskClient, path: str) -> float:
    """The median of a page that is rendered for each request."""
    taken = []
    for _ in range(READS):
        began = time.perf_counter()
        status = client.get(path).status_code
        taken.append((time.perf_counter() - began) * 1000)
        assert status == 200, status
    return statistics.median(taken)


def main() -> None:
    """Print a line for each size."""
    with tempfile.TemporaryDirectory(prefix="commentsvc-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with primary(folder / "primary") as url:
            settings = {
                "DATA_DIR": str(folder / "data"),
                "DATABASE_URL": url,
                "CACHE_BYTES": "0",
                "RATE_LIMIT_READ": "1000000 per minute",
            }
            app = create_app(Settings.from_environ({PREFIX + key: value for key, value in settings.items()}))
            service: Service = app.extensions["commentsvc"]
            schema.prepare(service.database, service.settings)
            fill_spread(service, THREADS)
            for number, size in enumerate(STEPS):
                began = time.monotonic()
                fill(service, f"long-{number}", size)
                seconds = time.monotonic() - began
                with service.database.engine.connect() as connection:
                    connection.execute(text("ANALYZE"))
                    comments, threads, table, whole = connection.execute(
                        text(
                            "SELECT (SELECT count(*) FROM comment), (SELECT count(*) FROM thread), "
                            "pg_relation_size('comment'), pg_database_size(current_database())"
                        )
                    ).one()
                page = milliseconds(app.test_client(), "/api/v1/thread?article=spread-1&limit=50")
                long = milliseconds(app.test_client(), f"/api/v1/thread?article=long-{number}&limit=50")
                print(
                    f"{comments:,} comments, {threads} threads: {whole / comments:,.0f} bytes each, "
                    f"{table / comments:,.0f} of the table; page of 50: {page:.2f} ms, of the longest {long:.2f} ms; "
                    f"{size / seconds:,.0f} comments/s brought in",
                    flush=True,
                )
            service.database.disconnect()
            service.versions.close()


if __name__ == "__main__":
    main()
