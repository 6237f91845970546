"""Tables, code, JSON, transcripts and contracts: each is cut where its form allows it, and what is kept still reads right.

    python examples/documents.py

Prints, for one question each, what the model would read. No model is needed.
"""

from ctxshape import shape

PRICES = """# Prices

Prices are in euros and include VAT.

| ticket | adult | child |
|---|---|---|
| single | 2.90 | 1.40 |
| day | 7.50 | 3.60 |
| week | 24.00 | 11.50 |
| month | 78.00 | 39.00 |
"""
CODE = """def price_books(net):
    # Books are taxed less.
    return round(net * 1.05, 2)


def price_food(net):
    # Food is taxed less, too.
    return round(net * 1.07, 2)


def price_hotel(net, nights):
    # The city wants its share, for every night.
    return round(net * 1.09 + 2.5 * nights, 2)
"""
ORDERS = """{
  "orders": [
    {"id": 5101, "customer": "Ada Lorenz", "status": "shipped", "total": 48.2},
    {"id": 5102, "customer": "Ben Okoro", "status": "cancelled", "total": 12.0},
    {"id": 5103, "customer": "Cleo Marsh", "status": "open", "total": 230.75},
    {"id": 5104, "customer": "Dina Prato", "status": "shipped", "total": 77.1}
  ]
}"""
CALL = """Agent: Good morning, this is Nordnetz. How can I help?
Customer: Hi. My router reboots every night at around three.
Agent: Which model is it?
Customer: It says HX-20 on the back.
Agent: Is there a light that blinks before?
Customer: Yes, the orange one.
Agent: Then it is the automatic update. I will switch that off for you."""
CONTRACT = """第一条 租赁物
出租方将位于南京路12号的仓库租给承租方使用。
第二条 租金
租金为每月八千元，于每月五日前支付。
第三条 违约责任
（一）承租方逾期付款的，每日按未付金额的千分之三支付违约金。
（二）出租方逾期交付的，每日支付二百元违约金。"""
OTHER = "The museum opens at nine. Dogs have to wait outside. 仓库的窗户已经修好。"

for name, question, text in (
    ("a Markdown table", "How much is a day ticket for a child?", PRICES),
    ("a program", "Which tax factor does price_food use?", CODE),
    ("JSON", "What is the status of order 5103?", ORDERS),
    ("a transcript", "Which router model does the customer have?", CALL),
    ("a contract", "承租方逾期付款的违约金是多少？", CONTRACT),
):
    context = shape(question, [{"id": "other", "text": OTHER}, {"id": "page", "text": text}])
    print(f"--- {name}: {question}")
    for document in context.documents:
        print(document.text)
