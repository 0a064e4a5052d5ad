from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pytest

from seedream import texts
from seedream.errors import CODES, Code, SeedreamError
from seedream.jobs.record import JobStatus
from seedream.limits.limiter import Limits
from seedream.schema import Request, load
from seedream.settings import LimitRules
from seedream.ui.bundle import STATIC

LANGUAGES = sorted(texts.locales())
# What a browser may wish for, and the nearest that there is.
RELATED = {
    "en-GB": "en",
    "es-MX": "es",
    "fr-CA": "fr",
    "ko-KR": "ko",
    "pt": "pt-BR",
    "pt-PT": "pt-BR",
    "zh": "zh-CN",
    "zh-Hans-HK": "zh-CN",
    "zh-SG": "zh-CN",
    "zh-HK": "zh-TW",
    "zh-Hant": "zh-TW",
}
ENGLISH = texts.locales()["en"]
FORMS = ("zero", "one", "two", "few", "many", "other")
# Unicode CLDR's plural forms of whole numbers. What is not here has `one` and `other`.
USED_FORMS: dict[str, set[str]] = {
    **{language: {"other"} for language in ("ja", "zh", "ko", "vi", "id", "th", "ms")},
    **{language: {"one", "few", "many", "other"} for language in ("ru", "uk", "pl")},
    "cs": {"one", "few", "other"},
    "ar": set(FORMS),
}
# They have a `many` for millions, which nothing here counts up to.
MILLIONS = {"es", "fr", "it", "pt"}
# They are the same in every language; so is what a poster or a sign is to say.
NAMES = re.compile(
    r"X-RunComfy-Token"
    r"|Seedream( Atelier| 5\.0 Lite)?|RunComfy|Model API|RUNCOMFY_TOKEN|Generations"
    r"|PNG|JPEG|WebP|GIF|BMP|TIFF|HEIC|SVG|ZIP|PDF|JSON|API|UTF-8"
    r"|Ctrl-C|manifest\.json|Request ID|Morning Tea|BLUE HOUR JAZZ|US\$"
)
# Words that a language shares with English.
COGNATES: dict[str, set[str]] = {
    "de": {"Panorama", "Prompt"},
    "fr": {"Portrait", "Style"},
}
SCRIPTS = sorted(STATIC.rglob("*.js"))
every_language = pytest.mark.parametrize("language", LANGUAGES)
foreign_languages = pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])


def plural(key: str) -> str | None:
    """Return the name that a text with several forms is asked for by."""
    name, _, form = key.rpartition(".")
    return name if form in FORMS else None


def words(text: str) -> list[str]:
    """Return the words in Latin letters that are no names and no placeholders."""
    return re.findall(r"[a-z]+", re.sub(r"\{\w+\}", " ", NAMES.sub(" ", text)).lower())


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


# --- the locale files


def test_nine_languages_are_there() -> None:
    assert {"de", "en", "es", "fr", "ja", "ko", "pt-BR", "zh-CN", "zh-TW"} <= set(LANGUAGES)


@every_language
def test_a_language_has_all_texts_in_the_same_order_and_no_others(language: str) -> None:
    def names(known: Mapping[str, str]) -> list[str]:
        return list(dict.fromkeys(plural(key) or key for key in known))

    assert names(texts.locales()[language]) == names(ENGLISH)


@every_language
def test_a_key_is_written_once(language: str) -> None:
    rows: list[tuple[str, str]] = json.loads(
        (texts.LOCALES / f"{language}.json").read_text(encoding="utf-8"), object_pairs_hook=list
    )
    keys = [key for key, _ in rows]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


@every_language
def test_a_plural_has_the_forms_that_the_language_uses(language: str) -> None:
    primary = language.partition("-")[0]
    forms: dict[str, set[str]] = {}
    for key in texts.locales()[language]:
        if name := plural(key):
            forms.setdefault(name, set()).add(key.rpartition(".")[2])
    assert forms
    optional = {"many"} if primary in MILLIONS else set()
    wanted = USED_FORMS.get(primary, {"one", "other"})
    assert {name: found - optional for name, found in forms.items()} == dict.fromkeys(forms, wanted)


@every_language
def test_a_text_has_the_placeholders_of_the_english_one(language: str) -> None:
    for key, text in texts.locales()[language].items():
        name = plural(key)
        if name is None:
            assert placeholders(text) == placeholders(ENGLISH[key]), key
        elif key.endswith(".other"):
            assert placeholders(text) == placeholders(ENGLISH[f"{name}.other"]), key
        else:
            # "Your picture is ready" needs no number.
            assert placeholders(text) <= placeholders(ENGLISH[f"{name}.other"]), key


@foreign_languages
def test_nothing_is_left_in_english(language: str) -> None:
    same = {key for key, text in texts.locales()[language].items() if text == ENGLISH.get(key) and words(text)}
    assert {ENGLISH[key] for key in same} - COGNATES.get(language, set()) == set()
    # Nor a part of a sentence: so many words in a row are the same by no chance.
    for key, text in texts.locales()[language].items():
        english = f" {' '.join(words(ENGLISH.get(key, '')))} "
        said = words(text)
        rows = [" ".join(said[start : start + 3]) for start in range(len(said) - 2)]
        assert [row for row in rows if f" {row} " in english] == [], key


@every_language
def test_no_text_is_empty_or_has_spaces_around_it(language: str) -> None:
    for key, text in texts.locales()[language].items():
        assert isinstance(text, str), key
        assert text, key
        assert text == text.strip(), key


@every_language
@pytest.mark.parametrize("code", CODES)
def test_every_error_has_a_sentence(language: str, code: str) -> None:
    assert f"error.{code}" in texts.locales()[language]


@every_language
def test_no_sentence_is_of_an_error_that_there_is_not(language: str) -> None:
    # Said by the browser, or a part of other sentences.
    more = {
        "value_unfit_number",
        "value_unfit_decimal",
        "page_unreachable",
        "not_sent",
        "said",
        "with_request_id",
        "with_key",
        "with_url",
    }
    told = {key.removeprefix("error.") for key in texts.locales()[language] if key.startswith("error.")}
    # Each error may have further sentences: for a job that was submitted already, or that its visitor pays for.
    assert {key.removesuffix("_read").removesuffix("_own") for key in told} - set(CODES) <= more


# --- the page's scripts


def script_keys() -> set[str]:
    """Return the keys that scripts ask for by name, also where a condition chooses among several."""
    first = "|".join(sorted({key.partition(".")[0] for key in ENGLISH}))
    source = "\n".join(file.read_text(encoding="utf-8") for file in SCRIPTS)
    called = set(re.findall(r'\bt\(\s*"([^"]+)"', source))
    named = set(re.findall(rf'"((?:{first})(?:\.\w+)+)"', source))
    return called | named


def test_every_key_that_a_script_asks_for_is_there() -> None:
    known = {plural(key) or key for key in ENGLISH}
    asked = script_keys()
    assert len(asked) > 20
    assert sorted(asked - known) == []


def test_every_state_that_a_script_tells_has_a_text() -> None:
    # `completed` is told with a number; the other ends are told by their error.
    going_on = set(get_args(JobStatus)) - {"completed", "cancelled", "failed", "unknown"}
    assert {f"state.{status}" for status in going_on} <= set(ENGLISH)
    assert "state.completed.other" in ENGLISH


def test_every_status_is_in_the_scripts_one_table() -> None:
    script = (STATIC / "job" / "status-text.js").read_text(encoding="utf-8")
    _, _, table = script.partition("const STATUSES = {\n")
    assert re.findall(r"^  (\w+): \{", table.partition("\n};")[0], re.MULTILINE) == list(get_args(JobStatus))


# --- the choice of a language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("ja", "ja"),
        ("JA", "ja"),
        ("ja-JP", "ja"),
        ("ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7", "ja"),
        ("en-GB,en;q=0.9,ja;q=0.8", "en"),
        ("en;q=0.1, ja;q=0.9", "ja"),
        ("ja;q=0.1,en;q=0.9", "en"),
        ("ja;q=0.5,en", "en"),
        ("tlh", "en"),
        ("tlh, ja;q=0.1", "ja"),
        ("tlh-Piqd-US, ja", "ja"),
        ("*", "en"),
        ("ja; q=0.8", "ja"),
        ("en; q=0.2, ja; q=0.8", "ja"),
        ("tlh, ja;q=0", "en"),
        ("ja;q=odd", "en"),
        ("ja;q=odd, ja;q=0.5", "ja"),
        (",,;;q=,", "en"),
        ("japanese", "en"),
        ("j", "en"),
        ("-", "en"),
        ("\x00", "en"),
        ("../../etc/passwd", "en"),
        ("en" * 10_000, "en"),
    ],
)
def test_the_best_language_of_a_browsers_wishes(header: str | None, language: str) -> None:
    assert texts.best_language(header) == language


@every_language
@pytest.mark.parametrize("wish", ["{}", "{},en;q=0.5", "tlh,{};q=0.9,en;q=0.1", "{}-001"])
def test_a_language_that_is_there_is_found(language: str, wish: str) -> None:
    assert texts.best_language(wish.format(language)) == language
    assert texts.best_language(wish.format(language.lower())) == language


@pytest.mark.parametrize(("wish", "language"), RELATED.items())
def test_a_related_language_is_found(wish: str, language: str) -> None:
    assert texts.best_language(wish) == language
    assert texts.best_language(f"tlh,{wish};q=0.9,en;q=0.8") == language


@every_language
def test_a_language_without_its_region_is_found(language: str) -> None:
    primary = language.partition("-")[0]
    assert texts.best_language(primary).partition("-")[0] == primary


# --- texts and sentences


def test_a_placeholder_is_filled() -> None:
    assert texts.text("state.in_queue_at", position=3).startswith("Number 3 in line")
    assert "3" in texts.text("state.in_queue_at", "ja", position=3)


def test_an_unknown_language_reads_english() -> None:
    assert texts.text("page.title", "tlh") == ENGLISH["page.title"]


def test_a_text_that_does_not_exist_is_a_fault() -> None:
    with pytest.raises(KeyError):
        texts.text("page.nothing")


def test_a_text_that_a_language_lacks_is_told_in_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for language, known in (("en", {"a": "A", "b": "B"}), ("ja", {"a": "あ"})):
        (tmp_path / f"{language}.json").write_text(json.dumps(known), encoding="utf-8")
    monkeypatch.setattr(texts, "LOCALES", tmp_path)
    texts.locales.cache_clear()
    try:
        assert [texts.text(key, "ja") for key in "ab"] == ["あ", "B"]
    finally:
        monkeypatch.undo()
        texts.locales.cache_clear()


FOREIGN = "{sentence} {request_id} {detail} {choices} {0} {} \\1 \\g<0> %s <b>"


@every_language
def test_braces_in_foreign_text_stay_as_they_are(language: str) -> None:
    error = SeedreamError("job_failed", detail=FOREIGN, request_id="abc-1")
    said = error.sentence(language)
    assert FOREIGN in said
    assert said.count("abc-1") == 1


@every_language
def test_braces_in_a_value_and_an_unknown_field_stay_as_they_are(language: str) -> None:
    unfit = SeedreamError("value_unfit", field="resolution", value="{choices}{field}", choices=("{value}", "b"))
    assert "{choices}{field}" in unfit.sentence(language)
    assert "{value}, b" in unfit.sentence(language)
    assert "{field}" in SeedreamError("field_unknown", field="{field}").sentence(language)


@every_language
def test_an_unfit_value_is_told_with_what_would_fit(language: str) -> None:
    number = SeedreamError("value_unfit", field="max_images", value="99", choices=tuple(range(1, 16))).sentence(
        language
    )
    assert all(part in number for part in ("99", "1", "15", texts.text("field.max_images.label", language)))
    choice = SeedreamError("value_unfit", field="output_format", value="gif", choices=("png", "jpeg")).sentence(
        language
    )
    label = texts.text("field.output_format.label", language)
    assert all(part in choice for part in ("gif", "png, jpeg", label))


def plain(code: Code) -> SeedreamError:
    return SeedreamError(code, detail="No.", request_id="abc-1")


WITHOUT_FACTS = [code for code in get_args(Code) if not placeholders(ENGLISH.get(f"error.{code}", "{missing}"))]


@every_language
@pytest.mark.parametrize("code", WITHOUT_FACTS)
def test_a_sentence_comes_with_the_services_words_and_the_request_id(language: str, code: Code) -> None:
    said = plain(code).sentence(language)
    assert "No." in said
    assert "abc-1" in said
    assert not placeholders(said)
    assert SeedreamError(code).sentence(language) == texts.locales()[language][f"error.{code}"]


@every_language
async def test_what_the_limits_refuse_is_told_without_gaps(language: str) -> None:
    model = load()
    one = model.request({"prompt": "a"})
    series = model.request({"prompt": "a", "sequential_image_generation": "auto", "max_images": 3})

    async def refused(rules: LimitRules, request: Request) -> SeedreamError:
        limits = Limits(rules)
        with pytest.raises(SeedreamError) as caught:
            for _ in range(3):
                await limits.reserve("192.0.2.1", request)
        return caught.value

    for code, rules, request in (
        ("limit_pictures", LimitRules(pictures_per_hour=1), one),
        ("limit_jobs_visitor", LimitRules(jobs_per_visitor=1), one),
        ("limit_jobs_all", LimitRules(jobs_in_all=1), one),
        ("limit_max_images", LimitRules(max_images=2), series),
        ("limit_resolution", LimitRules(resolutions=("2K",)), one),
    ):
        error = await refused(rules, request)
        assert error.code == code
        assert not placeholders(error.sentence(language))
