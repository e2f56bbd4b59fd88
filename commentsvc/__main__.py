"""The command line: joins the commands with the application they work on."""

from commentsvc.app import create_app
from commentsvc.cli import commands


def main() -> None:
    """Run `commentsvc`."""
    commands.main(obj=create_app)


if __name__ == "__main__":
    main()
