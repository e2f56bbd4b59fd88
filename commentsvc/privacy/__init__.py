"""The e-mail address: sealed here for storage, opened for moderators alone."""
