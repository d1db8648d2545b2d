"""The shipped examples: their recipes, and the CSVs that come of them, each row marked as simulated.

``python -m qitools.collaborative.examples [DIR]`` writes their data again (DIR: parameters), byte for byte.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd

from qitools.collaborative.document import read_document
from qitools.collaborative.parameters import Parameters, read_parameters
from qitools.collaborative.simulate import Recipe, simulate
from qitools.collaborative.simulate_records import RecordsRecipe, simulate_records
from qitools.collaborative.simulate_service import ServiceRecipe, simulate_service

RECIPES, RECORDS = "data/recipes.yaml", "data/recipes-records.yaml"
SERVICES = "data/recipes-services.yaml"


def recipes(folder: Path) -> dict[str, Recipe]:
    """The recipes of the shipped examples, each completed from its YAML (teams, when they joined, kinds of data).

    Args:
        folder: the folder of the YAML files.
    """
    plain = read_document(folder / RECIPES).data
    return {name: _completed(recipe, read_parameters(folder / f"{name}.yaml")) for name, recipe in plain.items()}


def _completed(recipe: dict[str, Any], parameters: Parameters) -> Recipe:
    kinds = {measure.id: measure for measure in parameters.measures}
    measures = {name: {**stream, "data": kinds[name].data} for name, stream in recipe["measures"].items()}
    joined = {team.id: team.joined for team in parameters.teams if team.joined}
    teams = tuple(team.id for team in parameters.teams)
    shared = {"teams": teams, "joined": joined, "period": parameters.period}
    return Recipe.model_validate({**recipe, **shared, "measures": measures})


def write(folder: Path, to: Path) -> list[Path]:
    """Write the data of every shipped example.

    Args:
        folder: the folder of the YAML files and recipes.
        to: the folder to write below; data paths start from it.

    Returns:
        The files written.
    """
    written, beside = [], read_document(folder / RECORDS).data
    for name, recipe in recipes(folder).items():
        parameters, simulated = read_parameters(folder / f"{name}.yaml"), simulate(recipe)
        logs = _logs(beside.get(name), recipe, parameters)
        files = {parameters.sources.observations[0].file: _table(parameters, simulated.observations, recipe)}
        for source, table in {"changes": simulated.changes, **logs}.items():
            files[getattr(parameters.sources, source).file] = table
        written += _kept(files, to)
    for name, recipe in read_document(folder / SERVICES).data.items():
        sources = read_parameters(folder / f"{name}.yaml").sources
        tables = simulate_service(ServiceRecipe.model_validate(recipe))
        written += _kept({_file(getattr(sources, source)): table for source, table in tables.items()}, to)
    return written


def _logs(plan: dict[str, Any] | None, recipe: Recipe, parameters: Parameters) -> dict[str, pd.DataFrame]:
    """What the teams write down; nothing where that is written by hand."""
    return simulate_records(RecordsRecipe.model_validate(plan), recipe, parameters) if plan else {}


def _file(source: Any) -> str:
    """The file of a source, or of its first where there may be several."""
    return str((source[0] if isinstance(source, tuple) else source).file)


def _kept(files: dict[str, pd.DataFrame], to: Path) -> list[Path]:
    for file, table in files.items():
        (to / file).parent.mkdir(parents=True, exist_ok=True)
        table.assign(origin="simulated").to_csv(to / file, index=False, lineterminator="\n", date_format="%Y-%m-%d")
    return [to / file for file in files]


def _table(parameters: Parameters, observations: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """The observations in the columns that the YAML maps."""
    source = parameters.sources.observations[0]
    parts: dict[str, pd.Series] = {}
    indexed = observations.set_index(["team", "date"])
    for measure, columns in (source.measures or {}).items():
        rows = indexed[indexed["measure"] == measure]
        if columns.numerator:
            parts[columns.numerator] = _whole(rows["numerator"])
        if columns.denominator:
            parts.setdefault(columns.denominator, _whole(rows["denominator"]))
    table = pd.DataFrame(parts).reset_index()
    order = pd.Categorical(table["team"], [team.id for team in parameters.teams], ordered=True)
    codes = {team.id: team.code or team.id for team in parameters.teams}
    table = table.assign(order=order).sort_values(["order", "date"]).drop(columns="order")
    table["team"] = table["team"].map(codes)
    if recipe.month_ends:
        table["date"] += pd.offsets.MonthEnd(0)
    return table.rename(columns={"team": source.team, "date": source.date}).assign(**recipe.columns)


def _whole(numbers: pd.Series) -> pd.Series:
    """Counts without a decimal point; values as they are."""
    return numbers.astype("Int64") if (numbers.dropna() % 1 == 0).all() else numbers


if __name__ == "__main__":
    home = Path(sys.argv[1] if len(sys.argv) > 1 else "parameters")
    for path in write(home, home):
        print(path)
