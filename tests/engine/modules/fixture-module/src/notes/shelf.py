from dagger import check, field, function, object_type


@object_type
class Shelf:
    """Where books stand."""

    owner: str = field()

    @function
    def beside(self) -> "Shelf":
        """Return the next one."""
        return self

    @function
    @check
    def has_owner(self) -> None:
        """Check that the shelf is somebody's."""
        if self.owner != "Ann Other":
            msg = f"the shelf is {self.owner}'s"
            raise ValueError(msg)
