"""A small catalogue of a made-up borough, for tests of the readers."""

from lbbd_jsna.catalogue import (
    Area,
    AreaSet,
    Catalogue,
    Comparators,
    DisclosureRules,
    Indicator,
    Live,
    SensitiveTopic,
    Settings,
    SignOff,
    Source,
)

OWN, NEIGHBOUR, REGION, COUNTRY = "E09000101", "E09000102", "E12000090", "E92000001"
OLD_WARDS = {"E05000901": "Abbey", "E05000902": "Marsh"}
NEW_WARDS = {"E05019001": "Abbey", "E05019002": "Marsh & Quay", "E05019003": "Heath"}

LIVE = Live.model_validate(
    {
        "fingertips": {
            "address": "http://127.0.0.1:9/api",
            "boroughs": {"id": 502, "name": "Counties & UAs (from Apr 2023)"},
            "regions": {"id": 6, "name": "Regions (statistical)"},
            "wards": {"id": 8, "name": "Electoral Wards"},
        },
        "open_geography": {"address": "http://127.0.0.1:9/rest", "layers": {}},
        "nomis": {"address": "http://127.0.0.1:9/v01", "tables": {}},
        "dfe": {"address": "http://127.0.0.1:9/v1", "data_sets": {}},
    }
)

RULES = DisclosureRules(
    smallest_shown=8,
    round_to=5,
    fewest_values=3,
    never_within=5,
    fewest_for_a_mean=8,
    whole_group=21,
    basis="made up for tests",
    signed_off=SignOff(role="information governance lead"),
    sensitive={"hiv": SensitiveTopic(title="HIV", words=("hiv",))},
)


def indicator(name="obesity", **changes):
    """A published series, as a file of the catalogue would state it."""
    said = {
        "id": name,
        "title": name.capitalize(),
        "definition": "A series made up for tests",
        "source": "fingertips",
        "source_id": "90319",
        "name_words": ("obesity",),
        "verified": True,
        "unit": "per cent",
        "value_type": "Proportion",
        "polarity": "low_is_good",
        "polarity_verified": True,
    }
    return Indicator(**{**said, **changes})


def made_up_catalogue(*indicators):
    """A borough with a neighbour, two old wards and three new ones."""
    areas = [
        Area(code=COUNTRY, name="England", type="country"),
        Area(code=REGION, name="Midshire", type="region", parent=COUNTRY),
        Area(code=OWN, name="Marsh and Quay", type="borough", parent=REGION),
        Area(code=NEIGHBOUR, name="Overstream", type="borough", parent=REGION),
        Area(code="E05029001", name="Else", type="ward", parent=NEIGHBOUR, vintage="2022"),
    ]
    for vintage, wards in (("2002", OLD_WARDS), ("2022", NEW_WARDS)):
        areas += [
            Area(code=code, name=name, type="ward", parent=OWN, vintage=vintage)
            for code, name in wards.items()
        ]
    sources = {
        "fingertips": ("published", "extract"),
        "ward-atlas": ("published", "extract"),
        "council-return": ("return", "extract"),
    }
    return Catalogue(
        settings=Settings(
            area=OWN,
            ward_vintage="2022",
            council="Marsh and Quay Council",
            contact="public.health@example.org",
            accessibility="accessibility@example.org",
            strategies=("plan",),
        ),
        strategies=(),
        indicators={one.id: one for one in indicators},
        sources={
            key: Source(title=key, publisher=key, licence="OGL", kind=kind, supplied=supplied)
            for key, (kind, supplied) in sources.items()
        },
        areas=tuple(areas),
        comparators=Comparators(
            benchmark="england",
            region="midshire",
            peers="peers",
            league="league",
            sets={
                "england": AreaSet(title="England", areas=(COUNTRY,)),
                "midshire": AreaSet(title="Midshire", areas=(REGION,)),
                "peers": AreaSet(title="Peers", areas=(OWN, NEIGHBOUR)),
                "league": AreaSet(title="League", areas=(OWN, NEIGHBOUR)),
            },
        ),
        facts=(),
        commentary={},
        live=LIVE,
        disclosure=RULES,
    )
