"""The forms of the registry in the admin site: what is wrong is said at the field where it is."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget

from apps.common.endpoints import check_endpoint
from apps.common.errors import AppError
from apps.llm.kinds import Kind, address_of, check_api_version, check_key_variable
from apps.llm.models import ModelProvider, RegisteredModel
from apps.llm.registry import check_described
from apps.llm.registry_entries import NO_FALLBACK, Entry, Origin
from apps.llm.registry_rows import provider_address
from apps.llm.spec import ModelSpec, Role
from apps.llm.tokens import TokenizerBroken, load_tokenizer

STAYS = "It is bound to its address, which changed: enter the key again, or have it forgotten."


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    """A provider. The key goes in and never comes out again."""

    new_key = forms.CharField(required=False, widget=UnfoldAdminPasswordWidget, max_length=2_000, label="Secret key")
    forget_key = forms.BooleanField(required=False, label="Forget the secret key")

    class Meta:
        model = ModelProvider
        fields = ("key", "kind", "base_url", "api_version", "key_variable", "calls_at_once", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        moment = self.instance.key_set_at
        told = f"Set on {moment:%Y-%m-%d %H:%M} UTC. Empty keeps it." if moment else "None is set."
        self.fields["new_key"].help_text = f"{told} Once entered it is sealed and never shown."
        self._address_before = provider_address(self.instance) if self.instance.sealed_key else ""

    def clean_base_url(self) -> str:
        url: str = self.cleaned_data["base_url"].strip()
        return _checked(check_endpoint, url) if url else ""

    def clean_key_variable(self) -> str:
        name: str = self.cleaned_data["key_variable"]
        return _checked(check_key_variable, name) if name else ""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            kind = Kind(given["kind"])
            self._at("base_url", lambda: address_of(kind, given["base_url"]))
            self._at("api_version", lambda: check_api_version(kind, given["api_version"]))
        if not self.errors:
            self._check_key(given, address_of(kind, given["base_url"]))
        return given

    def _check_key(self, given: dict[str, Any], address: str) -> None:
        keeps = self.instance.sealed_key and not given["new_key"] and not given["forget_key"]
        if given["new_key"] and (given["key_variable"] or given["forget_key"]):
            self.add_error("new_key", "Give a key, name a variable, or have the key forgotten: one of them.")
        elif keeps and address != self._address_before:
            self.add_error("new_key", STAYS)

    def _at(self, field: str, check: Any) -> None:
        try:
            check()
        except ValueError as error:
            self.add_error(field, _sentence(error))


class RegisteredModelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A model of a provider."""

    roles = forms.MultipleChoiceField(
        required=False,
        choices=[(role.value, role.value) for role in Role],
        widget=forms.CheckboxSelectMultiple,
        help_text="What it is taken for. None: for whatever no other model is made for.",
    )

    class Meta:
        model = RegisteredModel
        fields = (
            "key", "name", "provider", "roles", "order", "fallback", "price_in", "price_out", "window_tokens",
            "takes_schema", "takes_tools", "streams", "tokenizer", "is_active", "note",
        )  # fmt: skip
        help_texts = {
            "takes_schema": "Does it answer by a JSON schema? Unknown: as the provider's kind does.",
            "takes_tools": "Does it call functions? Unknown: as the provider's kind does.",
            "streams": "Does it answer piece by piece? Unknown: as the provider's kind does.",
        }

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if key == NO_FALLBACK or not key.isprintable():
            raise forms.ValidationError(f"A key is printable, and not {NO_FALLBACK!r}.")
        return key

    def clean_tokenizer(self) -> str:
        path: str = self.cleaned_data["tokenizer"]
        try:
            if path:
                load_tokenizer(path)
        except TokenizerBroken as error:
            raise forms.ValidationError(error.message) from error
        return path

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and given["fallback"] and given["is_active"]:
            spec = ModelSpec(given["key"], roles=frozenset(Role(role) for role in given["roles"]))
            try:
                check_described(Entry(spec, Origin.ADMIN, given["fallback"]), instead_of=self.initial.get("key"))
            except AppError as error:
                self.add_error("fallback", error.message)
        return given


def _checked(check: Any, value: str) -> str:
    try:
        return str(check(value))
    except ValueError as error:
        raise forms.ValidationError(_sentence(error)) from error


def _sentence(error: ValueError) -> str:
    said = str(error)
    return f"{said[:1].upper()}{said[1:]}."
