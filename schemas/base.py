"""The rules that every wire type keeps: no unknown field, no NaN or infinity, no change after it is made."""

from pydantic import BaseModel, ConfigDict


class WireModel(BaseModel):
    """A frozen pydantic model that refuses unknown fields and numbers that are not finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, ser_json_inf_nan="null")
