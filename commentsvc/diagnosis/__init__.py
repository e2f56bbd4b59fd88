"""What is wrong with a set-up, found from outside: `commentsvc doctor --page` asks as a browser does."""
