"""Writes on the second factor: set up, confirm, spend codes, take away."""

import base64
import hashlib
import hmac
import secrets
import time
from typing import NamedTuple

import pyotp
import segno
from django.db import transaction
from django.utils import timezone

from apps.accounts.audit import record_audit
from apps.accounts.errors import NotAllowed
from apps.accounts.models import Membership, RecoveryCode, Role, SecondFactor, User
from apps.accounts.principal import Principal
from apps.accounts.row_security import across_organizations
from apps.accounts.services.sign_out import end_all_sign_ins
from apps.common.errors import Conflict, InvalidInput
from apps.common.sealing import reseal, seal, unseal

ISSUER = "Parley"
STEP_SECONDS = 30
DRIFT_STEPS = (0, -1, 1)  # a phone's clock may be half a minute off
RECOVERY_CODES = 10


class Enrolment(NamedTuple):
    """What a person takes into an authenticator. Shown once; it counts from its confirmation on."""

    secret: str
    uri: str

    @property
    def qr_svg(self) -> str:
        """The address as a picture for a phone's camera, as a data URI."""
        return str(segno.make(self.uri, error="m").svg_data_uri(scale=5, border=2, light="#fff"))


def begin_enrolment(user: User, *, password: str) -> Enrolment:
    """A new secret. Raises InvalidInput for a wrong password, Conflict if a factor is set up already."""
    if user.has_usable_password() and not user.check_password(password):
        message = "This is not your password."
        raise InvalidInput(message, details={"password": [message]})
    secret = pyotp.random_base32()
    sealed = seal(secret, purpose=_purpose(user))
    with transaction.atomic():
        factors = SecondFactor.objects.select_for_update()
        factor, _ = factors.get_or_create(user=user, defaults={"sealed_secret": sealed})
        if factor.confirmed_at is not None:
            raise Conflict("A second factor is set up already; remove it first.", code="second_factor_exists")
        factor.sealed_secret = sealed
        factor.save(update_fields=["sealed_secret"])
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER))


def confirm_enrolment(user: User, code: str) -> list[str]:
    """Switch the factor on with a first code; the recovery codes, shown once. Raises InvalidInput, Conflict."""
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(user=user).first()
        if factor is None or factor.confirmed_at is not None:
            raise Conflict("There is nothing to confirm; begin anew.", code="nothing_to_confirm")
        step = _step_of(factor, code)
        if step is None:
            raise wrong_code()
        factor.confirmed_at, factor.last_step = timezone.now(), step
        factor.save(update_fields=["confirmed_at", "last_step"])
        record_audit("second_factor.enrolled", organization=None, actor=user, target=user)
        return _new_recovery_codes(user)


def new_recovery_codes(user: User, code: str) -> list[str]:
    """Ten new codes in place of the old ones, shown once. Raises InvalidInput for a wrong code."""
    if not spend_code(user, code):
        raise wrong_code()
    with transaction.atomic():
        record_audit("second_factor.recovery_codes_renewed", organization=None, actor=user, target=user)
        return _new_recovery_codes(user)


def _new_recovery_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=_hash(code)) for code in codes)
    return ["-".join(code[start : start + 4] for start in range(0, 16, 4)) for code in codes]


def spend_code(user: User, code: str) -> bool:
    """True if `code` is the authenticator's now, or an unused recovery code. Either is good once."""
    factor = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
    if factor is None:
        return False
    step = _step_of(factor, code)
    if step is not None:
        return bool(SecondFactor.objects.filter(user=user, last_step__lt=step).update(last_step=step))
    plain = code.replace("-", "").replace(" ", "").lower()
    unused = RecoveryCode.objects.filter(user=user, code_hash=_hash(plain), used_at__isnull=True)
    if not unused.update(used_at=timezone.now()):
        return False
    record_audit("second_factor.recovery_code_used", organization=None, actor=user, target=user)
    return True


def _step_of(factor: SecondFactor, code: str) -> int | None:
    """The time step whose code this is, if it is near and after the last one taken."""
    totp = pyotp.TOTP(unseal(factor.sealed_secret, purpose=_purpose(factor.user)))
    digits = code.replace(" ", "").encode()
    now = int(time.time()) // STEP_SECONDS
    steps = [now + drift for drift in DRIFT_STEPS if now + drift > factor.last_step]
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), digits)), None)


def remove_second_factor(user: User, code: str) -> None:
    """Do without a second factor again. Raises InvalidInput for a wrong code, NotAllowed where it is required."""
    with across_organizations("any of a person's organizations may require the factor"):
        if Membership.objects.live().filter(user=user, organization__requires_second_factor=True).exists():
            raise NotAllowed("An organization of yours requires a second factor.", code="second_factor_needed")
    if not spend_code(user, code):
        raise wrong_code()
    with transaction.atomic():
        drop_second_factor(user)
        record_audit("second_factor.removed", organization=None, actor=user, target=user)


@transaction.atomic
def reset_second_factor(member: Membership, *, by: Principal) -> None:
    """Take away a member's lost factor and sign them out; they set up a new one.

    Raises: NotAllowed if their role is above one's own, or if they are also in an organization that one does not run:
    that takes the installation's administrators.
    """
    if not by.role.includes(Role(member.role)):
        raise NotAllowed("Your role does not allow this.")
    with across_organizations("a factor guards all of a person's organizations"):
        elsewhere = Membership.objects.live().filter(user=member.user).exclude(organization=by.organization)
        if elsewhere.exists() or member.user.is_staff:
            raise NotAllowed("Only the installation's administrators can reset this person's second factor.")
    drop_second_factor(member.user)
    end_all_sign_ins(member.user)
    record_audit("second_factor.reset", principal=by, target=member.user, email=member.user.email)


def drop_second_factor(user: User) -> None:
    """Forget a person's secret and recovery codes."""
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def reseal_second_factors() -> int:
    """Bring every secret under the newest key; returns how many."""
    count = 0
    for factor in SecondFactor.objects.iterator():
        changed = SecondFactor.objects.filter(user=factor.user_id, sealed_secret=factor.sealed_secret)
        count += changed.update(sealed_secret=reseal(factor.sealed_secret))
    return count


def wrong_code() -> InvalidInput:
    """The one answer to every code that does not open."""
    message = "This code is not right, or was used already."
    return InvalidInput(message, details={"code": [message]})


def _purpose(user: User) -> str:
    return f"second factor of {user.pk}"


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode(errors="replace")).hexdigest()
