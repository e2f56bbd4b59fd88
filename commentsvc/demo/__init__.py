"""The sample site that `commentsvc demo` serves: an invented newspaper and a discussion below it."""
