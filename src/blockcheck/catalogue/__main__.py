"""``python -m blockcheck.catalogue`` compiles the catalogue; to be run after a change of its TOML files."""

from blockcheck.catalogue.loader import compile_catalogue

if __name__ == "__main__":
    print(compile_catalogue())  # noqa: T201 - a command
