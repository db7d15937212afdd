"""What lies in a folder and is not used is named and counted, with the way out."""

import os
import sys
from pathlib import Path

import pytest

from core.datasets.open import open_dataset
from core.errors import InputError
from core.remarks.sentences import sentences
from tests.support.datasets import write_coco, write_sample_images, write_voc, write_yolo
from tests.support.images import write_image

KITTI = "Car 0.00 0 -1.58 587.01 173.33 614.12 200.12 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59\n"
FOREIGN = {
    "LabelMe file": ("a b.json", '{"version": "5", "shapes": [], "imagePath": "a b.jpg"}'),
    "VoTT file": ("x-asset.json", '{"asset": {"name": "a b.jpg"}, "regions": []}'),
    "Datumaro file": ("default.json", '{"info": {}, "infos": {}, "categories": {}, "items": []}'),
    "VIA file": ("via.json", '{"a.jpg1": {"filename": "a", "regions": [], "file_attributes": {}}}'),
    "Label Studio export": ("tasks.json", '[{"id": 1, "annotations": [{"completed_by": 1}]}]'),
    "Supervisely file": ("a b.jpg.json", '{"objects": [{"classTitle": "cat"}]}'),
    "BDD100K or Scalabel file": ("bdd.json", '[{"labels": [{"box2d": {"x1": 1}}]}]'),
    "SageMaker manifest": ("output.manifest", '{"source-ref": "s3://a/b.jpg", "x": {}}'),
    "file of COCO captions": ("captions_val.json", '{"annotations": [{"caption": "a cat"}]}'),
    "file of COCO detections, which are not ground truth,": (
        "detections.json",
        '[{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.9}]',
    ),
    "JSON file of an unknown format": ("mine.json", '{"pictures": [{"boxes": [[1, 2, 3, 4]]}]}'),
    "KITTI file": ("label_2/000001.txt", KITTI),
    "DOTA file": ("txt/p.txt", "imagesource:x\ngsd:1\n1 2 3 2 3 4 1 4 plane 0\n"),
    "WIDER FACE file": ("wider_face_val_bbx_gt.txt", "0/x.jpg\n1\n449 330 122 149 0 0 0 0 0 0\n"),
    "MOT file": ("gt/gt.txt", "1,1,912,484,97,109,0,7,1\n"),
    "list of images with boxes": ("boxes.txt", "x.jpg 1,2,3,4,0 5,6,7,8,1\n"),
    "YOLO file with names in place of numbers": ("labels/x.txt", "cell phone .5 0.25 .1 .1\n"),
    "YOLO file whose name does not match an image": ("labels/other.txt", "0 .5 .5 .1 .1\n"),
    "Pascal VOC file whose name does not match an image": (
        "xml/other.xml",
        "<annotation></annotation>",
    ),
    "dlib file": ("training.xml", "<dataset><images><image file='a.jpg'><box top='1'/>"),
    "XML file of an unknown format": ("x.xml", "<things><object><box/></object></things>"),
    "table of an unknown format": ("x.csv", "picture;xmin;xmax\na;1;2\n"),
    "table whose names do not match the images": (
        "y.csv",
        "filename,class,xmin,ymin,xmax,ymax\nq,c,1,2,3,4",
    ),
    "TFRecord file": ("train.tfrecord", ""),
    "Parquet file": ("data/train-0000.parquet", ""),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_annotations_that_are_not_read_are_named(tmp_path: Path, kind: str) -> None:
    write_sample_images(tmp_path)
    name, text = FOREIGN[kind]
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    dataset = open_dataset(tmp_path)
    assert (dataset.kind, len(dataset.images)) == ("folder", 3)
    assert sentences(dataset.warnings) == (
        f"The folder contains annotations in unsupported formats: 1 {kind} ({name}). Convert "
        "them to a supported format: COCO, Pascal VOC, YOLO, Open Images, CreateML, CVAT XML, "
        "or a table "
        "(CSV).",
    )


def test_they_are_counted_by_kind(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    for number in range(12):
        (tmp_path / f"{number}.json").write_text('{"shapes": [], "imagePath": "a"}')
        (tmp_path / "xml").mkdir(exist_ok=True)
        (tmp_path / "xml" / f"{number}.xml").write_text("<things><object><box/></object></things>")
    (tmp_path / "other.zip").write_bytes(b"")
    said = sentences(open_dataset(tmp_path).warnings)[0]
    assert ("12 LabelMe files (0.json); 12 XML files of an unknown format (xml/0.xml). ") in said
    assert sentences(open_dataset(tmp_path).warnings)[1] == (
        "1 archive in the folder is not looked into (other.zip). Unpack it, or choose it alone if "
        "its name ends in .zip or .tar."
    )


def test_datumaro_is_no_coco(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    items = '"items": [{"id": "a", "annotations": [{"label_id": 0, "bbox": [1, 2, 3, 4]}]}]'
    (tmp_path / "val.json").write_text(f'{{"categories": {{"label": {{"labels": []}}}}, {items}}}')
    assert "1 Datumaro file (val.json)" in sentences(open_dataset(tmp_path).warnings)[0]


def test_label_studios_own_list_is_no_createml(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    task = '{"id": 1, "annotations": [{"result": []}], "data": {"image": "/upload/a.jpg"}}'
    (tmp_path / "project-1.json").write_text(
        f'[{task}, {{"annotations": [{{"value": {{"rectanglelabels": ["cat"]}}}}]}}]'
    )
    assert "1 Label Studio export (project-1.json)" in sentences(open_dataset(tmp_path).warnings)[0]


def test_labels_that_a_described_dataset_does_not_use_are_named(tmp_path: Path) -> None:
    write_sample_images(tmp_path / "images" / "val")
    (tmp_path / "labelTxt").mkdir()
    (tmp_path / "labelTxt" / "a.txt").write_text("1 2 3 2 3 4 1 4 plane 0\n")
    (tmp_path / "data.yaml").write_text("val: images/val\nnames: [plane]\n")
    none, named = sentences(open_dataset(tmp_path).warnings)
    assert none.startswith("There are no labels for the images in")
    assert "1 DOTA file (labelTxt/a.txt)" in named


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.txt", "Photos of cats, by me.\n"),
        ("package.json", '{"name": "x", "version": "1"}'),
        ("feed.xml", "<rss><channel/></rss>"),
        ("prices.csv", "a,b\n1,2\n"),
        ("hyp.yaml", "lr: 0.1\n"),
    ],
)
def test_other_files_are_nobody_s_business(tmp_path: Path, name: str, text: str) -> None:
    write_sample_images(tmp_path)
    (tmp_path / name).write_text(text)
    assert open_dataset(tmp_path).warnings == ()


def test_annotated_datasets_have_no_such_words(tmp_path: Path) -> None:
    folder = write_coco(tmp_path)
    (folder / "annotations" / "captions_val2017.json").write_text('{"caption": 1}')
    assert open_dataset(folder).warnings == ()


@pytest.mark.parametrize("write", [write_sample_images, write_coco, write_voc])
def test_images_of_other_formats_are_counted(tmp_path: Path, write: object) -> None:
    assert callable(write)
    write(tmp_path)
    root = open_dataset(tmp_path).root
    for name in ("a.heic", "sub/b.HEIC", "c.gif", "clip.mp4"):
        (root / name).write_bytes(b"")
    assert sentences(open_dataset(tmp_path).warnings)[-3:] == (
        "2 HEIC files are left out. Convert them to JPEG or PNG.",
        "1 GIF file is left out. Convert it to JPEG or PNG.",
        "1 video file is left out. Save its frames as JPEG or PNG.",
    )


def test_images_of_other_formats_under_usual_names_are_told_of(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    (tmp_path / "x.jpg").write_bytes(b"\0\0\0\x18ftypheic")
    for name in ("y.png", "z.jpg"):
        (tmp_path / name).write_bytes(b"GIF89a")
    assert sentences(open_dataset(tmp_path).warnings) == (
        "2 images are GIF files, whatever they are called (y.png, z.jpg), and cannot be used. "
        "Convert them to JPEG or PNG.",
        "1 image is a HEIC file, whatever it is called (x.jpg), and cannot be used. Convert it to "
        "JPEG or PNG.",
    )


def test_a_folder_of_other_images_alone_says_so(tmp_path: Path) -> None:
    for number in range(2):
        (tmp_path / f"IMG_{number}.HEIC").write_bytes(b"")
    with pytest.raises(InputError, match="There are no images in") as refused:
        open_dataset(tmp_path)
    said = "2 HEIC files are left out. Convert them to JPEG or PNG."
    assert refused.value.next_step == said


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_to_folders_are_told_of(tmp_path: Path) -> None:
    write_sample_images(tmp_path / "photos")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "cam1").symlink_to(tmp_path / "photos")
    with pytest.raises(InputError, match="There are no images in") as refused:
        open_dataset(tmp_path / "set")
    assert refused.value.next_step == (
        "There is a link to a folder (cam1), and links to folders are not followed. Choose the "
        "folder itself."
    )
    write_image(tmp_path / "set" / "own.jpg")
    dataset = open_dataset(tmp_path / "set")
    assert len(dataset.images) == 1
    assert "There is a link to a folder (cam1)" in sentences(dataset.warnings)[0]
    assert len(open_dataset(tmp_path / "set" / "cam1").images) == 3, "the way out must be open"


@pytest.mark.parametrize(
    ("name", "data", "cause"),
    [
        ("photos.7z", b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive, which cannot be read"),
        ("photos.zip", b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive, which cannot be read"),
        ("photos.rar", b"Rar!\x1a\x07", "is a RAR archive, which cannot be read"),
        ("photos.zip", b"what", "is a damaged zip archive, which cannot be read"),
        ("clip.mp4", b"\0\0\0\x20ftypisom", "is a video file, and describes no dataset"),
        ("notes.txt", b"what", "is not a folder, and describes no dataset"),
        ("a.xml", b"<net name='x'/>", "is not a folder, and describes no dataset"),
    ],
)
def test_files_that_are_no_datasets_are_called_by_their_names(
    tmp_path: Path, name: str, data: bytes, cause: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=cause) as refused:
        open_dataset(tmp_path / name)
    assert "hoose" in refused.value.next_step


def test_a_description_can_be_chosen_itself(tmp_path: Path) -> None:
    write_yolo(tmp_path / "images" / "val", tmp_path / "labels" / "val")
    (tmp_path / "my data.yaml").write_text("val: images/val\nnames: [cat, dog]\n")
    dataset = open_dataset(tmp_path / "my data.yaml")
    assert (dataset.kind, len(dataset.images)) == ("yolo", 3)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders")
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "name",
    ["data.yaml", "classes.txt", "instances.json", "a.xml", "annotations.xml", "a b.txt", "a.csv",
     "a b.jpg", "train-annotations-bbox.csv", "coco.names", "ImageSets/Main/val.txt"],
)  # fmt: skip
@pytest.mark.parametrize("device", [False, True])
def test_pipes_and_devices_in_the_place_of_files_never_hold_it_up(
    tmp_path: Path, name: str, device: bool
) -> None:
    write_sample_images(tmp_path)
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if device:
        path.symlink_to("/dev/zero")
    else:
        os.mkfifo(path)
    try:
        dataset = open_dataset(tmp_path)
    except InputError as error:
        assert "not a regular file" in str(error)  # either is right
    else:
        assert len(dataset.images) == 3
    with pytest.raises(InputError):
        open_dataset(path)


def test_a_project_s_own_file_of_supervisely_is_one_of_its_files(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    classes = '"classes": [{"title": "cat", "shape": "rectangle", "color": "#0F0"}]'
    (tmp_path / "meta.json").write_text(f'{{{classes}, "tags": [], "projectType": "images"}}')
    assert "1 Supervisely file (meta.json)" in sentences(open_dataset(tmp_path).warnings)[0]


def test_images_without_an_ending_are_counted_with_the_way_out(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    for name in ("1001", "1002.large"):
        write_image(tmp_path / "x.jpg")
        (tmp_path / "x.jpg").rename(folder / "val2017" / name)
    (folder / "val2017" / "notes").write_text("no picture")
    assert sentences(open_dataset(folder).warnings)[-1:] == (
        "2 JPEG files are images by the content but not by the name (1001, 1002.large), and not "
        "used. Give them the ending .jpg.",
    )


def test_a_folder_of_nothing_else_says_so(tmp_path: Path) -> None:
    write_image(tmp_path / "x.png")
    (tmp_path / "x.png").rename(tmp_path / "photo")
    with pytest.raises(InputError, match="1 PNG file is an image by the content"):
        open_dataset(tmp_path)


EMPTY = "The folder {} is empty: the images are used without annotations. If they have some, put "
AGAIN = "the files there and choose the dataset again."


@pytest.mark.parametrize(
    ("chosen", "name"),
    [
        ("VOC", "VOC/Annotations"),
        ("VOC/JPEGImages", "Annotations"),
        (".", "{}/VOC/Annotations"),
    ],
)
@pytest.mark.parametrize("files", [(), ("a b.xml", "x.xml")])
def test_an_empty_folder_of_annotations_is_said(
    tmp_path: Path, chosen: str, name: str, files: tuple[str, ...]
) -> None:
    """Nothing was copied into it, or all files in it were cut to nothing."""
    root = tmp_path / "VOC"
    write_sample_images(root / "JPEGImages")
    if chosen == ".":
        (tmp_path / "notes.txt").write_text("mine")  # or VOC alone would be looked into
    (root / "Annotations").mkdir()
    for file in files:
        (root / "Annotations" / file).write_bytes(b"")
    dataset = open_dataset(tmp_path / chosen)
    assert (dataset.kind, len(dataset.images)) == ("folder", 3)
    wanted = EMPTY.format(name.format(tmp_path.name)) + AGAIN
    assert wanted in sentences(dataset.warnings)


def test_nothing_is_said_of_folders_that_hold_something_else(tmp_path: Path) -> None:
    write_sample_images(tmp_path / "images")
    (tmp_path / "others").mkdir()
    write_sample_images(tmp_path / "labels")  # images, whatever it is called
    assert open_dataset(tmp_path).warnings == ()
