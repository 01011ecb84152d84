"""Small invented databases of which the engine knows no word: what people say next about them is its test."""

import sqlite3
from contextlib import closing
from pathlib import Path

from apps.queries.evaluation.sources import SqliteSource

CLIMBING = """
CREATE TABLE hall (hall_id INTEGER PRIMARY KEY, hall_name TEXT, town TEXT, wall_height REAL);
CREATE TABLE trainer (trainer_id INTEGER PRIMARY KEY, name TEXT, hometown TEXT, years_of_service INTEGER, grade TEXT,
  certified TEXT, study_year INTEGER);
CREATE TABLE shift (trainer_id INTEGER REFERENCES trainer (trainer_id), hall_id INTEGER REFERENCES hall (hall_id),
  hours INTEGER, PRIMARY KEY (trainer_id, hall_id));
INSERT INTO hall VALUES (1, 'Granite Barn', 'Oslo', 14.5), (2, 'Slab House', 'Bergen', 12),
  (3, 'Overhang', 'Oslo', 18);
INSERT INTO trainer VALUES (1, 'Ada Holm', 'Oslo', 12, 'Gold', 'yes', 1),
  (2, 'Ben Lund', 'Narvik', 3, 'Silver', 'no', 2),
  (3, 'Cleo Dahl', 'Bergen', 15, 'Gold', 'yes', 2), (4, 'Dag Moe', 'Oslo', 12, 'Bronze', 'no', 3);
INSERT INTO shift VALUES (1, 1, 20), (1, 3, 10), (2, 2, 35), (3, 2, 8), (4, 3, 30);
"""
REEFS = """
CREATE TABLE reef (id INTEGER PRIMARY KEY, name TEXT, ocean TEXT, area_km2 REAL);
CREATE TABLE creature (id INTEGER PRIMARY KEY, common_name TEXT, kind TEXT, weight_kg REAL, legs INTEGER,
  poisonous TEXT, nocturnal INTEGER, reef_id INTEGER REFERENCES reef (id));
INSERT INTO reef VALUES (1, 'Coral Gate', 'Pacific', 12.5), (2, 'Blue Ledge', 'Indian', 40),
  (3, 'Far Shelf', 'Pacific', 7);
INSERT INTO creature VALUES (1, 'Lantern crab', 'Crustacean', 0.4, 10, 'no', 1, 1),
  (2, 'Stone eel', 'Fish', 3.5, 0, 'yes', 1, 1),
  (3, 'Sun ray', 'Fish', 8, 0, 'no', 0, 2), (4, 'Glass shrimp', 'Crustacean', 0.1, 10, 'no', 0, 2),
  (5, 'Ribbon squid', 'Mollusc', 8, 0, 'yes', 1, 3);
"""
LESSONS = """
CREATE TABLE tutor (tutor_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, nationality TEXT, phone TEXT);
CREATE TABLE lesson (lesson_id INTEGER PRIMARY KEY, title TEXT, subject TEXT, price REAL, seats INTEGER,
  tutor_id INTEGER REFERENCES tutor (tutor_id));
INSERT INTO tutor VALUES (1, 'Ivo', 'Banks', 'Wales', '11'), (2, 'Una', 'Crest', 'Ireland', '12'),
  (3, 'Oli', 'Drum', 'Wales', '13');
INSERT INTO lesson VALUES (1, 'Knots', 'Craft', 30, 12, 1), (2, 'Baskets', 'Craft', 45, 8, 2),
  (3, 'Choir', 'Music', 20, 40, 3),
  (4, 'Fiddle', 'Music', 60, 6, 1), (5, 'Sketching', 'Art', 60, 10, 2);
"""
CHOIRS = """
CREATE TABLE choir (choir_id INTEGER PRIMARY KEY, choir_name TEXT, origin TEXT, founded_year INTEGER, amateur TEXT);
CREATE TABLE patron (patron_id INTEGER PRIMARY KEY, full_name TEXT, homeland TEXT,
  choir_id INTEGER REFERENCES choir (choir_id));
CREATE TABLE concert (concert_id INTEGER PRIMARY KEY, venue_name TEXT, country TEXT, sold_out INTEGER,
  choir_id INTEGER REFERENCES choir (choir_id));
INSERT INTO choir VALUES (1, 'Low Tide', 'Wales', 1990, 'Y'), (2, 'Hill Voices', 'Austria', 2004, 'N'),
  (3, 'Nine Bells', 'Wales', 2011, 'N');
INSERT INTO patron VALUES (1, 'Pia Stone', 'Wales', 2), (2, 'Rolf Gray', 'Austria', 1);
INSERT INTO concert VALUES (1, 'Old Mill', 'Wales', 1, 2), (2, 'Round Tent', 'Austria', 0, 1),
  (3, 'Old Mill', 'Wales', 0, 3);
"""
DATABASES = {"choirs": CHOIRS, "climbing": CLIMBING, "reefs": REEFS, "lessons": LESSONS}


def opened(name: str, folder: Path) -> SqliteSource:
    """One of the databases as a file in this folder."""
    path = folder / f"{name}.sqlite"
    if not path.exists():
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(DATABASES[name])
    return SqliteSource(path)
