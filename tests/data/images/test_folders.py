"""Which files of a folder are images of which class, as Keras lists them."""

import os
from pathlib import Path

import pytest

from wane import InputError
from wane.data.images.folders import class_files, is_image_folder, new_files


def laid(folder: Path, *names: str) -> Path:
    """A folder with empty files of these names."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def test_classes_are_the_folders_sorted_as_texts_and_files_are_found_within(tmp_path: Path) -> None:
    laid(tmp_path, "10/b.PNG", "10/a.jpg", "10/deep/er/c.gif", "9/z.bmp", "9/y.jpeg", "Z/x.png")
    names, files, notes = class_files(tmp_path)
    assert names == ("10", "9", "Z") and notes == []
    assert [(file.name, file.label) for file in files] == [
        ("10/a.jpg", "10"),
        ("10/b.PNG", "10"),
        ("10/deep/er/c.gif", "10"),
        ("9/y.jpeg", "9"),
        ("9/z.bmp", "9"),
        ("Z/x.png", "Z"),
    ]


def test_what_is_hidden_or_of_a_study_is_passed_over_and_other_files_are_named(
    tmp_path: Path,
) -> None:
    laid(
        tmp_path,
        "a/1.png", "a/._1.png", "a/.thumbs/2.png", "b/1.png", "b/notes.txt", "b/raw/1.webp",
        ".git/x.png", "photos-study/study.json", "photos-study/figures/loss.png", "top.png",
        "readme.md", ".DS_Store",
    )  # fmt: skip
    names, files, notes = class_files(tmp_path)
    assert names == ("a", "b") and [file.name for file in files] == ["a/1.png", "b/1.png"]
    assert notes == [
        "3 files were passed over (no .bmp, .gif, .jpeg, .jpg, .png): 'b/notes.txt', "
        "'b/raw/1.webp', 'readme.md'.",
        "1 file was passed over (in no class folder): 'top.png'.",
    ]


def test_a_study_within_a_class_and_a_class_that_may_not_be_entered(tmp_path: Path) -> None:
    laid(tmp_path, "a/1.png", "a/study/figures/x.png", "b/2.png")
    (tmp_path / "a/study/study.json").write_text("{}")
    _, files, _ = class_files(tmp_path)
    assert [file.name for file in files] == ["a/1.png", "b/2.png"]
    if os.geteuid():  # all may be entered by root
        (tmp_path / "b").chmod(0)
        with pytest.raises(InputError, match="cannot be listed"):
            class_files(tmp_path)


def test_links_are_followed_as_keras_follows_them(tmp_path: Path) -> None:
    laid(tmp_path / "elsewhere", "1.png", "2.png")
    laid(tmp_path / "p", "a/1.png", "b/1.png")
    (tmp_path / "p" / "c").symlink_to(tmp_path / "elsewhere")  # a class
    (tmp_path / "p" / "a" / "linked.png").symlink_to(tmp_path / "elsewhere" / "1.png")
    (tmp_path / "p" / "b" / "within").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "p" / "b" / "around").symlink_to(tmp_path / "p")
    files = class_files(tmp_path / "p")[1]
    assert [file.name for file in files] == [
        "a/1.png",
        "a/linked.png",
        "b/1.png",
        "c/1.png",
        "c/2.png",
    ]


def test_a_folder_that_is_none_of_classes_is_refused(tmp_path: Path) -> None:
    def sentence(name: str) -> str:
        with pytest.raises(InputError) as caught:
            class_files(tmp_path / name)
        return str(caught.value).replace(f"{tmp_path}{os.sep}", "")

    laid(tmp_path, "flat/1.png", "flat/2.png", "one/cats/1.png", "empty/a/1.png", "empty/b/1.txt")
    laid(tmp_path, "parts/Train/a/1.png", "parts/test/a/1.png", "file")
    (tmp_path / "nothing").mkdir()
    assert sentence("gone") == (
        "There is no folder 'gone': give one with a folder of images for each class."
    )
    assert sentence("file").startswith("There is no folder 'file'")
    assert sentence("flat") == (
        "'flat' has 2 images and no folders of classes: move the images of each class into a "
        "folder that is named after it, such as 'flat/cats'."
    )
    assert sentence("nothing").startswith("'nothing' has no folders of classes: move")
    assert sentence("one") == (
        "'one' has one class folder, 'cats', and nothing to tell it from: give a folder with one "
        "for each class."
    )
    assert sentence("empty") == (
        "The class folder 'empty/b' holds no images (.bmp, .gif, .jpeg, .jpg, .png): put images "
        "of that class into it, or take it away."
    )
    assert sentence("parts") == (
        "'parts' has the folders 'Train', 'test', which are parts of the data and no classes: give "
        "one that holds the class folders, such as 'parts/Train'."
    )


@pytest.mark.skipif(os.name == "nt", reason="names of files are Unicode there")
def test_a_class_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    laid(tmp_path, "a/1.png")
    bad = os.fsencode(tmp_path) + b"/b\xff"
    try:
        os.mkdir(bad)  # noqa: PTH102 # a path of bytes
    except OSError:  # where the file system has texts only
        pytest.skip("the file system takes no such name")
    with pytest.raises(InputError, match="has a name that is no UTF-8: rename it"):
        class_files(tmp_path)


def test_new_images_may_lie_anywhere(tmp_path: Path) -> None:
    files, notes = new_files(laid(tmp_path, "2.png", "a/1.jpg", "a/b/3.gif", "x.txt", ".h.png"))
    assert [(file.name, file.label) for file in files] == [
        ("2.png", ""),
        ("a/1.jpg", "a"),
        ("a/b/3.gif", "a"),
    ]
    assert notes == ["1 file was passed over (no .bmp, .gif, .jpeg, .jpg, .png): 'x.txt'."]
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="holds no images"):
        new_files(tmp_path / "none")


def test_an_example_or_table_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "moons").mkdir()
    assert not is_image_folder("moons") and is_image_folder("./moons")
    (tmp_path / "t.csv").mkdir()
    assert (
        not is_image_folder("t.csv")
        and not is_image_folder("a" * 5000)
        and not is_image_folder("a\0b")
    )
