"""The forms of the pages."""

from typing import Any

from django import forms
from django.conf import settings

from apps.queries.models import Status


class AskForm(forms.Form):
    """A question to a data source, perhaps as the next of a conversation."""

    question = forms.CharField(widget=forms.Textarea(attrs={"rows": 2, "placeholder": "What would you like to know?"}))
    data_source: Any = forms.ModelChoiceField(queryset=None, to_field_name="name", empty_label=None)
    conversation = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sources: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["data_source"].queryset = sources  # type: ignore[attr-defined]
        self.fields["question"].max_length = settings.PARLEY.question_max_chars  # type: ignore[attr-defined]

    def clean_question(self) -> str:
        question = str(self.cleaned_data["question"]).strip()
        limit = settings.PARLEY.question_max_chars
        if len(question) > limit:
            raise forms.ValidationError(f"At most {limit} characters; this has {len(question)}.")
        if "\x00" in question:
            raise forms.ValidationError("Null characters are not allowed.")
        return question


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
