# What share of orders placed in 2025 were cancelled?
SELECT 100.0 * sum(status = 'X') / count(*) FROM orders WHERE ordered_at >= '2025-01-01' AND ordered_at < '2026-01-01'
# What percentage of orders came through each channel?
SELECT channel, count(*) AS opt_n, 100.0 * count(*) / (SELECT count(*) FROM orders) FROM orders GROUP BY 1
# Which employees earn more than their manager?
SELECT e.name FROM employees e JOIN employees m ON m.id = e.manager_id WHERE e.salary > m.salary
# Which products have a list price above the average list price?
SELECT name FROM products WHERE list_price > (SELECT avg(list_price) FROM products)
# How many orders were placed per quarter in 2025?
SELECT strftime('%Y', ordered_at) || '-Q' || ((CAST(strftime('%m', ordered_at) AS INTEGER) + 2) / 3), count(*) FROM orders WHERE ordered_at >= '2025-01-01' AND ordered_at < '2026-01-01' GROUP BY 1
# How many customers are from Germany or Austria?
SELECT count(*) FROM customers WHERE country IN ('Germany', 'Austria')
# How many customers are not from Germany?
SELECT count(*) FROM customers WHERE country <> 'Germany'
# What is the average number of days from order to shipment?
SELECT avg(julianday(shipped_at) - julianday(ordered_at)) FROM orders
# Which suppliers have not been rated yet?
SELECT name FROM suppliers WHERE rating IS NULL
# Which categories have more than 3 products?
SELECT name FROM categories WHERE id IN (SELECT category_id FROM products GROUP BY 1 HAVING count(*) > 3)
# Running total of orders placed per month in 2025
SELECT month, opt_n, sum(opt_n) OVER (ORDER BY month) FROM (SELECT strftime('%Y-%m', ordered_at) AS month, count(*) AS opt_n FROM orders WHERE ordered_at >= '2025-01-01' AND ordered_at < '2026-01-01' GROUP BY 1)
# How many orders were shipped to Germany last quarter?
SELECT count(*) FROM orders WHERE ship_country = 'Germany' AND shipped_at >= '2026-07-01' AND shipped_at < '2026-10-01'
# How many orders were placed in 2025 compared with 2026?
SELECT a AS opt_a, b AS opt_b, b - a AS opt_d, 100.0 * (b - a) / a AS opt_p FROM (SELECT (SELECT count(*) FROM orders WHERE ordered_at LIKE '2025%') AS a, (SELECT count(*) FROM orders WHERE ordered_at LIKE '2026%') AS b)
# How many orders were placed in each month of 2025? >> only Germany
ASK
# How many orders were placed in 2025? >> and in 2026?
SELECT count(*) FROM orders WHERE ordered_at >= '2026-01-01' AND ordered_at < '2027-01-01'
# How many orders were placed in 2025? >> by channel
SELECT channel, count(*) FROM orders WHERE ordered_at >= '2025-01-01' AND ordered_at < '2026-01-01' GROUP BY 1
# Top 2 products by list price in each category
SELECT c.name, p.name, p.list_price AS opt_p FROM (SELECT *, row_number() OVER (PARTITION BY category_id ORDER BY list_price DESC) AS place FROM products) p JOIN categories c ON c.id = p.category_id WHERE place <= 2
# How many products are discontinued?
SELECT count(*) FROM products WHERE discontinued_on IS NOT NULL
# Which customers placed at least 20 orders?
SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders GROUP BY 1 HAVING count(*) >= 20)
# What is the difference between the invoiced amount and the received amount in 2025?
SELECT (SELECT sum(amount) FROM invoices WHERE issued_on LIKE '2025%') - (SELECT sum(amount) FROM payments WHERE paid_on LIKE '2025%')
# How many invoices were issued between May and July 2026?
SELECT count(*) FROM invoices WHERE issued_on >= '2026-05-01' AND issued_on < '2026-08-01'
# What is the weather in Berlin?
DECLINE
