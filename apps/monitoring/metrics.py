"""The metrics that are ours, each fed where the thing happens. Process and HTTP metrics come from django-prometheus."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)

QUERIES_ACCEPTED = Counter("parley_queries_accepted_total", "Queries accepted.", ["surface"])
RUNS_ENDED = Counter("parley_runs_ended_total", "Runs by how they ended.", ["status", "engine"])
RUN_SECONDS = Histogram("parley_run_seconds", "Time of a run from start to outcome.", ["engine"], buckets=SECONDS)
STAGE_SECONDS = Histogram("parley_stage_seconds", "Time of each stage of a run.", ["stage"], buckets=SECONDS)
GUARD_VERDICTS = Counter("parley_guard_verdicts_total", "What the guard said.", ["verdict"])
SQL_SECONDS = Histogram("parley_sql_seconds", "Time customers' databases took.", ["kind"], buckets=SECONDS)
SQL_FAILURES = Counter("parley_sql_failures_total", "SQL that a customer's database did not finish.", ["kind", "code"])
CLARIFICATIONS = Counter("parley_clarifications_total", "Clarifications by what became of them.", ["outcome"])
CLARIFICATION_QUESTIONS = Counter("parley_clarification_questions_total", "Questions asked back.", ["field"])
CLARIFICATION_TURNS = Histogram(
    "parley_clarification_turns", "Turns of clarifications that ended.", ["outcome"], buckets=(1, 2, 3, 5, 10)
)
CLARIFICATION_SECONDS = Histogram(
    "parley_clarification_seconds", "Time that the last question of a clarification was open.", ["outcome"],
    buckets=(5, 15, 30, 60, 300, 900, 3_600, 14_400, 86_400, 259_200),
)  # fmt: skip
VERIFIED_REUSED = Counter("parley_verified_reused_total", "Answers from a verified query.", ["match"])
FEEDBACK = Counter("parley_feedback_total", "What people said of answers.", ["verdict", "engine"])
FEEDBACK_RESOLVED = Counter("parley_feedback_resolved_total", "What reviewers made of feedback.", ["outcome"])
MODEL_CALLS = Counter("parley_model_calls_total", "Calls to models.", ["model", "outcome"])
MODEL_TOKENS = Counter("parley_model_tokens_total", "Tokens of model calls.", ["model", "direction"])
MODEL_SECONDS = Histogram("parley_model_seconds", "Time of model calls.", ["model"], buckets=SECONDS)
MODEL_FALLBACKS = Counter("parley_model_fallbacks_total", "Models asked for others.", ["failed", "asked", "code"])
MODEL_CIRCUIT_CHANGES = Counter("parley_model_circuit_changes_total", "Circuits that changed.", ["provider", "state"])
MODEL_CIRCUIT_OPEN = Gauge(
    "parley_model_circuit_open", "1 while a provider is left alone.", ["provider"], multiprocess_mode="mostrecent"
)
MODEL_SLOT_SECONDS = Histogram(
    "parley_model_slot_seconds", "Time that calls waited for their turn.", ["provider"], buckets=SECONDS
)
QUERIES_TURNED_AWAY = Counter("parley_queries_turned_away_total", "Queries not accepted as too many waited.")
LEASES_LOST = Counter("parley_leases_lost_total", "Runs whose worker was gone and that were queued again.")
EVALUATIONS_ENDED = Counter("parley_evaluations_ended_total", "Evaluations by how they ended.", ["status", "engine"])
CACHE_LOOKUPS = Counter("parley_cache_lookups_total", "What was looked for among what is kept.", ["cache", "outcome"])
