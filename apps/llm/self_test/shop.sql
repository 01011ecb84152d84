CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, country TEXT);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, price REAL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id),
  product_id INTEGER REFERENCES products (id), quantity INTEGER, status TEXT, ordered_on TEXT);

INSERT INTO customers VALUES (1, 'Ada', 'Norway'), (2, 'Ben', 'Peru'), (3, 'Chi', 'Norway'), (4, 'Dov', 'Kenya');
INSERT INTO products VALUES (1, 'lamp', 12.5), (2, 'desk', 140), (3, 'chair', 60);
INSERT INTO orders VALUES
  (1, 1, 1, 4, 'paid', '2024-01-10'), (2, 1, 2, 1, 'paid', '2024-03-02'), (3, 2, 3, 2, 'cancelled', '2024-03-09'),
  (4, 2, 1, 1, 'paid', '2025-02-01'), (5, 3, 3, 6, 'paid', '2025-02-20'), (6, 3, 2, 2, 'open', '2025-05-05'),
  (7, 1, 3, 1, 'cancelled', '2025-06-30');
