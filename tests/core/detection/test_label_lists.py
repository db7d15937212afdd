"""Lists of class names as people have them; the right value of each is the same three names."""

import os
import sys
from pathlib import Path

import pytest

from core.detection.label_lists import fitted_names, lists_in, read_label_list, read_labels
from core.detection.labels import label_map
from core.errors import InputError
from core.files import NotRegularError, TooLargeError, open_regular, read_regular

NAMES = ("person", "traffic light", "cat")
FORMS = {
    "one per line": "person\n\n traffic light \r\ncat\n",
    "numbers": "0 person\n1 traffic light\n2 cat\n",
    "numbers with colons": "0: person\n1: traffic light\n2: cat",
    "numbers with commas": "0,person\n1,traffic light\n2,cat",
    "numbers from one": "1. person\n2. traffic light\n3. cat\n",
    "numbers in any order": "2\tcat\n0\tperson\n1\ttraffic light\n",
    "numbers behind": "person: 0\ntraffic light: 1\ncat: 2\n",
    "a table": "id,name\n0,person\n1,traffic light\n2,cat\n",
    "a table with the name first": "name;id\nperson;0\ntraffic light;1\ncat;2\n",
    "a comment": "# my labels\nperson\ntraffic light\ncat\n",
    "one line": "person, traffic light, cat",
    "quotes": "'person',\n'traffic light',\n'cat'\n",
    "a list of Python": "['person', 'traffic light', 'cat']",
    "a dict of Python": "{0: 'person', 1: 'traffic light', 2: 'cat'}",
    "JSON": '["person", "traffic light", "cat"]',
    "JSON with tabs": '{\n\t"names": ["person", "traffic light", "cat"]\n}',
    "numbers to names": '{"0": "person", "1": "traffic light", "2": "cat"}',
    "names to numbers": '{"traffic light": 1, "person": 0, "cat": 2}',
    "id2label": '{"dim": 3, "id2label": {"0": "person", "1": "traffic light", "2": "cat"}}',
    "categories": '{"categories": [{"id": 3, "name": "cat"}, {"id": 1, "name": "person"},'
    ' {"id": 2, "name": "traffic light"}]}',
    "data.yaml": "train: a\nnames:\n  0: person\n  1: traffic light\n  2: cat\n",
    "data.yaml with a list": "nc: 3\nnames:\n- person\n- traffic light\n- cat\n",
    "a label map": "item {\n  id: 1\n  name: 'person'\n}\nitem {\n  name: \"traffic light\"\n"
    "  id: 2\n}\nitem { id: 3 name: 'cat' }\n",
    "a label map with codes": 'item { name: "/m/01" id: 1 display_name: "person" }\n'
    'item { name: "/m/02" id: 2 display_name: "traffic light" }\n'
    'item { name: "/m/03" id: 3 display_name: "cat" }\n',
    "a label map of Caffe": 'item {\n name: "x"\n label: 0\n display_name: "person"\n}\n'
    'item { name: "y" label: 1 display_name: "traffic light" }\n'
    'item { name: "z" label: 2 display_name: "cat" }',
    "colours": "# label:color_rgb:parts:actions\nperson:128,0,0::\ntraffic light:::\ncat:0,1,2::\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_names(tmp_path: Path, form: str) -> None:
    path = tmp_path / "labels.txt"
    path.write_text(FORMS[form], "utf-8")
    assert read_labels(path) == NAMES


@pytest.mark.parametrize(
    "text",
    ["1 euro\n2 euro\n", "3 wheeler\n4 wheeler\n", "7up\n7 days\n", "no\nyes\n", "no. 1\nno. 2\n"],
)
def test_numbers_that_belong_to_the_names_stay(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.txt"
    path.write_text(text)
    assert read_labels(path) == tuple(text.splitlines())


def test_values_of_yaml_stay_the_text_that_they_are(tmp_path: Path) -> None:
    path = tmp_path / "data.yaml"
    path.write_text("names: [yes, no, on, off, null, 1.5, 007]\n")
    assert read_labels(path) == ("yes", "no", "on", "off", "null", "1.5", "007")


def test_ids_without_a_name_are_filled(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_text("0  person\n1  bicycle\n3  car\n")
    assert read_labels(path) == ("person", "bicycle", "class 2", "car")


CHINESE = ("行人", "自行车", "car", "T恤")
WESTERN = ("Fußgänger", "construção", "café", "coração")


@pytest.mark.parametrize(
    ("names", "codec", "how"),
    [
        (CHINESE, "utf-8", ""),
        (CHINESE, "utf-8-sig", ""),
        (CHINESE, "utf-16", ""),
        (CHINESE, "utf-32", ""),
        (("person", "car"), "utf-16-le", "UTF-16"),
        (("person", "car"), "utf-16-be", "UTF-16"),
        (CHINESE, "gbk", "GB18030"),
        (CHINESE, "gb18030", "GB18030"),
        (WESTERN, "latin-1", "Windows-1252"),
        (WESTERN, "cp1252", "Windows-1252"),
    ],
)
def test_encodings(tmp_path: Path, names: tuple[str, ...], codec: str, how: str) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes("\r\n".join(names).encode(codec))
    found = read_label_list(path)
    assert found.names == names
    assert bool(how) == bool(found.how)
    assert how in found.how


def test_two_encodings_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(b"caf\xe9\r\n\r\nfianc\xc3\xa9e\r\n")
    assert read_labels(path) == ("café", "fiancée")


def test_letters_of_a_label_map_may_be_bytes_in_octal(tmp_path: Path) -> None:
    path = tmp_path / "label_map.pbtxt"
    path.write_text(r'item { id: 1 name: "caf\303\251" } item { id: 2 name: "a\"b" }')
    assert read_labels(path) == ("café", 'a"b')


@pytest.mark.parametrize(
    "data", [b"", b" \n\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\3\4\0\0\0\0", b"# nothing\n"]
)
def test_what_has_no_names_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(data)
    with pytest.raises(InputError, match="has no class names") as refused:
        read_labels(path)
    assert "one class name per line" in refused.value.next_step


def test_a_list_that_is_gone_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_labels(tmp_path / "labels.txt")
    with (tmp_path / "labels.txt").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(InputError, match="is larger than"):
        read_labels(tmp_path / "labels.txt")
    with pytest.raises(InputError, match="is not a regular file"):
        read_labels(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders")
@pytest.mark.timeout(20)
def test_pipes_and_devices_are_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "labels.txt"
    os.mkfifo(pipe)
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    for path in (pipe, tmp_path / "zero.txt"):
        with pytest.raises(InputError, match="is not a regular file"):
            read_labels(path)
        with pytest.raises(NotRegularError):
            open_regular(path)
    assert list(lists_in(tmp_path)) == [pipe]  # whoever reads it says why it cannot be


def test_no_more_is_read_than_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10)
    assert read_regular(path, 10) == b"x" * 10
    with pytest.raises(TooLargeError, match="larger than 9 bytes"):
        read_regular(path, 9)


def test_a_list_fits_a_model_or_it_does_not() -> None:
    coco = label_map("coco-80")
    assert fitted_names(coco, 80) == coco
    assert fitted_names(coco, 0) == coco, "the model does not tell"
    assert fitted_names(("background", *coco), 80) == coco
    assert fitted_names(label_map("coco-91"), 90) == label_map("coco-91")[1:]
    assert fitted_names(label_map("coco-91"), 80) == ()
    assert fitted_names(("# my labels", *coco), 80) == ()
    assert fitted_names(coco[:79], 80) == ()
    assert fitted_names(("a", "class 1", "b"), 2) == ("a", "b"), "gaps that were filled"
    assert fitted_names(("a", "class 1", "b"), 3) == ("a", "class 1", "b")


def test_lists_beside_a_model_with_its_own_first(tmp_path: Path) -> None:
    for name in ("labels.txt", "coco.names", "yolo_labels.txt", "yolo.txt", "notes.txt",
                 "Label_Map.pbtxt", "graph.pbtxt", "requirements.txt", "classes.txt"):  # fmt: skip
        (tmp_path / name).write_text("cat\n")
    found = [path.name for path in lists_in(tmp_path, "yolo")]
    assert found == ["yolo.txt", "yolo_labels.txt", "labels.txt", "classes.txt", "coco.names",
                     "Label_Map.pbtxt"]  # fmt: skip
    assert list(lists_in(tmp_path / "gone")) == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    ["a" + " " * 900_000 + "b", "1" + " " * 900_000 + ":", "item" + " " * 900_000, "x" * 900_000,
     "\n" * 900_000 + "names", "[" * 900_000, "names: " + "[" * 200_000, "item {" * 150_000,
     "item { " + "a" * 900_000, 'item { name: "' + "\\" * 900_000, "a:" * 450_000],
    ids=["spaces", "number", "item", "word", "lines", "brackets", "yaml", "items", "field",
         "escapes", "colons"],
)  # fmt: skip
def test_no_text_is_searched_for_ever(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.txt"
    path.write_text(text)
    try:
        assert read_labels(path)
    except InputError as error:
        assert "has no class names" in error.what
