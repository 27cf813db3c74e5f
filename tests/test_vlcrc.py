"""VLC's settings file: our token in, our token out, and not a byte besides."""

import codecs

import pytest
from cinepalette.install import vlcrc
from hypothesis import example, given
from hypothesis import strategies as st

TOKEN = b'luaintf{intf="cinepalette"}'

# As VLC 3 writes it: a UTF-8 mark, a description over each setting, defaults commented out.
WRITTEN_BY_VLC = codecs.BOM_UTF8 + (
    b"###\n###  vlc 3.0.24\n###\n\n[lua] # Lua interpreter\n\n# Lua interface (string)\n#lua-intf=dummy\n\n"
    b"[core] # core program\n\n# Extra interface modules (string)\n#extraintf=\n\n# Volume (integer)\n#volume=256\n\n"
)


def values(data: bytes) -> list[bytes]:
    """What VLC reads for extraintf, line by line; its last character goes where the line has no end."""
    lines = data.removeprefix(codecs.BOM_UTF8).split(b"\n")
    lines[-1] = lines[-1][:-1]
    return [line.removeprefix(b"extraintf=") for line in lines if line.startswith(b"extraintf=")]


def interfaces(data: bytes) -> list[bytes]:
    """The interfaces that VLC starts."""
    last = (values(data) or [b""])[-1].removesuffix(b"\r")
    return [part for part in last.split(b":") if part]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"extraintf=" + TOKEN + b"\n"),
        (b"extraintf=luaintf:http\n", b"extraintf=luaintf:http:" + TOKEN + b"\n"),
        (b"extraintf=\n", b"extraintf=" + TOKEN + b"\n"),
        (b"extraintf=http:\n", b"extraintf=" + TOKEN + b":http:\n"),
        (b"volume=256\n", b"extraintf=" + TOKEN + b"\nvolume=256\n"),
        (b"[core]\n#extraintf=\nvolume=1\n", b"[core]\n#extraintf=\nextraintf=" + TOKEN + b"\nvolume=1\n"),
    ],
)
def test_the_token_is_added_where_vlc_reads_it(before, after):
    assert vlcrc.add(before) == after


def test_of_several_lines_the_last_gets_it_since_the_last_one_counts():
    assert vlcrc.add(b"extraintf=http\nextraintf=rc\n") == b"extraintf=http\nextraintf=rc:" + TOKEN + b"\n"


def test_another_addons_interface_goes_on_running():
    before = b"extraintf=luaintf:http\nlua-intf=other\n"
    after = vlcrc.add(before)
    assert values(after) == [b"luaintf:http:" + TOKEN]
    assert b"lua-intf=other\n" in after
    assert vlcrc.remove(after) == before


def test_the_mark_at_the_beginning_stays_there():
    after = vlcrc.add(codecs.BOM_UTF8 + b"volume=256\n")
    assert after == codecs.BOM_UTF8 + b"extraintf=" + TOKEN + b"\nvolume=256\n"


def test_windows_line_ends_are_kept():
    assert vlcrc.add(b"a=1\r\nextraintf=http\r\n") == b"a=1\r\nextraintf=http:" + TOKEN + b"\r\n"
    assert vlcrc.add(b"a=1\r\n") == b"extraintf=" + TOKEN + b"\r\na=1\r\n"


def test_a_last_line_without_an_end_does_not_cost_the_token_its_brace():
    assert vlcrc.add(b"extraintf=http") == b"extraintf=http:" + TOKEN + b"\n"
    assert not vlcrc.has(b"extraintf=" + TOKEN)
    assert vlcrc.add(b"extraintf=" + TOKEN) == b"extraintf=" + TOKEN + b"\n"


def test_a_last_line_of_another_setting_without_an_end_means_to_vlc_what_it_meant():
    assert vlcrc.add(b"a=1\nvolume=256") == b"extraintf=" + TOKEN + b"\na=1\nvolume=256"


@pytest.mark.parametrize("other", [b"#extraintf=" + TOKEN, b"extraintf2=" + TOKEN, b" extraintf=" + TOKEN])
def test_only_a_line_that_vlc_reads_counts(other):
    assert not vlcrc.has(other + b"\n")


def test_a_longer_word_is_not_ours():
    stranger = b'extraintf=luaintf{intf="cinepalette2"}:my' + TOKEN + b"\n"
    assert not vlcrc.has(stranger)
    assert vlcrc.remove(stranger) == stranger


def test_bytes_that_are_no_text_go_through():
    strange = b"extraintf=http\n[\xff\xfe]\nmeta=\xe9\x00\x80\n"
    assert vlcrc.remove(vlcrc.add(strange)) == strange


def test_what_vlc_has_rewritten_loses_only_the_token():
    after = vlcrc.add(WRITTEN_BY_VLC)
    rewritten = after.replace(b"#volume=256", b"volume=300").replace(b"#extraintf=\nextraintf=", b"extraintf=")
    assert vlcrc.remove(rewritten, WRITTEN_BY_VLC) == WRITTEN_BY_VLC.replace(b"#volume=256", b"volume=300")


def test_a_token_of_ours_in_every_line_goes_from_every_line():
    assert vlcrc.remove(b"extraintf=" + TOKEN + b":a\nextraintf=b:" + TOKEN + b"\n") == b"extraintf=a\nextraintf=b\n"


lines = st.lists(
    st.sampled_from(
        [b"extraintf=", b"extraintf=http", b"extraintf=a:b", b"extraintf=a:", b"#extraintf=", b"# Words (string)", b""]
    )
    | st.binary(max_size=8)
)
files = st.builds(
    lambda mark, parts, end, last: mark + end.join(parts) + last,
    st.sampled_from([b"", codecs.BOM_UTF8]),
    lines,
    st.sampled_from([b"\n", b"\r\n"]),
    st.sampled_from([b"", b"\n", b"\r\n", b"\r"]),
)


@given(files)
@example(WRITTEN_BY_VLC)
def test_adding_puts_the_token_into_force(before):
    after = vlcrc.add(before)
    assert vlcrc.has(after)
    assert TOKEN in interfaces(after)


@given(files.filter(lambda data: data.endswith(b"\n")))
def test_adding_keeps_all_other_interfaces(before):
    assert [each for each in interfaces(vlcrc.add(before)) if each != TOKEN] == interfaces(before)


@given(files)
@example(WRITTEN_BY_VLC)
def test_adding_twice_is_adding_once(before):
    assert vlcrc.add(vlcrc.add(before)) == vlcrc.add(before)


@given(files)
@example(WRITTEN_BY_VLC)
def test_taking_it_out_leaves_the_file_byte_for_byte_as_it_was(before):
    assert vlcrc.remove(vlcrc.add(before), before) == before
    assert vlcrc.remove(before) == before
