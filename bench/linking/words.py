"""What the names of the benchmark are made of."""


def word_list(text: str) -> list[str]:
    return text.split()


AREAS = word_list(
    """
    customer order invoice payment shipment product supplier warehouse employee contract project ticket vehicle
    machine sensor campaign account budget asset claim policy patient course student flight hotel booking station
    recipe garden
    """
)
ASPECTS = word_list(
    """
    header line status history address note document price discount region season rating audit forecast target
    plan event member group limit channel batch quota label phase
    """
)
DETAILS = word_list(
    """
    archive draft import export summary detail review backup north south east west daily weekly
    """
)
FIELDS = word_list(
    """
    amount quantity weight height width length color owner manager start end opened closed reason code name title
    country city currency percent priority version language phone email comment origin margin volume
    """
)
TWO_WORD_FIELDS = [
    tuple(one.split("_"))
    for one in word_list(
        """
        unit_price list_price birth_date order_date due_date start_time postal_code contact_name credit_limit tax_rate
        account_number serial_number delivery_method payment_term net_weight gross_amount account_balance cost_center
        """
    )
]
# How people in a hurry write names: by custom, and by leaving vowels out.
SHORT_FORMS = dict(
    one.split("=")
    for one in word_list(
        """
        customer=cust order=ord invoice=inv payment=pmt shipment=shpmt product=prod supplier=suppl warehouse=whse
        employee=emp contract=contr project=proj ticket=tkt vehicle=veh account=acct policy=pol patient=pat
        student=stu booking=bkng address=addr document=doc price=prc discount=disc region=reg status=stat history=hist
        group=grp channel=chnl quota=qta label=lbl summary=smry detail=dtl amount=amt quantity=qty weight=wt height=ht
        manager=mgr country=ctry currency=curr percent=pct language=lang number=nbr date=dt code=cd
        """
    )
)
