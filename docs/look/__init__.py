"""Pictures of everything that commentsvc shows, to leaf through: `make look`."""
