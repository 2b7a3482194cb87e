"""Reads what deploy/ describes."""

from pathlib import Path

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
Node = dict[str, "Value"]
Value = Node | list["Value"] | str | int | float | bool | None


def documents(path: Path) -> list[Node]:
    """Every document of a YAML file."""
    found: list[Node] = list(yaml.safe_load_all(path.read_text("utf-8")))
    return found


def at(node: Value, *path: str | int, otherwise: Value = None) -> Value:
    """What lies at a path of keys and indices, or `otherwise`."""
    for step in path:
        try:
            node = node[step]  # type: ignore[index,call-overload]
        except (KeyError, IndexError, TypeError):
            return otherwise
    return node


def items(node: Value, *path: str | int) -> list[Value]:
    """The list at a path."""
    found = at(node, *path, otherwise=[])
    assert isinstance(found, list)
    return found


def table(node: Value, *path: str | int) -> Node:
    """The mapping at a path."""
    found = at(node, *path, otherwise={})
    assert isinstance(found, dict)
    return found


def resources(kind: str | None = None) -> list[Node]:
    """Every resource of base and example overlay, kustomization files and patches left out."""
    base, overlay = DEPLOY / "k8s" / "base", DEPLOY / "k8s" / "overlays" / "example"
    named = [base / str(name) for name in items(documents(base / "kustomization.yaml")[0], "resources")]
    named += [overlay / n for n in ("namespace.yaml", "secret.example.yaml", "ingress.yaml")]
    everything = [document for path in named for document in documents(path)]
    return [one for one in everything if kind is None or one["kind"] == kind]


def name_of(resource: Node) -> str:
    """A resource's name."""
    return str(at(resource, "metadata", "name"))
