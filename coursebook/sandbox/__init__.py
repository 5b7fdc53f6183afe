"""The sandbox: stand-ins for Stripe, the sign-in provider and a mail server, in one process.

It speaks HTTP and SMTP on loopback addresses only. The product never imports it, and it imports
nothing of the product.
"""
