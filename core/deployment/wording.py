"""What a deployment package was made with, in words."""

from __future__ import annotations

from core.benchmark.recommending import RunSetting
from core.deployment.inside import Placed
from core.deployment.job import PackageResult
from core.deployment.self_testing import Outcome, SelfTestResult

_OUTCOMES: dict[Outcome, str] = {
    "passed": "the self-test passed",
    "failed": "the self-test failed",
    "no_device": "the model cannot run on the device",
    "not_judged": "not judged",
}


def tested_sentence(tested: SelfTestResult) -> str:
    """On which machine it was tested, and how that ended."""
    return f"{tested.machine.title} ({tested.machine.device}): {_OUTCOMES[tested.outcome]}."


def package_sentences(result: PackageResult) -> list[str]:
    """Where preprocessing and NMS are and how it runs, as far as that was chosen."""
    return chosen_sentences(result.preprocessing, result.nms, result.run)


def chosen_sentences(preprocessing: Placed, nms: Placed, run: RunSetting | None) -> list[str]:
    """The same of a package that is being made."""
    setting = "" if run is None else setting_sentence(run)
    places = (preprocessing_sentence(preprocessing), nms_sentence(nms))
    return [one for one in (*places, setting) if one]


def preprocessing_sentence(where: Placed) -> str:
    """Where its preprocessing is, and why; empty where it is as the model had it."""
    return _placed("Preprocessing", "Its network takes decoded pixels", where)


def nms_sentence(where: Placed) -> str:
    """Where its NMS is, and why; empty where it is as the model had it."""
    return _placed("NMS", "Its network lists detections itself", where)


def _placed(what: str, unmeasured: str, where: Placed) -> str:
    if where.gain is None:
        small = what if what.isupper() else what.lower()
        return f"{unmeasured}: {small} is inside." if where.inside else ""
    low, high = where.gain.low, where.gain.high
    figures = f"{where.gain.value:.3f} times as fast ({low:.3f} to {high:.3f})"
    if where.inside:
        return f"{what} is inside its network: that is {figures}, from image to boxes."
    return f"{what} stayed outside its network: inside it is {figures}, which is no gain."


def setting_sentence(setting: RunSetting) -> str:
    """How a package runs for its goal, and what that gains."""
    goal = setting.goal
    aim = "most images a second" if goal.aim == "throughput" else "the shortest time of one image"
    limit = "" if goal.most_ms is None else f" within {goal.most_ms:g} ms"
    free = "" if not goal.cores_free else f", {goal.cores_free} of {setting.cores} cores free"
    measured = f"{setting.images_per_second:.1f} images a second, 95 of 100 within "
    measured += f"{setting.p95_ms:.1f} ms, on {setting.processor}"
    if setting.is_hint:
        how = "OpenVINO's own hint is the best"
    elif setting.streams is None:
        how = f"{setting.batch} images an inference: {setting.gain.value:.2f} times as good as one "
        how += "with OpenVINO's own hint"
    else:
        pinned = "" if setting.pinned is None else ", pinned" if setting.pinned else ", not pinned"
        how = f"streams {setting.streams}, threads {setting.threads}{pinned}"
        how += f": {setting.gain.value:.2f} times as good as OpenVINO's own hint"
    return f"For {aim}{limit}{free}: {how} ({measured})."
