"""The environment, read once and checked at start: every variable the platform knows, with its type and default.

`.env.example` lists the same names; `tests/config/test_environment.py` compares the two.
"""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
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
    max_body_bytes: int = Field(default=16 * 1024 * 1024, ge=1024)
    access_token_minutes: int = Field(default=15, ge=1, le=60)
    refresh_token_days: int = Field(default=7, ge=1, le=90)
    rate_limits_enabled: bool = True
    rate_per_minute: int = Field(default=60, ge=1)
    rate_per_hour: int = Field(default=1000, ge=1)
    asking_rate_per_minute: int = Field(default=10, ge=1)
    login_rate_per_minute: int = Field(default=10, ge=1)
    event_streams_per_process: int = Field(default=8, ge=1)

    # asking
    default_engine: Literal["auto", "builtin", "model"] = "auto"
    question_max_chars: int = Field(default=10_000, ge=100, le=100_000)
    answer_threshold: float | None = Field(default=None, ge=0, le=1)
    clarification_enabled: bool = True
    clarification_max_turns: int = Field(default=3, ge=1, le=10)
    clarification_expires_hours: int = Field(default=72, ge=1)
    query_deadline_seconds: int = Field(default=300, ge=5)
    query_lease_seconds: int = Field(default=20, ge=3)

    # customers' databases
    sql_row_cap: int = Field(default=10_000, ge=1, le=1_000_000)
    answer_row_limit: int = Field(default=1_000, ge=1, le=100_000)
    sql_max_bytes: int = Field(default=64 * 1024 * 1024, ge=1024)
    sql_timeout_seconds: float = Field(default=30, gt=0)
    probe_timeout_seconds: float = Field(default=3, gt=0)
    sqlite_folders: CommaList = []
    indexed_values_per_column: int = Field(default=50_000, ge=0)

    # the model
    model_base_url: str | None = None
    model_api_key: SecretStr | None = None
    model_name: str | None = None
    model_timeout_seconds: float = Field(default=120, gt=0)
    model_max_retries: int = Field(default=3, ge=0, le=10)
    model_price_in: Decimal = Field(default=Decimal(0), ge=0)
    model_price_out: Decimal = Field(default=Decimal(0), ge=0)
    model_window_tokens: int = Field(default=32_768, ge=2_000)
    models_file: Path | None = None

    # operating
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    metrics_token: SecretStr | None = None
    slow_request_seconds: float = Field(default=1.0, gt=0)
    worker_metrics_port: int | None = Field(default=None, ge=1, le=65_535)
    metrics_folder: Path = ROOT / "var" / "metrics"

    @field_validator("allowed_hosts", "cors_allowed_origins", "credentials_keys", "sqlite_folders", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("credentials_keys")
    @classmethod
    def _are_fernet_keys(cls, keys: list[str]) -> list[str]:
        for key in keys:
            Fernet(key)
        return keys


def read_environment() -> Environment:
    """Read and check the environment; a wrong value ends the start with the variable's name."""
    return Environment()
