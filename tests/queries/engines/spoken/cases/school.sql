# How many students are there in each grade level?
SELECT grade_level, count(*) FROM students GROUP BY 1
# How many students have not left?
SELECT count(*) FROM students WHERE left_on IS NULL
# Which students have no guardian phone?
SELECT name FROM students WHERE guardian_phone IS NULL
# What is the average score per course?
SELECT c.title, avg(e.score) FROM enrollments e JOIN courses c ON c.id = e.course_id GROUP BY c.id
# Which course has the highest average score?
SELECT c.title, avg(e.score) AS opt_a FROM enrollments e JOIN courses c ON c.id = e.course_id GROUP BY c.id ORDER BY 2 DESC LIMIT 1
# Which teachers teach more than one course?
SELECT name FROM teachers WHERE id IN (SELECT teacher_id FROM courses GROUP BY 1 HAVING count(*) > 1)
# Which teachers do not teach any course?
SELECT name FROM teachers WHERE id NOT IN (SELECT teacher_id FROM courses)
# What percentage of enrollments were dropped?
SELECT 100.0 * sum(status = 'dropped') / count(*) FROM enrollments
# What is the dropout rate per course: the share of enrollments that were dropped by course?
SELECT c.title, 100.0 * sum(e.status = 'dropped') / count(*) FROM enrollments e JOIN courses c ON c.id = e.course_id GROUP BY c.id
# Who earns the most among the teachers?
SELECT name, salary AS opt_s FROM teachers ORDER BY salary DESC LIMIT 1
# Which teachers earn more than the average salary?
SELECT name FROM teachers WHERE salary > (SELECT avg(salary) FROM teachers)
# List teachers with a salary between 40000 and 50000
SELECT name FROM teachers WHERE salary BETWEEN 40000 AND 50000
# Students whose name starts with A
SELECT name FROM students WHERE name LIKE 'A%'
# How many students live in Berlin but not in grade level 7?
SELECT count(*) FROM students WHERE city = 'Berlin' AND grade_level <> 7
# Which students are enrolled in both Algebra I and Biology I?
SELECT name FROM students WHERE id IN (SELECT student_id FROM enrollments e JOIN courses c ON c.id = e.course_id WHERE c.title = 'Algebra I') AND id IN (SELECT student_id FROM enrollments e JOIN courses c ON c.id = e.course_id WHERE c.title = 'Biology I')
# Which students are enrolled in Algebra I but not in Biology I?
SELECT name FROM students WHERE id IN (SELECT student_id FROM enrollments e JOIN courses c ON c.id = e.course_id WHERE c.title = 'Algebra I') AND id NOT IN (SELECT student_id FROM enrollments e JOIN courses c ON c.id = e.course_id WHERE c.title = 'Biology I')
# How many students are enrolled in Algebra I or Biology I?
SELECT count(DISTINCT student_id) FROM enrollments e JOIN courses c ON c.id = e.course_id WHERE c.title IN ('Algebra I', 'Biology I')
# How many enrollments were started per quarter in 2025?
SELECT strftime('%Y', started_on) || '-Q' || ((CAST(strftime('%m', started_on) AS INTEGER) + 2) / 3), count(*) FROM enrollments WHERE started_on >= '2025-01-01' AND started_on < '2026-01-01' GROUP BY 1
# Show each teacher with their head teacher
SELECT t.name, h.name FROM teachers t JOIN teachers h ON h.id = t.head_teacher_id
or
SELECT t.name, h.name FROM teachers t LEFT JOIN teachers h ON h.id = t.head_teacher_id
# Who is the head teacher of Cleo Silva?
SELECT h.name FROM teachers t JOIN teachers h ON h.id = t.head_teacher_id WHERE t.name = 'Cleo Silva'
# What is the average number of enrollments per student?
SELECT avg(n) FROM (SELECT count(*) AS n FROM enrollments GROUP BY student_id)
# What is the total number of credits by department?
SELECT department, sum(credits) FROM courses GROUP BY 1
# Departments with more than 25 credits in total
SELECT department, sum(credits) AS opt_c FROM courses GROUP BY 1 HAVING sum(credits) > 25
# Which students were born before 2010?
SELECT name FROM students WHERE birth_date < '2010-01-01'
# List the 5 most recently enrolled students
SELECT name, enrolled_on AS opt_d FROM students ORDER BY enrolled_on DESC LIMIT 5
# Who is the youngest student?
SELECT name, birth_date AS opt_b FROM students ORDER BY birth_date DESC LIMIT 1
# What is the minimum, maximum and average score?
SELECT min(score), max(score), avg(score) FROM enrollments
# How many scores are missing?
SELECT count(*) FROM enrollments WHERE score IS NULL
# How many students enrolled last year?
SELECT count(*) FROM students WHERE enrolled_on >= '2025-01-01' AND enrolled_on < '2026-01-01'
# How many students are there in each city? >> sort by number of students
SELECT city, count(*) FROM students GROUP BY 1
# How many students are there in each city? >> top 2 only
SELECT city, count(*) FROM students GROUP BY 1 ORDER BY 2 DESC LIMIT 2
# How many students live in Berlin? >> what about Paris?
SELECT count(*) FROM students WHERE city = 'Paris'
# Which students like football?
DECLINE
