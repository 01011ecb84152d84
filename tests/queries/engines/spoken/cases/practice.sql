# How many appointments does each doctor have?
SELECT d.name, count(*) FROM appointments a JOIN doctors d ON d.id = a.doctor_id GROUP BY d.id
# What share of appointments were missed?
SELECT 100.0 * sum(status = 'missed') / count(*) FROM appointments
# Missed appointments as a percentage of all appointments by doctor
SELECT d.name, 100.0 * sum(a.status = 'missed') / count(*) FROM appointments a JOIN doctors d ON d.id = a.doctor_id GROUP BY d.id
# What was the total fee in the first quarter of 2026?
SELECT sum(fee) FROM appointments WHERE scheduled_for >= '2026-01-01' AND scheduled_for < '2026-04-01'
# Which patients have no phone?
SELECT name FROM patients WHERE phone IS NULL
# Which patients never had an appointment?
SELECT name FROM patients WHERE id NOT IN (SELECT patient_id FROM appointments)
# Which patients had more than five appointments?
SELECT name FROM patients WHERE id IN (SELECT patient_id FROM appointments GROUP BY 1 HAVING count(*) > 5)
# Which patients saw both a doctor in Cardiology and a doctor in Dermatology?
SELECT name FROM patients WHERE id IN (SELECT patient_id FROM appointments a JOIN doctors d ON d.id = a.doctor_id WHERE d.specialty = 'Cardiology') AND id IN (SELECT patient_id FROM appointments a JOIN doctors d ON d.id = a.doctor_id WHERE d.specialty = 'Dermatology')
# What is the average duration of appointments by specialty?
SELECT d.specialty, avg(a.duration_minutes) FROM appointments a JOIN doctors d ON d.id = a.doctor_id GROUP BY 1
# Which doctor has the longest average appointment duration?
SELECT d.name, avg(a.duration_minutes) AS opt_d FROM appointments a JOIN doctors d ON d.id = a.doctor_id GROUP BY d.id ORDER BY 2 DESC LIMIT 1
# How many patients are insured with Medica or Union?
SELECT count(*) FROM patients WHERE insurer IN ('Medica', 'Union')
# How many patients are not insured with Sanitas?
SELECT count(*) FROM patients WHERE insurer <> 'Sanitas'
# How many appointments are there by weekday?
SELECT strftime('%w', scheduled_for), count(*) FROM appointments GROUP BY 1
or
SELECT CAST(strftime('%w', scheduled_for) AS INTEGER), count(*) FROM appointments GROUP BY 1
or
SELECT CASE strftime('%w', scheduled_for) WHEN '0' THEN 'Sunday' WHEN '1' THEN 'Monday' WHEN '2' THEN 'Tuesday' WHEN '3' THEN 'Wednesday' WHEN '4' THEN 'Thursday' WHEN '5' THEN 'Friday' ELSE 'Saturday' END, count(*) FROM appointments GROUP BY 1
# Which drug was prescribed most often?
SELECT drug, count(*) AS opt_n FROM prescriptions GROUP BY 1 ORDER BY 2 DESC LIMIT 1
# How many different drugs have been prescribed?
SELECT count(DISTINCT drug) FROM prescriptions
# What is the highest dose of Insulin?
SELECT max(dose) FROM prescriptions WHERE drug = 'Insulin'
# List patients from Vienna ordered by birth date
SELECT name FROM patients WHERE city = 'Vienna' ORDER BY birth_date
# Who is the oldest patient?
SELECT name, birth_date AS opt_b FROM patients ORDER BY birth_date LIMIT 1
# How many patients were born between 1970 and 1990?
SELECT count(*) FROM patients WHERE birth_date >= '1970-01-01' AND birth_date < '1991-01-01'
# What is the average fee of kept appointments in 2025?
SELECT avg(fee) FROM appointments WHERE status = 'kept' AND scheduled_for >= '2025-01-01' AND scheduled_for < '2026-01-01'
# Doctors whose hourly rate is below the average
SELECT name FROM doctors WHERE hourly_rate < (SELECT avg(hourly_rate) FROM doctors)
# How many appointments had a fee of at least 100 and a duration under 30 minutes?
SELECT count(*) FROM appointments WHERE fee >= 100 AND duration_minutes < 30
# Total fee per doctor and year
SELECT d.name, CAST(strftime('%Y', a.scheduled_for) AS INTEGER), sum(a.fee) FROM appointments a JOIN doctors d ON d.id = a.doctor_id GROUP BY d.id, 2
# Which two insurers have the most patients?
SELECT insurer, count(*) AS opt_n FROM patients GROUP BY 1 ORDER BY 2 DESC LIMIT 2
# How many female patients are there?
SELECT count(*) FROM patients WHERE gender = 'F'
# How many cancelled appointments were there per month in 2025?
SELECT strftime('%Y-%m', scheduled_for), count(*) FROM appointments WHERE status = 'cancelled' AND scheduled_for >= '2025-01-01' AND scheduled_for < '2026-01-01' GROUP BY 1
# What is the fee per minute of duration for each appointment?
SELECT id AS opt_id, 1.0 * fee / duration_minutes FROM appointments
# What is the total fee by doctor? >> only Cardiology
SELECT d.name, sum(a.fee) FROM appointments a JOIN doctors d ON d.id = a.doctor_id WHERE d.specialty = 'Cardiology' GROUP BY d.id
# What is the total fee by doctor? >> sort by name
SELECT d.name, sum(a.fee) FROM appointments a JOIN doctors d ON d.id = a.doctor_id GROUP BY d.id ORDER BY 1
# How many appointments were missed in 2025? >> and in 2026 by doctor?
SELECT d.name, count(*) FROM appointments a JOIN doctors d ON d.id = a.doctor_id WHERE a.status = 'missed' AND scheduled_for >= '2026-01-01' AND scheduled_for < '2027-01-01' GROUP BY d.id
# How satisfied are our patients?
DECLINE
