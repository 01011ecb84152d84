"""Forms of the account and member pages: shapes only, the rules are the services'."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from apps.accounts.models import Membership, Organization, Role
from apps.accounts.passwords import MAX_CHARS
from apps.accounts.serializers import SLUG
from apps.accounts.services.api_keys import SCOPES


def password_field(label: str, *, is_new: bool = False) -> forms.CharField:
    """A password, exactly as typed."""
    complete = "new-password" if is_new else "current-password"
    widget = forms.PasswordInput(attrs={"autocomplete": complete})
    return forms.CharField(label=label, strip=False, max_length=MAX_CHARS, widget=widget)


class CodeForm(forms.Form):
    """A code of the authenticator, or a recovery code."""

    code = forms.CharField(max_length=40, widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}))


class PasswordForm(forms.Form):
    """The password as it is and as it shall be."""

    current_password = password_field("Your password now")
    new_password = password_field("Your new password", is_new=True)


class EnrolForm(forms.Form):
    """The password, to begin setting up a second factor."""

    password = password_field("Your password")


class ResetRequestForm(forms.Form):
    """The address of an account."""

    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))


class ResetForm(forms.Form):
    """A new password."""

    password = password_field("Your new password", is_new=True)


class AcceptForm(forms.Form):
    """What a new person adds to an invitation."""

    name = forms.CharField(
        label="Your name", max_length=150, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = password_field("Choose a password", is_new=True)


class InviteForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label="E-mail", max_length=254)
    role = forms.ChoiceField()

    def __init__(self, *args: Any, most: Role, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(role.value, role.label) for role in Role if most.includes(role)]
        self.fields["role"] = forms.ChoiceField(choices=offered, initial=Role.VIEWER)


class OrganizationForm(forms.ModelForm):  # type: ignore[type-arg]
    """An organization's name and settings."""

    class Meta:
        model = Organization
        fields = (
            "name", "requires_second_factor", "clarification_enabled", "answer_threshold", "fiscal_year_start_month",
            "conversation_retention_days",
        )  # fmt: skip
        labels = {
            "requires_second_factor": "Require a second factor",
            "clarification_enabled": "Ask back where a question has several readings",
            "answer_threshold": "How sure an answer must be",
            "fiscal_year_start_month": "Fiscal year begins in month",
            "conversation_retention_days": "Days until conversations are forgotten",
        }
        help_texts = {"clarification_enabled": ""}


class NewOrganizationForm(forms.Form):
    """A new organization."""

    name = forms.CharField(max_length=150)
    slug = forms.CharField(
        label="Short name", validators=[RegexValidator(SLUG)], help_text="Small letters, digits and -; never changes."
    )


class TransferForm(forms.Form):
    """Who becomes owner."""

    member = forms.ModelChoiceField(queryset=Membership.objects.none(), label="New owner")

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["member"]
        field.queryset = members
        field.label_from_instance = lambda member: member.user.email


class ApiKeyForm(forms.Form):
    """A new key."""

    name = forms.CharField(max_length=100)
    scopes = forms.MultipleChoiceField(
        choices=[(one, one) for one in SCOPES], initial=["read"], widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label="Days it is good for", min_value=1, max_value=3_650, initial=90, required=False)
