"""Who is asking: the person, the organization they act in, and how they proved it."""

from dataclasses import dataclass

from apps.accounts.models import ApiKey, Membership, Organization, Role, User


@dataclass(frozen=True)
class Principal:
    """One person acting in one organization, for one request or task."""

    membership: Membership
    api_key: ApiKey | None = None

    @property
    def user(self) -> User:
        return self.membership.user

    @property
    def organization(self) -> Organization:
        return self.membership.organization

    @property
    def role(self) -> Role:
        return Role(self.membership.role)

    @property
    def lacks_second_factor(self) -> bool:
        """True if the organization asks for a second factor and the person has none."""
        return self.organization.requires_second_factor and not self.user.has_second_factor

    def may(self, role: Role, scope: str) -> bool:
        """True if the role suffices and, for a key, the key's scopes name `scope`."""
        return self.membership.may(role) and (self.api_key is None or scope in self.api_key.scopes)
