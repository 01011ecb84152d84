# How many shipments were delivered late?
DECLINE
# How many shipments were delivered after their promised date?
SELECT count(*) FROM shipments WHERE delivered_date > promised_date
# What share of shipments were delivered after the promised date?
SELECT 100.0 * sum(delivered_date > promised_date) / count(*) FROM shipments
# What is the average number of days between shipped date and delivered date?
SELECT avg(julianday(delivered_date) - julianday(shipped_date)) FROM shipments
# What is the average freight cost per carrier?
SELECT c.name, avg(s.freight_cost) FROM shipments s JOIN carriers c ON c.id = s.carrier_id GROUP BY c.id
# Which carriers have no trucks?
SELECT name FROM carriers WHERE id NOT IN (SELECT carrier_id FROM trucks)
# What is the total weight of shipments by destination in 2025?
SELECT destination, sum(weight) FROM shipments WHERE shipped_date >= '2025-01-01' AND shipped_date < '2026-01-01' GROUP BY 1
# How many shipments are in transit?
SELECT count(*) FROM shipments WHERE status = 'in transit'
# Which warehouse ships the most weight?
SELECT w.name, sum(s.weight) AS opt_w FROM shipments s JOIN warehouses w ON w.id = s.warehouse_id GROUP BY w.id ORDER BY 2 DESC LIMIT 1
# What is the freight cost per weight of each carrier?
SELECT c.name, 1.0 * sum(s.freight_cost) / sum(s.weight) FROM shipments s JOIN carriers c ON c.id = s.carrier_id GROUP BY c.id
# Shipments that were neither delivered nor lost
SELECT id FROM shipments WHERE status NOT IN ('delivered', 'lost')
# How many shipments weigh more than 500?
SELECT count(*) FROM shipments WHERE weight > 500
# How many shipments went to Paris per month in 2026?
SELECT strftime('%Y-%m', shipped_date), count(*) FROM shipments WHERE destination = 'Paris' AND shipped_date >= '2026-01-01' AND shipped_date < '2027-01-01' GROUP BY 1
# Which carriers are from Germany?
SELECT name FROM carriers WHERE country = 'Germany'
# Number of shipments per carrier and status
SELECT c.name, s.status, count(*) FROM shipments s JOIN carriers c ON c.id = s.carrier_id GROUP BY c.id, s.status
# Which carrier had the most lost shipments?
SELECT c.name, count(*) AS opt_n FROM shipments s JOIN carriers c ON c.id = s.carrier_id WHERE s.status = 'lost' GROUP BY c.id ORDER BY 2 DESC LIMIT 1
# Cumulative number of shipments by month in 2025
SELECT month, opt_n, sum(opt_n) OVER (ORDER BY month) FROM (SELECT strftime('%Y-%m', shipped_date) AS month, count(*) AS opt_n FROM shipments WHERE shipped_date >= '2025-01-01' AND shipped_date < '2026-01-01' GROUP BY 1)
# Number of trucks per carrier, including carriers without trucks
SELECT c.name, count(t.id) FROM carriers c LEFT JOIN trucks t ON t.carrier_id = c.id GROUP BY c.id
# What is the total capacity of all warehouses?
SELECT sum(capacity) FROM warehouses
# What is the oldest truck?
SELECT plate, bought_on AS opt_b FROM trucks ORDER BY bought_on LIMIT 1
# How many trucks were bought in the second half of 2024?
SELECT count(*) FROM trucks WHERE bought_on >= '2024-07-01' AND bought_on < '2025-01-01'
# What is the loss rate, i.e. the percentage of shipments that were lost, by carrier?
SELECT c.name, 100.0 * sum(s.status = 'lost') / count(*) FROM shipments s JOIN carriers c ON c.id = s.carrier_id GROUP BY c.id
# Month over month growth of shipments in 2025
SELECT month, n AS opt_n, lag(n) OVER (ORDER BY month) AS opt_before, 100.0 * (n - lag(n) OVER (ORDER BY month)) / lag(n) OVER (ORDER BY month) FROM (SELECT strftime('%Y-%m', shipped_date) AS month, count(*) AS n FROM shipments WHERE shipped_date >= '2025-01-01' AND shipped_date < '2026-01-01' GROUP BY 1)
# Which destinations received more than 40 shipments?
SELECT destination, count(*) AS opt_n FROM shipments GROUP BY 1 HAVING count(*) > 40
# How many shipments have an unknown delivered date?
SELECT count(*) FROM shipments WHERE delivered_date IS NULL
# How many shipments were shipped in Q3 2025?
SELECT count(*) FROM shipments WHERE shipped_date >= '2025-07-01' AND shipped_date < '2025-10-01'
# How many shipments went to Paris? >> and to Vienna?
SELECT count(*) FROM shipments WHERE destination = 'Vienna'
# What is the total freight cost by carrier? >> the same for 2025
SELECT c.name, sum(s.freight_cost) FROM shipments s JOIN carriers c ON c.id = s.carrier_id WHERE shipped_date >= '2025-01-01' AND shipped_date < '2026-01-01' GROUP BY c.id
# What is the average fuel consumption of our trucks?
DECLINE
