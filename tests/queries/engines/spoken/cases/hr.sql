# What is the average salary by department?
SELECT d.name, avg(e.salary) FROM employees e JOIN departments d ON d.id = e.department_id GROUP BY d.id
# Which employees earn more than their manager?
SELECT e.name FROM employees e JOIN employees m ON m.id = e.manager_id WHERE e.salary > m.salary
# Which employees earn more than the average of their department?
SELECT name FROM employees e WHERE salary > (SELECT avg(salary) FROM employees x WHERE x.department_id = e.department_id)
# List all employees and their managers
SELECT e.name, m.name FROM employees e JOIN employees m ON m.id = e.manager_id
or
SELECT e.name, m.name FROM employees e LEFT JOIN employees m ON m.id = e.manager_id
# How many employees does each manager have?
SELECT m.name, count(*) FROM employees e JOIN employees m ON m.id = e.manager_id GROUP BY m.id
# Which departments have more than 20 employees?
SELECT name FROM departments WHERE id IN (SELECT department_id FROM employees GROUP BY 1 HAVING count(*) > 20)
# Which department has no employees?
SELECT name FROM departments WHERE id NOT IN (SELECT department_id FROM employees)
# How many employees were hired in each quarter of 2024?
SELECT strftime('%Y', hire_date) || '-Q' || ((CAST(strftime('%m', hire_date) AS INTEGER) + 2) / 3), count(*) FROM employees WHERE hire_date >= '2024-01-01' AND hire_date < '2025-01-01' GROUP BY 1
# How many employees were hired between May and July 2025?
SELECT count(*) FROM employees WHERE hire_date >= '2025-05-01' AND hire_date < '2025-08-01'
# What is the total of salary and bonus per employee?
SELECT name, salary + bonus FROM employees
# What is the headcount by job title?
SELECT job_title, count(*) FROM employees GROUP BY 1
# How many employees have no bonus?
SELECT count(*) FROM employees WHERE bonus IS NULL
# Employees without a manager
SELECT name FROM employees WHERE manager_id IS NULL
# How many employees have left?
SELECT count(*) FROM employees WHERE termination_date IS NOT NULL
# What share of employees are engineers?
SELECT 100.0 * sum(job_title = 'Engineer') / count(*) FROM employees
# What percentage of total salary does each department have?
SELECT d.name, sum(e.salary) AS opt_s, 100.0 * sum(e.salary) / (SELECT sum(salary) FROM employees) FROM employees e JOIN departments d ON d.id = e.department_id GROUP BY d.id
# Who are the 3 highest paid employees in each department?
SELECT department, name, opt_salary FROM (SELECT d.name AS department, e.name, e.salary AS opt_salary, row_number() OVER (PARTITION BY d.id ORDER BY e.salary DESC) AS place FROM employees e JOIN departments d ON d.id = e.department_id) WHERE place <= 3
# Which employee has the lowest salary?
SELECT name, salary AS opt_s FROM employees ORDER BY salary LIMIT 1
# Total absence days by reason
SELECT reason, sum(days) FROM absences GROUP BY 1
# Which employees have more than 30 absence days in total?
SELECT e.name, sum(a.days) AS opt_d FROM absences a JOIN employees e ON e.id = a.employee_id GROUP BY e.id HAVING sum(a.days) > 30
# Which employees were never absent?
SELECT name FROM employees WHERE id NOT IN (SELECT employee_id FROM absences)
# What is the median salary?
SELECT avg(salary) FROM (SELECT salary FROM employees ORDER BY salary LIMIT 2 OFFSET 39)
# Which department has the highest total salary?
SELECT d.name, sum(e.salary) AS opt_s FROM employees e JOIN departments d ON d.id = e.department_id GROUP BY d.id ORDER BY 2 DESC LIMIT 1
# How many analysts work in Finance?
SELECT count(*) FROM employees e JOIN departments d ON d.id = e.department_id WHERE d.name = 'Finance' AND e.job_title = 'Analyst'
# What is the difference between the highest and the lowest salary?
SELECT max(salary) - min(salary) FROM employees
# How many people were hired this quarter?
SELECT count(*) FROM employees WHERE hire_date >= '2026-10-01' AND hire_date < '2027-01-01'
# List employees hired after 2025-06-30 in alphabetical order
SELECT name FROM employees WHERE hire_date > '2025-06-30' ORDER BY name
# Budget per employee for each department
SELECT d.name, 1.0 * d.budget / count(e.id) FROM departments d JOIN employees e ON e.department_id = d.id GROUP BY d.id
# What is the average salary by department? >> only engineers
SELECT d.name, avg(e.salary) FROM employees e JOIN departments d ON d.id = e.department_id WHERE e.job_title = 'Engineer' GROUP BY d.id
# How many employees were hired in 2024? >> by month
SELECT strftime('%Y-%m', hire_date), count(*) FROM employees WHERE hire_date >= '2024-01-01' AND hire_date < '2025-01-01' GROUP BY 1
# How many employees are there in each department? >> now as a share
SELECT d.name, count(*) AS opt_n, 100.0 * count(*) / (SELECT count(*) FROM employees) FROM employees e JOIN departments d ON d.id = e.department_id GROUP BY d.id
# What is the phone number of the CEO?
DECLINE
