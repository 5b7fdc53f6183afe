"""The settings of the school that its owners may change."""

SCHOOL_SETTINGS = {
    "name": 120,
    "email": 254,
    "address": 300,
    "timezone": 64,
    "payment_details": 300,
    "reminder_minutes": 5,
}
"""Every setting, with the most characters of its value."""
