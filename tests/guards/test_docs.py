"""Documents that would rot without a test."""

import re
from pathlib import Path

from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_every_decision_says_context_decision_and_cost() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("0*.md"))
    assert pages
    for page in pages:
        text = page.read_text()
        assert text.startswith(f"# {page.name[:4]}: "), page.name
        for part in ("**Context.**", "**Decision.**", "**Cost.**"):
            assert part in text, f"{page.name} lacks {part}"


def test_the_readme_lists_every_command_of_ours() -> None:
    ours = {name for name, app in get_commands().items() if app.startswith("apps.")}
    ours -= {"migrate"}  # Django's own, run as the owner
    listed = set(re.findall(r"`manage\.py (\w+)", README))
    assert ours == listed


def test_the_readme_lists_every_target_a_person_needs() -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    listed = set(re.findall(r"`make ([a-z]+)`", README))
    assert listed <= targets
    assert targets - listed <= {"help", "setup", "clean"}


def test_every_folder_of_the_readme_exists() -> None:
    block = README.split("```text")[1].split("```")[0]
    for name in re.findall(r"^([a-z][\w./]+/)", block, re.MULTILINE):
        assert (ROOT / name).is_dir(), name


def test_links_in_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
