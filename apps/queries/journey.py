"""The whole journey of a query on one page: from the person's words to a recorded outcome."""

from apps.clarification.choosing import Ask
from apps.queries.asking_back import ask_back
from apps.queries.charting import choose_charts
from apps.queries.checking import check_readings, choose, probe
from apps.queries.executing import execute_choice
from apps.queries.explanation import explain
from apps.queries.models import Query
from apps.queries.planning import make_plan
from apps.queries.recording import recorded_run
from apps.queries.understanding import understand
from apps.queries.writing import write_readings


def answer_query(query: Query) -> None:
    """Take one query, held under a lease, from the person's words to a recorded outcome.

    Refusals, failures and questions that cannot be answered are outcomes too; nothing is raised.
    """
    with recorded_run(query) as recorder:  # frames every other step
        context = recorder.step(understand, query)  # who asks, conversation, schema, values
        plan = recorder.step(make_plan, context)  # which engine, and whether this is a question about the data at all
        readings = recorder.step(write_readings, context, plan, recorder)  # SQL with its assumptions, or what waited
        checked = recorder.step(check_readings, readings, context)  # the guard: SafeSql or a refusal
        probed = recorder.step(probe, checked, context, recorder.lost)  # run cheaply, compare by result
        choice = recorder.step(choose, probed, context, plan)  # answer, ask or decline
        if isinstance(choice, Ask):
            recorder.wait_for(ask_back(query, choice, context))
            return
        result = recorder.step(execute_choice, choice, context, recorder.lost)
        charts = recorder.step(choose_charts, result, context)
        answer = recorder.step(explain, choice, result, context)
        recorder.finish(result, answer.text, charts, **answer.recorded)
