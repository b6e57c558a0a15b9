-- Beside akeneo_sync, the store, which PostgreSQL's image makes by itself: the one of Prefect's server.
CREATE DATABASE prefect;
