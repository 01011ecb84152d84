"""Small companies of six trades, invented by a seeded generator: tables without a single comment, and their rows."""

import datetime as dt
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

TODAY = dt.date(2026, 11, 21)
CASES = Path(__file__).with_name("cases")
FIRST_DAY = dt.date(2023, 1, 1)
DAYS = (TODAY - FIRST_DAY).days
GIVEN = "Ada Ben Cleo Dana Eli Finn Gus Hana Ivo Jana Kofi Lena Milo Nora Omar Pia Quin Rosa Sven Tara".split()
FAMILY = "Quill Okoro Marsh Frost Novak Abara Hale Lindt Moreau Sato Weber Diaz Kaya Berg Silva Ruiz".split()
PLACES = {"Berlin": "Germany", "Hamburg": "Germany", "Lyon": "France", "Paris": "France", "Madrid": "Spain",
          "Vienna": "Austria"}  # fmt: skip
Make = Callable[[int, random.Random], Any]


def _name(place: int, dice: random.Random) -> str:
    return f"{GIVEN[place % len(GIVEN)]} {FAMILY[(place * 7 + place // len(GIVEN)) % len(FAMILY)]}"


def _one_of(*options: Any) -> Make:
    return lambda place, dice: dice.choice(options)


def _each_of(*options: Any) -> Make:
    return lambda place, dice: options[(place - 1) % len(options)]


def _between(low: int, high: int) -> Make:
    return lambda place, dice: dice.randint(low, high)


def _day(low: int = 0, high: int = DAYS) -> Make:
    return lambda place, dice: (FIRST_DAY + dt.timedelta(days=dice.randint(low, high))).isoformat()


def _sometimes(make: Make, share: float) -> Make:
    return lambda place, dice: make(place, dice) if dice.random() < share else None


def _number(place: int, dice: random.Random) -> int:
    return place


def _city(place: int, dice: random.Random) -> str:
    return dice.choice(list(PLACES))


def _country(place: int, dice: random.Random) -> str:
    return dice.choice(list(PLACES.values()))


def _email(place: int, dice: random.Random) -> str:
    return f"{_name(place, dice).replace(' ', '.').lower()}@example.org"


def _phone(place: int, dice: random.Random) -> str:
    return f"030-{dice.randint(1000, 9999)}"


_DELIVERY = ("delivered", "delivered", "in transit", "lost")
_STATES = ("completed", "completed", "completed", "cancelled", "returned", "pending")
_GOODS = ("Desk Lamp", "Garden Chair", "Oak Table", "Tea Kettle", "Wool Rug", "Steel Shelf", "Wall Clock", "Coffee Mug",
          "Bath Towel", "Floor Mat", "Bread Knife", "Soup Bowl")  # fmt: skip
_SUBJECTS = ("Algebra", "Biology", "Chemistry", "Drama", "French", "Geography", "History", "Music")

# Trade: table: (columns with how a value is made, keys, number of rows).
TRADES: dict[str, dict[str, tuple[dict[str, tuple[str, Make]], str, int]]] = {
    "school": {
        "teachers": ({"id": ("INTEGER PRIMARY KEY", _number), "name": ("TEXT", _name),
                      "subject": ("TEXT", _each_of(*_SUBJECTS)), "hired_on": ("DATE", _day(0, 900)),
                      "salary": ("DECIMAL(10,2)", _between(38000, 72000)),
                      "head_teacher_id": ("INTEGER", lambda place, dice: None if place == 1 else 1 + place % 3)},
                     "FOREIGN KEY (head_teacher_id) REFERENCES teachers (id)", 14),
        "courses": ({"id": ("INTEGER PRIMARY KEY", _number), "title": ("TEXT", _each_of(
                         *(f"{one} {level}" for level in ("I", "II") for one in _SUBJECTS))),
                     "department": ("TEXT", _each_of("Sciences", "Arts", "Languages")),
                     "credits": ("INTEGER", _between(2, 8)), "teacher_id": ("INTEGER", _between(1, 11)),
                     "capacity": ("INTEGER", _between(8, 30))},
                    "FOREIGN KEY (teacher_id) REFERENCES teachers (id)", 16),
        "students": ({"id": ("INTEGER PRIMARY KEY", _number), "name": ("TEXT", _name),
                      "grade_level": ("INTEGER", _between(7, 12)), "birth_date": ("DATE", _day(-6000, -4000)),
                      "city": ("TEXT", _city), "guardian_phone": ("TEXT", _sometimes(_phone, 0.8)),
                      "enrolled_on": ("DATE", _day()), "left_on": ("DATE", _sometimes(_day(1000), 0.2))}, "", 70),
        "enrollments": ({"id": ("INTEGER PRIMARY KEY", _number), "student_id": ("INTEGER", _between(1, 62)),
                         "course_id": ("INTEGER", _between(1, 15)), "started_on": ("DATE", _day()),
                         "score": ("REAL", _sometimes(_between(30, 100), 0.9)),
                         "status": ("TEXT", _one_of("active", "completed", "completed", "dropped"))},
                        "FOREIGN KEY (student_id) REFERENCES students (id), "
                        "FOREIGN KEY (course_id) REFERENCES courses (id)", 220),
    },
    "shop": {
        "customers": ({"id": ("INTEGER PRIMARY KEY", _number), "name": ("TEXT", _name),
                       "email": ("TEXT", _sometimes(_email, 0.75)), "city": ("TEXT", _city),
                       "country": ("TEXT", _country), "signup_date": ("DATE", _day())}, "", 60),
        "products": ({"id": ("INTEGER PRIMARY KEY", _number), "name": ("TEXT", _each_of(*_GOODS)),
                      "category": ("TEXT", _each_of("Furniture", "Kitchen", "Garden", "Bath")),
                      "price": ("DECIMAL(10,2)", _between(5, 300)), "cost": ("DECIMAL(10,2)", _between(2, 120)),
                      "stock": ("INTEGER", _between(0, 90)), "reorder_level": ("INTEGER", _between(5, 40))}, "", 12),
        "orders": ({"id": ("INTEGER PRIMARY KEY", _number), "customer_id": ("INTEGER", _between(1, 52)),
                    "order_date": ("DATE", _day()), "status": ("TEXT", _one_of(*_STATES)),
                    "shipping_fee": ("DECIMAL(10,2)", _between(0, 20)), "amount": ("DECIMAL(10,2)", _between(10, 900))},
                   "FOREIGN KEY (customer_id) REFERENCES customers (id)", 320),
        "order_items": ({"id": ("INTEGER PRIMARY KEY", _number), "order_id": ("INTEGER", _between(1, 320)),
                         "product_id": ("INTEGER", _between(1, 11)), "quantity": ("INTEGER", _between(1, 9)),
                         "unit_price": ("DECIMAL(10,2)", _between(5, 300))},
                        "FOREIGN KEY (order_id) REFERENCES orders (id), "
                        "FOREIGN KEY (product_id) REFERENCES products (id)", 600),
        "reviews": ({"id": ("INTEGER PRIMARY KEY", _number), "product_id": ("INTEGER", _between(1, 10)),
                     "customer_id": ("INTEGER", _between(1, 50)), "rating": ("INTEGER", _between(1, 5)),
                     "written_on": ("DATE", _day())},
                    "FOREIGN KEY (product_id) REFERENCES products (id), "
                    "FOREIGN KEY (customer_id) REFERENCES customers (id)", 90),
    },
    "hr": {
        "departments": ({"id": ("INTEGER PRIMARY KEY", _number),
                         "name": ("TEXT", _each_of("Sales", "Engineering", "Finance", "Support", "Legal")),
                         "location": ("TEXT", _city), "budget": ("DECIMAL(12,2)", _between(200000, 900000))}, "", 5),
        "employees": ({"id": ("INTEGER PRIMARY KEY", _number), "name": ("TEXT", _name),
                       "job_title": ("TEXT", _one_of("Engineer", "Analyst", "Manager", "Clerk")),
                       "department_id": ("INTEGER", _between(1, 4)),
                       "manager_id": ("INTEGER", lambda place, dice: None if place == 1 else 1 + place % 6),
                       "salary": ("DECIMAL(10,2)", _between(30000, 120000)),
                       "bonus": ("DECIMAL(10,2)", _sometimes(_between(500, 9000), 0.6)), "hire_date": ("DATE", _day()),
                       "termination_date": ("DATE", _sometimes(_day(900), 0.2))},
                      "FOREIGN KEY (department_id) REFERENCES departments (id), "
                      "FOREIGN KEY (manager_id) REFERENCES employees (id)", 80),
        "absences": ({"id": ("INTEGER PRIMARY KEY", _number), "employee_id": ("INTEGER", _between(1, 70)),
                      "reason": ("TEXT", _one_of("illness", "holiday", "parental leave")),
                      "start_date": ("DATE", _day(0, 1300)),
                      "end_date": ("DATE", _day(1300)), "days": ("INTEGER", _between(1, 20))},
                     "FOREIGN KEY (employee_id) REFERENCES employees (id)", 160),
    },
    "logistics": {
        "warehouses": ({"id": ("INTEGER PRIMARY KEY", _number),
                        "name": ("TEXT", _each_of("North Hub", "Harbour", "Airfield", "Old Mill")),
                        "city": ("TEXT", _city), "capacity": ("INTEGER", _between(500, 5000))}, "", 4),
        "carriers": ({"id": ("INTEGER PRIMARY KEY", _number),
                      "name": ("TEXT", _each_of("Swift Cargo", "Blue Line", "Terra Freight", "Polar Express", "Kite")),
                      "country": ("TEXT", _country)}, "", 5),
        "trucks": ({"id": ("INTEGER PRIMARY KEY", _number), "plate": ("TEXT", lambda place, dice: f"TR-{100 + place}"),
                    "carrier_id": ("INTEGER", _between(1, 4)), "max_load": ("INTEGER", _between(2, 24)),
                    "bought_on": ("DATE", _day())}, "FOREIGN KEY (carrier_id) REFERENCES carriers (id)", 25),
        "shipments": ({"id": ("INTEGER PRIMARY KEY", _number), "warehouse_id": ("INTEGER", _between(1, 4)),
                       "carrier_id": ("INTEGER", _between(1, 4)), "destination": ("TEXT", _city),
                       "weight": ("REAL", _between(1, 900)), "freight_cost": ("DECIMAL(10,2)", _between(20, 1500)),
                       "status": ("TEXT", _one_of(*_DELIVERY)), "shipped_date": ("DATE", _day(0, 1300)),
                       "promised_date": ("DATE", _day(700, 1380)),
                       "delivered_date": ("DATE", _sometimes(_day(700, 1400), 0.8))},
                      "FOREIGN KEY (warehouse_id) REFERENCES warehouses (id), "
                      "FOREIGN KEY (carrier_id) REFERENCES carriers (id)", 260),
    },
    "saas": {
        "plans": ({"id": ("INTEGER PRIMARY KEY", _number), "name": ("TEXT", _each_of("Free", "Team", "Enterprise")),
                   "monthly_price": ("DECIMAL(10,2)", _each_of(0, 49, 499))}, "", 3),
        "accounts": ({"id": ("INTEGER PRIMARY KEY", _number),
                      "company": ("TEXT",
                                  lambda place, dice: f"{FAMILY[place % 16]} {('Works', 'Labs')[place // 16 % 2]}"),
                      "industry": ("TEXT", _one_of("Retail", "Media", "Banking")), "country": ("TEXT", _country),
                      "plan_id": ("INTEGER", _between(1, 3)), "created_at": ("TIMESTAMP", _day()),
                      "churned_at": ("TIMESTAMP", _sometimes(_day(900), 0.3))},
                     "FOREIGN KEY (plan_id) REFERENCES plans (id)", 32),
        "users": ({"id": ("INTEGER PRIMARY KEY", _number), "account_id": ("INTEGER", _between(1, 29)),
                   "email": ("TEXT", _email), "role": ("TEXT", _one_of("admin", "member", "guest")),
                   "last_login": ("TIMESTAMP", _sometimes(_day(800), 0.85))},
                  "FOREIGN KEY (account_id) REFERENCES accounts (id)", 120),
        "invoices": ({"id": ("INTEGER PRIMARY KEY", _number), "account_id": ("INTEGER", _between(1, 30)),
                      "issued_on": ("DATE", _day()), "amount": ("DECIMAL(10,2)", _between(49, 2000)),
                      "paid_on": ("DATE", _sometimes(_day(300), 0.8))},
                     "FOREIGN KEY (account_id) REFERENCES accounts (id)", 240),
        "tickets": ({"id": ("INTEGER PRIMARY KEY", _number), "account_id": ("INTEGER", _between(1, 28)),
                     "opened_at": ("TIMESTAMP", _day(0, 1350)), "closed_at": ("TIMESTAMP", _sometimes(_day(1350), 0.7)),
                     "priority": ("TEXT", _one_of("low", "normal", "urgent")),
                     "channel": ("TEXT", _one_of("email", "chat", "phone"))},
                    "FOREIGN KEY (account_id) REFERENCES accounts (id)", 180),
    },
    "practice": {
        "doctors": ({"id": ("INTEGER PRIMARY KEY", _number), "name": ("TEXT", _name),
                     "specialty": ("TEXT", _each_of("Cardiology", "Dermatology", "Pediatrics")),
                     "hourly_rate": ("DECIMAL(10,2)", _between(60, 220))}, "", 7),
        "patients": ({"id": ("INTEGER PRIMARY KEY", _number), "name": ("TEXT", _name),
                      "gender": ("TEXT", _one_of("F", "M")),
                      "birth_date": ("DATE", _day(-25000, -2000)), "city": ("TEXT", _city),
                      "phone": ("TEXT", _sometimes(_phone, 0.7)),
                      "insurer": ("TEXT", _one_of("Medica", "Sanitas", "Union"))},
                     "", 66),
        "appointments": ({"id": ("INTEGER PRIMARY KEY", _number), "patient_id": ("INTEGER", _between(1, 58)),
                          "doctor_id": ("INTEGER", _between(1, 6)), "scheduled_for": ("DATE", _day()),
                          "status": ("TEXT", _one_of("kept", "kept", "cancelled", "missed")),
                          "fee": ("DECIMAL(10,2)", _between(30, 400)),
                          "duration_minutes": ("INTEGER", _between(10, 90))},
                         "FOREIGN KEY (patient_id) REFERENCES patients (id), "
                         "FOREIGN KEY (doctor_id) REFERENCES doctors (id)", 240),
        "prescriptions": ({"id": ("INTEGER PRIMARY KEY", _number), "appointment_id": ("INTEGER", _between(1, 240)),
                           "drug": ("TEXT", _one_of("Ibuprofen", "Amoxicillin", "Insulin", "Aspirin")),
                           "dose": ("INTEGER", _between(5, 500))},
                          "FOREIGN KEY (appointment_id) REFERENCES appointments (id)", 130),
    },
}  # fmt: skip


def write_trade(trade: str, file: Path) -> None:
    """A SQLite file with the tables and rows of one trade, the same each time."""
    dice = random.Random(trade)
    with sqlite3.connect(file) as connection:
        for table, (columns, keys, count) in TRADES[trade].items():
            parts = [f"{name} {kind}" for name, (kind, _) in columns.items()] + ([keys] if keys else [])
            connection.execute(f"CREATE TABLE {table} ({', '.join(parts)})")
            rows = [[make(place, dice) for _, make in columns.values()] for place in range(1, count + 1)]
            marks = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    connection.close()
