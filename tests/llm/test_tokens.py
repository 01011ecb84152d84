"""Tokens are counted by the model's own tokenizer where its file can be read, and bounded from above otherwise."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from apps.llm.spec import ModelSpec
from apps.llm.tokens import TokenizerBroken, bounded_tokens, count_tokens, load_tokenizer

VOCABULARY = {"[UNK]": 0, "orders": 1, "by": 2, "country": 3}


def tokenizer_file(folder: Path, **parts: object) -> str:
    """A tokenizer of three words that stand apart."""
    path = folder / "tokenizer.json"
    content = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None, "decoder": None,
        "model": {"type": "WordLevel", "vocab": VOCABULARY, "unk_token": "[UNK]"}, **parts,
    }  # fmt: skip
    path.write_text(json.dumps(content))
    return str(path)


def test_a_models_own_tokenizer_counts_exactly(tmp_path: Path) -> None:
    model = ModelSpec("small", tokenizer=tokenizer_file(tmp_path))
    assert model.count("orders by country") == 3
    assert model.count("") == 0
    assert model.count("\ud800 orders") == 2  # half a character, as a hostile client sends it


def test_without_a_tokenizer_the_bound_holds() -> None:
    assert ModelSpec("small").count("orders by country") == bounded_tokens("orders by country") == 6


def test_a_file_that_would_cut_texts_off_counts_all_of_them(tmp_path: Path) -> None:
    cut = {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0}
    assert count_tokens("orders by country", tokenizer_file(tmp_path, truncation=cut)) == 3


@pytest.mark.parametrize("text", ["", "{}", "[1", "\x00", '{"model": {"type": "Nonesuch"}}'])
def test_a_broken_file_is_named_and_the_bound_holds(text: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)
    assert count_tokens("orders by country", str(path)) == 6
    with pytest.raises(TokenizerBroken, match=r"broken\.json is no tokenizer"):
        load_tokenizer(str(path))


@pytest.mark.parametrize("name", ["nowhere.json", "a\0b"])
def test_a_missing_file_is_named_and_the_bound_holds(name: str, tmp_path: Path) -> None:
    assert count_tokens("orders by country", str(tmp_path / name)) == 6
    with pytest.raises(TokenizerBroken, match="cannot be read"):
        load_tokenizer(str(tmp_path / name))


def test_a_file_that_was_mended_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("not yet")
    assert count_tokens("orders by country", str(path)) == 6
    tokenizer_file(tmp_path)
    assert count_tokens("orders by country", str(path)) == 3


def test_the_package_is_loaded_only_where_a_file_is_named() -> None:
    count = "from apps.llm.spec import ModelSpec; ModelSpec('a').count('text')"
    code = f"import sys; {count}; print('tokenizers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"
