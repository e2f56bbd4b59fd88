"""Who runs a command: nothing but the service's own user writes into its directory."""

from __future__ import annotations

import os
import pwd
import shlex
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from commentsvc.cli.loading import loading
from commentsvc.errors import BadSetting
from commentsvc.settings import PREFIX, Settings

LOADED_LATER = ("commentsvc.app", "commentsvc.storage.schema", "encodings.utf_8_sig")


def settings_as_owner() -> Settings:
    """Read the settings, and go on as the user whom the data belongs to: root becomes that user.

    :raises BadSetting: a setting is wrong, or this is another user; nothing was written then.
    """
    settings = Settings.from_environ(os.environ)
    owner = _owner_of(filter(None, (settings.data_dir, settings.database_file())))
    user = os.geteuid()
    if owner is None or owner.st_uid == user:
        return settings
    if user != 0:
        name = _name(owner.st_uid)
        raise BadSetting(
            f"The data directory {settings.data_dir} belongs to the user {name}, and this is {_name(user)}. "
            f"Run the command as {name}, such as by: sudo -u {shlex.quote(name)}"
        )
    with loading():
        for name in LOADED_LATER:  # that user may not be allowed to read where it is installed
            import_module(name)
    os.environ[PREFIX + "DATA_DIR"] = str(settings.data_dir)  # “~” is another's from now on
    _become(owner)
    return settings


def _owner_of(paths: Iterable[Path]) -> os.stat_result | None:
    """What the first of *paths* that is there says of its owner; None where there is none yet."""
    for path in paths:
        try:
            return path.stat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as why:
            raise BadSetting(f"{path} cannot be used: {why.strerror}.") from None
    return None


def _become(owner: os.stat_result) -> None:
    """Give up being root for good; files that are made belong to *owner*."""
    name, group = None, owner.st_gid
    try:
        account = pwd.getpwuid(owner.st_uid)
    except KeyError:
        pass  # a user of another machine, or of a container, who has no name here
    else:
        name, group = account.pw_name, account.pw_gid
        os.environ.update(HOME=account.pw_dir, USER=name, LOGNAME=name)
    try:
        if name is None:
            os.setgroups([group])
        else:
            os.initgroups(name, group)
        os.setgid(group)
        os.setuid(owner.st_uid)
    except OSError as why:
        raise BadSetting(
            f"root cannot work as {_name(owner.st_uid)}, whom the data belongs to: {why.strerror}."
        ) from None


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"  # as sudo takes it
