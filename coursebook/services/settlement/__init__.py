"""Apply what Stripe reports about a payment. Start reading in `settle.py`."""
