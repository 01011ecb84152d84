"""The database backend of the platform: PostgreSQL whose connections carry the scope of row-level security."""
