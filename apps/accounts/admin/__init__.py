"""Accounts in the admin site, a module a subject."""

from django.contrib import admin
from django.contrib.auth.models import Group

from apps.accounts.admin import keys, people, quotas, records  # noqa: F401  (each registers its models)

admin.site.site_header = admin.site.site_title = "Parley"
admin.site.unregister(Group)
