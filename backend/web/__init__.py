"""The pages people open in a browser: the member's phone page, the seller's counter, the operator's overview, a receipt
check for anybody. Pages ask the desks of the other systems and show their answers; no rule of business lives here.
"""
