"""What was left out of a dataset, looks odd in it, or is too little."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.remarks.of_images import way_out
from core.remarks.words import counted, few, some

NO_BOXES = "There is not a single box in the annotations: no accuracy can be measured."


def _counted(what: str) -> str:
    """A sentence about so many of something, with the place of the first one."""
    return f"{what}: {{count:,}} (first in {{first}})."


def _links(facts: Mapping[str, Any]) -> str:
    links = facts["links"]
    what = "a link" if len(links) == 1 else f"{len(links):,} links"
    return (
        f"There is {what} to a folder ({few(links)}), and links to folders are not followed. "
        "Choose the folder itself."
    )


def _called_otherwise(facts: Mapping[str, Any]) -> str:
    names, kind = facts["names"], facts["kind"]
    several = len(names) > 1
    least = "At least " if facts["sampled"] else ""
    what = f"{len(names):,} images are {kind} files" if several else f"1 image is a {kind} file"
    return (
        f"{least}{what}, whatever {'they are' if several else 'it is'} called ({few(names)}), and "
        f"cannot be used. {way_out(kind, several=several)}"
    )


_ENDINGS = {"JPEG": ".jpg", "PNG": ".png", "BMP": ".bmp", "WebP": ".webp", "TIFF": ".tif"}


def _without_ending(facts: Mapping[str, Any]) -> str:
    names, kind = facts["names"], facts["kind"]
    files, them = ("files are images", "them") if len(names) > 1 else ("file is an image", "it")
    least = "At least " if facts["sampled"] else ""
    return (
        f"{least}{len(names):,} {kind} {files} by the content but not by the name ({few(names)}), "
        f"and not used. Give {them} the ending {_ENDINGS[kind]}."
    )


def _not_text(facts: Mapping[str, Any]) -> str:
    names = facts["names"]
    least = "At least " if facts["sampled"] else ""
    are, them = ("files are", "them") if len(names) > 1 else ("file is", "it")
    return (
        f"{least}{len(names):,} text {are} damaged, and not read ({few(names)}): there are bytes "
        f"in {them} that are not text, such as NUL."
    )


def _files_unreadable(facts: Mapping[str, Any]) -> str:
    names, reason = facts["names"], facts["reason"]
    return f"{counted(len(names), 'files')} cannot be read ({few(names)}): {reason}."


def _images_unreadable(facts: Mapping[str, Any]) -> str:
    names, reason = facts["names"], facts["reason"]
    least = "At least " if facts["sampled"] else ""
    return f"{least}{counted(len(names), 'images')} cannot be read ({few(names)}): {reason}."


def _archives_inside(facts: Mapping[str, Any]) -> str:
    names = facts["names"]
    several = len(names) > 1
    return (
        f"{counted(len(names), 'archives')} in the folder {'are' if several else 'is'} not looked "
        f"into ({few(names)}). Unpack {'them' if several else 'it'}, or choose "
        f"{'one of them' if several else 'it'} alone if its name ends in .zip or .tar."
    )


def _annotations_not_read(facts: Mapping[str, Any]) -> str:
    each = zip(facts["kinds"], facts["counts"], facts["first"], strict=True)
    seen = "; ".join(
        f"{count:,} {_several(kind) if count > 1 else kind} ({first})"
        for kind, count, first in each
    )
    return (
        f"The folder contains annotations in unsupported formats: {seen}. Convert them to a "
        f"supported format: {facts['supported']}."
    )


def _annotations_empty(facts: Mapping[str, Any]) -> str:
    names = facts["names"]
    folders = "The folder" if len(names) == 1 else "The folders"
    return (
        f"{folders} {few(names)} {'is' if len(names) == 1 else 'are'} empty: the images are used "
        "without annotations. If they have some, put the files there and choose the dataset again."
    )


def _several(kind: str) -> str:
    """``KITTI files``, ``JSON files of an unknown format``, ``COCO files that do not fit ...``."""
    first, noun, rest = kind, "", ""
    for noun in ("file", "table", "export", "manifest", "list", "archive"):
        first, found, rest = kind.partition(noun)
        if found:
            break
    rest = rest.replace(" that does not fit", " that do not fit").replace(
        "whose name is", "whose names are"
    )
    return f"{first}{noun}s{rest}"


def _splits_missing(facts: Mapping[str, Any]) -> str:
    missing = " and ".join(
        f"no {'annotation file for the images' if has else 'image'} of the split {split}"
        for split, has in zip(facts["splits"], facts["have_images"], strict=True)
    )
    used = (
        f"{facts['used']} is"
        if facts["used"]
        else f"all the {counted(facts['images'], 'images')} are"
    )
    return f"There is {missing}: {used} used."


def splits_elsewhere(splits: Any, entries: Any) -> str:
    """``train is ../a, which does not exist``, of each."""
    each = zip(splits, entries, strict=True)
    return "; ".join(f"{split} is {entry}, which does not exist" for split, entry in each)


def _split_used(facts: Mapping[str, Any]) -> str:
    missing = splits_elsewhere(facts["splits"], facts["entries"])
    return f"In {facts['file']} {missing}: {facts['used']} is used."


def _shared(facts: Mapping[str, Any]) -> str:
    shared, total, name = facts["shared"], facts["total"], facts["name"]
    verb = "is" if len(shared) == 1 else "are"
    if len(shared) == total:
        return (
            f"All the {counted(total, 'images')} of {name} are calibration images, too; the report "
            "may look better than it is. Choose other images for one of them."
        )
    return (
        f"{len(shared):,} of the {counted(total, 'images')} of {name} {verb} among the "
        f"calibration images of {facts['calibration']}, too ({some(shared)}); the report may "
        "look a little better than it is."
    )


SENTENCES: dict[str, str | Callable[[Mapping[str, Any]], str]] = {
    # Where images and annotations are sought.
    "folder_unreadable": "The folder {folder} cannot be read: {reason}.",
    "links_not_followed": _links,
    "called_otherwise": _called_otherwise,
    "images_without_ending": _without_ending,
    "files_not_text": _not_text,
    "files_unreadable": _files_unreadable,
    "images_unreadable": _images_unreadable,
    "annotations_empty": _annotations_empty,
    "archives_inside": _archives_inside,
    "tar_left_out": "{file} is left out, with all images in it: {reason}.",
    "images_beside": "Images that belong to another one's sample, and are not used: {count:,} "
    "(first {first}).",
    "sidecars_not_read": "Beside the images, the shards hold files that are not read as "
    "annotations: {kinds:joined}.",
    "sidecars_left_out": _counted("Images left out, for the JSON beside them lists no objects"),
    "annotations_not_read": _annotations_not_read,
    "no_labels": "There are no labels for {folders:joined}.",
    "no_labels_below": "There are no labels for the images in {folder}.",
    "splits_missing": _splits_missing,
    "split_used": _split_used,
    "file_used_instead": "{why} {file} is used instead.",
    "annotations_unusable": "{why} The images are used without annotations.",
    "images_missing": "{missing:,} of the {images:images} that {file} names {missing:are} not "
    "below {folder}, and {missing:are} left out.",
    "images_repeated": "{file} names {images:images} more than once; {images:their} boxes are put "
    "together.",
    "images_not_named": "{file} does not name {images:,} of the images in {folder}; {images:they} "
    "{images:are} left out.",
    "only_named_images": "Only the images that {file} names are used, since there is "
    "{others:joined} as well.",
    "no_annotation_file": "{missing:,} of the {images:images} {missing:have} no annotation file.",
    "key_points_alone": "{file} has the boxes of objects with key points alone; other objects in "
    "the images may not be marked.",
    "class_names_numbered": "The names of its classes are not known, only their numbers. Put a "
    "classes.txt with one name per line beside the images, or a data.yaml.",
    "class_names_unusable": "{file} has names of classes that are not texts, which are not used: "
    "list one text for each class. The classes are shown by their numbers.",
    "class_names_unreadable": "{file} is not used for the names of the classes: {why}",
    "class_names_coded": "There is no file of class names beside {file}; classes are shown by "
    "their codes.",
    "class_names_elsewhere": "{file} takes the names of its classes from {named}, which does not "
    "exist.",
    "class_names_unequal": "{file} states {classes:classes}, and has {names:names}.",
    # Whether it is enough, and apart.
    "few_for_calibration": "{name} has only {images:images}; calibration is more stable with "
    "{enough} or more, as varied as those the model will see.",
    "few_for_validation": "{name} has only {images:images}; figures measured on so few may be due "
    "to chance.",
    "shared_images": _shared,
    "no_boxes": NO_BOXES,
    "empty_images": "{empty:,} of the {images:images} {empty:have} no boxes; every detection in "
    "{empty:them} counts as a false positive.",
    "classes_unseen": "{unseen:,} of the {classes:classes} never {unseen:occur} ({names:some}); "
    "{unseen:they} {unseen:are} not evaluated.",
    "classes_unknown": "The model knows none of the dataset's classes. Map them by hand.",
    "classes_left_out": "The model does not know {unknown:,} of the dataset's classes "
    "({names:some}); {left_out:,} of the {boxes:boxes} {left_out:are} left out.",
    # Counted while annotations are read.
    "foreign_images": _counted("Images left out because they are {kind} files"),
    "unreadable_images": _counted("Images left out because they cannot be read"),
    "other_sizes": _counted(
        "Images whose annotations state another size (boxes are taken as they are)"
    ),
    "rotated_outlines": _counted("Outlines of crowds left out because their image is rotated"),
    "incomplete_boxes": _counted("Boxes left out because they do not have four numbers"),
    "infinite_boxes": _counted("Boxes left out because a number in them is not finite"),
    "boxes_of_unknown_class": _counted(
        "Boxes left out because their class is not among the dataset's"
    ),
    "empty_boxes": _counted("Boxes left out because their width or height is not positive"),
    "boxes_outside": _counted("Boxes left out because they lie outside their image"),
    "clipped_boxes": _counted("Boxes that extended beyond their image, and were clipped to it"),
    "boxes_as_shares": _counted(
        "Boxes in shares of the width and height (0..1) and not in pixels, read as such"
    ),
    "boxes_as_pixels": _counted(
        "Boxes in pixels and not in shares of the width and height (0..1), read as such"
    ),
    "boxes_as_percent": _counted("Boxes in per cent of the width and height, read as such"),
    "boxes_as_corners": _counted(
        "Boxes whose last two numbers are their other corner, not their size, read as such"
    ),
    "swapped_corners": _counted(
        "Boxes whose corners are stated the wrong way round, read in their order"
    ),
    "tiny_boxes": _counted(
        "Boxes smaller than a pixel; shares of a width and height (0..1) must be written in pixels"
    ),
    "rows_with_key_points": _counted("Rows with key points, of which the boxes are used"),
    "rows_with_more": _counted(
        "Rows with more numbers than a box has, of which the first are used"
    ),
    "images_of_one_id": _counted("Images without boxes because an earlier one has the same id"),
    "classes_of_one_id": _counted("Classes without boxes because a later one has the same id"),
    "short_lines": _counted("Lines left out because columns are missing"),
    "lines_with_nul": _counted("Lines left out because there is a NUL in them"),
    "lines_without_labels": _counted("Lines left out because they are not labels"),
    "unreadable_label_files": _counted("Label files left out because they cannot be read"),
    "unreadable_annotation_files": _counted(
        "Annotation files left out because they cannot be read"
    ),
    "bad_annotation_files": _counted("Annotation files left out because they {clause}"),
    "files_without_objects": _counted("Annotation files in which no object could be read"),
    "objects_without_box": _counted("Objects left out because they have no box"),
    "shapes_without_area": _counted("Points and lines left out because they have no box"),
    "annotations_of_no_image": _counted(
        "Annotations left out because they name no image of the file"
    ),
}
"""A sentence for each code; `core.remarks.words.LISTED` has what stands after a colon."""
