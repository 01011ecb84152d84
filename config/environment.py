"""The environment, read once and checked at start: every variable the platform knows, with its type and default.

`.env.example` lists the same names; `tests/config/test_environment.py` compares the two.
"""

import re
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from apps.common.endpoints import check_endpoint
from apps.common.hosts import HostPolicy
from apps.llm.privacy import PrivacyLevel

ROOT = Path(__file__).resolve().parent.parent
SIGNING_KEY = re.compile(r"[A-Za-z0-9_-]{1,32}:\S{32,}")
MODEL_AGENTS = ("planner", "chart", "web_research", "synthesizer")
CommaList = Annotated[list[str], NoDecode]


class Environment(BaseSettings):
    """Typed settings. Names are the variables' names in lower case; an empty value counts as unset."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", env_ignore_empty=True, extra="ignore")

    # the installation
    secret_key: SecretStr | None = None
    credentials_keys: CommaList = []
    debug: bool = False
    allowed_hosts: CommaList = []
    public_url: str = "http://127.0.0.1:8000"
    time_zone: str = "UTC"

    # addresses
    database_url: SecretStr | None = None
    database_owner_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    database_pool_size: int = Field(default=20, ge=1, le=200)
    database_pool_overflow: int = Field(default=10, ge=0, le=200)

    # the web surface
    cors_allowed_origins: CommaList = []
    https_only: bool = True
    trust_proxy_headers: bool = False
    api_docs: bool = True
    max_body_bytes: int = Field(default=16 * 1024 * 1024, ge=1024)
    rate_limits_enabled: bool = True
    rate_per_minute: int = Field(default=60, ge=1)
    rate_per_hour: int = Field(default=1000, ge=1)
    asking_rate_per_minute: int = Field(default=10, ge=1)
    login_rate_per_minute: int = Field(default=10, ge=1)
    source_rate_per_minute: int = Field(default=10, ge=1)
    quota_questions_per_day: int | None = Field(default=None, ge=0)
    quota_tokens_per_month: int | None = Field(default=None, ge=0)
    quota_cost_usd_per_month: Decimal | None = Field(default=None, ge=0)
    quota_rows_exported_per_day: int | None = Field(default=None, ge=0)
    tighten_limits_at_waiting: int = Field(default=100, ge=1)
    event_streams_per_process: int = Field(default=8, ge=1)

    # people
    access_token_minutes: int = Field(default=15, ge=1, le=15)
    refresh_token_days: int = Field(default=7, ge=1, le=90)
    sign_in_days: int = Field(default=30, ge=1, le=365)
    refresh_grace_seconds: int = Field(default=10, ge=0, le=60)
    jwt_signing_keys: CommaList = []
    jwt_signing_keys_file: Path | None = None
    organizations_self_service: bool = False
    invitation_days: int = Field(default=7, ge=1, le=90)
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_label: str = "single sign-on"
    oidc_domains: CommaList = []
    proxy_user_header: str | None = None
    proxy_user_networks: CommaList = []

    # e-mail
    mail_host: str | None = None
    mail_port: int = Field(default=587, ge=1, le=65_535)
    mail_username: str = ""
    mail_password: SecretStr | None = None
    mail_security: Literal["starttls", "tls", "none"] = "starttls"
    mail_from: str = "parley@localhost"

    # asking
    default_engine: Literal["auto", "builtin", "model"] = "auto"
    question_max_chars: int = Field(default=10_000, ge=100, le=100_000)
    answer_threshold: float | None = Field(default=None, ge=0, le=1)
    clarification_enabled: bool = True
    clarification_max_turns: int = Field(default=3, ge=1, le=10)
    clarification_expires_hours: int = Field(default=72, ge=1)
    suggestions_seconds: float = Field(default=0.3, ge=0, le=10)
    query_deadline_seconds: int = Field(default=300, ge=5)
    query_lease_seconds: int = Field(default=20, ge=3)
    queries_at_once: int = Field(default=20, ge=1)
    queries_waiting_most: int = Field(default=1_000, ge=1)
    model_questions_at_once: int = Field(default=500, ge=1, le=2_000)
    worker_grace_seconds: float = Field(default=15, ge=0, le=600)
    analysis_cache_seconds: int = Field(default=600, ge=0, le=86_400)
    evaluation_most_cases: int = Field(default=2_000, ge=1, le=100_000)

    # customers' databases
    sql_row_cap: int = Field(default=10_000, ge=1, le=1_000_000)
    answer_row_limit: int = Field(default=1_000, ge=1, le=100_000)
    sql_max_bytes: int = Field(default=64 * 1024 * 1024, ge=1024)
    sql_max_columns: int = Field(default=500, ge=1, le=2_000)
    sql_timeout_seconds: float = Field(default=30, gt=0)
    probe_timeout_seconds: float = Field(default=3, gt=0)
    probe_budget_seconds: float = Field(default=8, gt=0)
    result_cache_seconds: int = Field(default=60, ge=0, le=86_400)
    source_folders: CommaList = []
    source_hosts_allowed: CommaList = []
    source_test_seconds: float = Field(default=6, ge=0, le=60)
    indexed_values_per_column: int = Field(default=50_000, ge=0)

    # the model
    model_base_url: str | None = None
    model_api_key: SecretStr | None = None
    model_name: str | None = None
    model_timeout_seconds: float = Field(default=120, gt=0)
    model_max_retries: int = Field(default=3, ge=0, le=10)
    model_circuit_failures: int = Field(default=5, ge=1, le=100)
    model_circuit_open_seconds: float = Field(default=60, ge=0, le=3_600)
    model_calls_at_once_per_organization: int = Field(default=20, ge=1)
    model_price_in: Decimal = Field(default=Decimal(0), ge=0)
    model_price_out: Decimal = Field(default=Decimal(0), ge=0)
    model_window_tokens: int = Field(default=32_768, ge=2_000)
    model_tokens_per_question: int = Field(default=200_000, ge=1_000)
    model_privacy: PrivacyLevel = PrivacyLevel.SCHEMA
    prompt_retention_days: int = Field(default=7, ge=0, le=3_650)
    model_cache_seconds: int = Field(default=3_600, ge=0, le=604_800)
    models_file: Path | None = None
    model_agents: str = "all"
    model_agent_seconds: float = Field(default=30, gt=0)
    embedding_model: str | None = None
    embedding_base_url: str | None = None
    embedding_api_key: SecretStr | None = None
    embedding_price_in: Decimal = Field(default=Decimal(0), ge=0)
    embedding_timeout_seconds: float = Field(default=3, gt=0)
    embedding_cache_seconds: int = Field(default=2_592_000, ge=0)

    # the web researcher
    web_research: Literal["off", "searxng", "tavily"] = "off"
    web_research_url: str | None = None
    web_research_key: SecretStr | None = None
    web_research_seconds: float = Field(default=8, gt=0, le=60)

    # operating
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    metrics_token: SecretStr | None = None
    slow_request_seconds: float = Field(default=1.0, gt=0)
    worker_metrics_port: int | None = Field(default=None, ge=1, le=65_535)
    metrics_folder: Path = ROOT / "var" / "metrics"

    @field_validator(
        "allowed_hosts", "cors_allowed_origins", "credentials_keys", "source_folders", "source_hosts_allowed",
        "jwt_signing_keys", "oidc_domains", "proxy_user_networks", mode="before",
    )  # fmt: skip
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("source_hosts_allowed")
    @classmethod
    def _are_hosts(cls, entries: list[str]) -> list[str]:
        HostPolicy.from_list(entries)
        return entries

    @field_validator("model_base_url", "embedding_base_url", "web_research_url")
    @classmethod
    def _is_an_endpoint(cls, url: str | None) -> str | None:
        return None if url is None else check_endpoint(url)

    @field_validator("model_agents")
    @classmethod
    def _are_agents(cls, names: str) -> str:
        given = [name.strip() for name in names.split(",")]
        if given not in (["all"], ["none"]) and (unknown := set(given) - set(MODEL_AGENTS)):
            raise ValueError(f"{', '.join(sorted(unknown))}: it is all, none, or some of {', '.join(MODEL_AGENTS)}")
        return ",".join(given)

    @field_validator("credentials_keys")
    @classmethod
    def _are_fernet_keys(cls, keys: list[str]) -> list[str]:
        for key in keys:
            Fernet(key)
        return keys

    @field_validator("jwt_signing_keys")
    @classmethod
    def _are_named_keys(cls, lines: list[str]) -> list[str]:
        for line in lines:
            if not SIGNING_KEY.fullmatch(line):
                raise ValueError("each is id:secret, the id of letters and digits, the secret of 32 characters or more")
        return lines

    @field_validator("proxy_user_networks")
    @classmethod
    def _are_networks(cls, networks: list[str]) -> list[str]:
        for network in networks:
            ip_network(network)
        return networks

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.proxy_user_header and not self.proxy_user_networks:
            raise ValueError("PROXY_USER_HEADER needs PROXY_USER_NETWORKS: whose word is it?")
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret):
            raise ValueError("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET")
        if self.web_research == "searxng" and not self.web_research_url:
            raise ValueError("WEB_RESEARCH=searxng needs WEB_RESEARCH_URL")
        if self.web_research == "tavily" and not self.web_research_key:
            raise ValueError("WEB_RESEARCH=tavily needs WEB_RESEARCH_KEY")
        return self


def read_environment() -> Environment:
    """Read and check the environment; a wrong value ends the start with the variable's name."""
    return Environment()
