"""What an evaluation is run with, and what is in force for those who ask: an evaluation says something about a change
only where the two agree."""

from dataclasses import dataclass

from apps.accounts.models import Organization
from apps.common.errors import InvalidInput
from apps.datasources.models import DataSource
from apps.llm.registry import models_for
from apps.llm.spec import ModelsByRole
from apps.queries.engines import threshold_of
from apps.queries.evaluations.models import Evaluation
from apps.queries.steps.planning import MODEL, chosen_engine
from apps.queries.steps.understanding import asks_in, threshold_in


@dataclass(frozen=True)
class EvaluationSettings:
    """All that decides an answer but the data: an engine with its models, when it answers, whether it asks back, and
    the month in which fiscal years begin."""

    engine: str
    threshold: float
    may_ask: bool
    fiscal_year_start_month: int = 1
    reasoning_model: str = ""
    implementation_model: str = ""

    @property
    def models(self) -> ModelsByRole | None:
        """The models themselves; None for the built-in engine. Raises InvalidInput for one that is gone."""
        if self.engine != MODEL:
            return None
        return models_for(reasoning=self.reasoning_model, implementation=self.implementation_model)

    @property
    def model_keys(self) -> dict[str, str]:
        if self.engine != MODEL:
            return {}
        return {"reasoning": self.reasoning_model, "implementation": self.implementation_model}

    def says(self) -> str:
        """In words, for messages."""
        models = "".join(f", {role} model {key}" for role, key in self.model_keys.items())
        asking = "asking back" if self.may_ask else "without asking back"
        fiscal = (
            f", fiscal years from month {self.fiscal_year_start_month}" if self.fiscal_year_start_month != 1 else ""
        )
        return f"{self.engine} engine{models}, threshold {self.threshold:g}, {asking}{fiscal}"


def settings_in_force(
    organization: Organization,
    source: DataSource,
    *,
    engine: str | None = None,
    reasoning_model: str | None = None,
    implementation_model: str | None = None,
) -> EvaluationSettings:
    """What a person gets who asks this source, with the engine and models that they name.

    Raises: CannotAnswer where the model engine is wanted and there is no model, InvalidInput for an unknown one.
    """
    named = reasoning_model or implementation_model
    chosen = chosen_engine(engine or (MODEL if named else None))
    if chosen != MODEL and named:
        raise InvalidInput("The built-in engine uses no model.", details={"engine": ["It uses no model."]})
    models = models_for(reasoning=reasoning_model, implementation=implementation_model) if chosen == MODEL else None
    own = threshold_in(organization, source)
    return EvaluationSettings(
        chosen, threshold_of(chosen) if own is None else own, asks_in(organization, source),
        organization.fiscal_year_start_month, models.reasoning.key if models else "",
        models.implementation.key if models else "",
    )  # fmt: skip


def settings_of(evaluation: Evaluation) -> EvaluationSettings:
    """What an evaluation was, or is, run with."""
    used = evaluation.models_used
    return EvaluationSettings(
        evaluation.engine, evaluation.threshold, evaluation.may_ask, evaluation.fiscal_year_start_month,
        used.get("reasoning", ""), used.get("implementation", ""),
    )  # fmt: skip
