"""The forms of the pages."""

from typing import Any

from django import forms
from django.conf import settings

from apps.common.errors import AppError
from apps.llm import research
from apps.llm.registry import default_engine, default_model, question_models
from apps.queries.models import Status

BUILTIN = "builtin"
OF_MODEL = "model:"  # before a model's key: none can be mistaken for an engine


class AnsweredByField(forms.ChoiceField):
    """Which engine answers, and of the model engine which model; "" leaves it as it is, which `unchanged` names."""

    def __init__(self, *, unchanged: str = "", **kwargs: Any) -> None:
        models = _models()
        choices = [(BUILTIN, "the built-in engine"), *((f"{OF_MODEL}{key}", key) for key in models)]
        super().__init__(choices=[("", unchanged or _default_name()), *choices], required=False, **kwargs)


def answered_by(chosen: str) -> dict[str, Any]:
    """The options of a query that this choice stands for; none where it was left open."""
    if not chosen:
        return {}
    if chosen == BUILTIN:
        return {"engine": BUILTIN, "reasoning_model": None, "implementation_model": None}
    key = chosen.removeprefix(OF_MODEL)
    return {"engine": "model", "reasoning_model": key, "implementation_model": key}


def chosen_of(options: Any) -> str:
    """The choice that these options stand for, so that a follow-up is answered by whom its question was."""
    if options.get("engine") == BUILTIN:
        return BUILTIN
    return f"{OF_MODEL}{options['reasoning_model']}" if options.get("reasoning_model") else ""


def _models() -> list[str]:
    """The keys a person may choose from; none where the registry is broken, which is the operator's to mend."""
    try:
        return list(question_models())
    except AppError:
        return []


def _default_name() -> str:
    try:
        model = default_model() if default_engine() == "model" else None
    except AppError:
        model = None
    return f"as set up here ({model.key if model else 'the built-in engine'})"


class AskForm(forms.Form):
    """A question to a data source, perhaps as the next of a conversation, and how it is to be answered."""

    question = forms.CharField(widget=forms.Textarea(attrs={"rows": 2, "placeholder": "What would you like to know?"}))
    data_source: Any = forms.ModelChoiceField(queryset=None, to_field_name="name", empty_label=None)
    conversation = forms.UUIDField(required=False, widget=forms.HiddenInput)
    # What is not sent is as it is by default: a suggestion's button sends a question alone.
    without_asking = forms.BooleanField(required=False, label="Do not ask back, say what was assumed")
    without_charts = forms.BooleanField(required=False, label="No chart")

    def __init__(self, *args: Any, sources: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["data_source"].queryset = sources  # type: ignore[attr-defined]
        self.fields["question"].max_length = settings.PARLEY.question_max_chars  # type: ignore[attr-defined]
        if _models():
            self.fields["answered_by"] = AnsweredByField(label="Answered by")
            if research.is_available():
                label = "Look it up on the web as well (the search service gets words of the question)"
                self.fields["web_research"] = forms.BooleanField(required=False, label=label)

    def clean_question(self) -> str:
        question = str(self.cleaned_data["question"]).strip()
        limit = settings.PARLEY.question_max_chars
        if len(question) > limit:
            raise forms.ValidationError(f"At most {limit} characters; this has {len(question)}.")
        if "\x00" in question:
            raise forms.ValidationError("Null characters are not allowed.")
        return question

    def clean(self) -> dict[str, Any]:
        """Refuse what nothing would do: the built-in engine reads no web."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("web_research") and cleaned.get("answered_by") == BUILTIN:
            self.add_error("web_research", "The built-in engine uses no model, so nobody would read the pages.")
        return cleaned

    @property
    def options(self) -> dict[str, Any]:
        """How the query is to be answered, as far as it differs from the default."""
        given = self.cleaned_data
        wanted: dict[str, Any] = answered_by(given.get("answered_by", ""))
        if given["without_asking"]:
            wanted["clarification_mode"] = False
        if given["without_charts"]:
            wanted["enable_charts"] = False
        if given.get("web_research"):
            wanted["web_research"] = True
        return wanted

    @staticmethod
    def initial_of(options: Any) -> dict[str, Any]:
        """The choices that a question was asked with, for the one that follows it."""
        return {
            "answered_by": chosen_of(options),
            "without_asking": options.get("clarification_mode") is False,
            "without_charts": options.get("enable_charts") is False,
            "web_research": bool(options.get("web_research")),
        }

    def choices(self) -> list[Any]:
        """The fields of how it is answered, bound, in the order they are shown."""
        shown = ("answered_by", "web_research", "without_charts", "without_asking")
        return [self[name] for name in shown if name in self.fields]

    def is_set(self) -> bool:
        """Whether a choice differs from the default, so that it is not folded away."""
        return any(bound.value() or bound.errors for bound in self.choices())


class ReplayForm(forms.Form):
    """Who answers the same question in another run."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="replay_%s")
        self.fields["answered_by"] = AnsweredByField(unchanged="as before", label="Answered by")


class HistoryForm(forms.Form):
    """What to look for among past queries."""

    search = forms.CharField(required=False, max_length=200, widget=forms.TextInput(attrs={"placeholder": "Search"}))
    status = forms.ChoiceField(
        required=False, choices=[("", "any status"), *((s.value, s.value.replace("_", " ")) for s in Status)]
    )
    data_source: Any = forms.ModelChoiceField(
        queryset=None, required=False, to_field_name="name", empty_label="any data source"
    )
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sources: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["data_source"].queryset = sources  # type: ignore[attr-defined]
