"""The shapes of what goes out, for the OpenAPI document. A test compares them with what really goes out."""

from rest_framework import serializers


class ColumnShape(serializers.Serializer[None]):
    name = serializers.CharField()
    type = serializers.CharField(help_text="integer, decimal, text, date …; decimals travel as strings")


class ResultShape(serializers.Serializer[None]):
    columns = ColumnShape(many=True)
    rows = serializers.ListField(child=serializers.ListField())
    row_count = serializers.IntegerField()
    truncated = serializers.BooleanField()
    read_at = serializers.DateTimeField(help_text="when the rows were read from the data source")


class ChartShape(serializers.Serializer[None]):
    title = serializers.CharField()
    kind = serializers.CharField()
    spec = serializers.JSONField(help_text="Vega-Lite, with its data")


class PreviewShape(serializers.Serializer[None]):
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class OptionShape(serializers.Serializer[None]):
    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    meaning = serializers.CharField()
    preview = PreviewShape(allow_null=True)


class AnswerShape(serializers.Serializer[None]):
    option_id = serializers.CharField(allow_null=True)
    text = serializers.CharField(allow_null=True)
    understood_as = serializers.ChoiceField(["option", "value", "rephrasing"])
    rewording = serializers.CharField(allow_null=True, help_text="the question that the words made")


class QuestionShape(serializers.Serializer[None]):
    id = serializers.CharField()
    field = serializers.CharField()
    question = serializers.CharField()
    why = serializers.CharField()
    multiple = serializers.BooleanField()
    allow_text = serializers.BooleanField()
    default = serializers.CharField()
    options = OptionShape(many=True)
    answer = AnswerShape(allow_null=True)


class ClarificationShape(serializers.Serializer[None]):
    id = serializers.UUIDField()
    query = serializers.UUIDField()
    status = serializers.ChoiceField(["open", "answered", "dismissed", "expired", "cancelled"])
    turn = serializers.IntegerField()
    max_turns = serializers.IntegerField()
    expires_at = serializers.DateTimeField()
    questions = QuestionShape(many=True)


class TokensShape(serializers.Serializer[None]):
    prompt = serializers.IntegerField()
    completion = serializers.IntegerField()


class StepShape(serializers.Serializer[None]):
    """A step; each type of step adds details of its own (sql, row_count, sample …)."""

    step = serializers.IntegerField()
    agent = serializers.CharField()
    type = serializers.CharField()
    action = serializers.CharField()
    status = serializers.CharField()
    duration_ms = serializers.FloatField()
    model = serializers.CharField(allow_null=True)
    tokens = TokensShape(allow_null=True)
    cost_usd = serializers.CharField(allow_null=True)


class MetadataShape(serializers.Serializer[None]):
    models_used = serializers.DictField()
    execution_time_ms = serializers.IntegerField()
    tokens = TokensShape()
    cost_usd = serializers.CharField()
    cached = serializers.BooleanField()
    replans = serializers.IntegerField()
    plan = serializers.ListField(child=serializers.CharField())
    attempts = serializers.IntegerField()


class ProblemShape(serializers.Serializer[None]):
    code = serializers.CharField()
    message = serializers.CharField()


class LinksShape(serializers.Serializer[None]):
    self = serializers.CharField()
    events = serializers.CharField()
    result = serializers.CharField()
    trace = serializers.CharField()
    dossier = serializers.CharField()


class AppliedRuleShape(serializers.Serializer[None]):
    id = serializers.UUIDField()
    words = serializers.CharField()


class OwnFeedbackShape(serializers.Serializer[None]):
    """What the reader said of the answer."""

    verdict = serializers.ChoiceField(["up", "down"])
    reason = serializers.CharField(allow_null=True)
    text = serializers.CharField()
    state = serializers.ChoiceField(["noted", "open", "resolved"])


class QueryShape(serializers.Serializer[None]):
    """A query with its last run."""

    id = serializers.UUIDField()
    status = serializers.CharField(
        help_text="queued, running, needs_clarification, answered, cannot_answer, refused, failed, cancelled"
    )
    stage = serializers.CharField(allow_null=True)
    question = serializers.CharField()
    data_source = serializers.CharField()
    conversation = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    answer = serializers.CharField(allow_null=True)
    assumptions = serializers.ListField(child=serializers.CharField())
    confidence = serializers.FloatField(allow_null=True)
    verified = serializers.BooleanField()
    verified_by = serializers.CharField(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    verified_query = serializers.UUIDField(allow_null=True)
    rules_applied = AppliedRuleShape(many=True)
    engine = serializers.CharField(allow_null=True)
    sql = serializers.CharField(allow_null=True)
    result = ResultShape(allow_null=True)
    charts = ChartShape(many=True)
    clarification = ClarificationShape(allow_null=True)
    suggestions = serializers.ListField(child=serializers.CharField())
    feedback = OwnFeedbackShape(allow_null=True, help_text="one's own")
    data_sources = StepShape(many=True)
    metadata = MetadataShape()
    error = ProblemShape(allow_null=True)
    correlation_id = serializers.CharField()
    links = LinksShape()


class QueryLineShape(serializers.Serializer[None]):
    """A query as a line of the history."""

    id = serializers.UUIDField()
    status = serializers.CharField()
    stage = serializers.CharField(allow_null=True)
    question = serializers.CharField()
    data_source = serializers.CharField()
    asked_by = serializers.CharField(allow_null=True)
    answer = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    links = LinksShape()


class QueryPageShape(serializers.Serializer[None]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = QueryLineShape(many=True)


class ClarificationPageShape(serializers.Serializer[None]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ClarificationShape(many=True)


class AskedShape(QuestionShape):
    answer = None  # type: ignore[assignment]  # nobody was asked


class ChoiceShape(serializers.Serializer[None]):
    field = serializers.CharField()
    phrase = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    meaning = serializers.CharField()


class ReadingShape(serializers.Serializer[None]):
    explanation = serializers.CharField()
    sql = serializers.CharField()
    score = serializers.FloatField()
    assumptions = serializers.ListField(child=serializers.CharField())
    choices = ChoiceShape(many=True)
    preview = PreviewShape(allow_null=True)


class AnalysisShape(serializers.Serializer[None]):
    question = serializers.CharField()
    data_source = serializers.CharField()
    engine = serializers.CharField()
    outcome = serializers.ChoiceField(["answer", "clarification", "cannot_answer", "refused"])
    needs_clarification = serializers.BooleanField()
    asking_is_on = serializers.BooleanField(help_text="for those who ask this data source")
    questions = AskedShape(many=True)
    readings = ReadingShape(many=True)
    confidence = serializers.FloatField(allow_null=True)
    assumptions = serializers.ListField(child=serializers.CharField())
    problem = ProblemShape(allow_null=True)
