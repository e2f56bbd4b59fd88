"""The command line: joins the commands with the application they work on."""

import gc
import signal


def main() -> None:
    """Run `commentsvc`."""
    interrupted = signal.getsignal(signal.SIGINT)
    if interrupted is signal.default_int_handler:
        # To load the program takes a second, and Ctrl-C would show what it was loading.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()  # what is loaded stays: to look through it again and again takes a fifth of the time of loading
    from commentsvc.app import create_app
    from commentsvc.cli import commands, terminal

    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, interrupted)
    terminal.prepare()
    try:
        commands.main(obj=create_app)
    except OSError as why:
        terminal.give_up(why)


if __name__ == "__main__":
    main()
