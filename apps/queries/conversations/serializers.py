"""What may come in on the routes of conversations."""

from rest_framework import serializers

from apps.common.serializers import StrictCharField, StrictIntegerField, StrictSerializer
from apps.queries.serializers import check_length

LONGEST_TITLE = 200
MOST_DAYS = 36_500


class ConversationSerializer(StrictSerializer):
    """The body of `POST conversations`."""

    data_source = StrictCharField(help_text="Name or id of a data source.")
    title = StrictCharField(required=False, max_length=LONGEST_TITLE, default="")


class TitleSerializer(StrictSerializer):
    """The body of `PATCH conversations/{id}`."""

    title = StrictCharField(max_length=LONGEST_TITLE)


class ConversationFilterSerializer(StrictSerializer):
    """The filters of `GET conversations`."""

    search = StrictCharField(required=False, max_length=200, help_text="Words of a title or of a question.")
    data_source = serializers.CharField(required=False)
    since = serializers.DateTimeField(required=False, help_text="In which something was asked since then.")
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)


class SimilarSerializer(StrictSerializer):
    """The parameters of `GET conversations/similar`."""

    question = StrictCharField(validators=[check_length])
    data_source = serializers.CharField(required=False)


class PruneSerializer(StrictSerializer):
    """The body of `POST conversations/prune`."""

    older_than_days = StrictIntegerField(min_value=0, max_value=MOST_DAYS)
