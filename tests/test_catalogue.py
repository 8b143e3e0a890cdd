"""The catalogue holds what the strategies commit to, and says what is wrong with it at once."""

import csv
import shutil
from collections import Counter
from pathlib import Path

import pytest

from lbbd_jsna.catalogue import Catalogue, read_catalogue
from lbbd_jsna.errors import CatalogueError

CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue"
JHWS = "strategies/jhws.yml"


@pytest.fixture
def folder(tmp_path):
    """A copy of the catalogue to break."""
    return Path(shutil.copytree(CATALOGUE, tmp_path / "catalogue"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Put `new` for the first `old` of a file."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def faults(folder: Path) -> list[str]:
    """Every fault, one line each."""
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(folder)
    return [str(fault) for fault in caught.value.faults]


# ---------------------------------------------------------------- what it holds


def test_every_commitment_of_both_strategies_is_there_once(catalogue: Catalogue):
    measures = [m for strategy in catalogue.strategies for m in strategy.measures]
    statements = [s for strategy in catalogue.strategies for s in strategy.all_statements]
    assert Counter(m.kind for m in measures) == {
        "measure": 148,
        "target": 8,
        "implied": 7,
        "addition": 4,
        "vision": 1,
    }
    assert [len(strategy.all_statements) for strategy in catalogue.strategies] == [9, 7]
    assert sum(len(s.parts) for s in statements) == 12 + 11
    ids = [m.id for m in measures] + [part.id for s in statements for part in s.parts]
    assert len(ids) == len(set(ids)) == 168 + 23


def test_the_outcomes_and_their_measures(catalogue: Catalogue):
    committed = {
        outcome.id: sum(m.kind == "measure" for m in outcome.measures)
        for outcome in catalogue.outcomes.values()
    }
    assert committed == {
        "outcome-1": 6,
        "outcome-2": 4,
        "outcome-3": 6,
        "outcome-4": 7,
        "outcome-5": 7,
        "outcome-6": 7,
        "outcome-7": 1,
        "best-chance-1": 31,
        "best-chance-2": 27,
        "best-chance-3": 34,
        "best-chance-4": 18,
    }


@pytest.mark.parametrize(
    ("bullet", "words"),
    [
        (
            "JHWS-O1-B6",
            "Decreased obesity prevalence in reception aged children "
            "(National Child Measurement Programme)",
        ),
        (
            "JHWS-O5-B4",
            "Perceived community harmony (%) – think that the neighbourhood is an "
            "area where people get on well together (residents survey)",
        ),
        (
            "BC-SAFE-B1",
            "A reduction in repeat referrals and repeat Child Protection Plans "
            "(including those that are long-term), including reduced rates of "
            "parental conflict, reduced rates of repeat DA, and fewer BCYP impacted "
            "by DA",
        ),
        ("BC-WSL-INC-6", "Increased attendance, and less fixed and permanent exclusions"),
        ("BM-T5", "Rate of regular physical activity higher than East London by 2037."),
    ],
)
def test_bullets_are_in_the_words_of_the_strategy(catalogue: Catalogue, bullet, words):
    texts = {
        b.id: b.text
        for strategy in catalogue.strategies
        for b in [*(b for o in strategy.outcomes for b in o.bullets), *strategy.targets]
    }
    assert texts[bullet] == words


def test_a_measure_uses_the_words_of_its_bullet(catalogue: Catalogue):
    for strategy in catalogue.strategies:
        for bullet in [*(b for o in strategy.outcomes for b in o.bullets), *strategy.targets]:
            for measure in bullet.measures:
                assert measure.text in bullet.text, measure.id


def test_misplaced_measures_keep_their_printed_outcome(catalogue: Catalogue):
    moved = {
        m.id: outcome.id
        for outcome in catalogue.outcomes.values()
        for m in outcome.measures
        if m.proposed_outcome == "outcome-7"
    }
    assert moved == {
        "jhws-o6-cin-rereferrals-da": "outcome-6",
        "jhws-o6-yp-unhealthy-behaviours": "outcome-6",
    }


def test_what_cannot_be_known_for_the_borough_is_not_claimed(catalogue: Catalogue):
    evidence = {m.id: m.evidence for s in catalogue.strategies for m in s.measures}
    assert evidence["jhws-o3-iapt-completion"].kind == "none"
    assert evidence["jhws-o6-falls-first"].kind == "proxy"
    assert evidence["jhws-o6-asc-users-social-contact"].inverse
    assert evidence["jhws-o1-smoking-at-delivery"].indicators == ("smoking-at-delivery",)
    assert all(e.why for e in evidence.values() if e.kind in ("proxy", "none"))
    statements = [s for strategy in catalogue.strategies for s in strategy.all_statements]
    assert {s.evidence.kind for s in statements} == {"none"}
    # The police force's figure, which every London borough would share, is no borough's figure.
    assert "92863" not in {series.source_id for series in catalogue.indicators.values()}


def test_indicators_say_whether_their_id_was_verified(catalogue: Catalogue):
    fingertips = [i for i in catalogue.indicators.values() if i.source == "fingertips"]
    unverified = {i.source_id for i in fingertips if not i.verified}
    assert {"93472", "93429", "93433", "92447"} <= unverified
    for series in fingertips:
        name = series.expected_name.casefold()
        if series.verified:
            assert series.verified_where
            assert all(word in name for word in series.name_words), series.id


def test_areas_and_comparators(catalogue: Catalogue):
    kinds = Counter(area.type for area in catalogue.areas)
    assert kinds == {"country": 1, "region": 1, "borough": 33, "ward": 36}
    assert len(catalogue.wards("2022")) == 19
    assert len(catalogue.wards("2002")) == 17
    assert catalogue.wards("2002")["E05000026"] == catalogue.wards("2022")["E05014053"] == "Abbey"
    assert len(catalogue.set_of("london-boroughs").areas) == 33
    east = catalogue.set_of("east-london")
    assert {catalogue.area_of(code).name for code in east.areas} == {
        "Barking and Dagenham",
        "City of London",
        "Hackney",
        "Havering",
        "Newham",
        "Redbridge",
        "Tower Hamlets",
        "Waltham Forest",
    }
    assert east.status == "To be confirmed by the Board"
    assert catalogue.benchmark.areas == ("E92000001",)


def test_a_return_by_ward_maps_its_own_measures(catalogue: Catalogue):
    """The borough's rows answer the measure, the wards' rows of the same series are its map."""
    returns = [name for name, one in catalogue.indicators.items()
               if catalogue.sources[one.source].kind == "return" and "ward" in one.area_types]
    assert 4 <= len(returns) <= 6
    for name in returns:
        one = catalogue.indicators[name]
        assert (one.area_types, one.ward_vintage) == (("borough", "ward"), "2022")
        assert one.counts_people and not catalogue.disclosure.topic_of(one)
        assert any("home" in caveat for caveat in one.caveats), name  # whose ward it is
        evidence = [m.evidence for s in catalogue.strategies for m in s.measures
                    if name in m.evidence.indicators]  # fmt: skip
        assert evidence and all(name in e.wards for e in evidence)


def test_ward_series_name_the_wards_they_are_on(catalogue: Catalogue):
    wards = [i for i in catalogue.indicators.values() if "ward" in i.area_types]
    assert {i.ward_vintage for i in wards if i.source == "ward-atlas"} == {"2002"}
    assert {i.ward_vintage for i in wards if i.source == "fingertips"} == {"2022"}


def test_the_facts_the_strategies_quote(catalogue: Catalogue):
    facts = {fact.fact_id: fact for fact in catalogue.facts}
    assert len(facts) == 149
    assert (facts["jhws-f062"].value, facts["jhws-f062"].line) == ("71.6", "257")


# ---------------------------------------------------------------- what is wrong with it


def test_a_misspelt_key_and_an_unknown_indicator_are_told_in_one_go(folder):
    edit(folder, JHWS, "                direction: decrease", "                directoin: decrease")
    edit(folder, JHWS, "[smoking-at-delivery]", "[smoking-at-delivry]")
    edit(folder, "indicators/obesity-reception.yml", "title:", "titel:")
    found = faults(folder)
    assert len(found) == 3
    measure = "jhws-o1-smoking-at-delivery"
    assert found[0].startswith(f"catalogue/{JHWS}, line ") and 'mean "direction"?' in found[0]
    assert f"{measure}: directoin" in found[0]
    assert "catalogue/indicators/obesity-reception.yml, line 5" in found[1]
    assert 'did you mean "title"?' in found[1]
    assert f"{measure}: evidence" in found[2]
    assert 'unknown indicator "smoking-at-delivry"; did you mean "smoking-at-delivery"?' in found[2]


def test_a_line_number_is_that_of_the_key(folder):
    edit(folder, "indicators/adult-smoking.yml", "polarity: low_is_good", "polarity: low")
    lines = (folder / "indicators/adult-smoking.yml").read_text(encoding="utf-8").splitlines()
    line = lines.index("polarity: low") + 1
    assert faults(folder) == [
        f"catalogue/indicators/adult-smoking.yml, line {line}, adult-smoking: polarity: "
        '"low"; expected "high_is_good", "low_is_good" or "no_judgement"'
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (
            "indicators/adult-smoking.yml",
            "unit:",
            "title: again\nunit:",
            'the key "title" is already given on line 5',
        ),
        ("indicators/adult-smoking.yml", "title: ", 'title: "', "not readable as YAML"),
        (
            "indicators/adult-smoking.yml",
            "source: fingertips",
            "source: fingertip",
            'unknown source "fingertip"; did you mean "fingertips"?',
        ),
        ("indicators/adult-smoking.yml", "source_id: 92443\n", "", "source_id: empty"),
        (
            "indicators/adult-smoking.yml",
            "id: adult-smoking",
            "id: smoking",
            "the file is called adult-smoking.yml",
        ),
        ("indicators/adult-smoking.yml", "title: Adults who smoke\n", "", "the key is missing"),
        (
            "indicators/healthy-share-of-life-male.yml",
            "numerator: healthy-",
            "numerator: helthy-",
            'did you mean "healthy-life-expectancy-male"?',
        ),
        (
            "indicators/obesity-reception-wards-atlas.yml",
            "ward_vintage: 2002\n",
            "",
            "ward_vintage: empty; expected 2002 or 2022",
        ),
        (
            "indicators/hiv-late-diagnosis.yml",
            "polarity: ",
            "area_types: [borough, ward]\nward_vintage: 2022\npolarity: ",
            'area_types: ward, and the topic "hiv" is sensitive; expected no ward figures',
        ),
        (
            "indicators/missing-more-than-once.yml",
            "polarity: ",
            "area_types: [borough, ward]\nward_vintage: 2022\npolarity: ",
            'area_types: ward, and the topic "child-protection" is sensitive',
        ),
        (
            "indicators/skills-level-1.yml",
            "source: annual-population-survey",
            "source: ward-atlas",
            "columns: empty; expected the column of each period",
        ),
        (
            JHWS,
            "wards: [obesity-reception-wards, ",
            "wards: [obesity-reception, ",
            '"obesity-reception" is not a ward series',
        ),
        (
            JHWS,
            "close_to: [bc-bs-vaccinations]",
            "close_to: []",
            "does not name bc-bs-vaccinations, which names jhws-o1-mmr2",
        ),
        (
            JHWS,
            "close_to: [bc-bs-vaccinations]",
            "close_to: [bc-bs-vacination]",
            'unknown measure "bc-bs-vacination"; did you mean "bc-bs-vaccinations"?',
        ),
        (
            JHWS,
            "proposed_outcome: outcome-7",
            "proposed_outcome: outcome-77",
            'unknown outcome "outcome-77"; did you mean "outcome-7"?',
        ),
        (JHWS, "serves: [outcome-4]", "serves: [outcome-44]", 'unknown outcome "outcome-44"'),
        (JHWS, "id: jhws-o1-mmr2", "id: jhws-o1-2yr-check", "another measure has this id"),
        (JHWS, "id: outcome-2", "id: best-chance-1", "another outcome has this id"),
        (JHWS, "                  inverse: true\n", "", "give inverse: true if the series"),
        (JHWS, "indicators: [mmr-two-doses]", "indicators: []", "no indicator is named"),
        (
            JHWS,
            "          - infant-mortality",
            "          - infant-mortalty",
            'unknown indicator "infant-mortalty"; did you mean "infant-mortality"?',
        ),
        ("settings.yml", "area: E09000002", "area: E09000099", 'unknown area "E09000099"'),
        ("settings.yml", "  - best-chance\n", "", "no report uses this strategy"),
        (
            "comparators.yml",
            "peers: east-london",
            "peers: eastlondon",
            'unknown set of areas "eastlondon"; did you mean "east-london"?',
        ),
        ("comparators.yml", "- E12000007", "- E12000070", 'unknown area "E12000070"'),
        ("areas.csv", "code,name", "code,nam", 'the column "name" is missing'),
        (
            "areas.csv",
            "E09000003,Barnet,borough,E12000007,,,",
            "E09000003,Barnet,borough",
            "3 cells; expected 7, as in the header",
        ),
        (
            "areas.csv",
            "E05014053,Abbey,ward,E09000002,2022",
            "E05014053,Abbey,ward,E09000002,2020",
            '"2020"; expected 2002 or 2022 for a ward',
        ),
        ("facts.csv", ",jhws-o1-mmr2,", ",jhws-o1-mmr3,", 'unknown measure "jhws-o1-mmr3"'),
        (
            "sources.yml",
            "kind: survey",
            "kind: servey",
            '"servey"; expected "published", "return", "survey" or "derived"',
        ),
    ],
)
def test_each_fault_is_told_with_its_file(folder, name, old, new, told):
    edit(folder, name, old, new)
    found = faults(folder)
    assert any(told in fault for fault in found), found


ABSENCE = "indicators/persistent-absence.yml"
OVERCROWDING = "indicators/overcrowded-households.yml"


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (
            ABSENCE,
            "source_id: absence\n",
            "source_id: absense\n",
            'unknown table of dfe in live.yml "absense"; did you mean "absence"?',
        ),
        (ABSENCE, "source_id: absence\n", "", ": pick: given without a source_id"),
        (ABSENCE, "  value: ", "  values: ", 'unknown figure "values"; did you mean "value"?'),
        (ABSENCE, "  value: ", "  count2: ", "columns: empty; expected the column of its value"),
        (
            OVERCROWDING,
            "source_id: overcrowding",
            "source_id: overcrowdin",
            'unknown table of nomis in live.yml "overcrowdin"; did you mean "overcrowding"?',
        ),
        (OVERCROWDING, "  denominator:", "  count:", 'unknown figure "count"; known names: '),
        ("live.yml", "  data_sets:\n", "  data_set:\n", 'did you mean "data_sets"?'),
        (
            "live.yml",
            "    absence:\n",
            "    absence:\n      id: b3e19901\n",
            '"b3e19901"; expected five groups of 0 to 9 and a to f',
        ),
        (
            "live.yml",
            "    absence:\n",
            "    absence:\n      version: v1\n",
            '"v1"; expected a version such as 1.0',
        ),
        (
            "live.yml",
            "      reporting_year: financial\n",
            "      reporting_year: March\n",
            '"March"; expected "", "academic", "financial" or "calendar"',
        ),
    ],
)
def test_live_tables_and_the_indicators_that_rest_on_them_agree(folder, name, old, new, told):
    edit(folder, name, old, new)
    found = faults(folder)
    assert any(told in fault for fault in found), found


def test_a_fetch_asks_for_what_an_indicator_rests_on_or_what_is_kept_for_something(folder):
    lone = "    lone:\n      publication: P\n      title: T\n      verified: false\n"
    edit(folder, "live.yml", "  data_sets:\n", f"  data_sets:\n{lone}")
    asked = read_catalogue(folder).tables("dfe")
    assert "lone" not in asked and "absence" in asked
    edit(folder, "live.yml", "      title: T\n", "      title: T\n      kept_for: the record\n")
    assert "lone" in read_catalogue(folder).tables("dfe")


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("proxy", 'the kind is "proxy" and `why` is empty'),
        ("none", 'the kind is "none" and `why` is empty'),
        ("none", 'the kind is "none" and an indicator is named'),
    ],
)
def test_a_proxy_must_say_what_it_is_not(folder, kind, told):
    plan = PLAN.replace("kind: indicator", f"kind: {kind}")
    (folder / "strategies/havering-plan.yml").write_text(plan, encoding="utf-8")
    edit(folder, "settings.yml", "  - best-chance\n", "  - best-chance\n  - havering-plan\n")
    assert any(told in fault and "hp-obesity-year-6: evidence" in fault for fault in faults(folder))


def test_one_unreadable_file_does_not_set_off_the_others(folder):
    (folder / "indicators/adult-smoking.yml").write_bytes(b"\xff\xfe\x00")
    (folder / "strategies/best-chance.yml").write_text("id: [", encoding="utf-8")
    found = faults(folder)
    assert len(found) == 2
    assert "adult-smoking.yml: not UTF-8 text" in found[0] + found[1]


def test_every_fault_of_one_file_is_told(folder):
    edit(folder, JHWS, "                direction: decrease", "                direction: down")
    edit(folder, JHWS, "indicators: [two-year-review]", "indicators: [two-year-reviews]")
    edit(folder, JHWS, "kind: none", "kind: nothing")
    assert len(faults(folder)) == 3


def test_text_is_taken_as_it_stands(folder):
    edit(
        folder,
        "indicators/adult-smoking.yml",
        "unit: ",
        "lag: no\nowner: 2026-01-01\nchecker: 1_000\nunit: ",
    )
    series = read_catalogue(folder).indicators["adult-smoking"]
    assert (series.lag, series.owner, series.checker) == ("no", "2026-01-01", "1_000")


def test_an_alias_is_refused_and_a_python_tag_does_nothing(folder):
    edit(folder, "settings.yml", "council: London", "council: &name London")
    edit(folder, "settings.yml", "accessibility: >-", "accessibility: *name\nother: >-")
    assert any("an alias (*name) is used" in fault for fault in faults(folder))
    shutil.rmtree(folder)
    shutil.copytree(CATALOGUE, folder)
    edit(folder, "settings.yml", "council: London", "council: !!python/name:os.system London")
    assert read_catalogue(folder).settings.council.startswith("London")


def test_commentary_is_kept_by_quarter_and_outcome(folder):
    words = folder / "commentary" / "2026-27-Q3" / "outcome-1.md"
    words.parent.mkdir(parents=True, exist_ok=True)
    words.write_text("\nThe clinic moved in May.\n", encoding="utf-8")
    assert read_catalogue(folder).commentary[("2026-27-Q3", "outcome-1")] == (
        "The clinic moved in May."
    )
    words.rename(words.with_name("outcome-12.md"))
    assert 'unknown outcome "outcome-12"' in faults(folder)[0]


# ---------------------------------------------------------------- files, not code

PLAN = """\
id: havering-plan
title: Havering health plan 2026-2031
short_title: Health plan
years: 2026-2031
status: In force
reader: Havering Health and Wellbeing Board
vision: Healthy lives for all.
themes:
  - id: childhood
    title: Childhood
    outcomes:
      - id: childhood-1
        title: Healthy weight
        text: More children of a healthy weight
        source_line: page 4
        bullets:
          - id: HP-1
            text: Less obesity in Year 6
            source_line: page 4
            measures:
              - id: hp-obesity-year-6
                text: Less obesity in Year 6
                source_line: page 4
                direction: decrease
                direction_basis: stated
                evidence:
                  kind: indicator
                  indicators: [obesity-year-6]
"""


def test_a_third_strategy_is_a_file(folder):
    (folder / "strategies/havering-plan.yml").write_text(PLAN, encoding="utf-8")
    edit(folder, "settings.yml", "  - best-chance\n", "  - best-chance\n  - havering-plan\n")
    catalogue = read_catalogue(folder)
    assert len(catalogue.strategies) == 3
    assert list(catalogue.outcomes)[-1] == "childhood-1"
    strategy, theme = catalogue.theme_of("childhood-1")
    assert (strategy.id, theme.id) == ("havering-plan", "childhood")


def test_a_second_borough_is_files(folder):
    for name in ("jhws", "best-chance"):
        (folder / f"strategies/{name}.yml").unlink()
    (folder / "strategies/havering-plan.yml").write_text(PLAN, encoding="utf-8")
    with (folder / "facts.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    (folder / "facts.csv").write_text(",".join(header) + "\n", encoding="utf-8")
    with (folder / "areas.csv").open("a", encoding="utf-8", newline="\n") as file:
        file.write("E05099901,North Hill,ward,E09000016,2022,2022-05-05,\n")
        file.write("E05099902,South Hill,ward,E09000016,2022,2022-05-05,\n")
    edit(folder, "settings.yml", "area: E09000002", "area: E09000016")
    edit(folder, "settings.yml", "  - jhws\n  - best-chance\n", "  - havering-plan\n")
    catalogue = read_catalogue(folder)
    assert catalogue.area.name == "Havering"
    assert list(catalogue.wards("2022").values()) == ["North Hill", "South Hill"]
    assert list(catalogue.outcomes) == ["childhood-1"]
