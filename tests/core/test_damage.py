"""What is wrong with stored values is said in plain words."""

from typing import Literal

import msgspec
import pytest

from core.damage import in_words
from core.models.plan import Target
from core.values import Value, from_json


class Part(Value):
    target: Target
    sizes: tuple[int, int] = (1, 1)
    kind: Literal["a", "b"] = "a"
    share: float | None = None


class Whole(Value):
    parts: tuple[Part, ...]
    names: dict[str, int] = msgspec.field(default_factory=dict)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"parts": [{"target": "moon"}]}', "parts.target is 'moon', which is not known"),
        ("[]", "it is a list, and not a group of named values"),
        ("{}", "parts is missing"),
        ('{"parts": [{}]}', "parts.target is missing"),
        ('{"parts": {}}', "parts is a group of named values, and not a list"),
        ('{"parts": [{"target": 5}]}', "parts.target is a whole number, and not a text"),
        (
            '{"parts": [{"target": "any", "share": "x"}]}',
            "parts.share is a text, and not a number or nothing",
        ),
        ('{"parts": [{"target": "any", "sizes": [1]}]}', "parts.sizes has not 2 entries"),
        ('{"parts": [{"target": "any", "kind": "c"}]}', "parts.kind is 'c', which is not known"),
        ('{"parts": ', "its end is missing"),
        ('{"names": {"a": "b"}}', "an entry of names is a text, and not a whole number"),
    ],
)
def test_plain_words(text: str, words: str) -> None:
    with pytest.raises(msgspec.DecodeError) as damage:
        from_json(text, Whole)
    said = in_words(damage.value)
    assert said.replace("parts[0]", "parts") == words
    assert "`" not in said
    assert "$" not in said
