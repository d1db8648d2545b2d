"""What every part of a collaborative's YAML is made of: the base of its models, and the texts and names they hold."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
MaybeId = Annotated[str, StringConstraints(pattern=r"^([A-Za-z][A-Za-z0-9_-]{0,63})?$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Day = date  # a name of its own, for parts that have a key called date


class Part(BaseModel):
    """What all parts of the YAML share: frozen, strict, no key that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)
