"""People and second factors on PostgreSQL: what is sent several times at once is done one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyotp

from commentsvc.access import accounts
from commentsvc.actions import people, second_factors
from commentsvc.actions.accounts import SignedIn
from commentsvc.errors import Problem
from commentsvc.model import Browser, Role
from tests.conftest import MakeService
from tests.databases import on_postgresql
from tests.moderating.desk import EMAIL, PASSWORD

__all__ = ["on_postgresql"]
MANY = 4


def at_once(act: Callable[[], object]) -> Counter[str]:
    """Do it several times at once; say how often it was done, and how often it was refused."""
    together = Barrier(MANY, timeout=60)

    def one(_: int) -> str:
        together.wait()
        try:
            act()
        except Problem:
            return "refused"
        return "done"

    with ThreadPoolExecutor(MANY) as pool:
        return Counter(pool.map(one, range(MANY)))


def test_what_is_sent_at_once_is_done_one_after_the_other(make_service: MakeService) -> None:
    service = make_service()
    ours = service.ours
    service.run("user", "add", EMAIL, "--role", "admin", input=PASSWORD + "\n")
    with ours.reading() as work:
        account = work.accounts.by_email(EMAIL)
    assert account is not None
    who = SignedIn(account, accounts.moderator(account), "", False)

    assert at_once(lambda: people.invite(ours, None, "kim@paper.example", Role.AUDITOR, None)) == {
        "done": MANY
    }
    assert at_once(lambda: second_factors.begin_app(ours, who, PASSWORD)) == {"done": MANY}
    with ours.reading() as work:
        setup = second_factors.app_setup(ours, work, who, "paper.example")
    assert setup is not None
    code = pyotp.TOTP(setup.secret).at(service.clock())
    assert at_once(lambda: second_factors.confirm_app(ours, who, code)) == {"done": 1, "refused": MANY - 1}
    assert at_once(lambda: second_factors.renew_recovery_codes(ours, who, PASSWORD)) == {"done": MANY}
    with ours.reading() as work:
        assert work.second_factors.count_recovery_codes(account.id) == 10
    service.clock.move(minutes=1)
    later = pyotp.TOTP(setup.secret).at(service.clock())
    taken: list[str | None] = []
    at_once(
        lambda: taken.append(second_factors.sign_in_with_code(ours, account, later, Browser("Firefox", "en")))
    )
    assert len(list(filter(None, taken))) == 1
