"""Which values are taken, which are refused before anything is sent, and what the refusal says."""

import pickle

import pytest

from owox import keys
from owox.client import Client, ConfigError, Credentials
from owox.client.credentials import COMBINED, KEY_ID, ORIGIN, SECRET, clean, secret_fault

HOME = "https://owox.example.com"


@pytest.fixture
def variables(minted: keys.Minted) -> dict[str, str]:
    return {ORIGIN: HOME, KEY_ID: minted.key_id, SECRET: minted.secret}


@pytest.fixture
def combined(minted: keys.Minted) -> str:
    return keys.combine(HOME, minted.key_id, minted.secret)


def from_env(environ: dict[str, str], where: dict[str, str] | None = None) -> tuple[Credentials, list[str]]:
    notes: list[str] = []
    return Credentials.from_env(environ, where, notes.append), notes


def test_three_variables_or_one_or_both_make_the_same_client(variables: dict[str, str], combined: str):
    three = Client.from_env(variables)
    one = Client.from_env({COMBINED: combined})
    both = Client.from_env({**variables, COMBINED: combined})

    assert three.credentials == one.credentials == both.credentials == Client(combined).credentials


def test_the_process_environment_is_read_by_default(
    variables: dict[str, str], minted: keys.Minted, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv(COMBINED, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert Client.from_env().credentials == Credentials(HOME, minted.key_id, minted.secret)


@pytest.mark.parametrize("missing", [(ORIGIN,), (KEY_ID,), (SECRET,), (KEY_ID, SECRET), (ORIGIN, SECRET)])
@pytest.mark.parametrize("blank", ["", "  ", '""'])
def test_a_part_that_is_missing_is_named(variables: dict[str, str], missing: tuple[str, ...], blank: str):
    with pytest.raises(ConfigError) as caught:
        from_env({**variables, **dict.fromkeys(missing, blank)})

    assert caught.value.message.endswith(f" must be set together; missing: {', '.join(missing)}")


def test_nothing_set_says_what_to_set():
    with pytest.raises(
        ConfigError, match="Set OWOX_API_KEY, or OWOX_API_ORIGIN, OWOX_API_KEY_ID and OWOX_API_KEY_SECRET"
    ):
        from_env({})


@pytest.mark.parametrize(
    ("name", "value", "difference"),
    [
        (ORIGIN, "https://other.example.com", "different servers"),
        (ORIGIN, "not an origin", "different servers"),
        (KEY_ID, "pmk_BBBBBBBBBBBBBBBBBBBBBB", "different API keys"),
        (SECRET, "another-secret", "different secrets"),
    ],
)
def test_a_contradiction_names_both_sources_and_no_secret(
    combined: str, minted: keys.Minted, name: str, value: str, difference: str
):
    """U4"""
    where = {COMBINED: "the environment", name: "ci.env"}

    with pytest.raises(ConfigError) as caught:
        from_env({COMBINED: combined, name: value}, where)

    assert f"OWOX_API_KEY (from the environment) and {name} (from ci.env) name {difference}" in str(caught.value)
    for hidden in (minted.secret, combined, "another-secret"):
        assert hidden not in f"{caught.value!s} {vars(caught.value)}"


def test_an_equal_origin_in_another_spelling_is_no_contradiction(combined: str):
    assert from_env({COMBINED: combined, ORIGIN: "HTTPS://OWOX.example.com:443/"})[0].origin == HOME


@pytest.mark.parametrize("dress", [" {} ", "{}\n", '"{}"', "'{}'\r\n", "\ufeff{}", "“{}”", "\u00a0`{}`", '" {} "'])
def test_outer_white_space_and_quotes_are_taken_off_with_a_note(variables: dict[str, str], dress: str):
    found, notes = from_env({**variables, SECRET: dress.format(variables[SECRET])})

    assert found.secret == variables[SECRET]
    assert notes == ["OWOX_API_KEY_SECRET: white space or quotes around the value were removed."]


@pytest.mark.parametrize("value", ["plain", '"', "'half", 'a"b', "in side", "“mixed'"])
def test_other_values_are_left_alone_without_a_note(value: str):
    notes: list[str] = []

    assert clean("NAME", value, notes.append) == value
    assert notes == []


def test_a_combined_value_is_taken_with_its_dress(combined: str):
    with pytest.warns(UserWarning, match="OWOX_API_KEY: white space or quotes"):
        assert Client(f' "{combined}"\n').credentials.origin == HOME


@pytest.mark.parametrize("value", ["", "owox_key_", "owox_key_###", "owox_key_e30", "pmk_only", "owox_key_W10"])
def test_a_bad_combined_value_is_refused_in_the_contracts_words(value: str):
    with pytest.raises(ConfigError, match=r"^OWOX_API_KEY (is required|must)"):
        Client(value)


def test_a_cut_secret_is_found_offline(variables: dict[str, str]):
    with pytest.raises(ConfigError, match="The API Key Secret is cut short: 41 of 58 characters"):
        from_env({**variables, SECRET: variables[SECRET][:41]})


def test_a_mistyped_or_doubled_secret_is_found_offline(minted: keys.Minted):
    other = "A" if minted.secret[20] != "A" else "B"

    assert secret_fault(minted.secret[:20] + other + minted.secret[21:]) == "mistyped: its checksum does not fit"
    assert secret_fault(minted.secret * 2) == "too long: 116 of 58 characters"
    assert secret_fault(minted.secret) is None


@pytest.mark.parametrize("secret", ["s", "s" * 43, "é", "OWOX_SEC_x", "with space"])
def test_any_other_secret_is_for_the_server_to_judge(secret: str):
    assert Credentials.of(HOME, "x", secret).secret == secret


def test_a_cut_secret_inside_a_combined_value_is_found_too(minted: keys.Minted):
    with pytest.raises(ConfigError, match="cut short: 57 of 58"):
        Client(keys.combine(HOME, minted.key_id, minted.secret[:-1]))


@pytest.mark.parametrize(
    "origin",
    ["data.example.org", "ftp://owox.example.com", "https://user:pass@owox.example.com", f"{HOME}/path", "http://"],
)
def test_an_origin_is_scheme_host_and_port_and_is_not_repeated_in_the_error(origin: str):
    with pytest.raises(ConfigError, match="OWOX API origin must be a valid http or https address") as caught:
        Client(origin, "x", "s")

    assert origin not in str(caught.value)
    assert caught.value.hint == "Write it like https://owox.example.com."


@pytest.mark.parametrize("key_id", ["pmk_\nx", "pmk_é", "pmk_\x00"])
def test_an_id_that_fits_no_header_is_refused(key_id: str):
    with pytest.raises(ConfigError, match="API Key ID holds characters"):
        Client(HOME, key_id, "s")


def test_bytes_that_are_no_utf8_are_refused(variables: dict[str, str]):
    with pytest.raises(ConfigError, match="OWOX_API_KEY_SECRET is not valid UTF-8"):
        from_env({**variables, SECRET: "\udcff\udcfe"})


def test_errors_survive_being_sent_to_another_process():
    error = ConfigError("No", details={"why": 1}, hint="Do")

    again = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert (again.message, again.details, again.hint) == ("No", {"why": 1}, "Do")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("OWOX_API_KEY_ID", "set it as OWOX_API_KEY_ID, with OWOX_API_ORIGIN and OWOX_API_KEY_SECRET."),
        ("OWOX_API_KEY_SECRET", "set it as OWOX_API_KEY_SECRET, with OWOX_API_ORIGIN and OWOX_API_KEY_ID."),
        ("OWOX_API_ORIGIN", "Copy the combined value again, whole."),
    ],
)
def test_a_part_in_the_place_of_the_whole_is_told_where_it_belongs(variables: dict[str, str], name: str, hint: str):
    with pytest.raises(ConfigError, match="must start with owox_key_") as caught:
        Credentials.from_env({"OWOX_API_KEY": variables[name]})

    assert (caught.value.hint or "").endswith(hint)
    assert variables["OWOX_API_KEY_SECRET"] not in str(caught.value)
