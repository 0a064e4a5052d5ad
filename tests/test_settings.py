from __future__ import annotations

import os
from pathlib import Path

import pytest

from seedream.settings import OFFICIAL_BASE_URL, LimitRules, Settings, from_environment

NAMES = ("RUNCOMFY_TOKEN", "RUNCOMFY_API_TOKEN", "RUNCOMFY_API_KEY", "YOUR_API_TOKEN")
MARKER = "marker-3f9c1d27-owner"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def read(file: Path, **variables: str) -> Settings:
    return from_environment(variables, file)


def test_without_a_token_the_page_shows_samples(file: Path) -> None:
    found = read(file)
    assert (found.token, found.base_url, found.offline) == ("", "https://model-api.runcomfy.net", True)


@pytest.mark.parametrize("name", NAMES)
def test_each_of_three_names_gives_the_token(file: Path, name: str) -> None:
    found = read(file, **{name: MARKER})
    assert (found.token, found.offline) == (MARKER, False)


@pytest.mark.parametrize("first", range(3))
def test_the_names_have_an_order(file: Path, first: int) -> None:
    # The environment's own order is the other way round.
    variables = {name: name.lower() for name in reversed(NAMES[first:])}
    assert read(file, **variables).token == NAMES[first].lower()


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_a_blank_name_is_skipped(file: Path, blank: str) -> None:
    assert read(file, RUNCOMFY_TOKEN=blank, RUNCOMFY_API_KEY=MARKER).token == MARKER
    assert read(file, RUNCOMFY_TOKEN=blank).offline


def test_spaces_around_a_token_are_dropped(file: Path) -> None:
    assert read(file, RUNCOMFY_TOKEN=f" {MARKER}\n").token == MARKER


@pytest.mark.parametrize(
    "line", ["{}={}", '{}="{}"', "export {}={}", "  {} = {}  ", "# first\n\n{}={} # the owner's"]
)
@pytest.mark.parametrize("name", NAMES)
def test_the_env_file_gives_the_token(file: Path, name: str, line: str) -> None:
    file.write_text(line.format(name, MARKER) + "\n", encoding="utf-8")
    assert read(file).token == MARKER


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_the_env_file_may_be_written_by_windows(file: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    file.write_text(f"{mark}RUNCOMFY_TOKEN={MARKER}\r\n", encoding=encoding)
    assert read(file).token == MARKER


def test_a_variable_beats_the_same_one_in_the_file(file: Path) -> None:
    file.write_text("RUNCOMFY_TOKEN=of-the-file\nSEEDREAM_JOBS=7\nSEEDREAM_LIMITS=on\n", encoding="utf-8")
    found = read(file, RUNCOMFY_TOKEN=MARKER)
    assert (found.token, found.rules and found.rules.jobs_in_all) == (MARKER, 7)


def test_the_file_fills_in_what_the_variables_leave_out(file: Path) -> None:
    file.write_text("RUNCOMFY_API_KEY=of-the-file\nYOUR_API_TOKEN=other\n", encoding="utf-8")
    assert read(file, YOUR_API_TOKEN=MARKER).token == "of-the-file"


@pytest.mark.parametrize("content", ["", "\n\n", "# nothing\n", "RUNCOMFY_TOKEN\n", "RUNCOMFY_TOKEN=\n"])
def test_a_file_without_a_token_gives_none(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    assert read(file).offline


def test_the_processs_own_variables_and_folder_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [
        name for name in os.environ if name in NAMES or name.startswith(("RUNCOMFY", "SEEDREAM", "SPACE"))
    ]:
        monkeypatch.delenv(name)
    (tmp_path / ".env").write_text(f"RUNCOMFY_TOKEN={MARKER}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNCOMFY_BASE_URL", "http://127.0.0.1:1")
    found = from_environment()
    assert (found.token, found.base_url) == (MARKER, "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("", OFFICIAL_BASE_URL),
        ("  ", OFFICIAL_BASE_URL),
        ("https://model-api.runcomfy.net/", "https://model-api.runcomfy.net"),
        (" http://127.0.0.1:8800 ", "http://127.0.0.1:8800"),
        ("http://[::1]:8800", "http://[::1]:8800"),
        ("https://proxy.example/runcomfy/", "https://proxy.example/runcomfy"),
    ],
)
def test_a_base_url_is_taken_without_its_last_slash(file: Path, given: str, used: str) -> None:
    assert read(file, RUNCOMFY_BASE_URL=given).base_url == used


@pytest.mark.parametrize(
    "given",
    [
        "model-api.runcomfy.net",
        "ftp://model-api.runcomfy.net",
        "file:///etc/passwd",
        "https://",
        "http:///v1",
        "//model-api.runcomfy.net",
        "https://user@model-api.runcomfy.net",
        f"https://user:{MARKER}@model-api.runcomfy.net",
        "http://[::1",
        "http://127.0.0.1:port",
        "http://127.0.0.1:99999",
        "http://model api.runcomfy.net",
        "https://model-api.runcomfy.net?x=1",
        "https://model-api.runcomfy.net#x",
    ],
)
def test_a_base_url_that_makes_no_sense_is_refused_by_name(file: Path, given: str) -> None:
    with pytest.raises(ValueError, match="RUNCOMFY_BASE_URL") as caught:
        read(file, RUNCOMFY_BASE_URL=given)
    assert MARKER not in str(caught.value)


FOREIGN = "https://elsewhere.example"


@pytest.mark.parametrize("name", NAMES)
def test_an_address_in_a_folder_gets_no_token_of_the_environment(file: Path, name: str) -> None:
    file.write_text(f"RUNCOMFY_BASE_URL={FOREIGN}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"RUNCOMFY_BASE_URL.*\.env") as caught:
        read(file, **{name: MARKER})
    assert MARKER not in str(caught.value)


def test_an_address_in_a_folder_goes_with_the_token_beside_it(file: Path) -> None:
    file.write_text(f"RUNCOMFY_BASE_URL={FOREIGN}\nRUNCOMFY_TOKEN={MARKER}\n", encoding="utf-8")
    found = read(file)
    assert (found.base_url, found.token) == (FOREIGN, MARKER)
    # The environment's token is another one, and would win.
    with pytest.raises(ValueError, match="RUNCOMFY_BASE_URL"):
        read(file, RUNCOMFY_TOKEN="another")


def test_whoever_sets_the_address_in_the_environment_means_it(file: Path) -> None:
    file.write_text(f"RUNCOMFY_BASE_URL=https://third.example\nRUNCOMFY_TOKEN={MARKER}\n", encoding="utf-8")
    assert read(file, RUNCOMFY_BASE_URL=FOREIGN).base_url == FOREIGN
    assert read(file, RUNCOMFY_BASE_URL=FOREIGN, RUNCOMFY_TOKEN="another").token == "another"


def test_an_address_without_any_token_is_a_page_of_samples(file: Path) -> None:
    file.write_text(f"RUNCOMFY_BASE_URL={FOREIGN}\n", encoding="utf-8")
    found = read(file)
    # An address that a folder names gets no token from elsewhere, a visitor's own neither.
    assert (found.offline, found.visitors_base_url) == (True, OFFICIAL_BASE_URL)


def test_a_visitors_own_token_goes_to_the_api_also_behind_a_stand_in(file: Path) -> None:
    found = read(file, RUNCOMFY_BASE_URL=FOREIGN)
    assert (found.offline, found.own_tokens, found.visitors_base_url) == (True, True, FOREIGN)
    served = found.served_by("http://127.0.0.1:1")
    assert (served.base_url, served.visitors_base_url) == ("http://127.0.0.1:1", FOREIGN)
    assert not read(file, SEEDREAM_OWN_TOKENS="off").own_tokens


@pytest.mark.parametrize(
    "given", ["http://elsewhere.example", "http://192.168.0.7:8800", "http://127.0.0.1.example"]
)
def test_a_token_travels_in_plain_only_within_this_machine(file: Path, given: str) -> None:
    with pytest.raises(ValueError, match=r"RUNCOMFY_BASE_URL.*https"):
        read(file, RUNCOMFY_BASE_URL=given, RUNCOMFY_TOKEN=MARKER)


@pytest.mark.parametrize(
    "given", ["http://127.0.0.1:8800", "http://127.8.9.1", "http://[::1]:8800", "http://localhost:1"]
)
def test_within_this_machine_an_address_may_be_plain(file: Path, given: str) -> None:
    assert read(file, RUNCOMFY_BASE_URL=given, RUNCOMFY_TOKEN=MARKER).base_url == given


def test_secrets_are_in_no_repr(file: Path) -> None:
    found = read(
        file,
        RUNCOMFY_TOKEN=MARKER,
        SEEDREAM_USER="owner",
        SEEDREAM_PASSWORD=f"{MARKER}-password",
        SEEDREAM_SECRET=f"{MARKER}-secret",
        SEEDREAM_LIMITS_STORAGE=f"redis://:{MARKER}@127.0.0.1",
    )
    assert found.token == MARKER
    assert MARKER not in f"{found!r} {found}"


def test_the_stand_in_is_never_shown_the_owners_token(file: Path) -> None:
    found = read(file, RUNCOMFY_TOKEN=MARKER).served_by("http://127.0.0.1:1")
    assert (found.base_url, found.offline) == ("http://127.0.0.1:1", True)
    assert found.token
    assert found.token != MARKER


def test_a_job_is_watched_for_as_long_as_the_owner_says(file: Path) -> None:
    assert read(file).watch_seconds == 30 * 60
    assert read(file, SEEDREAM_WATCH_MINUTES="5").watch_seconds == 5 * 60


def test_a_space_with_a_token_has_limits_and_one_proxy(file: Path) -> None:
    found = read(file, SPACE_ID="owner/space", RUNCOMFY_TOKEN=MARKER)
    assert (found.rules, found.trusted_proxies) == (LimitRules(), 1)
    assert read(file, SPACE_ID="owner/space").rules is None
    assert read(file, SPACE_ID="owner/space", RUNCOMFY_TOKEN=MARKER, SEEDREAM_LIMITS="off").rules is None
    at_home = read(file, RUNCOMFY_TOKEN=MARKER)
    assert (at_home.rules, at_home.trusted_proxies) == (None, 0)


SIGN_IN = {
    "SYSTEM": "spaces",
    "SPACE_ID": "owner/space",
    "RUNCOMFY_TOKEN": MARKER,
    "OAUTH_CLIENT_ID": "one",
    "OAUTH_CLIENT_SECRET": "two",
    "OAUTH_SCOPES": "openid profile",
    "OPENID_PROVIDER_URL": "https://huggingface.co",
}


def test_visitors_sign_in_where_the_hub_lets_them_and_something_is_counted(file: Path) -> None:
    assert read(file, **SIGN_IN).sign_in
    assert not read(file, **SIGN_IN, SEEDREAM_LIMITS="off").sign_in
    assert not read(file, SPACE_ID="owner/space", RUNCOMFY_TOKEN=MARKER).sign_in


@pytest.mark.parametrize("lacking", SIGN_IN)
def test_where_anything_of_it_lacks_nobody_signs_in(file: Path, lacking: str) -> None:
    # Not by a file either: Gradio reads the environment alone.
    file.write_text(f"{lacking}={SIGN_IN[lacking]}\n" if lacking != "RUNCOMFY_TOKEN" else "", encoding="utf-8")
    assert not read(file, **{name: value for name, value in SIGN_IN.items() if name != lacking}).sign_in


def test_the_rules_are_the_owners(file: Path) -> None:
    found = read(
        file,
        SEEDREAM_LIMITS="on",
        SEEDREAM_PICTURES_PER_HOUR="20",
        SEEDREAM_JOBS_PER_VISITOR="3",
        SEEDREAM_JOBS="40",
        SEEDREAM_MAX_IMAGES="6",
        SEEDREAM_RESOLUTIONS="2K, 2048x2048 (1:1),",
        SEEDREAM_LIMITS_STORAGE="redis://127.0.0.1",
    )
    assert found.rules == LimitRules(20, 3, 40, 6, ("2K", "2048x2048 (1:1)"))
    assert found.limits_storage == "redis://127.0.0.1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "0") for name in ("SEEDREAM_WATCH_MINUTES", "SEEDREAM_PICTURES_PER_HOUR", "SEEDREAM_JOBS")),
        *(("SEEDREAM_MAX_IMAGES", odd) for odd in ("-1", "2.5", "many", "1e3")),
        ("SEEDREAM_TRUSTED_PROXIES", "-1"),
        ("SEEDREAM_LIMITS", "maybe"),
        ("SEEDREAM_USER", "owner"),
        ("SEEDREAM_PASSWORD", "secret"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(file: Path, name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        read(file, **{"SEEDREAM_LIMITS": "on", name: value})
