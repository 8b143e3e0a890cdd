"""The entries of `live.yml`: which services are asked, for what, and how."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lbbd_jsna.catalogue.models import Line, Model, Slug, SlugOrEmpty


class Manners(Model):
    """How a service is asked: seconds, tries and limits.

    `pause` is the least time between two requests; `connect`, `read` and `whole` are the
    most that connecting, one silence and one answer may take; `budget` is the most for a
    request with all its tries. After `give_up_after` requests in a row without an answer
    a service is left alone.
    """

    pause: float = Field(default=0.5, ge=0)
    connect: float = Field(default=10, gt=0)
    read: float = Field(default=30, gt=0)
    whole: float = Field(default=90, gt=0)
    budget: float = Field(default=180, gt=0)
    tries: int = Field(default=4, ge=1, le=10)
    most_bytes: int = Field(default=60_000_000, gt=0)
    give_up_after: int = Field(default=2, ge=1)


class FingertipsAreaType(Model):
    """A Fingertips area type: found by name, `id` where the names cannot be had."""

    id: int
    name: Line


class FingertipsService(Model):
    """Where Fingertips is, and what its area types are called."""

    address: Line
    ids_per_request: int = Field(default=20, ge=1, le=100)
    boroughs: FingertipsAreaType
    regions: FingertipsAreaType
    wards: FingertipsAreaType


class Layer(Model):
    """A layer of the Open Geography portal, by its pinned name.

    `also` are other names it is known by, asked in turn where the first is not there.
    `code` is its column of codes. The rows wanted are those whose column `where` holds the
    borough's code; without it, those whose `code` is in the lookup `codes_from`, or one of
    the catalogue's wards of `vintage`, or one of the boroughs it ranks. In a lookup, `wards`
    is the column of ward codes, which must be the wards of `vintage`.
    """

    title: Line
    service: Line
    also: tuple[Line, ...] = ()
    holds: Literal["wards", "lsoa", "boroughs", "lookup"]
    code: Line
    where: str = ""
    codes_from: SlugOrEmpty = ""
    vintage: Literal["2002", "2022", ""] = ""
    wards: str = ""
    verified: bool


class GeographyService(Model):
    """The Open Geography portal and the layers wanted of it."""

    address: Line
    layers: dict[Slug, Layer]


class NomisTable(Model):
    """A Nomis table: its dataset, the words of its title, and what is asked of it.

    `also` is a dataset that answers the same question, asked where the first gives no rows.
    `parameters` are sent as they stand; the areas are put beside them. `kept_for` says why it
    is fetched though no indicator rests on it.
    """

    title: Line
    id: Annotated[str, Field(pattern=r"^NM_[0-9]+_[0-9]+$")]
    also: Annotated[str, Field(pattern=r"^(NM_[0-9]+_[0-9]+)?$")] = ""
    title_words: tuple[Line, ...] = Field(min_length=1)
    areas: tuple[Literal["country", "region", "boroughs", "wards"], ...] = Field(min_length=1)
    verified: bool
    parameters: dict[str, str]
    kept_for: str = ""


class NomisWards(Model):
    """What Nomis calls the wards of a vintage: the type of area within a borough."""

    type: Annotated[str, Field(pattern=r"^TYPE[0-9]+$")] = "TYPE153"
    vintage: Literal["2002", "2022"] = "2022"


class NomisService(Model):
    """Nomis and the tables wanted of it."""

    address: Line
    rows_per_request: int = Field(default=25_000, ge=1)
    wards: NomisWards = NomisWards()
    tables: dict[Slug, NomisTable]


class DataSet(Model):
    """A data set of Explore Education Statistics.

    `id` and `version` pin it. While they are empty it is looked up by the titles of its
    publication and of itself, and `jsna fetch` says what to pin. `reporting_year` says what
    its reporting year is: 2025 is the one that ends in 2025. `kept_for` says why a data set
    is fetched though no indicator rests on it.
    """

    publication: Line
    title: Line
    id: str = ""
    version: str = ""
    verified: bool
    reporting_year: Literal["", "academic", "financial", "calendar"] = ""
    kept_for: str = ""
    most_bytes: int = Field(default=0, ge=0)


class EducationService(Model):
    """Explore Education Statistics and the data sets wanted of it."""

    address: Line
    data_sets: dict[Slug, DataSet]


class Live(Model):
    """`live.yml`: where `jsna fetch` gets data, and how it asks."""

    manners: Manners = Manners()
    fingertips: FingertipsService
    open_geography: GeographyService
    nomis: NomisService
    dfe: EducationService

    @property
    def tables(self) -> dict[str, dict[str, NomisTable] | dict[str, DataSet]]:
        """The tables an indicator's `source_id` may name, by source and key."""
        return {"nomis": self.nomis.tables, "dfe": self.dfe.data_sets}
