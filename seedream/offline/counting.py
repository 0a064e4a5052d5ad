"""How many pictures a prompt asks for, when `sequential_image_generation` leaves it to the model."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

WITHOUT_A_WORD = 4
"""Pictures of a sequence whose prompt names no number and whose `max_images` is the schema's default."""

_ENGLISH = tuple(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()  # noqa: SIM905
)
_NOUN = (
    "picture|image|panel|frame|scene|shot|photo|photograph|illustration|poster|page|variation|variant|version"
    "|step|view|pose|card|sticker|icon|design|drawing|painting|portrait|sketch|render|stage"
)
_NUMBER = rf"(?<![\w.,:/×])(?P<number>\d{{1,3}}|{'|'.join(reversed(_ENGLISH))})"
# Up to two words may stand between ("four small watercolour paintings"), but none that starts another thought
# ("two foxes in three frames") and no unit ("35 mm photos").
_BETWEEN = r"(?:[ -]+(?!(?:in|on|of|at|by|per|with|for|from|and|or|to|the|an?|mm|cm|px|times)\b)[a-z]+){0,2}?"
_EXPRESSIONS = [
    re.compile(rf"{_NUMBER}{_BETWEEN}[ -]+(?:{_NOUN})s\b(?! per\b)", re.IGNORECASE),
    # The singular stands right beside its number, "four-panel comic", and has no noun before: "page 2 image".
    re.compile(rf"(?<!page )(?<!panel )(?<!scene ){_NUMBER}[ -](?:{_NOUN})\b", re.IGNORECASE),
]

_KANJI = {character: value for value, character in enumerate("一二三四五六七八九", start=1)} | {
    "两": 2,
    "兩": 2,
}
_CJK_NUMBER = (
    r"(?<![\d.第])(?P<number>\d{1,3}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两兩三四五六七八九])"
)
_CJK_EXPRESSIONS = [
    # An ordinal (3枚目) is no count, nor are leaves and plates, tables and faces, which share their counters.
    re.compile(rf"{_CJK_NUMBER}(?:枚(?!の[葉羽皿])|张(?![桌椅床脸嘴])|張(?![桌椅床臉嘴])|幅|格)(?!目)"),
    re.compile(
        rf"{_CJK_NUMBER}(?:つの|個の|[个個](?:不同的)?)?(?:コマ|場面|カット|シーン|场景|場景|镜头|鏡頭|画面|分镜)(?!目)"
    ),
    re.compile(rf"{_CJK_NUMBER}(?:つの|点の|種類の)[^、。,.\s]{{0,6}}?(?:画像|イラスト|写真|絵|ポスター)"),
]


def pictures_asked(prompt: str, sequential: str, max_images: int, default_max_images: int) -> int:
    """Return how many pictures a job makes.

    Args:
        prompt: the text, in which the first number of pictures counts ("four-panel", "6 images", 四コマ).
        sequential: the value of `sequential_image_generation`; anything but `auto` makes one picture.
        max_images: never more than this. Where the prompt names no number and this is not the schema's
            default, someone has chosen it, and gets as many.
        default_max_images: the schema's default.
    """
    if sequential != "auto":
        return 1
    named = next(_numbers(prompt), None)
    if named is None:
        named = WITHOUT_A_WORD if max_images == default_max_images else max_images
    return min(named, max_images)


def _numbers(prompt: str) -> Iterator[int]:
    text = unicodedata.normalize("NFKC", prompt)
    for expressions, value in ((_EXPRESSIONS, _english), (_CJK_EXPRESSIONS, _cjk)):
        found = [match for expression in expressions for match in expression.finditer(text)]
        for match in sorted(found, key=re.Match.start):
            number = value(match["number"].lower())
            if number:
                yield number


def _english(number: str) -> int:
    return int(number) if number.isdigit() else _ENGLISH.index(number) + 1


def _cjk(number: str) -> int:
    if number.isdigit():
        return int(number)
    tens, ten, ones = number.rpartition("十")
    return (_KANJI.get(tens, 1) * 10 if ten else 0) + _KANJI.get(ones, 0)
