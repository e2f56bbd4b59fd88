"""The formats of exports, a file each; packages find them by the entry-point group `commentsvc.formats`."""
