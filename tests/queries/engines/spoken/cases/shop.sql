# How many customers are there?
SELECT count(*) FROM customers
# How many different categories of products are there?
SELECT count(DISTINCT category) FROM products
# What is the total revenue from completed orders?
SELECT sum(amount) FROM orders WHERE status = 'completed'
# What share of orders were cancelled?
SELECT 100.0 * sum(status = 'cancelled') / count(*) FROM orders
# What percentage of orders placed in 2025 were returned?
SELECT 100.0 * sum(status = 'returned') / count(*) FROM orders WHERE order_date >= '2025-01-01' AND order_date < '2026-01-01'
# Which customers have never ordered?
SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)
# Which customers have no email?
SELECT name FROM customers WHERE email IS NULL
# How many customers are missing an email?
SELECT count(*) FROM customers WHERE email IS NULL
# Top 3 products by quantity sold
SELECT p.name, sum(i.quantity) AS opt_n FROM products p JOIN order_items i ON i.product_id = p.id GROUP BY p.id ORDER BY opt_n DESC LIMIT 3
# Which products have a price above the average?
SELECT name FROM products WHERE price > (SELECT avg(price) FROM products)
# Which products are more expensive than the average of their category?
SELECT name FROM products p WHERE price > (SELECT avg(price) FROM products q WHERE q.category = p.category)
# Number of orders by month in 2025
SELECT strftime('%Y-%m', order_date), count(*) FROM orders WHERE order_date >= '2025-01-01' AND order_date < '2026-01-01' GROUP BY 1
# How many orders were placed in the last 30 days?
SELECT count(*) FROM orders WHERE order_date >= '2026-10-23' AND order_date < '2026-11-22'
# How many orders were placed since March 2026?
SELECT count(*) FROM orders WHERE order_date >= '2026-03-01'
# What is the average amount of orders per customer country?
SELECT c.country, avg(o.amount) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY 1
# How many orders came from customers in Germany or France?
SELECT count(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.country IN ('Germany', 'France')
# Show customers who are not from Germany
SELECT name FROM customers WHERE country <> 'Germany'
# Which customers placed at least 10 orders?
SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders GROUP BY 1 HAVING count(*) >= 10)
# Which customers ordered exactly once?
SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders GROUP BY 1 HAVING count(*) = 1)
# What is the margin of each product?
SELECT name, price - cost FROM products
# Which product has the highest margin?
SELECT name, price - cost AS opt_m FROM products ORDER BY price - cost DESC LIMIT 1
# Total revenue by category, as quantity times unit price
SELECT p.category, sum(i.quantity * i.unit_price) FROM order_items i JOIN products p ON p.id = i.product_id GROUP BY 1
# How did the number of orders change from 2024 to 2025?
SELECT a AS opt_a, b AS opt_b, b - a AS opt_d, 100.0 * (b - a) / a AS opt_p FROM (SELECT (SELECT count(*) FROM orders WHERE order_date LIKE '2024%') AS a, (SELECT count(*) FROM orders WHERE order_date LIKE '2025%') AS b)
# Running total of amount by month in 2025
SELECT month, opt_n, sum(opt_n) OVER (ORDER BY month) FROM (SELECT strftime('%Y-%m', order_date) AS month, sum(amount) AS opt_n FROM orders WHERE order_date >= '2025-01-01' AND order_date < '2026-01-01' GROUP BY 1)
# Share of total amount by country
SELECT c.country, sum(o.amount) AS opt_s, 100.0 * sum(o.amount) / (SELECT sum(amount) FROM orders) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY 1
# Which products have less stock than their reorder level?
SELECT name FROM products WHERE stock < reorder_level
# List the names and cities of customers from Spain sorted by name
SELECT name, city FROM customers WHERE country = 'Spain' ORDER BY name
# What is the average rating of each product?
SELECT p.name, avg(r.rating) FROM reviews r JOIN products p ON p.id = r.product_id GROUP BY p.id
# Which products have an average rating above 3?
SELECT p.name, avg(r.rating) AS opt_r FROM reviews r JOIN products p ON p.id = r.product_id GROUP BY p.id HAVING avg(r.rating) > 3
# Which products have never been reviewed?
SELECT name FROM products WHERE id NOT IN (SELECT product_id FROM reviews)
# How many orders are there per weekday?
SELECT strftime('%w', order_date), count(*) FROM orders GROUP BY 1
or
SELECT CAST(strftime('%w', order_date) AS INTEGER), count(*) FROM orders GROUP BY 1
or
SELECT CASE strftime('%w', order_date) WHEN '0' THEN 'Sunday' WHEN '1' THEN 'Monday' WHEN '2' THEN 'Tuesday' WHEN '3' THEN 'Wednesday' WHEN '4' THEN 'Thursday' WHEN '5' THEN 'Friday' ELSE 'Saturday' END, count(*) FROM orders GROUP BY 1
# Top 2 products by price in each category
SELECT category, name, price AS opt_p FROM (SELECT category, name, price, row_number() OVER (PARTITION BY category ORDER BY price DESC) AS place FROM products) WHERE place <= 2
# How many customers signed up this year?
SELECT count(*) FROM customers WHERE signup_date >= '2026-01-01' AND signup_date < '2027-01-01'
# How many orders were placed in 2025? >> and in 2024?
SELECT count(*) FROM orders WHERE order_date >= '2024-01-01' AND order_date < '2025-01-01'
# What is the total amount of orders? >> and by month?
SELECT strftime('%Y-%m', order_date), sum(amount) FROM orders GROUP BY 1
# How many orders were placed in 2025? >> only from Germany
SELECT count(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.country = 'Germany' AND order_date >= '2025-01-01' AND order_date < '2026-01-01'
# How many orders were placed in 2025? >> without cancelled ones
SELECT count(*) FROM orders WHERE status <> 'cancelled' AND order_date >= '2025-01-01' AND order_date < '2026-01-01'
# What was the churn of our drivers?
DECLINE
