"""BadInput > UploadGone: what a worker may find wrong with a job before it is made."""

from service.errors import BadInput


class UploadGone(BadInput):
    """An upload that a job names was swept or deleted before the job's turn came."""
