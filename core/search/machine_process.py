"""The helper ``candidates``: makes and judges a search's candidates, for a job on another machine.

It is told once what the search is about, and looks how the parent computes here; then it makes any
number of candidates, and keeps the statistics that they have in common. When its input ends it is
no longer needed, and leaves.
"""

from __future__ import annotations

import os
import shutil
import sys

from core.causes import cause
from core.errors import WorkbenchError
from core.inference.limited import LimitedDetector, computable
from core.inference.settings import DEFAULT_DEVICE
from core.jobs.quiet import LightWork
from core.models.stored import load_stored
from core.optimize.alike import computing
from core.processes import own_channel
from core.search.alike import found
from core.search.candidates import CANDIDATES
from core.search.local import LocalWorkshop
from core.search.machine_conversation import Answer, Done, Failed, Make, Question, Ready, SetUp
from core.values import from_json, to_json

_IDENTITY = "candidate"


def main() -> None:
    """Serve one session, and leave at once: library threads must not get a chance to abort."""
    channel = own_channel()
    making = Making()
    for line in sys.stdin.buffer:
        channel.write(to_json(_answer(making, from_json(line, Question))) + b"\n")
        channel.flush()
    making.limited.close()
    os._exit(0)


def _answer(making: Making, asked: Question) -> Answer:
    try:
        return making.set_up(asked) if isinstance(asked, SetUp) else making.make(asked)
    except WorkbenchError as error:
        return Failed(what=error.what)
    except (RuntimeError, OSError, MemoryError) as error:
        return Failed(what=f"{cause(error)}.")
    finally:
        making.share.release()


class Making:
    """What the process has: the search's workshop, and a share of the machine while it works."""

    def __init__(self) -> None:
        self.limited = LimitedDetector()
        self.share = LightWork()
        self._workshop: LocalWorkshop
        self._asked: SetUp

    def set_up(self, asked: SetUp) -> Ready:
        """Look how the parent computes here."""
        import openvino as ov

        from core.inference.machine import require_device
        from core.inference.processor import this_processor

        self._listen()
        judged_on = asked.settings.judged_on
        require_device(judged_on)
        self._asked = asked
        self._workshop = LocalWorkshop(
            asked.parent,
            asked.dataset,
            asked.held_out,
            asked.folder,
            asked.settings,
            lambda stage, done, total: self._listen(),
            self.limited,
        )
        on_cpu = judged_on == DEFAULT_DEVICE
        reference = self._workshop.judge.reference
        return Ready(
            deciding=computing(asked.parent, judged_on),
            executed=reference.executed,
            found=found(reference.table),
            arithmetics=computable(asked.arithmetics, self.limited, self._listen) if on_cpu else (),
            processor=this_processor(),
            openvino=str(ov.get_version()),
        )

    def make(self, asked: Make) -> Done:
        """The model of a plan; one at another input size is judged at home."""
        self._listen()
        workshop, plan = self._workshop, asked.plan
        shutil.rmtree(self._asked.folder / CANDIDATES, ignore_errors=True)  # it was fetched
        made = workshop.quantized(plan)
        stored = workshop.shelved(_IDENTITY, made, plan)
        model, here = stored.model, plan.input_size is None
        ways = self._asked.arithmetics if here else ()
        return Done(
            xml=self._asked.folder / model,
            card=load_stored(self._asked.folder / model).card,
            images=made.made_of.images,
            subset_size=made.made_of.subset_size,
            ignored_names=made.made_of.ignored_names,
            rewritten=made.made_of.rewritten,
            zeros_moved=made.made_of.zeros_moved,
            kept={one: workshop.accuracy_kept(model, "f32", one) for one in ways},
            kept_as_executed=workshop.accuracy_kept(model, "f32") if here and not ways else None,
        )

    def _listen(self) -> None:
        """Nothing is computed here while speed is measured on this machine."""
        if self.share.held:
            self.share.breathe(lambda: None)
        else:
            self.share.take(lambda: None)
