"""Lists of sentences as spreadsheets and people write them, and folders of sound: read right, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from guildhall.steer_evaluation import check_intents
from guildhall.steer_sentences import few_shots, read_sentences
from guildhall.steer_sounds import Line, Sounds
from kernel.errors import BadInput
from kernel.steering import Intent, SteeringBook

pytestmark = pytest.mark.shell

_ROWS = (("a hole, a big one", "pothole"), ("sing a song", ""))


# "Evaluation files are CSV with a header ..., an empty intent meaning out of scope"
@pytest.mark.parametrize(
    "content",
    [
        b'text,intent\n"a hole, a big one",pothole\nsing a song,\n',
        b'\xef\xbb\xbftext,intent\r\n"a hole, a big one",pothole\r\nsing a song,\r\n',
        b"text;intent\na hole, a big one;pothole\nsing a song;\n",
        b"text\tintent\na hole, a big one\tpothole\nsing a song\t\n\n",
        b'Intent,Text\npothole,"a hole, a big one"\n,sing a song',
        'text,intent\n"a hole, a big one",pothole\nsing a song,\n'.encode("utf-16"),
        b'text,category\n"a hole, a big one", pothole \nsing a song,\n',
        b'text,category,intent\n"a hole, a big one",roads,pothole\nsing a song,,\n',
    ],
)
def test_given_a_list_as_people_write_it_when_read_then_the_same_sentences(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert read_sentences(tmp_path / "a.csv").texts == _ROWS


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "header must be"),
        (b"words,meaning\na,b\n", "header must be"),
        (b"text,intent\na hole, a big one,pothole\n", "line 2: 3 cells in place of 2"),
        (b"text,intent\njust words\n", "line 2: 1 cells"),
        (b"text,intent\n,pothole\n", "line 2: no text and no file"),
        (b'text,intent\n"a hole,pothole\n', "a.csv, line"),
        # Of a column that stands twice the last would win without a word.
        (b"text,intent,Intent\na hole,pothole,flooding\n", "line 1: column 'intent' stands twice"),
        (b"text,category,label\na hole,roads,pothole\n", "line 1: columns 'category' and 'label' may both"),
        (b"RIFF\x00\x00WAVE", "no text"),
    ],
)
def test_given_a_broken_list_when_read_then_it_says_where(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(BadInput, match=told):
        read_sentences(tmp_path / "a.csv")


def test_given_windows_letters_when_read_then_the_apostrophe_is_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"text,intent\nit\x92s flooding,flooding\n")
    assert read_sentences(tmp_path / "a.csv").texts == (("it’s flooding", "flooding"),)


def test_given_both_a_file_and_its_words_when_read_then_the_file_is_judged(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("file,text,intent\none.wav,a hole,pothole\n", encoding="utf-8")
    found = read_sentences(tmp_path / "a.csv")
    assert (found.texts, found.sounds) == ((), ((tmp_path / "one.wav", "pothole"),))


def test_given_folders_of_sound_when_read_then_their_names_are_the_intents(tmp_path: Path) -> None:
    for name in ("pothole/a.WAV", "pothole/notes.txt", "none/b.mp3"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = read_sentences(tmp_path)
    assert found.sounds == ((tmp_path / "none/b.mp3", ""), (tmp_path / "pothole/a.WAV", "pothole"))


def test_given_nothing_there_when_read_then_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.csv"):
        with pytest.raises(BadInput):
            read_sentences(path)


def test_given_an_unknown_intent_when_checked_then_its_place_and_a_guess(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,intent\na hole,pothole\na pit,potholes\n", encoding="utf-8")
    book = SteeringBook(
        intents={
            name: Intent(id=name, says=name, phrases=(f"{name} one", f"{name} two")) for name in ("pothole", "noise")
        },
        out_of_scope=("sing", "dance"),
    )
    with pytest.raises(BadInput, match=r"a\.csv, line 3: unknown intent 'potholes': did you mean 'pothole'"):
        check_intents(book, read_sentences(tmp_path / "a.csv").places)


def test_given_missing_and_empty_files_when_checked_then_all_named_before_any_is_heard(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    sounds = Sounds([(tmp_path / "absent.wav", "a"), (tmp_path / "empty.wav", "b")], Line())
    with pytest.raises(BadInput, match=r"absent\.wav is not there; empty\.wav is empty"):
        sounds.check()


def test_given_shots_when_drawn_then_so_many_of_each_and_the_same_again() -> None:
    sentences = [(f"{intent} {number}", intent) for intent in "ab" for number in range(9)]
    first = few_shots(sentences, 3, seed=1)
    assert sorted(first.intents) == list("aaabbb")
    assert first == few_shots(sentences, 3, seed=1)
