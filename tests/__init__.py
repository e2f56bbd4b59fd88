"""What commentsvc promises, as tests."""

import pytest

pytest.register_assert_rewrite("tests.hostile.safety", "tests.hostile.watched_page")
