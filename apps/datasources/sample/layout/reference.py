"""Tables that change slowly: money, places, people, goods, customers."""

from apps.datasources.sample.layout.columns import column, refers, table

CURRENCIES = table(
    "currencies",
    "Currencies that customers are billed in",
    (
        column("code", "text", "ISO code such as EUR"),
        column("name", "text", "Name of the currency in English"),
        column("symbol", "text", "Sign written beside an amount"),
    ),
    "code",
    unique=("name",),
)

EXCHANGE_RATES = table(
    "exchange_rates",
    "Daily rate of each currency against the euro; weekends keep Friday's",
    (
        column("currency_code", "text", "Currency that the rate is for"),
        column("rate_date", "date", "Day on which the rate holds"),
        column("rate_to_eur", "numeric(12,6)", "What one unit of the currency is worth in euros"),
    ),
    "currency_code rate_date",
    (refers("currency_code", "currencies", "code"),),
)

COUNTRIES = table(
    "countries",
    "Countries that we know addresses in; we do not have customers in all of them",
    (
        column("code", "text", "ISO code of two letters such as DE"),
        column("name", "text", "Name of the country in English"),
        column("region", "text", "Sales region that the country belongs to, such as DACH or Nordics"),
        column("currency_code", "text", "Currency that its customers are usually billed in"),
    ),
    "code",
    (refers("currency_code", "currencies", "code"),),
    unique=("name",),
)

EMPLOYEES = table(
    "employees",
    "People who work or worked for the company",
    (
        column("id", "integer", "Number of the employee"),
        column("name", "text", "Given and family name"),
        column("title", "text", "Job title"),
        column("city", "text", "City that the employee works from"),
        column("country", "text", "Country that the employee works from"),
        column("region", "text?", "Sales region looked after; NULL for everybody outside regional sales"),
        column("manager_id", "integer?", "The employee's manager; NULL for the managing director"),
        column("hired_on", "date", "First day at work"),
        column("left_on", "date?", "Day of leaving; NULL for those who still work here"),
        column("salary", "numeric(12,2)", "Gross salary in euros a year"),
    ),
    "id",
    (refers("country", "countries", "name"), refers("manager_id", "employees", "id")),
)

SUPPLIERS = table(
    "suppliers",
    "Firms that we buy products from",
    (
        column("id", "integer", "Number of the supplier"),
        column("name", "text", "Name of the firm"),
        column("contact_name", "text", "Person to speak to"),
        column("city", "text", "City of the supplier"),
        column("country", "text", "Country of the supplier"),
        column("status", "text", "A = active, N = new and not assessed yet, B = blocked"),
        column("rating", "numeric(2,1)?", "Quality from 1.0 to 5.0; NULL where not rated yet"),
    ),
    "id",
    (refers("country", "countries", "name"),),
    unique=("name",),
)

CATEGORIES = table(
    "categories",
    "Groups of products",
    (
        column("id", "integer", "Number of the category"),
        column("name", "text", "Name of the category"),
        column("description", "text", "What belongs to it"),
    ),
    "id",
    unique=("name",),
)

PRODUCTS = table(
    "products",
    "Articles that are or were on sale",
    (
        column("id", "integer", "Number of the product"),
        column("sku", "text", "Stock keeping unit, as printed on the label"),
        column("name", "text", "Name of the product with its variant; similar variants have similar names"),
        column("category_id", "integer", "Category that the product belongs to"),
        column("status", "smallint", "1 = on sale, 2 = running out, 3 = discontinued"),
        column("list_price", "numeric(10,2)", "Today's list price in euros, without tax"),
        column("unit_cost", "numeric(10,2)", "What one piece costs us in euros"),
        column("weight_kg", "numeric(8,3)?", "Weight of one piece in kilograms; NULL where nobody weighed it"),
        column("launched_on", "date", "First day on sale"),
        column("discontinued_on", "date?", "Day from which it was no longer sold; NULL for what is still on sale"),
        column("units_in_stock", "integer?", "Pieces in the warehouse; NULL for discontinued products"),
        column("reorder_level", "integer", "We order again when there are fewer pieces than this"),
    ),
    "id",
    (refers("category_id", "categories", "id"),),
    unique=("sku",),
)

PRODUCT_SUPPLIERS = table(
    "product_suppliers",
    "Which supplier can deliver which product",
    (
        column("product_id", "integer", "The product"),
        column("supplier_id", "integer", "A supplier of it"),
        column("is_preferred", "boolean", "True for the one supplier that we order from first"),
        column("purchase_price", "numeric(10,2)", "Price of one piece from this supplier in euros"),
        column("lead_time_days", "integer?", "Days from our order to its arrival; NULL where not known"),
    ),
    "product_id supplier_id",
    (refers("product_id", "products", "id"), refers("supplier_id", "suppliers", "id")),
)

CUSTOMERS = table(
    "customers",
    "Firms that buy from us; some were entered twice under another spelling",
    (
        column("id", "integer", "Number of the customer"),
        column("name", "text", "Name of the firm"),
        column("contact_name", "text?", "Person to speak to; NULL where not known"),
        column("email", "text?", "Address for order confirmations; NULL where not known"),
        column("segment", "text", "R = retail, W = wholesale, P = public sector"),
        column("status", "text", "A = active, H = on hold, C = closed"),
        column("city", "text", "City of the customer as typed at sign-up: Köln, Koeln and Cologne all occur"),
        column("region", "text?", "State or province of the customer; NULL where not given"),
        column("country", "text", "Country of the customer; single orders may be shipped elsewhere"),
        column("currency_code", "text", "Currency that the customer is billed in"),
        column("credit_limit", "numeric(12,2)?", "Most that may be unpaid, in euros; NULL means no limit"),
        column("payment_terms_days", "integer", "Days from an invoice to its due date"),
        column("account_manager_id", "integer?", "Employee who looks after the customer; NULL where nobody does"),
        column("signed_up_on", "date", "Day of the sign-up"),
        column("closed_on", "date?", "Day on which the account was closed; NULL while it is open"),
        column(
            "lifetime_value",
            "numeric(14,2)?",
            "All that was ever invoiced to the customer, in euros, as precomputed at the end of September 2026; can "
            "differ from the sum of invoices; NULL where there was none",
        ),
    ),
    "id",
    (
        refers("country", "countries", "name"),
        refers("currency_code", "currencies", "code"),
        refers("account_manager_id", "employees", "id"),
    ),
    unique=("name",),
)

REFERENCE_TABLES = (
    CURRENCIES,
    EXCHANGE_RATES,
    COUNTRIES,
    EMPLOYEES,
    SUPPLIERS,
    CATEGORIES,
    PRODUCTS,
    PRODUCT_SUPPLIERS,
    CUSTOMERS,
)
