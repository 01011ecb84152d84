"""Organizations and the people in them."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.accounts.attributes import check_attributes
from apps.accounts.tenancy import OrganizationOwned, OrganizationQuerySet
from apps.common.ids import uuid7
from apps.common.shares import check_share


class Role(models.TextChoices):
    """What a member may do; each role includes those after it."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    ANALYST = "analyst", "Analyst"
    VIEWER = "viewer", "Viewer"

    def includes(self, other: "Role") -> bool:
        """True if this role may do all that `other` may."""
        order = list(Role)
        return order.index(self) <= order.index(other)


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do follows from their memberships; `is_staff` opens the admin site."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    email_verified_at = models.DateTimeField(
        null=True, blank=True, help_text="When this person proved that they read this address."
    )
    session_version = models.PositiveIntegerField(
        default=0, help_text="Sessions and tokens of an older version are over; raising it signs out everywhere."
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_without_case")]

    def __str__(self) -> str:
        return self.email

    @property
    def has_second_factor(self) -> bool:
        """True if this person set up a second factor and confirmed it."""
        factor = getattr(self, "second_factor", None)
        return factor is not None and factor.confirmed_at is not None

    def get_session_auth_hash(self) -> str:
        """What a page session must still carry: ends with the password and with the session version."""
        return self._get_session_auth_hash()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under earlier SECRET_KEYs."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._get_session_auth_hash(secret=secret)

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        value = f"{self.password}:{self.session_version}"
        return salted_hmac("apps.accounts.session", value, secret=secret, algorithm="sha256").hexdigest()


class Organization(models.Model):
    """Who owns the data. Everything a customer sees hangs on one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=150)
    slug = models.SlugField(max_length=60, unique=True)
    is_active = models.BooleanField(default=True, help_text="An inactive organization lets nobody in.")
    requires_second_factor = models.BooleanField(
        default=False, help_text="Only members with a second factor may act in this organization."
    )
    clarification_enabled = models.BooleanField(default=True, help_text="May Parley ask back in this organization?")
    answer_threshold = models.FloatField(
        null=True,
        blank=True,
        validators=[check_share],
        help_text="Least confidence for an answer, 0 to 1; empty takes the engine's own.",
    )
    fiscal_year_start_month = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text="Month (1 to 12) in which the fiscal year begins; it is called after the year in which it ends.",
    )
    conversation_retention_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36_500)],
        help_text="Days after its last question that a conversation is forgotten; empty keeps it.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(OrganizationQuerySet["Membership"]):
    def live(self) -> "MembershipQuerySet":
        """Memberships that let somebody in: membership, person and organization are all active."""
        return self.filter(is_active=True, user__is_active=True, organization__is_active=True)


class Membership(OrganizationOwned):
    """A person in an organization, with a role."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    is_active = models.BooleanField(default=True)
    attributes = models.JSONField(
        default=dict,
        blank=True,
        validators=[check_attributes],
        help_text='What row filters of access policies may name, such as {"region": "EU"}.',
    )

    objects: ClassVar[Any] = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_unique"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organization} as {self.role}"

    def may(self, role: Role) -> bool:
        """True if this membership is active and includes `role`."""
        return self.is_active and Role(self.role).includes(role)
