"""Tables that grow every day: orders, what is billed and paid for them, what comes back."""

from apps.datasources.sample.layout.columns import column, refers, table

ORDER_STATUSES = table(
    "order_statuses",
    "What the codes in orders.status mean",
    (
        column("code", "text", "Code as used in orders.status"),
        column("name", "text", "The status in a word"),
        column("description", "text", "The status in a sentence"),
    ),
    "code",
    unique=("name",),
)

ORDERS = table(
    "orders",
    "Orders of customers, one row each",
    (
        column("id", "integer", "Number of the order"),
        column("customer_id", "integer", "Customer who ordered"),
        column("employee_id", "integer?", "Employee who took the order; NULL for orders from the web shop"),
        column("channel", "text", "W = web shop, S = sales representative, P = telephone, E = e-mail"),
        column("status", "text", "P = pending, S = shipped, D = delivered, X = cancelled, R = returned in full"),
        column("ordered_at", "timestamp", "When the customer ordered, in UTC"),
        column("shipped_at", "timestamp?", "When the goods left our warehouse, in UTC; NULL while not shipped"),
        column(
            "delivered_at",
            "timestamp?",
            "When the goods arrived, in UTC; NULL while not delivered and where the carrier did not report it",
        ),
        column("ship_city", "text", "City that the order is shipped to"),
        column("ship_country", "text", "Country that the order is shipped to"),
        column("currency_code", "text", "Currency of the order's prices and freight"),
        column("freight", "numeric(10,2)", "Freight charged, in the order's currency"),
        column(
            "order_value",
            "numeric(12,2)",
            "Value of the goods ordered, in euros, after discounts and without freight; kept for cancelled orders too",
        ),
    ),
    "id",
    (
        refers("customer_id", "customers", "id"),
        refers("employee_id", "employees", "id"),
        refers("status", "order_statuses", "code"),
        refers("ship_country", "countries", "name"),
        refers("currency_code", "currencies", "code"),
    ),
)

ORDER_ITEMS = table(
    "order_items",
    "The lines of orders: which product, how many, at what price",
    (
        column("order_id", "integer", "Order that the line belongs to"),
        column("line_no", "integer", "Position within the order, from 1"),
        column("product_id", "integer", "Product ordered"),
        column("quantity", "integer", "Pieces ordered"),
        column("unit_price", "numeric(10,2)", "Price of one piece in the order's currency, before the discount"),
        column("discount_percent", "integer", "Discount on the line in per cent, 0 for none"),
    ),
    "order_id line_no",
    (refers("order_id", "orders", "id"), refers("product_id", "products", "id")),
)

INVOICES = table(
    "invoices",
    "Bills sent to customers, usually one for each order that was shipped",
    (
        column("id", "integer", "Number of the invoice in our books"),
        column("number", "text", "Number as printed on the invoice"),
        column("order_id", "integer", "Order that is billed"),
        column("issued_on", "date", "Day of issue"),
        column("due_on", "date", "Day by which it is to be paid"),
        column("status", "smallint", "1 = open, 2 = partly paid, 3 = paid, 4 = written off"),
        column("currency_code", "text", "Currency that the customer is billed in"),
        column("amount_local", "numeric(12,2)", "Goods and freight billed, in the customer's currency, without tax"),
        column(
            "amount",
            "numeric(12,2)",
            "Invoiced revenue: the same in euros at the rate of the day of issue, whether paid or not",
        ),
    ),
    "id",
    (refers("order_id", "orders", "id"), refers("currency_code", "currencies", "code")),
    unique=("number", "order_id"),
)

PAYMENTS = table(
    "payments",
    "Money received from customers for invoices, and money paid back to them",
    (
        column("id", "integer", "Number of the payment"),
        column("invoice_id", "integer", "Invoice that is paid"),
        column("paid_on", "date", "Day on which the money moved"),
        column("method", "text", "BT = bank transfer, CC = credit card, DD = direct debit"),
        column("is_refund", "boolean", "True where we paid money back; the amounts are then below zero"),
        column("currency_code", "text", "Currency of the payment"),
        column("amount_local", "numeric(12,2)", "Money received, in the currency of the payment"),
        column(
            "amount",
            "numeric(12,2)",
            "Received revenue: the same in euros at the rate of the day of payment; refunds are below zero",
        ),
        column("fee", "numeric(10,2)?", "What the card company kept, in euros; NULL where nobody charged a fee"),
    ),
    "id",
    (refers("invoice_id", "invoices", "id"), refers("currency_code", "currencies", "code")),
)

RETURNS = table(
    "returns",
    "Goods that customers sent or want to send back",
    (
        column("id", "integer", "Number of the return"),
        column("order_id", "integer", "Order that the goods came with"),
        column("line_no", "integer", "Line of that order"),
        column("quantity", "integer", "Pieces sent back"),
        column(
            "reason",
            "text?",
            "DMG = damaged, WRG = wrong product, LAT = too late, CHG = change of mind; NULL: none given",
        ),
        column("status", "smallint", "1 = requested, 2 = received, 3 = refunded, 4 = rejected"),
        column("requested_on", "date", "Day on which the customer asked to return them"),
        column("received_on", "date?", "Day on which they arrived at our warehouse; NULL while they have not"),
        column("refund_amount", "numeric(12,2)?", "Money given back in euros; NULL unless refunded"),
    ),
    "id",
    (refers("order_id line_no", "order_items", "order_id line_no"),),
)

TRADE_TABLES = (ORDER_STATUSES, ORDERS, ORDER_ITEMS, INVOICES, PAYMENTS, RETURNS)
