"""The maintainer's and instructor's command: `course --help`."""

import click


@click.group()
def main():
    """Build and check the course."""
