from __future__ import annotations

import pytest

from seedream.offline.counting import pictures_asked


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("Create a four-panel comic about a lighthouse keeper", 4),
        ("6 images of a fox through the seasons", 6),
        ("Three illustrations for a children's book", 3),
        ("a set of nine matching sticker designs", 9),
        ("A series of seven small watercolour paintings", 7),
        ("fourteen frames of a dancer", 14),
        ("fifteen cards", 15),
        ("40 icons for a weather app", 15),
        ("a storyboard in 8 shots", 8),
        ("5 step-by-step photos of folding a crane", 5),
        ("one poster for a jazz festival", 1),
        ("2 variations of the same logo, then a third", 2),
        ("a 6 panel strip with two foxes", 6),
        ("two foxes in three scenes", 3),
        ("3–5 images, as you like", 5),
        ("TWELVE PAGES of a picture book", 12),
        ("ten different poses", 10),
        ("四コマ漫画、猫と雪", 4),
        ("桜の一年を6枚で", 6),
        ("６枚の連作ポスター", 6),
        ("十二枚のカード", 12),
        ("五つの場面で描く物語", 5),
        ("3カットの絵コンテ", 3),
        ("8シーンの冒険", 8),
        ("3つの異なるポスター", 3),
        ("生成四张海报", 4),
        ("六幅水彩插画", 6),
        ("九格漫画", 9),
        ("三个不同的场景", 3),
    ],
)
def test_a_number_of_pictures_is_understood(prompt: str, count: int) -> None:
    assert pictures_asked(prompt, "auto", 15, 15) == count


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "a lighthouse at dusk",
        "1950s style photos of a diner",
        "two foxes in the snow",
        "two foxes in pictures",
        "35 mm photos of a street",
        "a 35mm photo",
        "16:9 images of a bay",
        "24 frames per second",
        "someone photographs a bay",
        "0 images",
        "3枚目のような絵",
        "第三张",
        "二枚の葉をつけた若木",
        "房间里有三张桌子",
    ],
)
def test_other_numbers_count_no_pictures(prompt: str) -> None:
    assert pictures_asked(prompt, "auto", 15, 15) == 4
    assert pictures_asked(prompt, "auto", 6, 15) == 6


def test_never_more_than_max_images() -> None:
    assert pictures_asked("nine images", "auto", 5, 15) == 5
    assert pictures_asked("a bay", "auto", 3, 3) == 3


def test_disabled_makes_one() -> None:
    assert pictures_asked("nine images", "disabled", 15, 15) == 1
