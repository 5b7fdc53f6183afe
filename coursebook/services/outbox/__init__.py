"""What is done after a transaction: mails, refunds, closing Checkout Sessions, reminders."""
