"""Work that follows a transaction: mails, refunds, expiring Checkout Sessions, reminders."""
