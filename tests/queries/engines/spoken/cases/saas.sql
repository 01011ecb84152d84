# How many accounts are on the Enterprise plan?
SELECT count(*) FROM accounts a JOIN plans p ON p.id = a.plan_id WHERE p.name = 'Enterprise'
# What is our churn rate: the share of accounts that have churned?
SELECT 100.0 * sum(churned_at IS NOT NULL) / count(*) FROM accounts
# What percentage of accounts have churned?
SELECT 100.0 * sum(churned_at IS NOT NULL) / count(*) FROM accounts
# How many accounts churned in 2026?
SELECT count(*) FROM accounts WHERE churned_at >= '2026-01-01' AND churned_at < '2027-01-01'
# How many new accounts were created per month this year?
SELECT strftime('%Y-%m', created_at), count(*) FROM accounts WHERE created_at >= '2026-01-01' AND created_at < '2027-01-01' GROUP BY 1
# Total amount invoiced by year
SELECT CAST(strftime('%Y', issued_on) AS INTEGER), sum(amount) FROM invoices GROUP BY 1
# How did the invoiced amount grow from 2024 to 2025?
SELECT a AS opt_a, b AS opt_b, b - a AS opt_d, 100.0 * (b - a) / a AS opt_p FROM (SELECT (SELECT sum(amount) FROM invoices WHERE issued_on LIKE '2024%') AS a, (SELECT sum(amount) FROM invoices WHERE issued_on LIKE '2025%') AS b)
# Which invoices have not been paid?
SELECT id FROM invoices WHERE paid_on IS NULL
# How many invoices are unpaid?
SELECT count(*) FROM invoices WHERE paid_on IS NULL
# What is the average invoice amount per plan?
SELECT p.name, avg(i.amount) FROM invoices i JOIN accounts a ON a.id = i.account_id JOIN plans p ON p.id = a.plan_id GROUP BY p.id
# How many users does each account have?
SELECT a.company, count(*) FROM users u JOIN accounts a ON a.id = u.account_id GROUP BY a.id
# What is the average number of users per account?
SELECT avg(n) FROM (SELECT count(*) AS n FROM users GROUP BY account_id)
# Accounts with more than 3 users and at least one urgent ticket
SELECT company FROM accounts WHERE id IN (SELECT account_id FROM users GROUP BY 1 HAVING count(*) > 3) AND id IN (SELECT account_id FROM tickets WHERE priority = 'urgent')
# Which users have never logged in?
SELECT email FROM users WHERE last_login IS NULL
# How long does it take to close a ticket on average, in days?
SELECT avg(julianday(closed_at) - julianday(opened_at)) FROM tickets
# How many tickets are still open?
SELECT count(*) FROM tickets WHERE closed_at IS NULL
# Number of tickets by channel and priority
SELECT channel, priority, count(*) FROM tickets GROUP BY 1, 2
# Which industry has the most accounts?
SELECT industry, count(*) AS opt_n FROM accounts GROUP BY 1 ORDER BY 2 DESC LIMIT 1
# How many urgent tickets were opened year to date?
SELECT count(*) FROM tickets WHERE priority = 'urgent' AND opened_at >= '2026-01-01' AND opened_at < '2026-11-22'
# How many tickets were opened each week in September 2026?
SELECT date(opened_at, '-6 days', 'weekday 1'), count(*) FROM tickets WHERE opened_at >= '2026-09-01' AND opened_at < '2026-10-01' GROUP BY 1
# What is the ratio of urgent tickets to low tickets?
SELECT 1.0 * (SELECT count(*) FROM tickets WHERE priority = 'urgent') / (SELECT count(*) FROM tickets WHERE priority = 'low')
# Invoices above 1500 issued last quarter
SELECT id FROM invoices WHERE amount > 1500 AND issued_on >= '2026-07-01' AND issued_on < '2026-10-01'
# Which accounts had both chat and phone tickets?
SELECT company FROM accounts WHERE id IN (SELECT account_id FROM tickets WHERE channel = 'chat') AND id IN (SELECT account_id FROM tickets WHERE channel = 'phone')
# What is the number of users per role?
SELECT role, count(*) FROM users GROUP BY 1
# How many paid and unpaid invoices are there?
SELECT sum(paid_on IS NOT NULL), sum(paid_on IS NULL) FROM invoices
# Average monthly price of the plans
SELECT avg(monthly_price) FROM plans
# Total monthly price by plan for active accounts
DECLINE
# How many accounts were created in 2025 compared with 2024?
SELECT a AS opt_a, b AS opt_b, b - a AS opt_d, 100.0 * (b - a) / a AS opt_p FROM (SELECT (SELECT count(*) FROM accounts WHERE created_at LIKE '2024%') AS a, (SELECT count(*) FROM accounts WHERE created_at LIKE '2025%') AS b)
# How many tickets were opened in 2025? >> by channel
SELECT channel, count(*) FROM tickets WHERE opened_at >= '2025-01-01' AND opened_at < '2026-01-01' GROUP BY 1
# How many tickets were opened in 2025? >> only urgent ones
SELECT count(*) FROM tickets WHERE opened_at >= '2025-01-01' AND opened_at < '2026-01-01' AND priority = 'urgent'
# Which accounts are located in Spain? >> how many are there?
SELECT count(*) FROM accounts WHERE country = 'Spain'
# What is the customer satisfaction score?
DECLINE
