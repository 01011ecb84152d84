from django.apps import AppConfig


class DataSourcesConfig(AppConfig):
    name = "apps.datasources"
    verbose_name = "Data sources"
