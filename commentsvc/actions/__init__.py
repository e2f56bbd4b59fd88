"""What a person can do, one file each; each is one transaction. Actions join the steps."""
